//! The client that comes back.

use std::net::SocketAddr;

use e2e::{Program, Server, Signal, binary, socket};

use crate::{assert_answered, start};

#[test]
fn a_client_tries_again_and_goes_on_when_its_server_is_back() {
    let server = start(&[]);
    let address = server.address;
    let options = ["--send", "hello", "--every", "20ms", "--count", "40"];
    let client = Program::client("lesson05-client", address, &options);
    client.wait_for_line("HELLO");
    server.signal(Signal::KILL);
    drop(server);
    client.wait_for_error("trying again in ");
    let mut again = binary("lesson05-server");
    again.args(["--listen", &address.to_string()]);
    let again = Server::start(again);
    let client = client.finish();
    assert_eq!(client.status, Some(0));
    assert_eq!(client.stdout, "HELLO\n".repeat(40));
    drop(again);
}

#[test]
fn a_client_gives_up_after_its_retries_and_says_so() {
    // Bound, so that nobody else takes the port; not listening, so calls are refused.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let client = Program::client("lesson05-client", address, &["--retries", "2", "--send", "x"]);
    let client = client.finish();
    assert_eq!(client.status, Some(1));
    let lines: Vec<&str> = client.stderr.lines().collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].contains("(1 of 2)") && lines[1].contains("(2 of 2)"), "{lines:?}");
    assert!(lines[2].contains("`cargo run -p lesson05-server`"), "{lines:?}");
}

#[test]
fn a_client_that_is_refused_waits_its_turn() {
    let server = start(&[&["--max-connections", "1"]]);
    let mut first = socket::connect(server.address);
    assert_answered(&mut first, "first");
    let client = Program::client("lesson05-client", server.address, &["--send", "hello"]);
    client.wait_for_error("busy: places for clients: 1, all taken");
    drop(first);
    let client = client.finish();
    assert_eq!((client.stdout.as_str(), client.status), ("HELLO\n", Some(0)));
}

#[test]
fn a_client_notices_before_it_asks_that_its_server_has_closed_meanwhile() {
    let server = start(&[&["--service", "command", "--idle-timeout", "100ms"]]);
    let options = ["--service", "command"];
    let mut client = Program::client("lesson05-client", server.address, &options);
    client.type_text("echo one\n");
    client.wait_for_line("one");
    server.wait_for_line(" closed: silent for 100ms");
    let client = client.input("echo two\n").finish();
    // The command was not sent on the old connection, so it need not be asked for again.
    assert_eq!((client.stdout.as_str(), client.stderr.as_str()), ("one\ntwo\n", ""));
    assert_eq!(client.status, Some(0));
}
