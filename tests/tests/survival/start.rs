//! Programs that do not begin, or not on the port that they should have, say why; and a client that was
//! suspended goes on.

use std::io::Write;
use std::net::SocketAddr;

use e2e::{Finished, Program, Server, binary, socket};
use socket2::{Domain, Socket, Type};

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
        assert_error(&run(name, &["--listen", "0.0.0.0:0"]), 2, "--expose");
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
