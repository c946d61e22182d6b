//! The judge as a program: its options, what it prints, and its exit status.

use std::collections::BTreeSet;
#[cfg(target_os = "linux")]
use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use e2e::{Finished, Program, Server};
use judge::PlanError;
#[cfg(target_os = "linux")]
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::harness::{bad, failed, finding, plan, printed, report};

/// Two requirements of lesson 03 that one mistake fails.
const CUTS: [&str; 2] = ["cuts/length-after-1-byte", "cuts/length-after-2-bytes"];

/// Runs the judge's program to its end.
#[track_caller]
fn run(args: &[&str]) -> Finished {
    let mut command = e2e::binary("judge");
    command.args(args);
    Program::start(command).finish()
}

/// What was printed, as if on one line.
fn words(finished: &Finished) -> String {
    finished.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_server_that_holds_every_requirement_is_said_to_with_status_0() {
    let server = Server::lesson("lesson01-server", &[]);
    let judged = run(&["lesson01", "--connect", &server.address.to_string(), "--patience", "20s"]);
    assert_eq!((judged.status, &*judged.stderr), (Some(0), ""), "{}", judged.stdout);
    assert!(judged.stdout.contains("lesson 01, server: all "), "{}", judged.stdout);
}

#[test]
fn the_program_prints_the_report_as_text_or_as_json_and_ends_with_status_1() {
    let command = bad("l1_waits_for_a_line_server");
    let args = ["lesson01", "--server", &command, "--only", "answers/first"];
    let expected = report(&args);
    let judged = run(&args);
    assert_eq!((judged.status, &*judged.stdout), (Some(1), &*printed(&expected)));
    let judged = run(&[&args[..], &["--json"]].concat());
    let json: Value = serde_json::from_str(&judged.stdout).unwrap();
    let ids = json["probes"].as_array().unwrap().iter().map(|probe| probe["id"].as_str().unwrap());
    assert_eq!(ids.collect::<Vec<_>>(), failed(&expected));
    assert_eq!(json["probes"][0]["verdict"], "failed");
    // What a program that reads it may rely on: the README says so.
    assert_eq!(
        (&json["version"], &json["lesson"], &json["side"]),
        (&1.into(), &1.into(), &"server".into())
    );
}

#[test]
fn with_all_every_failure_is_explained_and_without_it_the_first_one() {
    let command = bad("l3_one_recv_for_the_length_server");
    let args = ["lesson03", "--server", &command, "--only", CUTS[0], "--only", CUTS[1]];
    let first = run(&args);
    let all = run(&[&args[..], &["--all"]].concat());
    assert_eq!((first.status, all.status), (Some(1), Some(1)));
    let explained = |it: &Finished| it.stdout.matches("\n  expected").count();
    assert_eq!((explained(&first), explained(&all)), (1, 2), "{first:#?}\n{all:#?}");
    let next = format!("--only {} explains", CUTS[1]);
    assert!(
        words(&first).contains(&next) && !all.stdout.contains("also failed"),
        "{first:#?}\n{all:#?}"
    );
}

#[test]
fn whom_nobody_can_reach_or_start_costs_one_line_and_status_3() {
    let (listener, address) = e2e::socket::listen();
    drop(listener);
    let nobody = address.to_string();
    let tried: [(&[&str], &str); 4] = [
        (&["--connect", &nobody], "nobody listens at"),
        (&["--server", "no-such-program-at-all {port}"], "cannot start `no-such-program-at-all"),
        (&["--client", "no-such-program-at-all {port}"], "cannot start `no-such-program-at-all"),
        (&["--server", "ls --no-such-option={port}"], "before it listened"),
    ];
    for (target, words) in tried {
        let judged = run(&[&["lesson01"], target].concat());
        assert_eq!(judged.status, Some(3), "{target:?}");
        assert_eq!(judged.stderr.lines().count(), 1, "{target:?}: {}", judged.stderr);
        assert!(judged.stderr.contains(words), "{target:?}: {}", judged.stderr);
        let causes = judged.stderr.matches("os error").count();
        assert!(causes <= 1, "{target:?}: says the cause twice: {}", judged.stderr);
        assert_eq!(judged.stdout, "");
    }
}

#[test]
fn wrong_usage_ends_with_status_2_before_anything_is_started() {
    let judged = run(&["lesson99", "--connect", "1"]);
    assert_eq!((judged.status, &*judged.stdout), (Some(2), ""));
    assert!(judged.stderr.contains("no probes for \"lesson99\""), "{}", judged.stderr);
    assert_eq!(run(&["list", "lesson99"]).status, Some(2));
    let tried: [&[&str]; 25] = [
        &[],
        &["--list", "lesson01", "lesson02"],
        &["--lists"],
        &["lesson99", "--connect", "1"],
        &["lesson01"],
        &["lesson01", "lesson02", "--connect", "1"],
        &["lesson01", "--connect", "1", "--server", "x"],
        &["lesson01", "--connect", "1", "--only", "lines/first"],
        &["lesson01", "--connect", "1", "--service", "command"],
        &["lesson03", "--connect", "1", "--service", "messages"],
        &["lesson03", "--connect", "1", "--patience", "0s"],
        // Several times as long would be more than any clock can count.
        &["lesson03", "--connect", "1", "--patience", "500000000000y"],
        &["lesson03", "--connect", "65536"],
        &["lesson06", "--connect", "1", "--upstream", "nowhere"],
        &["lesson03", "--server", ""],
        &["lesson03", "--client", "python3 'my_client.py {host} {port}"],
        // Over TCP an answer without a byte would be found wherever none is.
        &["lesson01", "--service", "reply", "--text", "", "--connect", "1"],
        &["lesson01", "--server", "python3 server.py"],
        &["lesson01", "--client", "python3 client.py"],
        // A proxy that does not know its upstream.
        &["lesson06", "--server", "proxy {port}"],
        &["lesson06", "--connect", "1"],
        // Whoever calls a proxy speaks what the upstream speaks, and not lesson 06.
        &["lesson06", "--client", "client {port}"],
        // The judge has to see the files.
        &["lesson08", "--client", "true {port}"],
        &["lesson08", "--server", "true {port}", "--dialect", "tutorial"],
        &["lesson08", "--connect", "1", "--dialect", "tutorial"],
    ];
    for args in tried {
        let Err(PlanError::Usage(usage)) = plan(args) else { panic!("{args:?} is a plan") };
        assert_eq!(usage.exit_code(), 2, "{args:?}");
        if args.first() == Some(&"lesson08") {
            assert!(usage.to_string().contains("{dir}"), "{usage}");
        }
    }
}

#[test]
fn list_names_every_requirement_of_all_lessons_or_of_one_in_80_columns() {
    let (all, one) = (run(&["list"]), run(&["list", "lesson03"]));
    assert_eq!((all.status, one.status), (Some(0), Some(0)));
    assert_eq!(run(&["--list"]).stdout, all.stdout);
    for args in [["--list", "lesson03"], ["lesson03", "--list"]] {
        assert_eq!(run(&args).stdout, one.stdout);
    }
    assert!(all.stdout.lines().chain(one.stdout.lines()).all(|line| line.chars().count() <= 80));
    assert!(all.stdout.contains(&one.stdout), "{one:#?}");
    let mut titles = one.stdout.lines().filter(|line| line.starts_with("lesson"));
    assert!(titles.all(|title| title.starts_with("lesson 03")), "{one:#?}");
    let printed = words(&all);
    let mut seen = BTreeSet::new();
    for lesson in judge::lessons() {
        for probe in lesson.listed() {
            let entry = format!("{} {}", probe.id, probe.requirement);
            assert!(printed.contains(&entry), "{entry}\n{}", all.stdout);
            let key = (lesson.number, probe.side().name(), probe.id);
            assert!(seen.insert(key), "{key:?} twice");
        }
    }
    assert!(seen.len() >= 394, "{}", seen.len());
}

#[test]
fn what_a_program_says_of_errors_is_shown_as_it_was_printed_while_it_runs() {
    let args = ["lesson01", "--server", &bad("thread_dies_server"), "--only", "answers/first"];
    let judged = run(&args);
    assert_eq!(judged.status, Some(1));
    let said = "the program runs on; its standard error:";
    assert!(words(&judged).contains(said), "{judged:#?}");
    assert!(judged.stdout.contains(r"KeyError: 'no entry in C:\\table\\new for "), "{judged:#?}");
    // It is not over, so none of its words are its last ones.
    assert!(!judged.stdout.contains("last words"), "{judged:#?}");
}

#[test]
fn a_server_that_has_served_one_client_and_ended_without_an_error_is_told_where_accept_belongs() {
    let command = bad("l1_single_client_server");
    let report = report(&["lesson01", "--server", &command, "--only", "ends/after-an-answer"]);
    let failed = finding(&report, "ends/after-an-answer").failed.as_ref().unwrap();
    assert_eq!(failed.ended.as_deref(), Some("exit status 0"));
    assert!(failed.hint.contains("its accept stands outside the loop"), "{failed:#?}");
    assert!(!failed.hint.contains("Catch"), "{failed:#?}");
}

#[test]
fn a_client_that_calls_when_it_has_a_line_is_typed_one() {
    let client = bad("calls_for_each_line_client");
    let report = report(&["lesson01", "--client", &client, "--only", "lines"]);
    assert_eq!(finding(&report, "lines/first").failed.as_ref().map(|it| &it.hint), None);
    let failed = finding(&report, "lines/one-after-the-other").failed.as_ref().unwrap();
    assert!(failed.hint.contains("connects again for the next line"), "{failed:#?}");
}

/// That is known on Linux only.
#[cfg(target_os = "linux")]
#[test]
fn no_process_is_left_when_the_judge_ends_not_even_one_in_the_background() {
    let server = bad("background_server");
    let is_left = || {
        let entries = std::fs::read_dir("/proc").unwrap().flatten();
        let commands = entries.map(|it| std::fs::read_to_string(it.path().join("cmdline")));
        commands.flatten().any(|command| {
            command.contains("background_server.py") && !command.contains("--server")
        })
    };
    let start = |args: &[&str]| {
        let mut command = e2e::binary("judge");
        command.args(["lesson01", "--server", &server]).args(args);
        // Started by the standard library: nobody but the judge ends what it has started.
        command.stdout(Stdio::piped()).spawn().unwrap()
    };
    let mut judge = start(&["--only", "answers"]);
    assert!(judge.wait().unwrap().success());
    assert!(!is_left());
    for signal in [Signal::INT, Signal::TERM] {
        let mut judge = start(&[]);
        let mut line = String::new();
        BufReader::new(judge.stdout.take().unwrap()).read_line(&mut line).unwrap();
        kill_process(Pid::from_child(&judge), signal).unwrap();
        assert_eq!(judge.wait().unwrap().code(), Some(130), "{line}");
        assert!(!is_left());
    }
}
