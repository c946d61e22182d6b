//! Ctrl-C: who is in the middle of something may finish it, and nobody else is waited for.

use std::io::Write;
use std::time::{Duration, Instant};

use e2e::{Program, Signal, socket};

use crate::case::CASES;

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
