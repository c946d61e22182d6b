//! The program as a process: its exit status, and what it prints where.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use process::{Finished, Process};
use socket2::{Domain, Socket, Type};

use crate::BUSY;

/// Never waited for, unless the machine is busy.
fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn client(server: SocketAddr, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lesson05-client"));
    command.args(["--connect", &server.to_string()]).args(args);
    command
}

fn run(server: SocketAddr, args: &[&str], input: &str) -> Finished {
    process::run(client(server, args), input, soon()).unwrap()
}

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// A port on which nobody listens, and that nobody else can take.
fn taken_port() -> (Socket, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    (socket, address)
}

/// Answers in upper case until the client leaves, and returns all that it sent.
fn shout(stream: &mut TcpStream) -> String {
    let (mut all, mut buffer) = (Vec::new(), [0; 1024]);
    loop {
        let got = stream.read(&mut buffer).unwrap();
        if got == 0 {
            return String::from_utf8(all).unwrap();
        }
        all.extend(&buffer[..got]);
        stream.write_all(&buffer[..got].to_ascii_uppercase()).unwrap();
    }
}

#[test]
fn what_is_typed_is_answered_blank_lines_are_left_out_and_the_end_is_an_orderly_one() {
    let (listener, address) = listen();
    let server = thread::spawn(move || shout(&mut listener.accept().unwrap().0));
    let end = run(address, &[], "hello\n\n 你好 world \nquit\nnever\n");
    let expected = (Some(0), "HELLO\n你好 WORLD\n", "");
    assert_eq!((end.status, &*end.stdout, &*end.stderr), expected);
    assert_eq!(server.join().unwrap(), "hello你好 world");
}

#[test]
fn a_text_is_sent_as_often_as_it_should_be() {
    for (args, times) in [(&["--count", "3", "--every", "1ms"][..], 3), (&[], 1)] {
        let (listener, address) = listen();
        let server = thread::spawn(move || shout(&mut listener.accept().unwrap().0));
        let end = run(address, &[&["--send", "hi"], args].concat(), "not read");
        assert_eq!((end.status, end.stdout), (Some(0), "HI\n".repeat(times)), "{args:?}");
        assert_eq!(server.join().unwrap(), "hi".repeat(times));
    }
}

#[test]
fn a_server_that_starts_late_is_found_and_the_person_is_told_in_the_meantime() {
    let (socket, address) = taken_port();
    let mut client = Process::start(client(address, &[])).unwrap();
    client.type_text("hello\n");
    client.end_input();
    let line = client.wait_for(soon(), |output| output.stderr.lines().next()).unwrap();
    assert!(line.starts_with(&format!("cannot connect to {address}: ")), "{line}");
    assert!(line.contains("; trying again in 1") && line.ends_with("ms (1 of 10)"), "{line}");
    socket.listen(8).unwrap();
    let listener = TcpListener::from(socket);
    let server = thread::spawn(move || shout(&mut listener.accept().unwrap().0));
    let end = client.finish(soon()).unwrap();
    assert_eq!((end.status, &*end.stdout), (Some(0), "HELLO\n"));
    assert_eq!(server.join().unwrap(), "hello");
}

#[test]
fn who_gives_up_says_so_in_the_last_line_and_with_the_exit_status() {
    let (_socket, address) = taken_port();
    let end = run(address, &["--retries", "1"], "hello\n");
    assert_eq!((end.status, &*end.stdout), (Some(1), ""), "{end:?}");
    let lines: Vec<&str> = end.stderr.lines().collect();
    let [again, last] = lines[..] else { panic!("not two lines: {end:?}") };
    assert!(again.ends_with("(1 of 1)"), "{again}");
    assert!(last.contains("gave up after --retries 1: ") && last.contains("cargo run"), "{last}");
}

