//! The judge on lessons 07 and 08: video and files.

use std::fs;

use crate::golden::{Bad, Fault, assert_complete, assert_named, assert_reports};
use crate::harness::{
    assert_all_hold, bad, in_parallel, lesson, peer_command, side, without_times,
};
use e2e::{Server, has_opencv};

const DIALECTS: [&str; 2] = ["ours", "tutorial"];

/// Gives the command with which a program is started.
type Place = fn(&str) -> String;

/// The command, started in a folder that is its own.
fn in_folder(command: &str) -> String {
    let line = format!("cd {{dir}} && exec {command}");
    shlex::try_join(["sh", "-c", &line]).unwrap()
}

/// The command of a server of files, which is told its folder, or of a client, which works in it.
fn with_folder(command: &str) -> String {
    match command.contains("{host}") {
        true => in_folder(command),
        false => format!("{command} {{dir}}"),
    }
}

#[test]
fn our_server_and_client_of_lesson_07_hold_every_requirement() {
    if !has_opencv() {
        return;
    }
    in_parallel(&DIALECTS, |dialect| {
        let server = lesson("lesson07-server", &format!("--view none --dialect {dialect}"));
        assert_all_hold(&["lesson07", "--server", &server, "--dialect", dialect]);
        let client = lesson("lesson07-client", &format!("--dialect {dialect}"));
        assert_all_hold(&["lesson07", "--client", &client, "--dialect", dialect]);
    });
}

#[test]
fn our_server_and_client_of_lesson_08_hold_every_requirement() {
    in_parallel(&DIALECTS, |dialect| {
        let server = lesson("lesson08-server", &format!("--root {{dir}} --dialect {dialect}"));
        assert_all_hold(&["lesson08", "--server", &server, "--dialect", dialect]);
        let client = in_folder(&lesson("lesson08-client", &format!("--dialect {dialect}")));
        assert_all_hold(&["lesson08", "--client", &client, "--dialect", dialect]);
    });
}

#[test]
fn a_server_of_files_that_runs_already_is_tried_and_what_was_laid_there_is_removed() {
    for dialect in DIALECTS {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().to_str().unwrap();
        let server = Server::lesson("lesson08-server", &["--root", root, "--dialect", dialect]);
        let address = server.address.to_string();
        let target = ["lesson08", "--connect", &address, "--folder", root, "--dialect", dialect];
        // The second time, the files of the first are there.
        for _ in 0..2 {
            assert_all_hold(&target);
        }
        let names = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name());
        let names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        let is_ours = |name: &String| name.starts_with("judge") || name.starts_with(".judge");
        assert!(names.iter().all(is_ours), "{names:?}");
        assert!(dialect == "ours" || names.is_empty(), "{names:?}");
    }
}

#[test]
fn good_programs_in_another_language_hold_every_requirement() {
    let programs: [(&str, &str, Place); 4] = [
        ("lesson07", "good_l7_server", str::to_owned),
        ("lesson07", "good_l7_client", str::to_owned),
        ("lesson08", "good_l8_server", with_folder),
        ("lesson08", "good_l8_client", with_folder),
    ];
    in_parallel(&programs, |&(lesson, name, place)| {
        let command = place(&bad(name));
        assert_all_hold(&[lesson, side(name), &command]);
    });
}

const VIDEO: [Bad; 9] = [
    ("l7_one_recv_for_the_image_server", "7.12", "7.11"),
    ("l7_dies_of_a_bad_frame_server", "7.30", "7.24"),
    ("l7_ignores_the_end_server", "7.24", "7.22"),
    ("l7_counts_frames_server", "7.4", "7.2"),
    ("l7_believes_any_size_server", "7.35", "7.36"),
    ("l7_shows_anything_server", "7.33", "7.12"),
    ("l7_no_limit_client", "7.56", "7.51"),
    ("l7_one_recv_for_the_word_client", "7.52", "7.51"),
    ("l7_ignores_the_end_client", "7.57", "7.51"),
];

