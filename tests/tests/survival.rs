//! Nothing that a client does ends a server, fills its memory, or keeps it from the next client; and
//! a server ends when it is asked to, and says why it does not begin.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use e2e::{Finished, Program, Server, Signal, binary, socket};
use lesson03_client as client;
use lesson03_server as server;
use socket2::{Domain, Socket, Type};

/// One way to speak to one of the servers.
struct Case {
    lesson: &'static str,
    /// What both ends are told.
    options: &'static [&'static str],
    /// What the server alone is told.
    model: &'static [&'static str],
    /// A command or a text, and what the client shows of the answer.
    question: [&'static str; 2],
    /// What a client puts on the wire for a message, without waiting for a handshake.
    message: fn(&[u8]) -> Vec<u8>,
    /// What the server puts on the wire for the answer.
    answer: fn(&[u8]) -> Vec<u8>,
    /// Lengths that no message has: below zero, and 2 GiB without a byte.
    lengths: [&'static [u8]; 2],
}

const NEGATIVE: &[u8] = b"\xff\xff\xff\xff";
const HUGE: &[u8] = b"\xff\xff\xff\x7f";

const CASES: [Case; 10] = [
    Case {
        lesson: "lesson01",
        options: &[],
        model: &[],
        question: ["hello", "HELLO"],
        message: <[u8]>::to_vec,
        answer: <[u8]>::to_vec,
        lengths: [NEGATIVE, HUGE],
    },
    Case {
        lesson: "lesson02",
        options: &[],
        model: &[],
        question: ["echo hi", "hi\n"],
        message: <[u8]>::to_vec,
        answer: <[u8]>::to_vec,
        lengths: [NEGATIVE, HUGE],
    },
    Case {
        lesson: "lesson03",
        options: &[],
        model: &[],
        question: ["echo hi", "hi\n"],
        message: socket::frame,
        answer: socket::frame,
        lengths: [NEGATIVE, HUGE],
    },
    Case {
        lesson: "lesson03",
        options: &["--header", "announce"],
        model: &[],
        question: ["echo hi", "hi\n"],
        message: |message| [format!("{}\n", message.len()).as_bytes(), message].concat(),
        answer: |answer| [format!("recv_ready{}\n", answer.len()).as_bytes(), answer].concat(),
        lengths: [b"-1\n", b"2147483647\n"],
    },
    Case {
        lesson: "lesson03",
        options: &["--header", "json"],
        model: &[],
        question: ["echo hi", "hi\n"],
        message: |message| {
            let mut bytes = Vec::new();
            client::json::send_message(&mut bytes, message).unwrap();
            bytes
        },
        answer: |answer| {
            let mut bytes = Vec::new();
            server::json::send_message(&mut bytes, answer).unwrap();
            bytes
        },
        lengths: [
            b"\x31\0\0\0{\"filename\": \"a.txt\", \"total_size\": -1, \"hash\": \"\"}",
            b"\x39\0\0\0{\"filename\": \"a.txt\", \"total_size\": 2147483647, \"hash\": \"\"}",
        ],
    },
    threaded_upper(&["--model", "serial"]),
    threaded_upper(&["--model", "thread"]),
    threaded_upper(&["--model", "pool", "--workers", "4"]),
    threaded_upper(&["--model", "event"]),
    Case {
        lesson: "lesson05",
        options: &["--service", "command"],
        model: &["--model", "thread"],
        question: ["echo hi", "hi\n"],
        message: socket::frame,
        answer: socket::frame,
        lengths: [NEGATIVE, HUGE],
    },
];

const fn threaded_upper(model: &'static [&'static str]) -> Case {
    Case {
        lesson: "lesson05",
        options: &["--service", "upper"],
        model,
        question: ["hello", "HELLO"],
        message: <[u8]>::to_vec,
        answer: <[u8]>::to_vec,
        lengths: [NEGATIVE, HUGE],
    }
}

impl Case {
    fn server(&self, more: &[&str]) -> Server {
        let options = [self.options, self.model, more].concat();
        Server::lesson(&format!("{}-server", self.lesson), &options)
    }

