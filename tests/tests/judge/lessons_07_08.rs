//! The judge on lessons 07 and 08: video and files.

use std::fs;

use crate::golden::{Bad, Fault, assert_complete, assert_named, assert_reports};
use crate::harness::{
    assert_all_hold, assert_same_twice, bad, in_parallel, lesson, peer_command, side,
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

#[test]
fn one_way_film_holds_every_requirement_when_its_framing_is_told() {
    let programs = ["<I", ">Q", "<H"]
        .map(|framing| ["l7_one_way_server", "l7_one_way_client"].map(|name| (name, framing)));
    in_parallel(&programs.concat(), |(name, framing)| {
        let command = format!("{} '{framing}'", bad(name));
        assert_all_hold(&["lesson07", "--framing", framing, side(name), &command]);
    });
}

const VIDEO: [Bad; 9] = [
    ("l7_one_recv_for_the_image_server", "cuts/image", "cuts/json-header"),
    ("l7_dies_of_a_bad_frame_server", "nonsense/no-jpeg", "ends/inside-a-frame"),
    ("l7_ignores_the_end_server", "ends/inside-a-frame", "ends/next-after-an-end"),
    ("l7_counts_frames_server", "frames/missing-number", "answers/frame-after-frame"),
    ("l7_believes_any_size_server", "sizes/frame-of-2-gib", "nonsense/negative-size"),
    ("l7_shows_anything_server", "nonsense/other-picture-size", "cuts/image"),
    ("l7_no_limit_client", "frames/unacknowledged", "answers/frame-after-frame"),
    ("l7_one_recv_for_the_word_client", "cuts/acknowledgement", "answers/frame-after-frame"),
    ("l7_ignores_the_end_client", "ends/server-closes", "answers/frame-after-frame"),
];

/// Programs that speak another protocol than the lesson's are told which it is.
const OTHER_VIDEO: [Bad; 2] =
    [("l7_one_way_server", "answers/frame", ""), ("l7_one_way_client", "answers/frame", "")];
const ONE_WAY_VIDEO: [Bad; 1] = [("l7_one_recv_one_way_server", "cuts/image", "cuts/length")];
const OTHER_FILES: [Bad; 1] = [("l8_other_fields_server", "answers/file", "")];

const FILES: [Bad; 16] = [
    ("l8_follows_any_name_server", "names/parent-folder", "answers/file"),
    ("l8_follows_links_server", "names/link", "names/parent-folder"),
    ("l8_looks_at_the_first_letters_server", "names/parent-folder", "answers/file"),
    ("l8_one_client_server", "crowds/two", "crowds/next-client"),
    ("l8_no_md5_check_server", "files/wrong-md5", "ends/inside-a-put"),
    ("l8_writes_in_place_server", "files/damaged", "sizes/file-of-3-mb"),
    ("l8_text_mode_server", "sizes/file-of-3-mb", "answers/file"),
    ("l8_folder_is_an_error_server", "names/folder", "files/not-there"),
    ("l8_md5_of_the_rest_server", "resume/get", "resume/get-of-another-file"),
    ("l8_one_file_server", "files/several", "crowds/next-client"),
    ("l8_no_md5_check_client", "files/wrong-md5", "ends/inside-a-file"),
    ("l8_writes_in_place_client", "ends/inside-a-file", "sizes/file-of-3-mb"),
    ("l8_replaces_client", "files/exists", "files/wrong-md5"),
    ("l8_one_recv_for_the_header_client", "cuts/json-header", "cuts/length-after-1-byte"),
    ("l8_stops_at_a_refusal_client", "files/not-there", "files/several"),
    ("l8_does_not_wait_client", "answers/put", "files/wrong-md5"),
];

#[test]
fn each_bad_program_fails_where_it_is_meant_to_and_is_told_why() {
    assert_reports("lesson07", &[&VIDEO[..], &OTHER_VIDEO].concat(), str::to_owned);
    assert_reports("lesson07 --framing <I", &ONE_WAY_VIDEO, str::to_owned);
    assert_reports("lesson08", &FILES, with_folder);
    assert_reports("lesson08 --dialect tutorial", &OTHER_FILES, with_folder);
}

#[test]
fn every_bad_program_and_every_report_of_one_is_tried() {
    assert_complete("l7_", &[&VIDEO[..], &OTHER_VIDEO, &ONE_WAY_VIDEO].concat());
    assert_complete("l8_", &[&FILES[..], &OTHER_FILES].concat());
}

const FILM: &str = "lesson07 --dialect tutorial";
const GET: &str = "lesson08 --dialect tutorial";

const TUTORIAL: [Fault; 20] = [
    ("B05", "s000_2_server", FILM, "cuts/number", "one recv for the whole number"),
    ("B12", "s000_2_server", FILM, "ends/inside-a-frame", "in the middle of a frame"),
    ("B34", "s000_2_server", FILM, "nonsense/no-jpeg", "end nothing but its own film"),
    ("B34", "s000_2_server", FILM, "nonsense/empty-frame", "no picture can be made"),
    ("B34", "s000_2_server", FILM, "sizes/frame-of-2-gib", "only a claim"),
    ("B34", "s000_2_server", FILM, "nonsense/no-number", "before it has looked at it"),
    ("B05", "s000_2_client", FILM, "cuts/acknowledgement", "one recv for a whole word"),
    ("B34", "s000_2_client", FILM, "nonsense/other-word", "out of step"),
    ("B34", "s000_2_client", FILM, "nonsense/other-word", "out of step"),
    ("B16", "s004_3_server", GET, "files/several", "loop around the file does not end"),
    ("B16", "s004_3_server", GET, "crowds/next-client", "loop around the file does not end"),
    ("B17", "s004_3_server", GET, "ends/after-a-refusal", "an empty name is that of the folder"),
    ("B17", "s004_3_server", GET, "names/parent-folder", "leads out of the folder"),
    ("B17", "s004_3_server", GET, "names/absolute", "leads out of the folder"),
    ("B04", "s004_3_client", GET, "cuts/length-after-2-bytes", "with one recv"),
    ("B04", "s004_3_client", GET, "cuts/json-header", "with one recv"),
    ("B12", "s004_3_client", GET, "ends/inside-a-file", "in a loop"),
    ("B14", "s004_3_client", GET, "nonsense/long-length", "not above a limit"),
    ("B19", "s004_3_client", GET, "files/exists", "nobody was asked"),
    ("B19", "s004_3_client", GET, "files/wrong-md5", "Compare the two"),
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
    let tried =
        [("lesson07", "--server", &film, "cuts"), ("lesson08", "--client", &files, "files")];
    in_parallel(&tried, |&(lesson, side, command, topic)| {
        assert_same_twice(lesson, side, command, topic);
    });
}
