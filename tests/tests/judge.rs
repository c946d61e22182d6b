//! The judge is honest: it passes what is right, fails what is wrong at the requirement that is
//! meant, and names the fault.
//!
//! `UPDATE_GOLDEN=1 cargo test -p e2e --test judge` writes the reports beside the bad programs
//! anew.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails with the line that unwraps, a helper with what it could not do"
)]

#[path = "judge/harness.rs"]
mod harness;

use std::collections::BTreeSet;
use std::fs;
use std::thread;

use e2e::{Server, manifest, root};
use harness::{bad, failed, finding, lesson, peer_command, report, run, side};
use serde_json::Value;

/// For programs that answer at once: never waited for, unless the machine is busy.
const LONG: [&str; 2] = ["--patience", "20s"];
/// For programs that do not answer.
const SHORT: [&str; 2] = ["--patience", "2s"];

/// Our own programs in every way that the judge can speak with them: lesson, and the options that
/// the judge and the program share.
const OURS: [(&str, &str); 10] = [
    ("lesson01", ""),
    ("lesson01", "--service reply"),
    ("lesson03", ""),
    ("lesson03", "--header announce"),
    ("lesson03", "--header json"),
    ("lesson03", "--dialect tutorial"),
    ("lesson03", "--header announce --dialect tutorial"),
    ("lesson03", "--header json --dialect tutorial"),
    ("lesson03", "--service messages"),
    ("lesson01", "--service greet"),
];

#[test]
fn our_servers_hold_every_requirement_of_their_lesson() {
    for (name, options) in OURS {
        let server = lesson(&format!("{name}-server"), options);
        let options: Vec<&str> = options.split_whitespace().collect();
        let report = report(&[&[name, "--server", &server][..], &LONG, &options].concat());
        assert_all_hold(name, &report);
    }
}

#[test]
fn our_clients_hold_every_requirement_of_their_lesson() {
    for (name, options) in OURS {
        let own = match options {
            // What a service is, the client does not know; one that only listens has to be told.
            "--service greet" => "--silent",
            "--service reply" => "",
            // It answers nothing, so there is no client to try.
            "--service messages" => continue,
            same => same,
        };
        let client = lesson(&format!("{name}-client"), own);
        let options: Vec<&str> = options.split_whitespace().collect();
        let report = report(&[&[name, "--client", &client][..], &LONG, &options].concat());
        assert_all_hold(name, &report);
    }
}

#[track_caller]
fn assert_all_hold(name: &str, report: &Value) {
    assert_eq!(failed(report), [""; 0], "{name} {report:#}");
    assert!(!report["probes"].as_array().unwrap().is_empty(), "{name}: nothing was tried");
}

#[test]
fn lesson_02_fails_exactly_what_the_manifest_says() {
    let manifest = manifest::read();
    let second = manifest.lesson.iter().find(|lesson| lesson.number == 2).unwrap();
    let server = lesson("lesson02-server", "");
    let client = lesson("lesson02-client", "");
    // Long enough for the client's own patience, which ends after 2 s.
    let patience = ["--patience", "4s"];
    let reports = [
        report(&[&["lesson02", "--server", &server][..], &patience].concat()),
        report(&[&["lesson02", "--client", &client][..], &patience].concat()),
    ];
    assert_eq!(reports.each_ref().map(failed).concat(), second.judge.must_fail, "{reports:#?}");
}

#[test]
fn a_server_that_runs_already_is_tried_as_well() {
    let server = Server::lesson("lesson03-server", &[]);
    let address = server.address.to_string();
    assert_all_hold(
        "lesson03",
        &report(&[&["lesson03", "--connect", &address][..], &LONG].concat()),
    );
}

#[test]
fn good_programs_in_another_language_hold_every_requirement() {
    for name in ["good_l1_server", "good_l1_client", "good_l3_server", "good_l3_client"] {
        let lesson = lesson_of(name);
        let report = report(&[&[lesson, side(name), &bad(name)][..], &LONG].concat());
        assert_all_hold(name, &report);
    }
}

/// `l3_…` and `good_l3_…` speak lesson 03.
fn lesson_of(name: &str) -> &'static str {
    match name.trim_start_matches("good_").get(..2) {
        Some("l1") => "lesson01",
        Some("l3") => "lesson03",
        _ => panic!("{name} does not say its lesson"),
    }
}

