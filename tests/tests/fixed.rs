//! Lesson 03 holds: the same questions, the same deliveries, and the right answers. So does lesson 04,
//! as far as datagrams do.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::fs;
use std::io::{self, Read, Write};

use e2e::{Program, Server, manifest, root, socket, typed};
use fault::{Sizes, SlicedReads};
use lesson03_client as client;
use lesson03_server as server;
use lesson03_server::json::Header;
use proptest::prelude::*;
use wire::Result;

/// No message here is longer, in bytes.
const LIMIT: usize = 64 * 1024;

/// A lesson, a fault of lesson 02, and the test that shows this lesson without it.
const EXPERIMENTS: [(u16, &str, fn()); 8] = [
    (3, "joined-messages", two_sends_are_two_messages),
    (3, "split-message", a_message_in_many_segments_is_one_message),
    (3, "left-over-answer", each_question_gets_its_own_answer_under_each_header_in_each_dialect),
    (3, "silent-empty-answer", each_question_gets_its_own_answer_under_each_header_in_each_dialect),
    (3, "cut-character", every_character_of_a_long_answer_is_whole),
    (3, "joined-requests", two_commands_that_meet_are_run_as_two),
    (4, "joined-messages", two_datagrams_that_meet_are_two_messages),
    (4, "split-message", a_long_datagram_is_one_message_or_cut_but_never_two),
];

#[test]
fn every_fix_in_the_manifest_has_an_experiment_and_lesson_03_fixes_all_of_lesson_02() {
    let manifest = manifest::read();
    let lesson = |number| manifest.lesson.iter().find(|lesson| lesson.number == number).unwrap();
    let fixed = |number| lesson(number).fixes.iter().map(move |f| (number, f.fault.as_str()));
    let all = manifest.lesson.iter().flat_map(|lesson| fixed(lesson.number));
    assert_eq!(all.collect::<Vec<_>>(), EXPERIMENTS.map(|(number, fault, _)| (number, fault)));
    let broken = lesson(2).broken.iter().map(|broken| (3, broken.fault.as_str()));
    assert_eq!(fixed(3).collect::<Vec<_>>(), broken.collect::<Vec<_>>());
}

#[test]
fn two_datagrams_that_meet_are_two_messages() {
    let server = Server::lesson("lesson04-server", &[]);
    let (client, _) = socket::bind_datagrams();
    client.connect(server.address).unwrap();
    server.suspended(|| [&b"hello"[..], b"world"].map(|message| client.send(message).unwrap()));
    let answers = [(); 2].map(|()| socket::receive_datagram(&client).0);
    assert_eq!(answers, [b"HELLO", b"WORLD"]);
}

#[test]
fn a_long_datagram_is_one_message_or_cut_but_never_two() {
    let server = Server::lesson("lesson04-server", &["--buffer", "2"]);
    let (client, _) = socket::bind_datagrams();
    client.connect(server.address).unwrap();
    server.suspended(|| [&b"hello feng"[..], b"ok"].map(|m| client.send(m).unwrap()));
    let answers = [(); 2].map(|()| socket::receive_datagram(&client).0);
    assert_eq!(answers, [b"HE", b"OK"]);
    server.wait_for_line("sent 10 bytes, and the last 8 are lost: --buffer 2 has no room for them");
}

#[test]
fn each_question_gets_its_own_answer_under_each_header_in_each_dialect() {
    let questions = typed(&["seq -s ' ' 1 400", "echo hi", "true", "echo 汉字"]);
    let numbers: Vec<String> = (1..=400).map(|number| number.to_string()).collect();
    let answers = format!("{}\nhi\n(an empty message)\n汉字\n", numbers.join(" "));
    for header in ["struct", "announce", "json"] {
        for dialect in ["ours", "tutorial"] {
            let options = ["--header", header, "--dialect", dialect];
            let server = Server::lesson("lesson03-server", &options);
            let client = server.ask("lesson03-client", &options, &questions);
            assert_eq!(client.stdout, answers, "{options:?}");
            assert_eq!(client.status, Some(0), "{options:?}");
        }
    }
}