    /// A client of this lesson is answered as if nothing had happened before.
    fn assert_serves(&self, server: &Server) {
        let [question, answer] = self.question;
        let name = format!("{}-client", self.lesson);
        let options = [self.options, &["--timeout", "30s"]].concat();
        let client = server.ask(&name, &options, &format!("{question}\n"));
        assert_eq!(client.stdout.trim_end(), answer.trim_end(), "{}", client.stderr);
        assert_eq!(client.status, Some(0));
    }

    /// The request as it is on the wire, handshakes included, for a client that does not wait.
    fn request(&self) -> Vec<u8> {
        let ready = if self.options.contains(&"announce") { &b"recv_ready"[..] } else { b"" };
        [&(self.message)(self.question[0].as_bytes()), ready].concat()
    }

    fn frames(&self) -> bool {
        self.lesson == "lesson03" || self.lesson == "lesson05" && self.runs_commands()
    }

    fn runs_commands(&self) -> bool {
        self.question[0] == "echo hi"
    }
}

/// Tries each server with `trouble`, and then asks it something.
fn after(trouble: fn(&Case, &Server)) {
    for case in CASES {
        let server = case.server(&[]);
        trouble(&case, &server);
        case.assert_serves(&server);
    }
}

#[test]
fn a_reset_in_the_middle_of_a_message_ends_that_client_only() {
    after(|case, server| {
        let request = case.request();
        let client = socket::send(server.address, &[&request[..request.len() / 2]]);
        server.wait_for_line(&format!("{} connected", client.local_addr().unwrap()));
        socket::reset(client);
    });
}

#[test]
fn a_client_that_half_closes_is_still_answered() {
    after(|case, server| {
        let mut client = socket::send(server.address, &[&case.request()]);
        client.shutdown(Shutdown::Write).unwrap();
        let answer = (case.answer)(case.question[1].as_bytes());
        let came = socket::receive_to_end(&mut client);
        assert_eq!(String::from_utf8_lossy(&came), String::from_utf8_lossy(&answer));
    });
}

#[test]
fn a_client_that_leaves_with_unread_answers_ends_itself_only() {
    after(|case, server| {
        let client = socket::send(server.address, &[&case.request()]);
        server.wait_for_line(" send ");
        drop(client);
    });
}

#[test]
fn a_client_that_leaves_in_the_middle_of_a_long_answer_ends_itself_only() {
    for case in CASES.iter().filter(|case| case.runs_commands()) {
        let server = case.server(&[]);
        // More than the kernel holds, so the server is still sending.
        let request = (case.message)(b"seq 1 1000000");
        let mut client = socket::send(server.address, &[&request, &b"recv_ready"[..]]);
        assert_eq!(socket::receive(&mut client, 20).len(), 20);
        drop(client);
        case.assert_serves(&server);
    }
}

#[test]
fn bytes_that_are_no_text_are_survived() {
    after(|case, server| {
        let request = (case.message)(b"\xff\xfe\0\x80\xc3");
        let mut client = socket::send(server.address, &[&request]);
        client.shutdown(Shutdown::Write).unwrap();
        socket::receive_to_end(&mut client);
    });
}

#[test]
fn a_length_that_no_message_has_takes_no_memory_and_no_time() {
    for case in CASES {
        // Whoever waits for what such a length promises waits longer than this test does.
        let server = case.server(&["--message-timeout", "1h"]);
        case.assert_serves(&server);
        let before = peak_memory(&server);
        for length in case.lengths {
            let mut client = socket::send(server.address, &[length]);
            if !case.frames() {
                // To these it is a message like any other.
                client.shutdown(Shutdown::Write).unwrap();
            }
            socket::receive_to_end(&mut client);
        }
        let grown = peak_memory(&server) - before;
        assert!(grown < 4096, "the server has grown by {grown} KiB");
        case.assert_serves(&server);
    }
}

