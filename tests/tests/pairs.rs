//! Each lesson's two programs have one conversation: the shortest look at whether they work at all. scripts/wine
//! runs it with both ends of Windows, and with either end of Windows and the other one of this system.

use std::fs;

use e2e::{Program, Server, typed};

/// What a lesson's client prints for these lines.
#[track_caller]
fn assert_printed(lesson: u16, options: [&[&str]; 2], lines: &[&str], expected: &str) {
    let [server, client] = ["server", "client"].map(|side| format!("lesson{lesson:02}-{side}"));
    let server = Server::lesson(&server, options[0]);
    let client = server.ask(&client, options[1], &typed(lines));
    assert_eq!(client.stdout, expected, "{options:?}");
    assert_eq!(client.status, Some(0), "{options:?}");
}

#[test]
fn lesson_01_answers_in_upper_case() {
    assert_printed(1, [&[], &[]], &["hello", "汉字 a"], "HELLO\n汉字 A\n");
}

#[test]
fn lesson_02_gives_the_rest_of_a_long_answer_for_the_next_one() {
    let numbers: Vec<String> = (1..=400).map(|number| number.to_string()).collect();
    let answer = numbers.join(" ") + "\n";
    let (first, rest) = answer.split_at(1024);
    let expected = format!("{first}\n{rest}");
    assert_printed(2, [&[], &[]], &["seq -s ' ' 1 400", "echo hi"], &expected);
}

#[test]
fn lesson_03_gives_each_command_its_own_answer_under_each_header() {
    let numbers: Vec<String> = (1..=400).map(|number| number.to_string()).collect();
    let expected = format!("{}\nhi\n(an empty message)\n汉字\n", numbers.join(" "));
    for header in ["struct", "announce", "json"] {
        let options = ["--header", header];
        let lines = ["seq -s ' ' 1 400", "echo hi", "true", "echo 汉字"];
        assert_printed(3, [&options, &options], &lines, &expected);
    }
}

#[test]
fn lesson_04_answers_datagrams() {
    assert_printed(4, [&[], &[]], &["hello", "汉字 a"], "HELLO\n汉字 A\n");
}

#[test]
fn lesson_05_answers_under_each_model_and_over_udp() {
    for model in ["serial", "thread", "pool", "event"] {
        assert_printed(5, [&["--model", model], &[]], &["hello", "again"], "HELLO\nAGAIN\n");
    }
    assert_printed(5, [&["--udp"], &["--udp"]], &["hello"], "HELLO\n");
}

#[test]
fn lesson_06_passes_every_byte_on_with_either_engine() {
    let echo = Server::lesson("lesson05-server", &["--model", "event"]);
    for engine in ["relay", "threads"] {
        let upstream = echo.address.to_string();
        let proxy =
            Server::lesson("lesson06-server", &["--upstream", &upstream, "--engine", engine]);
        let options = ["--size", "256KiB", "--count", "20", "--timeout", "20s"];
        let probe = Program::client("lesson06-client", proxy.address, &options).finish();
        assert_eq!(probe.status, Some(0), "{engine}");
        assert!(probe.stdout.contains("every byte came back right"), "{engine}");
    }
}

#[test]
fn lesson_08_moves_a_file_there_and_back() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name).display().to_string();
    let bytes: Vec<u8> = (0..300_000_u32).map(|number| (number % 251) as u8).collect();
    for folder in ["root", "back"] {
        fs::create_dir(path(folder)).unwrap();
    }
    fs::write(path("汉字.bin"), &bytes).unwrap();
    let server = Server::lesson("lesson08-server", &["--root", &path("root")]);
    for arguments in
        [&["put", &path("汉字.bin")][..], &["get", "汉字.bin", "--into", &path("back")]]
    {
        let client = Program::client("lesson08-client", server.address, arguments).finish();
        assert_eq!(client.status, Some(0), "{arguments:?}");
    }
    for copy in ["root/汉字.bin", "back/汉字.bin"] {
        assert_eq!(fs::read(path(copy)).unwrap(), bytes, "{copy}");
    }
    let client = Program::client("lesson08-client", server.address, &["get", "no-such-file"]);
    assert_eq!(client.finish().status, Some(1));
}

#[test]
fn lesson_09_moves_a_file_over_datagrams() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name).display().to_string();
    let bytes: Vec<u8> = (0..300_000_u32).map(|number| (number % 251) as u8).collect();
    fs::create_dir(path("received")).unwrap();
    fs::write(path("a.bin"), &bytes).unwrap();
    let server = Server::lesson("lesson09-server", &["--root", &path("received")]);
    let client =
        Program::client("lesson09-client", server.address, &["send", &path("a.bin")]).finish();
    assert_eq!(client.status, Some(0));
    assert_eq!(fs::read(path("received/a.bin")).unwrap(), bytes);
    assert_eq!(fs::read_dir(path("received")).unwrap().count(), 1, "and nothing beside it");
}