const FILES: [Bad; 15] = [
    ("l8_follows_any_name_server", "8.45", "8.1"),
    ("l8_follows_links_server", "8.53", "8.45"),
    ("l8_one_client_server", "8.16", "8.6"),
    ("l8_no_md5_check_server", "8.35", "8.31"),
    ("l8_writes_in_place_server", "8.36", "8.8"),
    ("l8_text_mode_server", "8.8", "8.1"),
    ("l8_folder_is_an_error_server", "8.11", "8.4"),
    ("l8_md5_of_the_rest_server", "8.23", "8.24"),
    ("l8_one_file_server", "8.5", "8.6"),
    ("l8_no_md5_check_client", "8.80", "8.81"),
    ("l8_writes_in_place_client", "8.81", "8.63"),
    ("l8_replaces_client", "8.66", "8.80"),
    ("l8_one_recv_for_the_header_client", "8.77", "8.73"),
    ("l8_stops_at_a_refusal_client", "8.65", "8.61"),
    ("l8_does_not_wait_client", "8.68", "8.80"),
];

#[test]
fn each_bad_program_fails_where_it_is_meant_to_and_is_told_why() {
    assert_reports("lesson07", &VIDEO, str::to_owned);
    assert_reports("lesson08", &FILES, with_folder);
}

#[test]
fn every_bad_program_and_every_report_of_one_is_tried() {
    assert_complete("l7_", &VIDEO);
    assert_complete("l8_", &FILES);
}

const FILM: &str = "lesson07 --dialect tutorial";
const GET: &str = "lesson08 --dialect tutorial";

const TUTORIAL: [Fault; 20] = [
    ("B05", "s000_2_server", FILM, "7.15", "one recv for the whole number"),
    ("B12", "s000_2_server", FILM, "7.24", "in the middle of a frame"),
    ("B34", "s000_2_server", FILM, "7.30", "end nothing but its own film"),
    ("B34", "s000_2_server", FILM, "7.32", "no picture can be made"),
    ("B34", "s000_2_server", FILM, "7.35", "only a claim"),
    ("B34", "s000_2_server", FILM, "7.41", "before it has looked at it"),
    ("B05", "s000_2_client", FILM, "7.52", "one recv for a whole word"),
    ("B34", "s000_2_client", FILM, "7.66", "out of step"),
    ("B34", "s000_2_client", FILM, "7.66", "out of step"),
    ("B16", "s004_3_server", GET, "8.5", "loop around the file does not end"),
    ("B16", "s004_3_server", GET, "8.6", "loop around the file does not end"),
    ("B17", "s004_3_server", GET, "8.28", "an empty name is that of the folder"),
    ("B17", "s004_3_server", GET, "8.45", "leads out of the folder"),
    ("B17", "s004_3_server", GET, "8.47", "leads out of the folder"),
    ("B04", "s004_3_client", GET, "8.74", "with one recv"),
    ("B04", "s004_3_client", GET, "8.77", "with one recv"),
    ("B12", "s004_3_client", GET, "8.81", "in a loop"),
    ("B14", "s004_3_client", GET, "8.91", "not above a limit"),
    ("B19", "s004_3_client", GET, "8.66", "nobody was asked"),
    ("B19", "s004_3_client", GET, "8.80", "nobody has compared"),
];

#[test]
fn the_faults_of_the_tutorials_programs_are_named() {
    assert_named(&TUTORIAL, |name| match name {
        // It looks into the folder that it is told, and opens in the one where it is.
        "s004_3_server" => in_folder(&format!("{} {{dir}}", peer_command(name))),
        "s004_3_client" => in_folder(&peer_command(name)),
        _ => peer_command(name),
    });
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let film = bad("l7_one_recv_for_the_image_server");
    let files = with_folder(&bad("l8_writes_in_place_client"));
    let tried = [("lesson07", "--server", &film), ("lesson08", "--client", &files)];
    in_parallel(&tried, |&(lesson, side, command)| {
        let once = || without_times(&[lesson, side, command, "--seed", "7"]);
        assert_eq!(once(), once());
    });
}
