//! Our programs and the tutorial's, both ways: each pair of Python programs under `tests/peers`,
//! its server with our client, and its client with our server.
//!
//! A Python client ends by an `EOFError` at the end of its input, with status 1; where it hangs for
//! ever, the test has seen what it was to print, and kills it. A Python server that one client ends
//! is waited for.
// Programs are stopped, suspended and looked at by signals and /proc here, of which Windows has neither.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::cell::RefCell;
use std::fs;
use std::io::{Read, Write};
use std::net::SocketAddr;

use e2e::{Finished, Program, Server, has_opencv, peer, socket, typed};
use tempfile::TempDir;

const ANNOUNCE: [&str; 4] = ["--header", "announce", "--dialect", "tutorial"];
const JSON: [&str; 4] = ["--header", "json", "--dialect", "tutorial"];
const STRUCT: [&str; 4] = ["--header", "struct", "--dialect", "tutorial"];

/// The numbers from 1 to `last`, as `seq -s ' '` prints them.
fn numbers(last: u32) -> String {
    (1..=last).map(|number| number.to_string()).collect::<Vec<_>>().join(" ")
}

/// Our client has printed this, and ended as it should.
#[track_caller]
fn assert_printed(client: &Finished, stdout: &str) {
    assert_eq!(client.stdout, stdout);
    assert_eq!((client.status, client.stderr.as_str()), (Some(0), ""));
}

/// A Python client has printed this, and ended at the end of its input.
#[track_caller]
fn assert_prompted(client: &Finished, stdout: &str) {
    assert_eq!(client.stdout, stdout);
    assert!(client.stderr.ends_with("EOFError: EOF when reading a line\n"));
    assert_eq!(client.status, Some(1));
}

/// What the server says of whoever was there last, when that has gone.
fn all_received(server: &Server, messages: &[&str]) {
    server.wait_for_line(" closed");
    let log = |message: &&str| format!(" recv {} {message:?}", message.len());
    messages.iter().map(log).for_each(|line| _ = server.wait_for_line(&line));
}

// s000_1 is lesson 01's `reply`.

#[test]
fn s000_1_server_confirms_what_lesson01_client_says_first() {
    let server = Server::peer("s000_1");
    let input = typed(&["hello", "你好"]);
    let client = server.ask("lesson01-client", &["--first", "connect succeed"], &input);
    assert_printed(&client, "sok\nsok\nsok\n");
    // It does not notice that a client has left (B02).
    let server = server.finish();
    assert!(server.stdout.contains("connect succeed\nhello\n你好\n"));
    assert!(server.stdout.ends_with("work over!\n"));
    assert_eq!(server.status, Some(1));
}