#[test]
fn a_length_within_the_limit_takes_no_memory_before_the_bytes_have_come() {
    let server = Server::lesson("lesson03-server", &["--service", "messages"]);
    let before = peak_memory(&server);
    let mut client = socket::send(server.address, &[&16_777_216_i32.to_le_bytes(), b"start"]);
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(socket::receive_to_end(&mut client), b"");
    let grown = peak_memory(&server) - before;
    assert!(grown < 4096, "the server has grown by {grown} KiB");

    // That would be seen: a message that does come takes its length.
    let mut client = socket::send(server.address, &[&socket::frame(&vec![b'x'; 16_777_216])]);
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(socket::receive_to_end(&mut client), b"");
    let grown = peak_memory(&server) - before;
    assert!(grown >= 16384, "the server has grown by {grown} KiB only");
}

/// The most memory that a process has had, in KiB.
fn peak_memory(program: &Program) -> i64 {
    let status = fs::read_to_string(format!("/proc/{}/status", program.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn a_message_that_comes_byte_by_byte_has_one_deadline_for_all_of_it() {
    for case in CASES.iter().filter(|case| case.frames()) {
        let server = case.server(&["--message-timeout", "300ms"]);
        let mut client = socket::connect(server.address);
        client.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
        // Half a minute's worth, and the server has had enough before.
        let message = (case.message)(&[b'x'; 3000]);
        let mut bytes = message.chunks(1);
        let ended = bytes.any(|byte| client.write_all(byte).is_err() || is_at_end(&mut client));
        assert!(ended, "{:?}: each byte has prolonged the wait", case.options);
        server.wait_for_line("closed: a message began and did not end within 300ms");
        case.assert_serves(&server);
    }
}

/// Waits for as long as the stream's time-out says, and whether the stream has ended meanwhile.
fn is_at_end(stream: &mut impl Read) -> bool {
    match stream.read(&mut [0; 64]) {
        Ok(got) => got == 0,
        Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

const SILENT: usize = 200;

/// Whether a lesson is there already with its default header, for tests in which it makes no difference.
fn is_another_header(case: &Case) -> bool {
    case.options.contains(&"--header")
}

#[test]
fn two_hundred_clients_that_say_nothing_are_ended_in_turn() {
    // Lesson 01 has a short queue, which is the next test's; a pool refuses most of them.
    let short = |case: &Case| case.lesson == "lesson01" || case.model.contains(&"pool");
    for case in CASES.iter().filter(|case| !short(case) && !is_another_header(case)) {
        let server = case.server(&["--idle-timeout", "10ms"]);
        let silent = [(); SILENT].map(|()| call(server.address));
        case.assert_serves(&server);
        server.wait_until("that all were silent", |log, _| {
            log.matches(" closed: silent for 10ms (--idle-timeout)\n").count() >= SILENT
        });
        drop(silent);
    }
}

#[test]
fn two_hundred_callers_that_hang_up_leave_lesson_01s_short_queue_to_the_next() {
    let [case, ..] = CASES;
    let server = case.server(&[]);
    // Most of them do not get into the queue at all, and so must not wait to be connected.
    drop([(); SILENT].map(|()| call(server.address)));
    case.assert_serves(&server);
}

/// Begins to connect, and does not wait for it.
fn call(server: SocketAddr) -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_nonblocking(true).unwrap();
    // EINPROGRESS says just that.
    _ = socket.connect(&server.into());
    socket
}

#[test]
fn ctrl_c_ends_an_idle_server() {
    for case in CASES {
        assert_eq!(case.server(&[]).stop().status, Some(0));
    }
}

#[test]
fn ctrl_c_ends_a_server_whose_client_is_silent() {
    for case in CASES {
        let server = case.server(&[]);
        let mut client = socket::connect(server.address);
        server.wait_for_line(" connected");
        server.wait_for_state('S');
        let server = server.stop();
        assert_eq!(server.status, Some(0));
        assert!(server.stdout.contains(" closed by server\n"));
        assert_eq!(socket::receive_to_end(&mut client), b"");
    }
}

#[test]
fn a_server_that_is_suspended_and_resumed_goes_on_with_its_client() {
    for case in CASES {
        let server = case.server(&[]);
        let mut client = socket::connect(server.address);
        server.wait_for_line(" connected");
        server.suspended(|| ());
        client.write_all(&case.request()).unwrap();
        let answer = (case.answer)(case.question[1].as_bytes());
        let came = socket::receive(&mut client, answer.len());
        assert_eq!(String::from_utf8_lossy(&came), String::from_utf8_lossy(&answer));
    }
}

#[test]
fn a_client_that_is_suspended_and_resumed_still_waits_for_its_answer() {
    for lesson in ["lesson01", "lesson02", "lesson03"] {
        let (listener, address) = socket::listen();
        let client = Program::client(&format!("{lesson}-client"), address, &["--timeout", "30s"]);
        let client = client.input("question\n");
        let mut server = socket::accept(&listener);
        assert!(!socket::receive(&mut server, 8).is_empty());
        client.suspended(|| ());
        let answer = if lesson == "lesson03" { &socket::frame(b"answer") } else { &b"answer"[..] };
        server.write_all(answer).unwrap();
        assert_eq!(client.finish().stdout, "answer\n");
    }
}

#[test]
fn ctrl_c_lets_a_command_finish_and_its_answer_arrive() {
    for case in CASES.iter().filter(|case| case.runs_commands()) {
        let server = case.server(&["--shell"]);
        let name = format!("{}-client", case.lesson);
        let options = [case.options, &["--timeout", "30s"]].concat();
        let client = Program::client(&name, server.address, &options);
        let client = client.input("sleep 0.5; echo done\n");
        server.wait_for_line(r#" recv 20 "sleep 0.5; echo done""#);
        assert_eq!(server.stop().status, Some(0));
        let client = client.finish();
        assert_eq!((client.stdout.as_str(), client.status), ("done\n", Some(0)));
    }
}

#[test]
fn ctrl_c_does_not_wait_for_a_command_that_has_no_end() {
    for case in CASES.iter().filter(|case| case.runs_commands()) {
        let server = case.server(&["--shell"]);
        let client = socket::send(server.address, &[&(case.message)(b"exec sleep 600")]);
        server.wait_for_line(" recv 14 ");
        let begun = Instant::now();
        assert_eq!(server.stop().status, Some(0));
        // By itself the command would be ended after 10 s.
        assert!(begun.elapsed() < Duration::from_secs(9), "after {:?}", begun.elapsed());
        drop(client);
    }
}

#[test]
fn ctrl_c_lets_a_client_be_slow_to_say_that_it_is_ready() {
    let server = Server::lesson("lesson03-server", &["--header", "announce", "--shell"]);
    let mut client = socket::connect(server.address);
    socket::exchange(&mut client, b"20\nsleep 0.5; echo done", 10);
    server.wait_for_line(r#" recv 20 "sleep 0.5; echo done""#);
    server.signal(Signal::INT);
    assert_eq!(socket::receive(&mut client, 2), b"5\n");
    thread::sleep(Duration::from_millis(50));
    client.write_all(b"recv_ready").unwrap();
    assert_eq!(String::from_utf8_lossy(&socket::receive_to_end(&mut client)), "done\n");
    assert_eq!(server.finish().status, Some(0));
}

#[test]
fn ctrl_c_lets_a_message_that_has_begun_arrive_and_be_answered() {
    for case in CASES.iter().filter(|case| case.frames()) {
        let server = case.server(&["--trace"]);
        let request = case.request();
        let mut client = socket::send(server.address, &[&request[..1]]);
        server.wait_for_error(" = 1 ");
        server.signal(Signal::INT);
        client.write_all(&request[1..]).unwrap();
        let came = socket::receive_to_end(&mut client);
        let answer = (case.answer)(case.question[1].as_bytes());
        assert_eq!(String::from_utf8_lossy(&came), String::from_utf8_lossy(&answer));
        assert_eq!(server.finish().status, Some(0));
    }
}

/// Runs a program to its end.
fn run(name: &str, args: &[&str]) -> Finished {
    let mut command = binary(name);
    command.args(args);
    Program::start(command).input("").finish()
}

/// The program has ended with this status, and one line of error that says this.
#[track_caller]
fn assert_error(program: &Finished, status: i32, text: &str) {
    assert_eq!(program.status, Some(status));
    assert!(program.stderr.contains(text), "no {text:?} in {:?}", program.stderr);
    assert_eq!(program.stderr.lines().count(), 1, "{:?}", program.stderr);
}

const SERVERS: [&str; 4] =
    ["lesson01-server", "lesson02-server", "lesson03-server", "lesson05-server"];

#[test]
fn a_second_server_on_the_same_port_says_that_another_program_listens_there() {
    for name in SERVERS {
        let first = Server::lesson(name, &[]);
        let address = first.address.to_string();
        let second = run(name, &["--listen", &address]);
        assert_error(&second, 1, "another program listens there");
        assert!(second.stderr.contains(&address));
    }
}

#[test]
fn a_server_that_hung_up_first_can_be_restarted_on_its_port() {
    for name in SERVERS {
        let server = Server::lesson(name, &[]);
        let address = server.address;
        let mut client = socket::connect(address);
        server.wait_for_line(" connected");
        server.stop();
        // Now that both sides have closed, the server's side of the connection is in TIME_WAIT.
        socket::receive_to_end(&mut client);
        drop(client);
        let mut again = binary(name);
        again.args(["--listen", &address.to_string()]);
        assert_eq!(Server::start(again).address, address);
    }
}

#[test]
fn a_text_that_no_service_would_answer_with_is_wrong_usage() {
    for name in ["lesson01-server", "lesson04-server", "lesson05-server"] {
        let server = run(name, &["--listen", "0", "--text", "hello"]);
        assert_error(&server, 2, "--text goes with --service reply");
    }
}

#[test]
fn wrong_usage_ends_with_status_2() {
    let clients = SERVERS.map(|name| name.replace("server", "client"));
    let servers = SERVERS.map(str::to_owned);
    for name in clients.iter().chain(&servers).map(String::as_str) {
        for args in [&["--no-such-option"][..], &["unasked"], &["--dialect", "klingon"]] {
            assert_eq!(run(name, args).status, Some(2), "{name} {args:?}");
        }
        let address = if name.ends_with("server") { "--listen" } else { "--connect" };
        assert_eq!(run(name, &[address, "host:port"]).status, Some(2), "{name}");
    }
}

#[test]
fn a_client_without_a_server_says_how_to_start_one() {
    // Bound, so that nobody else takes the port; not listening, so calls are refused.
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap().to_string();
    for lesson in ["lesson01", "lesson02", "lesson03"] {
        let client = run(&format!("{lesson}-client"), &["--connect", &address]);
        assert_error(&client, 1, &format!("`cargo run -p {lesson}-server`"));
    }
}

#[test]
fn an_address_that_other_machines_can_reach_is_refused_without_expose() {
    for name in SERVERS {
        assert_error(&run(name, &["--listen", "0.0.0.0:0"]), 1, "--expose");
    }
}

#[test]
fn a_shell_for_other_machines_is_refused_whatever_the_address() {
    for name in &SERVERS[1..] {
        for address in ["0.0.0.0:0", "127.0.0.1:0"] {
            let server = run(name, &["--shell", "--expose", "--listen", address]);
            assert_error(&server, 2, "--shell with --expose");
        }
    }
}

/// A process that does not outlive its test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

#[test]
fn a_server_whose_standard_output_is_closed_keeps_serving() {
    for case in CASES {
        let mut command = binary(&format!("{}-server", case.lesson));
        command.args(["--listen", "0"]).args(case.options).args(case.model);
        command.stdout(Stdio::piped());
        let mut server = Killed(command.spawn().unwrap());
        let mut line = String::new();
        // The reader goes at the end of the statement, and the pipe with it.
        BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap().parse().unwrap();
        for _ in 0..2 {
            let [question, answer] = case.question;
            let client = Program::client(&format!("{}-client", case.lesson), address, case.options);
            let client = client.input(&format!("{question}\n")).finish();
            assert_eq!(client.stdout.trim_end(), answer.trim_end());
        }
    }
}
