//! The judge on lesson 09: a file in datagrams, over a network that the judge plays.

use crate::golden::{Bad, assert_complete, assert_reports};
use crate::harness::{assert_all_hold, assert_same_twice, bad, in_parallel, lesson, side};

/// The command of a server, which is told where its files go, or of a client, which is told what to send.
fn with_files(command: &str) -> String {
    match command.contains("{host}") {
        true => format!("{command} {{dir}}/judge.bin"),
        false => format!("{command} {{dir}}"),
    }
}

#[test]
fn our_server_and_client_of_lesson_09_hold_every_requirement() {
    // By itself it is more patient than the judge.
    let send = "send --idle-timeout 8s {dir}/judge.bin";
    let programs = [
        ("--server", lesson("lesson09-server", "--root {dir}")),
        ("--client", lesson("lesson09-client", send)),
        ("--client", lesson("lesson09-client", &format!("--window 1 {send}"))),
    ];
    in_parallel(&programs, |(side, command)| assert_all_hold(&["lesson09", side, command]));
}

#[test]
fn a_receiver_that_runs_already_is_tried_and_what_was_sent_to_it_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    let server = e2e::Server::lesson("lesson09-server", &["--root", root]);
    let address = server.address.to_string();
    // Twice: nothing of the first time is in the way of the second.
    for _ in 0..2 {
        let only = ["--only", "files", "--only", "loss"];
        assert_all_hold(
            &[&["lesson09", "--connect", &address, "--folder", root], &only[..]].concat(),
        );
    }
    assert_eq!(std::fs::read_dir(root).unwrap().count(), 0);
}

#[test]
fn good_programs_in_another_language_hold_every_requirement() {
    in_parallel(&["good_l9_server", "good_l9_client"], |name| {
        assert_all_hold(&["lesson09", side(name), &with_files(&bad(name))]);
    });
}

const BAD: [Bad; 12] = [
    ("l9_acks_the_last_one_server", "loss/one-data", "files/arrives"),
    ("l9_believes_any_name_server", "names/climbs", "names/exists"),
    ("l9_forgets_at_done_server", "loss/done", "loss/ack"),
    ("l9_knows_no_sender_server", "strangers/another-port", "loss/one-data"),
    ("l9_names_it_at_once_server", "files/name-comes-last", "files/arrives"),
    ("l9_no_crc_check_server", "nonsense/damaged", "nonsense/junk"),
    ("l9_writes_as_it_comes_server", "order/reversed", "files/arrives"),
    ("l9_believes_any_done_client", "lies/done-too-early", "files/goes-out"),
    ("l9_goes_too_far_client", "sizes/window", "files/goes-out"),
    ("l9_same_transmission_client", "loss/first-data", "answers/offer"),
    ("l9_sends_once_client", "loss/first-data", "files/goes-out"),
    ("l9_succeeds_when_refused_client", "ends/offer-is-refused", "files/goes-out"),
];

#[test]
fn each_bad_program_fails_where_it_is_meant_to_and_is_told_why() {
    assert_reports("lesson09", &BAD, with_files);
}

#[test]
fn every_bad_program_and_every_report_of_one_is_tried() {
    assert_complete("l9_", &BAD);
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let command = with_files(&bad("l9_acks_the_last_one_server"));
    assert_same_twice("lesson09", "--server", &command, "loss");
}
