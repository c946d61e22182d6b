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
    let must_fail = &second.judge.must_fail;
    for (side, command, ids) in
        [("--server", &server, &must_fail.server), ("--client", &client, &must_fail.client)]
    {
        let report = report(&[&["lesson02", side, command][..], &patience].concat());
        assert_eq!(&failed(&report), ids, "{}", printed(&report));
    }
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
    ("l1_ignores_the_end_server", "ends/half-close", "ends/after-an-answer"),
    ("l1_dies_on_reset_server", "ends/reset", "ends/after-an-answer"),
    ("l1_decodes_each_piece_server", "cuts/character", "text/other-alphabets"),
    ("l1_hangs_server", "answers/first", ""),
    ("l1_closes_early_server", "answers/again", "ends/after-an-answer"),
    ("l1_single_client_server", "ends/after-an-answer", "answers/again"),
    ("l1_slow_server", "answers/first", ""),
    ("l1_sends_repr_server", "answers/first", ""),
    ("l1_upper_case_of_text_server", "text/other-alphabets", "joins/stream"),
    ("l1_waits_for_a_line_server", "answers/first", ""),
    ("l1_sends_a_new_line_client", "lines/first", ""),
    ("l1_blank_line_client", "lines/blank", "lines/one-after-the-other"),
    ("l1_ignores_the_end_client", "ends/server-closes", "ends/input"),
];

const BAD_03: [Bad; 17] = [
    ("l3_one_recv_for_the_length_server", "cuts/length-after-1-byte", "cuts/message-in-two"),
    ("l3_one_recv_for_the_body_server", "cuts/message-in-two", "cuts/length-after-1-byte"),
    ("l3_big_endian_server", "answers/first", ""),
    ("l3_no_length_server", "answers/first", ""),
    ("l3_eight_byte_length_server", "answers/first", ""),
    ("l3_sends_garbage_server", "answers/first", ""),
    ("l3_loses_the_second_server", "joins/two-requests", "cuts/byte-by-byte"),
    ("l3_counts_characters_server", "text/other-alphabets", "answers/first"),
    ("l3_unbounded_allocation_server", "nonsense/long-length", "nonsense/negative-length"),
    ("l3_cuts_long_answers_server", "sizes/long-answer-then-another", "text/other-alphabets"),
    ("l3_no_answer_to_silence_server", "answers/no-output", "answers/empty-request"),
    ("l3_reads_one_pipe_server", "sizes/errors-of-100-kb", "sizes/output-of-100-kb"),
    ("l3_one_recv_for_the_length_client", "cuts/length-after-1-byte", "cuts/message-in-two"),
    ("l3_one_recv_for_the_answer_client", "cuts/message-in-two", "cuts/length-after-1-byte"),
    ("l3_decodes_each_piece_client", "cuts/character", "cuts/message-in-two"),
    ("l3_ignores_the_end_client", "ends/inside-an-answer", "ends/server-closes"),
    ("l3_believes_any_length_client", "nonsense/negative-length", "ends/inside-an-answer"),
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
    (
        "B02",
        "s000_1_server",
        "lesson01 --service reply",
        "ends/half-close",
        "empty recv is the end",
    ),
    (
        "B02",
        "s000_1_server",
        "lesson01 --service reply",
        "ends/after-an-answer",
        "go on with accept",
    ),
    ("B03", "s001_2_client", "lesson02", "lines/blank", "Leave blank lines out"),
    (
        "B04",
        "s001_8_client",
        "lesson03 --header json --dialect tutorial",
        "cuts/length-after-1-byte",
        "with one recv",
    ),
    (
        "B04",
        "s001_8_client",
        "lesson03 --header json --dialect tutorial",
        "cuts/json-header",
        "with one recv",
    ),
    (
        "B04",
        "s002_2_client",
        "lesson03 --dialect tutorial",
        "cuts/length-after-2-bytes",
        "with one recv",
    ),
    (
        "B04",
        "s004_5_client",
        "lesson03 --dialect tutorial",
        "cuts/length-after-3-bytes",
        "with one recv",
    ),
    ("B04", "s004_2_server", "lesson03 --service messages", "printed/length-cut", "with one recv"),
    ("B05", "s001_2_server", "lesson02", "cuts/message-in-two", "one recv for one request"),
    ("B05", "s001_2_server", "lesson02", "joins/two-requests", "one recv for one request"),
    (
        "B06",
        "s001_8_server",
        "lesson03 --header json --dialect tutorial",
        "sizes/output-of-100-kb",
        "a pipe holds",
    ),
    (
        "B06",
        "s002_2_server",
        "lesson03 --dialect tutorial",
        "sizes/output-of-100-kb",
        "a pipe holds",
    ),
    (
        "B10",
        "s001_5_client",
        "lesson03 --header announce --dialect tutorial",
        "sizes/answer-of-3000-bytes",
        "every piece",
    ),
    (
        "B11",
        "s001_8_server",
        "lesson03 --header json --dialect tutorial",
        "ends/half-close",
        "empty recv",
    ),
    (
        "B11",
        "s001_5_server",
        "lesson03 --header announce --dialect tutorial",
        "ends/half-close",
        "empty recv",
    ),
    (
        "B12",
        "s001_8_client",
        "lesson03 --header json --dialect tutorial",
        "ends/inside-an-answer",
        "in a loop",
    ),
    (
        "B12",
        "s001_5_client",
        "lesson03 --header announce --dialect tutorial",
        "ends/inside-an-answer",
        "in a loop",
    ),
    ("B12", "s004_5_client", "lesson03 --dialect tutorial", "ends/inside-an-answer", "in a loop"),
    (
        "B14",
        "s004_5_client",
        "lesson03 --dialect tutorial",
        "nonsense/negative-length",
        "not below 0",
    ),
    (
        "B14",
        "s004_2_server",
        "lesson03 --service messages",
        "printed/negative-length",
        "not below 0",
    ),
    (
        "B14",
        "s004_2_server",
        "lesson03 --service messages",
        "printed/long-length",
        "not above a limit",
    ),
    ("B15", "s004_2_server", "lesson03 --service messages", "printed/message-cut", "with one recv"),
    (
        "B15",
        "s004_2_server",
        "lesson03 --service messages",
        "printed/after-an-end",
        "empty recv is no length",
    ),
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
    assert!(judged.contains("--dialect"), "{judged}");
    let tutorial = ["--dialect", "tutorial", "--only", "answers/first"];
    let judged = printed(&report(&[&server[..], &tutorial].concat()));
    assert!(judged.ends_with("lesson 03, server: the requirement holds\n"), "{judged}");
}

#[test]
fn the_same_seed_gives_the_same_report_and_another_cuts_elsewhere() {
    let command = bad("l3_one_recv_for_the_body_server");
    let only = [
        "--only",
        "cuts/message-in-two",
        "--only",
        "cuts/byte-by-byte",
        "--only",
        "cuts/length-after-1-byte",
        "--only",
        "ends/reset",
    ];
    let server = [&["lesson03", "--server", &command][..], &only].concat();
    let with_seed = |seed| without_times(&[&server[..], &["--seed", seed]].concat());
    assert_eq!(with_seed("7"), with_seed("7"));
    let cuts = |seed| {
        let report = report(&[&server[..], &["--seed", seed]].concat());
        format!("{:?}", finding(&report, "cuts/message-in-two").steps)
    };
    let cuts = ["1", "2", "3", "4"].map(cuts);
    assert!(cuts.iter().any(|other| *other != cuts[0]), "every seed cuts at the same place");
}