#[test]
fn a_command_whose_answer_was_lost_makes_the_exit_status_1_and_the_rest_is_still_answered() {
    let (listener, address) = listen();
    let server = thread::spawn(move || {
        let mut commands = Vec::new();
        for answers in [false, true] {
            let (mut stream, _) = listener.accept().unwrap();
            while let Some(command) = wire::read_frame(&mut stream, 1024).unwrap() {
                let output = [&command, &b"!\n"[..]].concat();
                commands.push(String::from_utf8(command).unwrap());
                if !answers {
                    break;
                }
                wire::write_frame(&mut stream, &output).unwrap();
            }
        }
        commands
    });
    let end = run(address, &["--service", "command"], "one\ntwo\nthree\n");
    assert_eq!((end.status, &*end.stdout), (Some(1), "two!\nthree!\n"), "{end:?}");
    assert!(end.stderr.contains("so it is not sent again; connecting again in"), "{end:?}");
    assert!(end.stderr.ends_with("whose answer was lost: 1\n"), "{end:?}");
    assert_eq!(server.join().unwrap(), ["one", "two", "three"]);
}

#[test]
fn a_server_without_room_is_asked_again() {
    let (listener, address) = listen();
    let server = thread::spawn(move || {
        let (mut full, _) = listener.accept().unwrap();
        full.write_all(BUSY).unwrap();
        full.shutdown(std::net::Shutdown::Write).unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        shout(&mut stream)
    });
    let end = run(address, &[], "hello\n");
    assert_eq!((end.status, &*end.stdout), (Some(0), "HELLO\n"), "{end:?}");
    assert!(end.stderr.contains("busy: places for clients: 2, all taken"), "{end:?}");
    assert_eq!(server.join().unwrap(), "hello");
}

#[test]
fn the_answers_text_may_be_in_another_encoding() {
    let (listener, address) = listen();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        _ = stream.read(&mut [0; 100]).unwrap();
        stream.write_all(&[0xba, 0xba, 0xd7, 0xd6]).unwrap();
        _ = stream.read(&mut [0; 100]).unwrap();
    });
    let end = run(address, &["--service", "reply", "--encoding", "gbk"], "hello\n");
    assert_eq!((end.status, &*end.stdout), (Some(0), "汉字\n"), "{end:?}");
    server.join().unwrap();
}

#[test]
fn over_udp_a_blank_line_is_a_question_too() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let server = thread::spawn(move || {
        let mut asked = Vec::new();
        let mut buffer = [0; 100];
        while asked.last().map(String::as_str) != Some("bye") {
            let (got, from) = socket.recv_from(&mut buffer).unwrap();
            asked.push(String::from_utf8_lossy(&buffer[..got]).into_owned());
            socket.send_to(&buffer[..got].to_ascii_uppercase(), from).unwrap();
        }
        asked
    });
    let end = run(address, &["--udp"], "hello\n\nbye\n");
    assert_eq!(
        (end.status, &*end.stdout),
        (Some(0), "HELLO\n(an empty message)\nBYE\n"),
        "{end:?}"
    );
    assert!(server.join().unwrap().contains(&String::new()));
}

#[test]
fn over_udp_too_who_gives_up_says_so() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let end = run(address, &["--udp", "--retries", "1", "--timeout", "1ms"], "hello\n");
    assert_eq!((end.status, &*end.stdout), (Some(1), ""), "{end:?}");
    let lines: Vec<&str> = end.stderr.lines().collect();
    let [again, last] = lines[..] else { panic!("not two lines: {end:?}") };
    assert_eq!(again, "no answer; asked again (1 of 1)");
    assert!(last.contains(&format!("no answer from {address} in 2 tries")), "{last}");
}

#[test]
fn what_does_not_go_together_is_wrong_usage() {
    let (_socket, address) = taken_port();
    for args in [
        &["--udp", "--service", "command"][..],
        &["--send", ""],
        &["--send", "x", "--count", "0"],
        &["--every", "1s"],
        &["--count", "2"],
    ] {
        let end = run(address, args, "");
        assert_eq!((end.status, &*end.stdout), (Some(2), ""), "{args:?}: {end:?}");
    }
}
