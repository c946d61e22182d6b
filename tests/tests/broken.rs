//! What is broken on purpose is still broken: these tests fail when somebody mends it.
//!
//! Where an experiment needs two sends to have arrived before the first recv, it does not hope for
//! that. The servers serve one client at a time, so another client keeps them busy until both are
//! in the kernel.
// Programs are stopped, suspended and looked at by signals and /proc here, of which Windows has neither.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;

use e2e::{Program, Server, manifest, root, socket, typed};

/// A lesson, the name of a fault in the manifest, the options it needs, and the test that shows it.
type Experiment = (u16, &'static str, &'static str, fn());

const EXPERIMENTS: [Experiment; 16] = [
    (1, "one-recv-one-request", "", two_requests_that_meet_get_one_answer),
    (1, "one-recv-one-answer", "", the_rest_of_a_long_answer_answers_the_next_request),
    (2, "joined-messages", "", two_sends_come_out_of_one_recv),
    (2, "split-message", "", one_send_comes_out_of_two_recvs),
    (2, "left-over-answer", "", the_rest_of_a_long_answer_answers_the_next_command),
    (2, "silent-empty-answer", "", an_empty_answer_cannot_be_told_from_none),
    (2, "cut-character", "", a_recv_ends_in_the_middle_of_a_character),
    (2, "joined-requests", "", two_commands_that_meet_are_run_as_one),
    (3, "announce-tutorial-digits", DIGITS, half_of_the_tutorials_digits_are_a_length_too),
    (3, "tutorial-joined-requests", "--dialect tutorial", two_tutorial_commands_are_run_as_one),
    (3, "json-tutorial-hash", HASH, the_tutorials_hash_is_the_same_for_every_answer),
    (5, "second-client-waits", "--model serial", a_second_client_waits_until_the_first_has_left),
    (5, "unframed-requests", "--service reply", two_unframed_requests_that_meet_get_one_answer),
    (5, "unframed-answer", "--service reply", an_unframed_answer_in_two_pieces_is_two_answers),
    (5, "unframed-commands", COMMAND, two_unframed_commands_that_meet_are_run_as_one),
    (8, "unframed-names", "--dialect tutorial", two_unframed_names_that_meet_are_one),
];

const DIGITS: &str = "--header announce --dialect tutorial";
const HASH: &str = "--header json --dialect tutorial";
const COMMAND: &str = "--service command --dialect tutorial";

/// Each file with `BROKEN:` comments, and for each comment, in order, the experiments that show it.
const COMMENTS: [(&str, &[&[&str]]); 12] = [
    ("lesson01-basic-tcp/server/src/lib.rs", &[&["one-recv-one-request"]]),
    ("lesson01-basic-tcp/client/src/lib.rs", &[&["one-recv-one-answer"]]),
    (
        "lesson02-sticky-packets/server/src/lib.rs",
        &[&["joined-messages", "silent-empty-answer"], &["split-message", "joined-requests"]],
    ),
    (
        "lesson02-sticky-packets/client/src/lib.rs",
        &[&["joined-messages", "joined-requests"], &["left-over-answer", "cut-character"]],
    ),
    (
        "lesson03-struct-header/server/src/tutorial.rs",
        &[&["tutorial-joined-requests"], &["announce-tutorial-digits"], &["json-tutorial-hash"]],
    ),
    (
        "lesson03-struct-header/client/src/tutorial.rs",
        &[&["tutorial-joined-requests"], &["announce-tutorial-digits"]],
    ),
    ("lesson05-threaded/server/src/message.rs", &[&["unframed-requests", "unframed-commands"]]),
    ("lesson05-threaded/server/src/lib.rs", &[&["second-client-waits"]]),
    ("lesson05-threaded/server/src/event/client.rs", &[&["unframed-requests"]]),
    ("lesson05-threaded/client/src/lib.rs", &[&["unframed-answer"], &["unframed-commands"]]),
    ("lesson08-files/server/src/tutorial.rs", &[&["unframed-names"]]),
    ("lesson08-files/client/src/tutorial.rs", &[&["unframed-names"]]),
];