/// A bad program, the requirement that it does not hold, and one that it does.
const BAD: [(&str, &str, &str); 30] = [
    ("l1_ignores_the_end_server", "1.11", "1.13"),
    ("l1_dies_on_reset_server", "1.14", "1.13"),
    ("l1_decodes_each_piece_server", "1.7", "1.3"),
    ("l1_hangs_server", "1.1", ""),
    ("l1_closes_early_server", "1.2", "1.13"),
    ("l1_single_client_server", "1.13", "1.2"),
    ("l1_slow_server", "1.1", ""),
    ("l1_sends_repr_server", "1.1", ""),
    ("l1_upper_case_of_text_server", "1.3", "1.6"),
    ("l1_waits_for_a_line_server", "1.1", ""),
    ("l1_sends_a_new_line_client", "1.22", ""),
    ("l1_blank_line_client", "1.25", "1.23"),
    ("l1_ignores_the_end_client", "1.30", "1.29"),
    ("l3_one_recv_for_the_length_server", "3.13", "3.17"),
    ("l3_one_recv_for_the_body_server", "3.17", "3.13"),
    ("l3_big_endian_server", "3.1", ""),
    ("l3_no_length_server", "3.1", ""),
    ("l3_eight_byte_length_server", "3.1", ""),
    ("l3_sends_garbage_server", "3.1", ""),
    ("l3_loses_the_second_server", "3.19", "3.18"),
    ("l3_counts_characters_server", "3.7", "3.1"),
    ("l3_unbounded_allocation_server", "3.36", "3.35"),
    ("l3_cuts_long_answers_server", "3.4", "3.7"),
    ("l3_no_answer_to_silence_server", "3.3", "3.10"),
    ("l3_reads_one_pipe_server", "3.6", "3.5"),
    ("l3_one_recv_for_the_length_client", "3.61", "3.66"),
    ("l3_one_recv_for_the_answer_client", "3.66", "3.61"),
    ("l3_decodes_each_piece_client", "3.67", "3.66"),
    ("l3_ignores_the_end_client", "3.73", "3.70"),
    ("l3_believes_any_length_client", "3.74", "3.73"),
];

#[test]
fn each_bad_program_fails_where_it_is_meant_to_and_is_told_why() {
    let wrong = at_once(&BAD, |&(name, fails, holds)| report_differs(name, fails, holds)).concat();
    assert!(wrong.is_empty(), "write them anew with UPDATE_GOLDEN=1 if they should be so\n{wrong}");
}

/// How the report of this bad program differs from the one beside it; empty if it does not.
fn report_differs(name: &str, fails: &str, holds: &str) -> String {
    let command = bad(name);
    let ids = [fails, holds].into_iter().filter(|id| !id.is_empty());
    let only: Vec<&str> = ids.flat_map(|id| ["--only", id]).collect();
    let judged = run(&[&[lesson_of(name), side(name), &command][..], &SHORT, &only].concat());
    assert_eq!(judged.status, Some(1), "{name}");
    let is_narrow = |line: &str| line.chars().count() <= 80;
    assert!(judged.stdout.lines().all(is_narrow), "{}", judged.stdout);
    let path = root().join("tests/peers/bad").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &judged.stdout).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    if golden != judged.stdout {
        return format!("---- {name}, expected\n{golden}---- came\n{}", judged.stdout);
    }
    assert!(golden.contains(&format!("FAILED    {fails} ")), "{name}\n{golden}");
    assert!(holds.is_empty() || golden.contains(&format!("ok        {holds} ")), "{golden}");
    String::new()
}

