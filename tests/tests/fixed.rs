//! Lesson 03 holds: the same questions, the same deliveries, and the right answers. So does lesson 04,
//! as far as datagrams do.
// Programs are stopped, suspended and looked at by signals and /proc here, of which Windows has neither.
#![cfg(unix)]

use std::io::Write;

use e2e::{Program, Server, manifest, socket, typed};

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
