//! Clients that reset, leave, lie, stall, or say nothing.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::process::{Child, Stdio};
use std::time::Duration;

use e2e::{Program, Server, binary, socket};

use crate::case::{CASES, Case};

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
        let before = server.peak_memory();
        for length in case.lengths {
            let mut client = socket::send(server.address, &[length]);
            if !case.frames() {
                // To these it is a message like any other.
                client.shutdown(Shutdown::Write).unwrap();
            }
            socket::receive_to_end(&mut client);
        }
        let grown = server.peak_memory() - before;
        assert!(grown < 4096, "the server has grown by {grown} KiB");
        case.assert_serves(&server);
    }
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
        let silent = [(); SILENT].map(|()| socket::begin_to_connect(server.address));
        case.assert_serves(&server);
        server.wait_until("that all were silent", |log, _| {
            log.matches(" closed: silent for 10ms (--idle-timeout)\n").count() >= SILENT
        });
        drop(silent);
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
