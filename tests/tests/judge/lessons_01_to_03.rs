//! The judge on lessons 01 to 03: requests and answers, with and without a length.

use crate::golden::{Bad, Fault, assert_complete, assert_named, assert_reports};
use crate::harness::{
    assert_all_hold, bad, failed, finding, lesson, peer_command, printed, report, side,
    without_times,
};
use e2e::{Server, manifest};

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
        assert_all_hold(&[&[name, "--server", &server][..], &options].concat());
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
        assert_all_hold(&[&[name, "--client", &client][..], &options].concat());
    }
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
    assert_all_hold(&["lesson03", "--connect", &address]);
}

#[test]
fn good_programs_in_another_language_hold_every_requirement() {
    for (lesson, name) in [
        ("lesson01", "good_l1_server"),
        ("lesson01", "good_l1_client"),
        ("lesson03", "good_l3_server"),
        ("lesson03", "good_l3_client"),
    ] {
        assert_all_hold(&[lesson, side(name), &bad(name)]);
    }
}

const BAD_01: [Bad; 13] = [
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
];

const BAD_03: [Bad; 17] = [
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
    assert_reports("lesson01", &BAD_01, str::to_owned);
    assert_reports("lesson03", &BAD_03, str::to_owned);
}

#[test]
fn every_bad_program_and_every_report_of_one_is_tried() {
    assert_complete("l1_", &BAD_01);
    assert_complete("l3_", &BAD_03);
}

const TUTORIAL: [Fault; 23] = [
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
    assert_named(&TUTORIAL, peer_command);
}

#[test]
fn a_program_that_speaks_the_tutorials_bytes_is_told_of_the_dialect() {
    let command = peer_command("s004_5_server");
    let server = ["lesson03", "--server", &command];
    let judged = printed(&report(&server));
    assert!(judged.replace('\n', " ").contains("add --dialect tutorial."), "{judged}");
    let tutorial = ["--dialect", "tutorial", "--only", "3.1"];
    let judged = printed(&report(&[&server[..], &tutorial].concat()));
    assert!(judged.ends_with("lesson 03, server: the requirement holds\n"), "{judged}");
}

#[test]
fn the_same_seed_gives_the_same_report_and_another_cuts_elsewhere() {
    let command = bad("l3_one_recv_for_the_body_server");
    let only = ["--only", "3.17", "--only", "3.18", "--only", "3.13", "--only", "3.27"];
    let server = [&["lesson03", "--server", &command][..], &only].concat();
    let with_seed = |seed| without_times(&[&server[..], &["--seed", seed]].concat());
    assert_eq!(with_seed("7"), with_seed("7"));
    let cuts = |seed| {
        let report = report(&[&server[..], &["--seed", seed]].concat());
        format!("{:?}", finding(&report, "3.17").steps)
    };
    let cuts = ["1", "2", "3", "4"].map(cuts);
    assert!(cuts.iter().any(|other| *other != cuts[0]), "every seed cuts at the same place");
}