#[test]
fn two_sends_are_two_messages() {
    let server = Server::lesson("lesson03-server", &["--service", "messages"]);
    let busy = socket::connect(server.address);
    let args = ["--send", "hello", "--send", "world", "--trace"];
    let client = Program::client("lesson03-client", server.address, &args);
    client.wait_for_error("hello");
    client.wait_for_error("world");
    drop(busy);
    assert!(server.wait_for_line(" recv ").ends_with(r#" recv 5 "hello""#));
    server.wait_for_line(r#" recv 5 "world""#);
    assert_eq!(client.finish().status, Some(0));
}

#[test]
fn a_message_in_many_segments_is_one_message() {
    let server = Server::lesson("lesson03-server", &["--service", "messages", "--trace"]);
    let mut client = socket::connect(server.address);
    for (byte, recv) in [(b"\x0a", "recv(4) = 1"), (b"\0", "recv(3) = 1"), (b"\0", "recv(2) = 1")] {
        client.write_all(byte).unwrap();
        server.wait_for_error(recv);
    }
    client.write_all(b"\0hello").unwrap();
    server.wait_for_error("recv(10) = 5");
    client.write_all(b" feng").unwrap();
    assert!(server.wait_for_line(" recv ").ends_with(r#" recv 10 "hello feng""#));
}

#[test]
fn every_character_of_a_long_answer_is_whole() {
    let server = Server::lesson("lesson03-server", &[]);
    let client = server.ask("lesson03-client", &[], &typed(&["seq -s 汉 100 600"]));
    let numbers: Vec<String> = (100..=600).map(|number| number.to_string()).collect();
    assert_eq!(client.stdout, numbers.join("汉") + "\n");
}

#[test]
fn two_commands_that_meet_are_run_as_two() {
    let server = Server::lesson("lesson03-server", &[]);
    let both = [socket::frame(b"echo a"), socket::frame(b"echo b")].concat();
    let mut client = socket::send(server.address, &[&both]);
    assert_eq!(socket::receive(&mut client, 12), b"\x02\0\0\0a\n\x02\0\0\0b\n");
}

/// A peer in memory: says what it is given, and what it is told is kept.
struct Peer<'a> {
    says: &'a [u8],
    told: &'a mut Vec<u8>,
}

impl Read for Peer<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.says.read(buffer)
    }
}

impl Write for Peer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.told.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A peer whose bytes arrive in pieces.
type Stream<'a> = SlicedReads<Peer<'a>>;

/// One way to say where a message ends: sent by one of the two crates, received by the other.
struct Framing {
    name: &'static str,
    send: fn(&mut Stream, &[u8]) -> Result<()>,
    receive: fn(&mut Stream, usize) -> Result<Option<Vec<u8>>>,
}

const FRAMINGS: [Framing; 7] = [
    Framing {
        name: "struct, to the server",
        send: |stream, message| client::send_message(stream, message),
        receive: |stream, limit| server::receive_message(stream, limit),
    },
    Framing {
        name: "struct, to the client",
        send: |stream, message| server::send_message(stream, message),
        receive: |stream, limit| client::receive_message(stream, limit),
    },
    Framing {
        name: "announce, to the server",
        send: |stream, message| client::announce::send_message(stream, message),
        receive: |stream, limit| server::announce::receive_message(stream, limit),
    },
    Framing {
        name: "announce, to the client",
        send: |stream, message| server::announce::send_message(stream, message),
        receive: |stream, limit| client::announce::receive_message(stream, limit),
    },
    Framing {
        name: "json, to the server",
        send: |stream, message| client::json::send_message(stream, message),
        receive: |stream, limit| server::json::receive_message(stream, limit),
    },
    Framing {
        name: "json, to the client",
        send: |stream, message| server::json::send_message(stream, message),
        receive: |stream, limit| client::json::receive_message(stream, limit),
    },
    Framing {
        name: "the tutorial's json, to the client",
        send: |stream, message| server::tutorial::send_with_json(stream, message),
        receive: |stream, limit| client::tutorial::receive_with_json(stream, limit),
    },
];

impl Framing {
    /// What is on the wire for a message, when the receiver says `recv_ready` in pieces.
    fn bytes(&self, message: &[u8]) -> Vec<u8> {
        let mut told = Vec::new();
        let peer = Peer { says: b"recv_ready", told: &mut told };
        (self.send)(&mut SlicedReads::new(peer, Sizes::every(3)), message).unwrap();
        told
    }

    /// The messages that come out of these bytes, and how the stream ended after them.
    fn read(&self, says: &[u8], sizes: Sizes) -> (Vec<Vec<u8>>, Result<()>) {
        let mut told = Vec::new();
        let mut stream = SlicedReads::new(Peer { says, told: &mut told }, sizes);
        let mut messages = Vec::new();
        loop {
            match (self.receive)(&mut stream, LIMIT) {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => return (messages, Ok(())),
                Err(error) => return (messages, Err(error)),
            }
        }
    }
}

#[test]
fn every_message_is_read_whole_at_every_read_size_from_1_to_4096() {
    let numbers: Vec<String> = (1..=400).map(|number| number.to_string()).collect();
    let all_bytes: Vec<u8> = (0..=u8::MAX).cycle().take(4096).collect();
    let messages: Vec<Vec<u8>> =
        ["", "hello", "world", &"汉字".repeat(99), "3\nrecv_ready", "", &numbers.join(" ")]
            .map(Vec::from)
            .into_iter()
            .chain([all_bytes])
            .collect();
    for framing in FRAMINGS {
        let stream: Vec<u8> = messages.iter().flat_map(|message| framing.bytes(message)).collect();
        for size in 1..=4096 {
            let (read, end) = framing.read(&stream, Sizes::every(size));
            assert!(end.is_ok(), "{}, read size {size}: {end:?}", framing.name);
            assert!(read == messages, "{}, read size {size}: {read:?}", framing.name);
        }
    }
}

fn some_messages() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let message = proptest::collection::vec(any::<u8>(), 0..2000);
    proptest::collection::vec(message, 0..6)
}

proptest! {
    #[test]
    fn every_message_is_read_whole_however_the_stream_is_cut(
        messages in some_messages(),
        most in 1_usize..3000,
        seed: u64,
    ) {
        for framing in FRAMINGS {
            let stream: Vec<u8> = messages.iter().flat_map(|m| framing.bytes(m)).collect();
            let (read, end) = framing.read(&stream, Sizes::random(most, seed));
            prop_assert!(end.is_ok(), "{}: {end:?}", framing.name);
            prop_assert_eq!(&read, &messages, "{}", framing.name);
        }
    }

    #[test]
    fn a_stream_that_ends_inside_a_message_gives_the_whole_ones_before_it_and_an_error(
        messages in some_messages(),
        last in proptest::collection::vec(any::<u8>(), 0..2000),
        part in 0.0..1.0,
        seed: u64,
    ) {
        for framing in FRAMINGS {
            let mut stream: Vec<u8> = messages.iter().flat_map(|m| framing.bytes(m)).collect();
            let last = framing.bytes(&last);
            let missing = ((last.len() - 1) as f64 * part) as usize + 1;
            stream.extend_from_slice(&last[..last.len() - missing]);
            let (read, end) = framing.read(&stream, Sizes::random(1000, seed));
            prop_assert_eq!(&read, &messages, "{}", framing.name);
            prop_assert_eq!(end.is_err(), missing < last.len(), "{}: {:?}", framing.name, end);
        }
    }

    #[test]
    fn lesson_03_and_wire_write_the_same_bytes(message: Vec<u8>) {
        let mut frame = Vec::new();
        wire::write_frame(&mut frame, &message).unwrap();
        let [to_server, to_client, _, _, json_to_server, json_to_client, _] =
            FRAMINGS.map(|framing| framing.bytes(&message));
        prop_assert_eq!(&to_server, &frame);
        prop_assert_eq!(&to_client, &frame);

        let total_size = message.len() as u64;
        let header =
            Header { filename: "a.txt".to_owned(), total_size, hash: wire::md5_hex(&message) };
        let mut with_header = Vec::new();
        wire::write_message(&mut with_header, &header, &message).unwrap();
        prop_assert_eq!(&json_to_server, &with_header);
        prop_assert_eq!(&json_to_client, &with_header);

        let mut arriving = json_to_client.as_slice();
        let read: Header = wire::read_header(&mut arriving, LIMIT).unwrap().unwrap();
        prop_assert_eq!(&read, &header);
        prop_assert_eq!(wire::read_body(&mut arriving, read.total_size, LIMIT).unwrap(), message);
        prop_assert!(arriving.is_empty());
    }

    #[test]
    fn lesson_03_and_wire_read_the_same_messages_out_of_any_bytes(
        length in prop_oneof![any::<i32>(), -3..30_i32],
        rest in proptest::collection::vec(any::<u8>(), 0..30),
        keep in 0_usize..40,
    ) {
        let bytes = [&length.to_le_bytes()[..], &rest].concat();
        let bytes = &bytes[..keep.min(bytes.len())];
        let expected = wire::read_frame(&mut { bytes }, 20).ok();
        prop_assert_eq!(server::receive_message(&mut { bytes }, 20).ok(), expected.clone());
        prop_assert_eq!(client::receive_message(&mut { bytes }, 20).ok(), expected);
    }
}

/// A file of a lesson's library.
fn source(lesson: &str, side: &str, file: &str) -> String {
    let path = root().join("lessons").join(lesson).join(side).join("src").join(file);
    fs::read_to_string(path).unwrap()
}

const BROKEN: &str = "lesson02-sticky-packets";
const FIXED: &str = "lesson03-struct-header";

#[test]
fn the_siblings_of_the_struct_fix_are_the_same_at_both_ends() {
    for file in ["announce.rs", "json.rs"] {
        let same = source(FIXED, "server", file) == source(FIXED, "client", file);
        assert!(same, "{file} of the server and of the client differ");
    }
}

#[test]
fn lessons_02_and_03_have_the_same_public_names_in_the_same_order() {
    /// The items but for modules, which hold the siblings of the fix.
    fn names(code: &str) -> Vec<&str> {
        let items = code.lines().filter_map(|line| line.strip_prefix("pub "));
        let names = items.map(|item| item.split(['(', ':', '=', ';', '{']).next().unwrap().trim());
        names.filter(|name| !name.starts_with("mod ")).collect()
    }
    for side in ["server", "client"] {
        let [broken, fixed] = [BROKEN, FIXED].map(|lesson| source(lesson, side, "lib.rs"));
        assert_eq!(names(&broken), names(&fixed), "{side}");
        assert!(names(&broken).contains(&"fn receive_message"), "{side}: {:?}", names(&broken));
    }
}

#[test]
fn what_changes_from_lesson_02_to_03_fits_on_a_page() {
    const PAGE: usize = 30;
    for side in ["server", "client"] {
        let [broken, fixed] = [BROKEN, FIXED].map(|lesson| source(lesson, side, "lib.rs"));
        // What the module docs say is another story.
        let [broken, fixed] = [&broken, &fixed]
            .map(|code| code.lines().filter(|line| !line.starts_with("//!")).collect::<Vec<_>>());
        let common = common_lines(&broken, &fixed);
        let [only_broken, only_fixed] = [broken.len() - common, fixed.len() - common];
        assert!(
            only_broken <= PAGE && only_fixed <= PAGE,
            "{side}: {only_broken} lines of lesson02 change into {only_fixed} of lesson03"
        );
    }
}

/// The length of the longest common subsequence.
fn common_lines(a: &[&str], b: &[&str]) -> usize {
    let mut above = vec![0; b.len() + 1];
    for line in a {
        let mut row = vec![0];
        for (index, other) in b.iter().enumerate() {
            let longest =
                if line == other { above[index] + 1 } else { above[index + 1].max(row[index]) };
            row.push(longest);
        }
        above = row;
    }
    above[b.len()]
}