#[test]
fn s000_1_client_is_confirmed_by_lesson01_server() {
    let server = Server::lesson("lesson01-server", &["--service", "reply"]);
    let client = server.ask_peer("s000_1", &typed(&["one", "two"]));
    let prompt = "please input the message";
    assert_prompted(
        &client,
        &format!("{prompt}sok\nsend over!\n{prompt}sok\nsend over!\n{prompt}"),
    );
    all_received(&server, &["connect succeed", "one", "two"]);
    server.wait_for_line(r#" send 3 "sok""#);
}

// s001_1 and s004_1 are lesson 01's echo in upper case.

#[test]
fn s001_1_server_echoes_to_lesson01_client() {
    let server = Server::peer("s001_1");
    let client = server.ask("lesson01-client", &[], &typed(&["hello", "啊a"]));
    assert_printed(&client, "HELLO\n啊A\n");
    server.wait_for_line("来自客户端的数据 b'hello'");
}

#[test]
fn s001_1_client_is_echoed_by_lesson01_server() {
    let server = Server::lesson("lesson01-server", &[]);
    let client = server.ask_peer("s001_1", &typed(&["hello", "", "啊a"]));
    assert_prompted(&client, ">>: b'HELLO'\n>>: >>: b'\\xe5\\x95\\x8aA'\n>>: ");
    all_received(&server, &["hello", "啊a"]);
}

#[test]
fn s004_1_server_has_one_exchange_with_lesson01_client() {
    let server = Server::peer("s004_1");
    let client = server.ask("lesson01-client", &["--send", "hello,server"], "");
    assert_printed(&client, "HELLO,SERVER\n");
    assert_eq!(server.finish().status, Some(0));
}

#[test]
fn s004_1_client_has_one_exchange_with_lesson01_server() {
    let server = Server::lesson("lesson01-server", &["--once"]);
    assert_printed(&server.ask_peer("s004_1", ""), "HELLO,SERVER\n");
    all_received(&server, &["hello,server"]);
    assert_eq!(server.finish().status, Some(0));
}

// s002_1 is lesson 01's `reply` with a text.

const POLITE: &str = "回你一句,免得尴尬";

#[test]
fn s002_1_server_is_polite_to_lesson01_client() {
    let server = Server::peer("s002_1");
    let client = server.ask("lesson01-client", &[], &typed(&["hello", "你好"]));
    assert_printed(&client, &typed(&[POLITE, POLITE]));
    server.wait_for_line("客户端发来的是: 你好");
}

#[test]
fn s002_1_client_is_replied_to_by_lesson01_server() {
    let server = Server::lesson("lesson01-server", &["--service", "reply", "--text", POLITE]);
    let client = server.ask_peer("s002_1", &typed(&["你好"]));
    let answer = format!(">>: 客户端已经发送消息\n收到服务端发来的消息: {POLITE}\n>>: ");
    assert_prompted(&client, &answer);
    all_received(&server, &["你好"]);
}

// s003_1 is lesson 01's `greet`.

const GREETING: &str = "|------成功连接服务端!------|";

#[test]
fn s003_1_server_greets_lesson01_client() {
    let server = Server::peer("s003_1");
    let client = server.ask("lesson01-client", &["--silent"], "");
    assert_printed(&client, &typed(&[GREETING]));
    server.wait_for_line("连接地址: ('127.0.0.1', ");
}

#[test]
fn s003_1_client_is_greeted_by_lesson01_server() {
    let server = Server::lesson("lesson01-server", &["--service", "greet"]);
    assert_printed(&server.ask_peer("s003_1", ""), &typed(&[GREETING]));
    server.wait_for_line(" closed by server");
    let greeting = socket::receive_to_end(&mut socket::connect(server.address));
    assert_eq!(String::from_utf8_lossy(&greeting), GREETING);
}

// s001_2 is lesson 02.

#[test]
fn s001_2_server_runs_commands_of_lesson02_client() {
    let server = Server::peer("s001_2");
    let input = typed(&["echo hi", "seq -s ' ' 1 400", "echo late"]);
    let client = server.ask("lesson02-client", &[], &input);
    let answers: Vec<&str> = client.stdout.lines().collect();
    assert_eq!(answers[0], "hi");
    assert_eq!(answers[1], &numbers(400)[..1024]);
    assert!(answers[2].starts_with("284 285 "), "{:?}", answers[2]);
    assert_eq!(client.status, Some(0));
    server.wait_for_line("cmd: b'echo hi'");
}

#[test]
fn s001_2_client_has_commands_run_by_lesson02_server() {
    let server = Server::lesson("lesson02-server", &[]);
    let client = server.ask_peer("s001_2", &typed(&["echo hi", "echo 汉字"]));
    let prompt = "please enter your data";
    let answers = ["from server: b'hi\\n'", r"from server: b'\xe6\xb1\x89\xe5\xad\x97\n'"];
    let [first, second] = answers;
    assert_prompted(&client, &format!("{prompt}{first}\n{prompt}{second}\n{prompt}"));
    all_received(&server, &["echo hi", "echo 汉字"]);
}

// s001_3 and s001_4 are lesson 02's `messages`.

#[test]
fn s001_3_server_takes_two_sends_of_lesson02_client() {
    let server = Server::peer("s001_3");
    let client = server.ask("lesson02-client", &["--send", "hello", "--send", "world"], "");
    assert_printed(&client, "");
    let server = server.finish();
    // Whether they meet is up to the kernel, and either is right.
    let taken: Vec<&str> =
        server.stdout.lines().filter_map(|line| line.strip_prefix("-----> ")).collect();
    assert_eq!(taken.concat(), "helloworld");
    assert_eq!((taken.len(), server.status), (2, Some(0)));
}

#[test]
fn s001_3_client_sends_twice_to_lesson02_server() {
    let server = Server::lesson("lesson02-server", &["--service", "messages", "--reads", "10"]);
    let busy = socket::connect(server.address);
    // It does not wait for anything, so both have been sent when it has ended.
    assert_printed(&server.ask_peer("s001_3", ""), "");
    drop(busy);
    assert!(server.wait_for_line(" recv ").ends_with(r#" recv 10 "helloworld""#));
}

#[test]
fn s001_4_server_reads_too_little_of_what_lesson02_client_sends() {
    let server = Server::peer("s001_4");
    assert_printed(&server.ask("lesson02-client", &["--send", "hello feng"], ""), "");
    let server = server.finish();
    assert!(server.stdout.ends_with("-----> he\n-----> llo feng\n"));
    assert_eq!(server.status, Some(0));
}

#[test]
fn s001_4_client_is_read_too_little_of_by_lesson02_server() {
    let server = Server::lesson("lesson02-server", &["--service", "messages", "--reads", "2,10"]);
    assert_printed(&server.ask_peer("s001_4", ""), "");
    server.wait_for_line(r#" recv 8 "llo feng""#);
    server.wait_for_line(r#" recv 2 "he""#);
}

// s001_5 is lesson 03's `announce`.

#[test]
fn s001_5_server_announces_to_lesson03_client() {
    let server = Server::peer("s001_5");
    let input = typed(&["echo hi", "seq -s ' ' 1 400", "echo 汉字"]);
    let client = server.ask("lesson03-client", &ANNOUNCE, &input);
    assert_printed(&client, &format!("hi\n{}\n汉字\n", numbers(400)));
    // It does not notice that a client has left (B11).
    assert_eq!(server.finish().status, Some(1));
}

#[test]
fn s001_5_client_is_announced_to_by_lesson03_server() {
    let server = Server::lesson("lesson03-server", &ANNOUNCE);
    let client = server.ask_peer("s001_5", &typed(&["echo hi", "echo 汉字"]));
    let prompt = "please enter your cmd you want>>>";
    assert_prompted(&client, &format!("{prompt}hi\n\n{prompt}汉字\n\n{prompt}"));
    all_received(&server, &["echo hi", "echo 汉字"]);
}

#[test]
fn s001_5_bytes_are_those_of_lesson03_server() {
    let server = Server::lesson("lesson03-server", &ANNOUNCE);
    let mut client = socket::connect(server.address);
    for (command, answer) in [("echo hi", "hi\n"), ("seq -s ' ' 1 400", &(numbers(400) + "\n"))] {
        let length = answer.len().to_string();
        let announced = socket::exchange(&mut client, command.as_bytes(), length.len());
        assert_eq!(announced, length.as_bytes());
        let came = socket::exchange(&mut client, b"recv_ready", answer.len());
        assert_eq!(String::from_utf8_lossy(&came), answer);
    }
}

#[test]
fn s001_5_bytes_are_those_of_lesson03_client() {
    let (listener, address) = socket::listen();
    let client = Program::client("lesson03-client", address, &ANNOUNCE).input("echo hi\n");
    let mut server = socket::accept(&listener);
    assert_eq!(socket::receive(&mut server, 7), b"echo hi");
    assert_eq!(socket::exchange(&mut server, b"3", 10), b"recv_ready");
    server.write_all(b"hi\n").unwrap();
    assert_eq!(socket::receive_to_end(&mut server), b"");
    assert_printed(&client.finish(), "hi\n");
}

// s001_8 is lesson 03's `json`.

/// The bytes of s001_8's answer.
fn with_json(answer: &str) -> Vec<u8> {
    let size = answer.len();
    let json = format!(r#"{{"filename": "a.txt", "total_size": {size}, "hash": "xasf123213123"}}"#);
    [&socket::frame(json.as_bytes()), answer.as_bytes()].concat()
}

#[test]
fn s001_8_server_sends_a_header_to_lesson03_client() {
    let server = Server::peer("s001_8");
    let input = typed(&["echo hi", "seq -s ' ' 1 400", "true", "echo 汉字"]);
    let client = server.ask("lesson03-client", &JSON, &input);
    assert_printed(&client, &format!("hi\n{}\n(an empty message)\n汉字\n", numbers(400)));
    // It does not notice that a client has left (B11).
    assert_eq!(server.finish().status, Some(1));
}

#[test]
fn s001_8_client_gets_a_header_from_lesson03_server() {
    let server = Server::lesson("lesson03-server", &JSON);
    let input = typed(&["echo hi", "seq -s ' ' 1 400", "true", "echo 汉字"]);
    let client = server.ask_peer("s001_8", &input);
    let prompt = "please enter your cmd you want>>>";
    let long = numbers(400);
    let expected = format!("{prompt}hi\n\n{prompt}{long}\n\n{prompt}\n{prompt}汉字\n\n{prompt}");
    assert_prompted(&client, &expected);
    all_received(&server, &["echo hi", "seq -s ' ' 1 400", "true", "echo 汉字"]);
}

#[test]
fn s001_8_bytes_are_those_of_lesson03_server() {
    let server = Server::lesson("lesson03-server", &JSON);
    let mut client = socket::connect(server.address);
    for (command, answer) in
        [("echo hi", "hi\n"), ("true", ""), ("seq -s ' ' 1 400", &(numbers(400) + "\n"))]
    {
        let expected = with_json(answer);
        let came = socket::exchange(&mut client, command.as_bytes(), expected.len());
        assert_eq!(String::from_utf8_lossy(&came), String::from_utf8_lossy(&expected));
    }
    assert_eq!(with_json("hi\n")[..5], *b"\x3f\0\0\0{", "63 bytes, as the tutorial has it");
}

#[test]
fn s001_8_bytes_are_those_of_lesson03_client() {
    let (listener, address) = socket::listen();
    let client = Program::client("lesson03-client", address, &JSON).input("echo hi\n");
    let mut server = socket::accept(&listener);
    assert_eq!(socket::receive(&mut server, 7), b"echo hi");
    server.write_all(&with_json("hi\n")).unwrap();
    assert_eq!(socket::receive_to_end(&mut server), b"");
    assert_printed(&client.finish(), "hi\n");
}

// s002_2 and s004_5 are lesson 03's `struct`.

#[test]
fn s002_2_server_runs_commands_of_lesson03_client() {
    let server = Server::peer("s002_2");
    let options = [&STRUCT[..], &["--encoding", "gbk"]].concat();
    let input = typed(&["echo hi", "seq -s ' ' 1 400", "true"]);
    let client = server.ask("lesson03-client", &options, &input);
    assert_printed(&client, &format!("hi\n{}\n执行成功\n", numbers(400)));
    server.wait_for_line("收到客户端的命令 b'true'");
}

#[test]
fn s002_2_client_has_a_command_run_by_lesson03_server() {
    let server = Server::lesson("lesson03-server", &STRUCT);
    let client = Program::peer_client("s002_2", server.address, &[]).input("echo hi\n");
    client.wait_for_line(">>: hi");
    server.wait_for_line(r#" send 3 "hi\n""#);
    // It waits for the end of the stream (B08), and has it now.
    assert_eq!(server.stop().status, Some(0));
    assert_prompted(&client.finish(), ">>: hi\n\n>>: ");
}

#[test]
fn s004_5_server_runs_commands_of_lesson03_client() {
    let server = Server::peer("s004_5");
    let input = typed(&["echo hi", "seq -s ' ' 1 400", "true", "echo 汉字"]);
    let client = server.ask("lesson03-client", &STRUCT, &input);
    assert_printed(&client, &format!("hi\n{}\n(an empty message)\n汉字\n", numbers(400)));
    server.wait_for_line("客户端<127.0.0.1,");
}

#[test]
fn s004_5_client_has_commands_run_by_lesson03_server() {
    let server = Server::lesson("lesson03-server", &STRUCT);
    let client = server.ask_peer("s004_5", &typed(&["echo hi", "seq -s ' ' 1 400", "true"]));
    let prompt = ">>>>>>>:";
    let long = numbers(400);
    assert_prompted(&client, &format!("{prompt}hi\n\n{prompt}{long}\n\n{prompt}\n{prompt}"));
    all_received(&server, &["echo hi", "seq -s ' ' 1 400", "true"]);
}

#[test]
fn s004_5_and_s002_2_bytes_are_those_of_lesson03_server() {
    let server = Server::lesson("lesson03-server", &[&STRUCT[..], &["--shell"]].concat());
    let mut client = socket::connect(server.address);
    for (command, answer) in [("echo hi", "hi\n"), ("true", ""), (BOTH, "out\nerr\n")] {
        let expected = socket::frame(answer.as_bytes());
        let came = socket::exchange(&mut client, command.as_bytes(), expected.len());
        assert_eq!(String::from_utf8_lossy(&came), String::from_utf8_lossy(&expected));
    }
}

/// Standard output comes first, whichever was written first.
const BOTH: &str = "echo err 1>&2; echo out";

#[test]
fn s004_5_and_s002_2_bytes_are_those_of_lesson03_client() {
    let (listener, address) = socket::listen();
    let options = [&STRUCT[..], &["--encoding", "gbk"]].concat();
    let client = Program::client("lesson03-client", address, &options).input("true\n");
    let mut server = socket::accept(&listener);
    assert_eq!(socket::receive(&mut server, 4), b"true");
    server.write_all(b"\x08\0\0\0\xd6\xb4\xd0\xd0\xb3\xc9\xb9\xa6").unwrap();
    assert_eq!(socket::receive_to_end(&mut server), b"");
    assert_printed(&client.finish(), "执行成功\n");
}

// s004_2 is lesson 03's `messages`; its bytes are ours.

const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyz1234567890";

#[test]
fn s004_2_server_takes_the_frames_of_lesson03_client() {
    let server = Server::peer("s004_2");
    let options = ["--send", ALPHABET, "--every", "0s", "--count", "20"];
    assert_printed(&server.ask("lesson03-client", &options, ""), "");
    // The orderly end of its client ends it (B15).
    let server = server.finish();
    let line = format!("已收到客户端信息: {ALPHABET}\n");
    assert!(server.stdout.ends_with(&line.repeat(20)));
    assert!(server.stderr.contains("struct.error"));
    assert_eq!(server.status, Some(1));
}

#[test]
fn s004_2_client_sends_frames_to_lesson03_server() {
    let server = Server::lesson("lesson03-server", &["--service", "messages"]);
    let client = Program::peer_client("s004_2", server.address, &["20"]).input("").finish();
    assert_printed(&client, "");
    server.wait_for_line(" closed by client");
    let server = server.stop();
    assert_eq!(server.stdout.matches(&format!(" recv 36 {ALPHABET:?}\n")).count(), 20);
    assert_eq!(server.stdout.matches(" recv ").count(), 20);
}

#[test]
fn s004_2_bytes_are_those_of_lesson03_client() {
    let (listener, address) = socket::listen();
    let options = ["--send", ALPHABET, "--every", "0s", "--count", "3"];
    let client = Program::client("lesson03-client", address, &options).input("");
    let mut server = socket::accept(&listener);
    let expected = [b"\x24\0\0\0", ALPHABET.as_bytes()].concat().repeat(3);
    assert_eq!(socket::receive_to_end(&mut server), expected);
    drop(server);
    assert_printed(&client.finish(), "");
}

// s001_9 and s002_3 are lesson 04.

#[test]
fn s001_9_server_echoes_datagrams_to_lesson04_client() {
    let server = Server::peer("s001_9");
    let client = server.ask("lesson04-client", &[], &typed(&["hello", "", "啊a"]));
    assert_printed(&client, "HELLO\n(an empty message)\n啊A\n");
    server.wait_for_line("===> b'hello' ('127.0.0.1', ");
}

#[test]
fn s001_9_client_is_echoed_by_lesson04_server() {
    let server = Server::lesson("lesson04-server", &[]);
    let client = server.ask_peer("s001_9", &typed(&["hello", "", "啊a"]));
    assert_prompted(&client, ">>: b'HELLO'\n>>: b''\n>>: b'\\xe5\\x95\\x8aA'\n>>: ");
    for line in [r#" recv 5 "hello""#, r#" recv 0 """#, r#" send 0 """#, r#" recv 4 "啊a""#] {
        server.wait_for_line(line);
    }
}

#[test]
fn s001_9_bytes_are_those_of_lesson04_at_both_ends() {
    let server = Server::lesson("lesson04-server", &[]);
    let (long, cut) = ([b'x'; 2000], [b'X'; 1024]);
    for (request, answer) in [(&b"hello"[..], &b"HELLO"[..]), (b"", b""), (&long, &cut)] {
        assert_eq!(socket::ask_datagram(server.address, request), answer);
    }
    let (listener, address) = socket::bind_datagrams();
    let client = Program::client("lesson04-client", address, &[]).input("  hello \n\n");
    for (request, answer) in [(&b"hello"[..], &b"HELLO"[..]), (b"", b"")] {
        let (came, from) = socket::receive_datagram(&listener);
        assert_eq!(came, request);
        listener.send_to(answer, from).unwrap();
    }
    assert_printed(&client.finish(), "HELLO\n(an empty message)\n");
}

#[test]
fn s002_3_server_welcomes_lesson04_client() {
    let server = Server::peer("s002_3");
    let client = server.ask("lesson04-client", &["--encoding", "gbk"], &typed(&["hello", ""]));
    assert_printed(&client, "Welcome to hear\nWelcome to hear\n");
    server.wait_for_line("信息发送成功");
}

#[test]
fn s002_3_client_is_welcomed_by_lesson04_server_in_gbk() {
    let gbk = ["--service", "reply", "--encoding", "gbk"];
    let server = Server::lesson("lesson04-server", &gbk);
    let client = server.ask_peer("s002_3", &typed(&["hello", ""]));
    assert_prompted(&client, ">>: Welcome to hear\n>>: Welcome to hear\n>>: ");
    let chinese = [&gbk[..], &["--text", "欢迎收听"]].concat();
    let server = Server::lesson("lesson04-server", &chinese);
    let client = server.ask_peer("s002_3", &typed(&["hello"]));
    assert_prompted(&client, ">>: 欢迎收听\n>>: ");
    let client = server.ask("lesson04-client", &["--encoding", "gbk"], &typed(&["hello"]));
    assert_printed(&client, "欢迎收听\n");
}

// s001_10 and s002_4 are lesson 05's echo in upper case, under every model.

const MODELS: [&str; 4] = ["serial", "thread", "pool", "event"];

#[test]
fn s001_10_server_echoes_to_lesson05_client() {
    let server = Server::peer("s001_10");
    let options = ["--send", "client33333", "--count", "3"];
    let client = server.ask("lesson05-client", &options, "");
    assert_printed(&client, &"CLIENT33333\n".repeat(3));
}

#[test]
fn s001_10_client_is_echoed_by_lesson05_server_under_every_model() {
    for model in MODELS {
        let server = Server::lesson("lesson05-server", &["--model", model]);
        let client = Program::peer_client("s001_10", server.address, &["3"]).input("").finish();
        assert_printed(&client, &"b'CLIENT33333'\n".repeat(3));
        all_received(&server, &["client33333"]);
    }
}

#[test]
fn s002_4_server_echoes_to_lesson05_client() {
    let server = Server::peer("s002_4");
    let client = server.ask("lesson05-client", &[], &typed(&["hello", "", "啊a", "quit", "no"]));
    assert_printed(&client, "HELLO\n啊A\n");
    server.wait_for_line("收到客户端的消息是 b'hello'");
}

#[test]
fn s002_4_client_is_echoed_by_lesson05_server_under_every_model() {
    for model in MODELS {
        let server = Server::lesson("lesson05-server", &["--model", model]);
        let client = server.ask_peer("s002_4", &typed(&["hello", "", "啊a", "quit"]));
        let line = "收到服务端发来的消息:";
        assert_printed(&client, &format!(">>: {line} HELLO\n>>: >>: {line} 啊A\n>>: "));
        all_received(&server, &["hello", "啊a"]);
    }
}

// s004_4 is lesson 05's `reply`, under every model.

const REQUEST: &str = "北鼻";
const RECEIVED: &str = "我已收到您的请求[{}],感谢您的关注!";

#[test]
fn s004_4_server_thanks_lesson05_client() {
    let server = Server::peer("s004_4");
    let options = ["--service", "reply", "--send", REQUEST, "--every", "0s", "--count", "3"];
    let client = server.ask("lesson05-client", &options, "");
    let answer = RECEIVED.replace("{}", REQUEST);
    assert_eq!(answer.len(), 52);
    assert_printed(&client, &format!("{answer}\n").repeat(3));
}

#[test]
fn s004_4_client_is_thanked_by_lesson05_server_under_every_model() {
    for model in MODELS {
        let options = ["--model", model, "--service", "reply", "--text", RECEIVED];
        let server = Server::lesson("lesson05-server", &options);
        let client = Program::peer_client("s004_4", server.address, &["3", "0"]).input("");
        let answer = RECEIVED.replace("{}", REQUEST);
        assert_printed(&client.finish(), &format!("{answer}\n").repeat(3));
        all_received(&server, &[REQUEST]);
    }
}

// s001_11 is lesson 05 over UDP.

#[test]
fn s001_11_server_echoes_datagrams_to_lesson05_client() {
    let server = Server::peer("s001_11");
    let options = ["--udp", "--send", "client1111", "--count", "3"];
    let client = server.ask("lesson05-client", &options, "");
    assert_printed(&client, &"CLIENT1111\n".repeat(3));
    server.wait_for_line("客户消息 b'client1111'");
}

#[test]
fn s001_11_client_is_echoed_by_lesson05_server() {
    for model in ["serial", "thread"] {
        let server = Server::lesson("lesson05-server", &["--udp", "--model", model]);
        let client = Program::peer_client("s001_11", server.address, &["3"]).input("").finish();
        assert_printed(&client, &"b'CLIENT1111'\n".repeat(3));
        server.wait_for_line(r#" send 10 "CLIENT1111""#);
    }
}

// s004_5 is lesson 05's `command` too, where it serves many at once.

const COMMAND: [&str; 4] = ["--service", "command", "--dialect", "tutorial"];

#[test]
fn s004_5_server_runs_commands_of_lesson05_client() {
    let server = Server::peer("s004_5");
    let input = typed(&["echo hi", "seq -s ' ' 1 400", "true", "echo 汉字"]);
    let client = server.ask("lesson05-client", &COMMAND, &input);
    assert_printed(&client, &format!("hi\n{}\n(an empty message)\n汉字\n", numbers(400)));
}

#[test]
fn s004_5_client_has_commands_run_by_lesson05_server() {
    for model in ["serial", "thread", "pool"] {
        let options = [&COMMAND[..], &["--model", model]].concat();
        let server = Server::lesson("lesson05-server", &options);
        let client = server.ask_peer("s004_5", &typed(&["echo hi", "seq -s ' ' 1 400", "true"]));
        let (prompt, long) = (">>>>>>>:", numbers(400));
        assert_prompted(&client, &format!("{prompt}hi\n\n{prompt}{long}\n\n{prompt}\n{prompt}"));
        all_received(&server, &["echo hi", "seq -s ' ' 1 400", "true"]);
    }
}

// s000_2 is lesson 07.

const FILM: [&str; 6] = ["--dialect", "tutorial", "--frames", "20", "--size", "320x240"];

#[test]
fn s000_2_server_is_sent_every_frame_by_lesson07_client_and_by_the_next() {
    if !has_opencv() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut command = peer("s000_2_server");
    command.arg("0").arg(folder.path());
    let server = Server::start(command);
    for clients in 1..=2 {
        let client = server.ask("lesson07-client", &FILM, "");
        assert_eq!((client.status, client.stderr.as_str()), (Some(0), ""));
        assert!(client.stdout.contains("sent 20 frames"), "{}", client.stdout);
        server.wait_until("that the client has left", |log, _| {
            log.matches("已断开!\n").count() == clients
        });
        for shown in clients * 20 - 19..=clients * 20 {
            let picture = fs::read(folder.path().join(format!("{shown}.jpg"))).unwrap();
            assert!(picture.starts_with(b"\xff\xd8\xff\xe0") && picture.ends_with(b"\xff\xd9"));
        }
        assert!(!folder.path().join(format!("{}.jpg", clients * 20 + 1)).exists());
    }
}

#[test]
fn s000_2_client_shows_every_frame_at_lesson07_server_and_so_does_the_next() {
    if !has_opencv() {
        return;
    }
    let server = Server::lesson("lesson07-server", &["--view", "none", "--dialect", "tutorial"]);
    for clients in 1..=2 {
        let client = Program::peer_client("s000_2", server.address, &["20"]).finish();
        assert_eq!(client.stdout.matches("延时:").count(), 20);
        // The end of its film ends it (B33).
        assert!(client.stderr.contains("\nTypeError: "), "{}", client.stderr);
        assert_eq!(client.status, Some(1));
        server.wait_until("that the client has left", |log, _| {
            log.matches(" closed by client\n").count() == clients
                && log.matches(" film: 20 frames in ").count() == clients
        });
    }
}

#[test]
fn s000_2_bytes_are_those_of_lesson07_client() {
    if !has_opencv() {
        return;
    }
    let (listener, address) = socket::listen();
    let client = Program::client("lesson07-client", address, &FILM);
    let mut server = socket::accept(&listener);
    for _ in 0..20 {
        // In one write, and nothing after it: so one recv takes it, and no more than it.
        let mut piece = [0; 1024];
        let got = server.read(&mut piece).unwrap();
        let number = std::str::from_utf8(&piece[..got]).unwrap().strip_suffix(", ");
        let size: usize = number.and_then(|digits| digits.parse().ok()).unwrap();
        let picture = socket::exchange(&mut server, b"ok", size);
        assert!(picture.starts_with(b"\xff\xd8\xff\xe0") && picture.ends_with(b"\xff\xd9"));
        server.write_all(b"ok").unwrap();
    }
    assert_eq!(socket::receive_to_end(&mut server), b"");
    assert_eq!(client.finish().status, Some(0));
}

// s004_3 is lesson 08.

/// A folder with the files that the tests below move: their names, and what they hold.
fn files() -> (TempDir, [(&'static str, Vec<u8>); 4]) {
    let large = (0..5_242_887_u32).map(|at| (at / 7 + at / 1009) as u8).collect();
    let files = [
        ("a.txt", b"0123456789".to_vec()),
        ("empty", Vec::new()),
        ("5 MB.bin", large),
        ("汉字.txt", "汉字\n".into()),
    ];
    let folder = tempfile::tempdir().unwrap();
    files.iter().for_each(|(name, bytes)| fs::write(folder.path().join(name), bytes).unwrap());
    (folder, files)
}

/// A Python server that sends the files of `folder`. It looks for them in two places (B18).
fn s004_3_server(folder: &TempDir) -> Server {
    let mut command = peer("s004_3_server");
    command.arg("0").arg(folder.path()).current_dir(folder.path());
    Server::start(command)
}

fn get_as_the_tutorial(server: &Server, name: &str, into: &TempDir) -> Finished {
    let into = into.path().to_str().unwrap();
    server.ask("lesson08-client", &["get", name, "--into", into, "--dialect", "tutorial"], "")
}

#[test]
fn s004_3_server_sends_one_file_in_its_life_to_lesson08_client() {
    let (folder, files) = files();
    let copies = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let server = s004_3_server(&folder);
        let client = get_as_the_tutorial(&server, name, &copies);
        assert_eq!((client.status, client.stderr.as_str()), (Some(0), ""));
        assert!(client.stdout.contains(&wire::md5_hex(&bytes)));
        assert!(fs::read(copies.path().join(name)).unwrap() == bytes, "{name}");
        // Behind a file it serves nobody any more (B16).
        server.wait_for_error("1000 empty reads");
    }
}

#[test]
fn s004_3_server_has_no_such_file_for_lesson08_client() {
    let (folder, _) = files();
    let copies = tempfile::tempdir().unwrap();
    let server = s004_3_server(&folder);
    let client = get_as_the_tutorial(&server, "missing", &copies);
    assert_eq!(client.status, Some(1));
    assert!(client.stderr.contains("missing"), "{:?}", client.stderr);
    assert_eq!(fs::read_dir(copies.path()).unwrap().count(), 0);
    // It takes the end of the stream for the name of its folder (B17).
    assert_eq!(server.finish().status, Some(1));
}

#[test]
fn s004_3_client_gets_several_files_from_lesson08_server_on_one_connection() {
    let (folder, files) = files();
    let copies = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    let server = Server::lesson("lesson08-server", &["--dialect", "tutorial", "--root", root]);
    let mut command = peer("s004_3_client");
    command.args([server.address.ip().to_string(), server.address.port().to_string()]);
    command.current_dir(copies.path());
    let names = ["missing", "a.txt", "../a.txt", "empty", "5 MB.bin", "汉字.txt", "a.txt"];
    let client = Program::start(command).input(&typed(&names)).finish();
    assert!(client.stderr.ends_with("EOFError: EOF when reading a line\n"));
    for (name, bytes) in &files {
        assert!(fs::read(copies.path().join(format!("cpoy_{name}"))).unwrap() == *bytes, "{name}");
        let saved = |size: &str| {
            let md5 = wire::md5_hex(bytes);
            format!("\n文件[{name}]下载成功: 大小:{size} MB|md5值:[{md5}]\n")
        };
        let size = if bytes.len() > 1_000_000 { "5.0" } else { "0.0" };
        assert_eq!(client.stdout.contains(&saved(size)), !bytes.is_empty(), "{name}");
    }
    // The missing one, the one outside, and the empty one, which it has got all the same (B19).
    assert_eq!(client.stdout.matches("文件不存在\n").count(), 3);
    server.wait_for_line(" connected");
    assert_eq!(server.stop().stdout.matches(" connected").count(), 1);
}

#[test]
fn s004_3_and_lesson08_in_its_own_dialect_do_not_understand_each_other_and_say_so() {
    let (folder, _) = files();
    let server = s004_3_server(&folder);
    let client = server.ask("lesson08-client", &["--retries", "0", "list"], "");
    assert_eq!(client.status, Some(1));
    assert!(client.stderr.contains("--dialect"), "{:?}", client.stderr);

    let root = folder.path().to_str().unwrap();
    let server = Server::lesson("lesson08-server", &["--root", root]);
    assert_eq!(server.ask_peer("s004_3", &typed(&["a.txt"])).status, Some(1));
    assert!(server.wait_for_line(" closed: ").contains("--dialect tutorial"));
}

#[test]
fn s004_3_bytes_are_those_of_lesson08_server() {
    let (folder, files) = files();
    let root = folder.path().to_str().unwrap();
    let server = Server::lesson("lesson08-server", &["--dialect", "tutorial", "--root", root]);
    let mut client = socket::connect(server.address);
    assert_eq!(socket::exchange(&mut client, b"missing", 6), b"\x02\0\0\0{}");
    for (name, bytes) in files {
        let (size, md5) = (bytes.len(), wire::md5_hex(&bytes));
        let mebibytes = if size > 1_000_000 { "5.0" } else { "0.0" };
        let json = format!(r#"{{"lenth": {size}, "md5": "{md5}", "size(MB)": {mebibytes}}}"#);
        let expected = [socket::frame(json.as_bytes()), bytes].concat();
        let came = socket::exchange(&mut client, name.as_bytes(), expected.len());
        assert!(
            came == expected,
            "{name}: {}",
            String::from_utf8_lossy(&came[..came.len().min(200)])
        );
    }
    let json = br#"{"lenth": 10, "md5": "781e5e245d69b566979b86e28d23f2c7", "size(MB)": 0.0}"#;
    assert_eq!(socket::frame(json)[..4], *b"\x49\0\0\0", "73 bytes, as the tutorial has it");
}

#[test]
fn s004_3_bytes_are_those_of_lesson08_client() {
    let copies = tempfile::tempdir().unwrap();
    let (listener, address) = socket::listen();
    let into = copies.path().to_str().unwrap();
    let options = ["get", "汉 字", "--into", into, "--dialect", "tutorial"];
    let client = Program::client("lesson08-client", address, &options).input("");
    let mut server = socket::accept(&listener);
    assert_eq!(socket::receive(&mut server, 7), "汉 字".as_bytes());
    let json = br#"{"lenth": 5, "md5": "5d41402abc4b2a76b9719d911017c592", "size(MB)": 0.0}"#;
    // In pieces: the client reads as many bytes as it was told.
    for piece in socket::frame(json).chunks(3).chain(["hel".as_bytes(), b"lo"]) {
        server.write_all(piece).unwrap();
    }
    assert_eq!(socket::receive_to_end(&mut server), b"");
    assert_eq!(client.finish().status, Some(0));
    assert_eq!(fs::read(copies.path().join("汉 字")).unwrap(), b"hello");
}

// s000_3 is lesson 06. Whoever speaks through a proxy does not know of it.

/// A Python proxy to `upstream`.
fn python_proxy(upstream: SocketAddr) -> Server {
    let mut command = peer("s000_3_proxy");
    command.args(["0".to_owned(), upstream.ip().to_string(), upstream.port().to_string()]);
    Server::start(command)
}

/// Its line for each time that it can take a client.
const READY: &str = "代理服务器设置完毕,等待设备接入...\n";

#[test]
fn s000_3_leads_lesson05_client_to_lesson05_server_one_client_after_the_other() {
    let server = Server::lesson("lesson05-server", &[]);
    let proxy = python_proxy(server.address);
    for turn in 1..=3 {
        // Meanwhile it refuses whoever calls (B31).
        proxy.wait_until("that it listens", |log, _| log.matches(READY).count() >= turn);
        let client = proxy.ask("lesson05-client", &[], &typed(&["hello", "啊a"]));
        assert_printed(&client, "HELLO\n啊A\n");
    }
    server.wait_for_line(r#" recv 4 "啊a""#);
    proxy.wait_for_line("[{}] -> {}");
    proxy.wait_for_line("[{}] <- {}");
}

#[test]
fn s000_3_passes_on_no_end_and_lesson06_client_says_so() {
    let server = Server::lesson("lesson05-server", &[]);
    let proxy = python_proxy(server.address);
    proxy.wait_for_line("代理服务器设置完毕");
    let options = ["--size", "64KiB", "--count", "10", "--timeout", "1s"];
    let probe = proxy.ask("lesson06-client", &options, "");
    assert_eq!(probe.status, Some(1));
    assert!(probe.stderr.contains("the proxy passed on no end of the stream"));
}

#[test]
fn s000_3_multiport_leads_lesson05_clients_to_six_servers() {
    let servers = [(); 6].map(|()| Server::lesson("lesson05-server", &[]));
    let mut command = peer("s000_3_multiport");
    command.args(servers.each_ref().map(|server| format!("0={}", server.address.port())));
    let proxy = Program::start(command);
    proxy.wait_until("six times that it listens", |log, _| log.matches(READY).count() == 6);
    let addresses = RefCell::new(Vec::new());
    proxy.wait_until("its addresses", |log, _| {
        let lines = log.lines().filter_map(|line| line.strip_prefix("listening on "));
        *addresses.borrow_mut() = lines.filter_map(|address| address.parse().ok()).collect();
        true
    });
    for (number, (server, &address)) in servers.iter().zip(&*addresses.borrow()).enumerate() {
        let message = format!("number {number}");
        let client = Program::client("lesson05-client", address, &["--send", &message]).finish();
        assert_printed(&client, &format!("NUMBER {number}\n"));
        server.wait_for_line(&format!(" recv 8 {message:?}"));
    }
    assert_eq!(addresses.borrow().len(), 6);
}

const ENGINES: [&str; 2] = ["relay", "threads"];

/// A proxy of ours to `upstream`.
fn our_proxy(upstream: SocketAddr, engine: &str) -> Server {
    let options = ["--upstream", &upstream.to_string(), "--engine", engine];
    Server::lesson("lesson06-server", &options)
}

#[test]
fn s001_1_pair_speaks_through_lesson06_server() {
    for engine in ENGINES {
        let server = Server::peer("s001_1");
        let proxy = our_proxy(server.address, engine);
        let client = proxy.ask_peer("s001_1", &typed(&["hello", "", "啊a"]));
        assert_prompted(&client, ">>: b'HELLO'\n>>: >>: b'\\xe5\\x95\\x8aA'\n>>: ");
        server.wait_for_line("来自客户端的数据 b'hello'");
        proxy.wait_for_line(" 9 bytes up, 9 bytes down, ");
    }
}

#[test]
fn s000_3_and_lesson06_server_lead_to_each_other() {
    for engine in ENGINES {
        let server = Server::lesson("lesson05-server", &[]);
        let inner = our_proxy(server.address, engine);
        let middle = python_proxy(inner.address);
        let outer = our_proxy(middle.address, engine);
        middle.wait_for_line("代理服务器设置完毕");
        let client = outer.ask("lesson05-client", &[], &typed(&["hello"]));
        assert_printed(&client, "HELLO\n");
    }
}