#[test]
fn every_fault_in_the_manifest_has_an_experiment_and_every_experiment_a_fault() {
    let mut named = Vec::new();
    for lesson in manifest::read().lesson {
        let faults = lesson.broken.into_iter();
        named.extend(faults.map(|fault| (lesson.number, fault.fault, fault.only)));
    }
    let shown = EXPERIMENTS.map(|(lesson, fault, only, _)| (lesson, fault.into(), only.into()));
    assert_eq!(named, shown);
}

#[test]
fn every_broken_comment_in_a_lesson_is_shown_by_an_experiment() {
    let mut found = BTreeMap::new();
    for lesson in manifest::read().built() {
        for side in ["server", "client"] {
            let folder = Path::new(&lesson.folder).join(side).join("src");
            count_comments(&folder, &mut found);
        }
    }
    let shown = COMMENTS.map(|(file, comments)| (file.to_owned(), comments.len()));
    assert_eq!(
        found,
        BTreeMap::from(shown),
        "BROKEN: comments per file, and those with experiments"
    );
    for name in COMMENTS.iter().flat_map(|(_, comments)| comments.concat()) {
        assert!(EXPERIMENTS.iter().any(|experiment| experiment.1 == name), "{name} is not shown");
    }
}

fn count_comments(folder: &Path, found: &mut BTreeMap<String, usize>) {
    for entry in fs::read_dir(root().join("lessons").join(folder)).unwrap() {
        let entry = entry.unwrap();
        let file = folder.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            count_comments(&file, found);
            continue;
        }
        let comments = fs::read_to_string(entry.path()).unwrap().matches("BROKEN:").count();
        if comments > 0 {
            found.insert(file.to_str().unwrap().to_owned(), comments);
        }
    }
}

/// Keeps a server busy, until it is dropped: whoever calls meanwhile waits in the accept queue.
fn keep_busy(server: &Server) -> TcpStream {
    let client = socket::connect(server.address);
    server.wait_for_line(&format!("{} connected", client.local_addr().unwrap()));
    client
}

/// The line of a server's log for what `client` did.
fn line_of(server: &Server, client: &TcpStream, what: &str) -> String {
    server.wait_for_line(&format!("{} {what}", client.local_addr().unwrap()))
}