/// Does something with each of these, some of them at once: most of the time they wait.
fn at_once<T: Sync, R: Send>(all: &[T], act: impl Fn(&T) -> R + Sync) -> Vec<R> {
    thread::scope(|scope| {
        let act = &act;
        let some = |some| scope.spawn(move || <[T]>::iter(some).map(act).collect::<Vec<R>>());
        let started: Vec<_> = all.chunks(all.len().div_ceil(4)).map(some).collect();
        started.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn every_bad_program_and_every_report_of_one_is_tried() {
    let entries = fs::read_dir(root().join("tests/peers/bad")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut there: BTreeSet<String> = names.filter(|name| name.starts_with('l')).collect();
    for (name, _, _) in BAD {
        assert!(there.remove(&format!("{name}.py")), "{name}.py");
        assert!(there.remove(&format!("{name}.txt")), "{name}.txt");
    }
    // The lessons from 04 on have tests of their own.
    there.retain(|name| name.starts_with("l1") || name.starts_with("l2") || name.starts_with("l3"));
    assert!(there.is_empty(), "nobody tries {there:?}");
}

/// A fault of the tutorial, by the id that the peers use; the peer that has it, how to speak to it,
/// the requirement that shows it, and what the hint says.
const TUTORIAL: [(&str, &str, &str, &str, &str); 23] = [
    ("B02", "s000_1_server", "lesson01 --service reply", "1.11", "empty recv is the end"),
    ("B02", "s000_1_server", "lesson01 --service reply", "1.13", "go on with accept"),
    ("B03", "s001_2_client", "lesson02", "2.21", "Leave blank lines out"),
    ("B04", "s001_8_client", "lesson03 --header json --dialect tutorial", "3.61", "with one recv"),
    ("B04", "s001_8_client", "lesson03 --header json --dialect tutorial", "3.68", "with one recv"),
    ("B04", "s002_2_client", "lesson03 --dialect tutorial", "3.62", "with one recv"),
    ("B04", "s004_5_client", "lesson03 --dialect tutorial", "3.63", "with one recv"),
    ("B04", "s004_2_server", "lesson03 --service messages", "3.44", "with one recv"),
    ("B05", "s001_2_server", "lesson02", "2.6", "one recv for one command"),
    ("B05", "s001_2_server", "lesson02", "2.7", "one recv for one command"),
    ("B06", "s001_8_server", "lesson03 --header json --dialect tutorial", "3.5", "a pipe holds"),
    ("B06", "s002_2_server", "lesson03 --dialect tutorial", "3.5", "a pipe holds"),
    (
        "B10",
        "s001_5_client",
        "lesson03 --header announce --dialect tutorial",
        "3.55",
        "every piece",
    ),
    ("B11", "s001_8_server", "lesson03 --header json --dialect tutorial", "3.24", "empty recv"),
    ("B11", "s001_5_server", "lesson03 --header announce --dialect tutorial", "3.24", "empty recv"),
    ("B12", "s001_8_client", "lesson03 --header json --dialect tutorial", "3.73", "in a loop"),
    ("B12", "s001_5_client", "lesson03 --header announce --dialect tutorial", "3.73", "in a loop"),
    ("B12", "s004_5_client", "lesson03 --dialect tutorial", "3.73", "in a loop"),
    ("B14", "s004_5_client", "lesson03 --dialect tutorial", "3.74", "not below 0"),
    ("B14", "s004_2_server", "lesson03 --service messages", "3.48", "not below 0"),
    ("B14", "s004_2_server", "lesson03 --service messages", "3.49", "not above a limit"),
    ("B15", "s004_2_server", "lesson03 --service messages", "3.45", "with one recv"),
    ("B15", "s004_2_server", "lesson03 --service messages", "3.47", "empty recv is no length"),
];

#[test]
fn the_faults_of_the_tutorials_programs_are_named() {
    at_once(&TUTORIAL, |&(fault, name, speak, id, words)| {
        let speak: Vec<&str> = speak.split(' ').collect();
        let command = peer_command(name);
        let tried = [&speak[..], &[side(name), &command, "--only", id], &SHORT].concat();
        let report = report(&tried);
        let finding = finding(&report, id);
        let hint = finding["failed"]["hint"].as_str().unwrap_or("none, because it holds");
        assert!(hint.contains(words), "{fault} of {name} at {id}: {hint}\n{finding:#}");
    });
}

#[test]
fn the_same_seed_gives_the_same_report_and_another_cuts_elsewhere() {
    let command = bad("l3_one_recv_for_the_body_server");
    let with_seed = |seed| {
        let only = ["--only", "3.17", "--only", "3.18", "--only", "3.13", "--only", "3.27"];
        let mut report = report(
            &[&["lesson03", "--server", &command, "--seed", seed][..], &SHORT, &only].concat(),
        );
        for probe in report["probes"].as_array_mut().unwrap() {
            probe["took_ms"].take();
        }
        report
    };
    let first = with_seed("7");
    assert_eq!(first, with_seed("7"));
    let seeds = ["1", "2", "3", "4"].map(|seed| with_seed(seed)["probes"][1]["steps"].to_string());
    assert!(seeds.iter().any(|other| *other != seeds[0]), "every seed cuts at the same place");
}

#[test]
fn whom_nobody_can_reach_or_start_costs_one_line_and_status_1() {
    let (listener, address) = e2e::socket::listen();
    drop(listener);
    let nobody = address.to_string();
    let tried: [(&[&str], &str); 5] = [
        (&["--connect", &nobody], "nobody listens at"),
        (&["--server", "no-such-program-at-all {port}"], "cannot start `no-such-program-at-all"),
        (&["--client", "no-such-program-at-all {port}"], "cannot start `no-such-program-at-all"),
        (&["--server", "ls --no-such-option"], "before it listened"),
        (&["--server", ""], "is empty"),
    ];
    for (target, words) in tried {
        let judged = run(&[&["lesson01"], target].concat());
        assert_eq!(judged.status, Some(1), "{target:?}");
        assert_eq!(judged.stderr.lines().count(), 1, "{target:?}: {}", judged.stderr);
        assert!(judged.stderr.contains(words), "{target:?}: {}", judged.stderr);
        assert_eq!(judged.stdout, "");
    }
}

#[test]
fn wrong_usage_ends_with_status_2_before_anything_is_started() {
    let tried: [&[&str]; 8] = [
        &[],
        &["lesson99", "--connect", "1"],
        &["lesson01"],
        &["lesson01", "--connect", "1", "--server", "x"],
        &["lesson01", "--connect", "1", "--only", "3.1"],
        &["lesson01", "--connect", "1", "--service", "command"],
        &["lesson03", "--connect", "1", "--service", "messages"],
        &["lesson03", "--connect", "1", "--patience", "0s"],
    ];
    for args in tried {
        assert_eq!(run(args).status, Some(2), "{args:?}");
    }
}

#[test]
fn list_names_every_probe_once_and_in_80_columns() {
    let list = run(&["list"]);
    assert_eq!(list.status, Some(0));
    let mut seen = BTreeSet::new();
    for line in list.stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
        if let Some((id, requirement)) =
            line.trim().split_once(' ').filter(|_| line.starts_with(' '))
        {
            assert!(requirement.trim().ends_with('.'), "{line}");
            assert!(seen.insert(id.to_owned()), "{id} twice");
        }
    }
    assert!(seen.len() >= 60, "{}", seen.len());
}