#[test]
fn two_requests_that_meet_get_one_answer() {
    let server = Server::lesson("lesson01-server", &["--service", "reply", "--text", "[{}]"]);
    let busy = keep_busy(&server);
    let mut client = socket::send(server.address, &[b"one", b"two"]);
    drop(busy);
    assert_eq!(socket::receive(&mut client, 8), b"[onetwo]");
    line_of(&server, &client, r#"recv 6 "onetwo""#);
}

#[test]
fn the_rest_of_a_long_answer_answers_the_next_request() {
    let server = Server::lesson("lesson01-server", &[]);
    let long = "a".repeat(1500);
    let client = server.ask("lesson01-client", &[], &typed(&[&long, "hello"]));
    let answers: Vec<&str> = client.stdout.lines().collect();
    assert_eq!(answers[0], "A".repeat(1024));
    // HELLO may have come by then, but not before the rest.
    assert!(answers[1].starts_with(&"A".repeat(476)), "the second answer is {:?}", answers[1]);
    assert_eq!(client.status, Some(0));
}

#[test]
fn two_sends_come_out_of_one_recv() {
    let server = Server::lesson("lesson02-server", &["--service", "messages"]);
    let busy = keep_busy(&server);
    let args = ["--send", "hello", "--send", "world", "--trace"];
    let client = Program::client("lesson02-client", server.address, &args);
    client.wait_for_error(r#"send 5 "hello""#);
    client.wait_for_error(r#"send 5 "world""#);
    drop(busy);
    assert!(server.wait_for_line(" recv ").ends_with(r#" recv 10 "helloworld""#));
    assert_eq!(client.finish().status, Some(0));
}

#[test]
fn one_send_comes_out_of_two_recvs() {
    let server = Server::lesson("lesson02-server", &["--service", "messages", "--reads", "2,10"]);
    let client = server.ask("lesson02-client", &["--send", "hello feng"], "");
    assert_eq!(client.status, Some(0));
    server.wait_for_line(r#" recv 8 "llo feng""#);
    assert!(server.wait_for_line(" recv ").ends_with(r#" recv 2 "he""#));
}

#[test]
fn the_rest_of_a_long_answer_answers_the_next_command() {
    let server = Server::lesson("lesson02-server", &[]);
    let client = server.ask("lesson02-client", &[], &typed(&["seq -s ' ' 1 400", "echo hi"]));
    let answers: Vec<&str> = client.stdout.lines().collect();
    assert!(answers[0].ends_with(" 282 283 "), "the first answer is {:?}", answers[0]);
    assert!(answers[1].starts_with("284 285 "), "the second answer is {:?}", answers[1]);
    assert_eq!(client.status, Some(0));
}

#[test]
fn an_empty_answer_cannot_be_told_from_none() {
    let server = Server::lesson("lesson02-server", &[]);
    let client = server.ask("lesson02-client", &[], &typed(&["true"]));
    assert!(client.stdout.starts_with("(nothing came"), "the client knows that it was empty");
    assert_eq!(client.status, Some(0));
    server.wait_for_line(r#" send 0 """#);
}

#[test]
fn a_recv_ends_in_the_middle_of_a_character() {
    let server = Server::lesson("lesson02-server", &[]);
    // Three digits and three bytes of a character: 1024 bytes end in the middle of one.
    let client = server.ask("lesson02-client", &[], &typed(&["seq -s 汉 100 600"]));
    assert!(client.stdout.contains("汉270\u{fffd}"), "every character is whole");
    assert_eq!(client.status, Some(0));
}

#[test]
fn two_commands_that_meet_are_run_as_one() {
    let server = Server::lesson("lesson02-server", &[]);
    let busy = keep_busy(&server);
    let mut client = socket::send(server.address, &[b"echo a", b"echo b"]);
    drop(busy);
    assert_eq!(socket::receive(&mut client, 8), b"aecho b\n");
    line_of(&server, &client, r#"recv 12 "echo aecho b""#);
}

#[test]
fn half_of_the_tutorials_digits_are_a_length_too() {
    let options: Vec<&str> = DIGITS.split(' ').collect();
    let server = Server::lesson("lesson03-server", &options);
    let mut client = socket::connect(server.address);
    assert_eq!(socket::exchange(&mut client, b"seq -s ' ' 1 400", 4), b"1492");
    // Nothing ends the digits: what comes next is the answer.
    assert_eq!(socket::exchange(&mut client, b"recv_ready", 4), b"1 2 ");

    // The same digits in two segments.
    let (listener, address) = socket::listen();
    let client = Program::client("lesson03-client", address, &options).input("seq -s ' ' 1 400\n");
    let mut server = socket::accept(&listener);
    assert_eq!(socket::receive(&mut server, 16), b"seq -s ' ' 1 400");
    assert_eq!(socket::exchange(&mut server, b"14", 10), b"recv_ready");
    server.write_all(b"92").unwrap();
    server.write_all(b"1 2 3 4 5 6 7 8").unwrap();
    drop(server);
    assert_eq!(client.finish().stdout, "921 2 3 4 5 6 \n");
}

#[test]
fn two_tutorial_commands_are_run_as_one() {
    let server = Server::lesson("lesson03-server", &["--dialect", "tutorial"]);
    let busy = keep_busy(&server);
    let args = ["--dialect", "tutorial", "--send", "echo a", "--send", "echo b", "--trace"];
    let client = Program::client("lesson03-client", server.address, &args);
    client.wait_for_error(r#"send 6 "echo a""#);
    client.wait_for_error(r#"send 6 "echo b""#);
    drop(busy);
    let client = client.finish();
    assert_eq!(client.stdout, "aecho b\n");
    assert_eq!(client.status, Some(0));
    assert!(server.wait_for_line(" recv ").ends_with(r#" recv 12 "echo aecho b""#));
}

#[test]
fn the_tutorials_hash_is_the_same_for_every_answer() {
    let server = Server::lesson("lesson03-server", &HASH.split(' ').collect::<Vec<_>>());
    let mut client = socket::connect(server.address);
    for answer in ["1", "2"] {
        let json = r#"{"filename": "a.txt", "total_size": 2, "hash": "xasf123213123"}"#;
        let expected = [socket::frame(json.as_bytes()), format!("{answer}\n").into()].concat();
        let request = format!("echo {answer}");
        let came = socket::exchange(&mut client, request.as_bytes(), expected.len());
        assert_eq!(String::from_utf8_lossy(&came), String::from_utf8_lossy(&expected));
    }
}

#[test]
fn a_second_client_waits_until_the_first_has_left() {
    let server = Server::lesson("lesson05-server", &["--model", "serial"]);
    let mut busy = keep_busy(&server);
    let mut second = socket::send(server.address, &[b"second"]);
    assert_eq!(socket::exchange(&mut busy, b"first", 5), b"FIRST");
    second.set_nonblocking(true).unwrap();
    assert!(second.peek(&mut [0]).is_err(), "it was answered while the first was there");
    second.set_nonblocking(false).unwrap();
    drop(busy);
    assert_eq!(socket::receive(&mut second, 6), b"SECOND");
}

#[test]
fn two_unframed_requests_that_meet_get_one_answer() {
    let options = ["--service", "reply", "--text", "[{}]", "--model", "serial"];
    let server = Server::lesson("lesson05-server", &options);
    let busy = keep_busy(&server);
    let mut client = socket::send(server.address, &[b"one", b"two"]);
    drop(busy);
    assert_eq!(socket::receive(&mut client, 8), b"[onetwo]");

    // The event loop serves everyone, so it has to be stopped for the two to meet.
    let options = ["--service", "reply", "--text", "[{}]", "--model", "event"];
    let server = Server::lesson("lesson05-server", &options);
    let mut client = keep_busy(&server);
    server.suspended(|| [b"one", b"two"].map(|request| client.write_all(request).unwrap()));
    assert_eq!(socket::receive(&mut client, 8), b"[onetwo]");
}

#[test]
fn an_unframed_answer_in_two_pieces_is_two_answers() {
    let (listener, address) = socket::listen();
    let client = Program::client("lesson05-client", address, &["--service", "reply"]);
    let client = client.input(&typed(&["one", "two"]));
    let mut server = socket::accept(&listener);
    assert_eq!(socket::receive(&mut server, 3), b"one");
    assert_eq!(socket::exchange(&mut server, b"the first half", 3), b"two");
    server.write_all(b"and the second").unwrap();
    assert_eq!(client.finish().stdout, "the first half\nand the second\n");
}

#[test]
fn two_unframed_commands_that_meet_are_run_as_one() {
    let options: Vec<&str> = COMMAND.split(' ').chain(["--model", "serial"]).collect();
    let server = Server::lesson("lesson05-server", &options);
    let busy = keep_busy(&server);
    let mut client = socket::send(server.address, &[b"echo a", b"echo b"]);
    drop(busy);
    assert_eq!(socket::receive(&mut client, 12), socket::frame(b"aecho b\n"));
}

#[test]
fn two_unframed_names_that_meet_are_one() {
    let root = tempfile::tempdir().unwrap();
    for name in ["a", "b", "ab"] {
        fs::write(root.path().join(name), name).unwrap();
    }
    let options = ["--dialect", "tutorial", "--root", root.path().to_str().unwrap()];
    let server = Server::lesson("lesson08-server", &options);
    let mut client = keep_busy(&server);
    // It serves everyone at once, so it has to be stopped for the two to meet.
    server.suspended(|| [b"a", b"b"].map(|name| client.write_all(name).unwrap()));
    let md5 = wire::md5_hex(b"ab");
    let json = format!(r#"{{"lenth": 2, "md5": "{md5}", "size(MB)": 0.0}}"#);
    let expected = [&socket::frame(json.as_bytes())[..], b"ab"].concat();
    let came = socket::receive(&mut client, expected.len());
    assert_eq!(String::from_utf8_lossy(&came), String::from_utf8_lossy(&expected));
}
