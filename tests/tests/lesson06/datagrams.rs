//! The proxy of datagrams, with lessons 04 and 09 on both sides of it.

use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use e2e::{DEADLINE, Program, Server, Signal, binary, socket, typed};

use crate::proxy;

/// A server of datagrams, and a proxy to it.
fn proxied(lesson: &str, options: &[&str]) -> (Server, Server) {
    let server = Server::lesson(lesson, &[]);
    let proxy = proxy(server.address, &[&["--udp"], options].concat());
    (server, proxy)
}

/// A client of this proxy.
fn client(proxy: SocketAddr) -> UdpSocket {
    let (client, _) = socket::bind_datagrams();
    client.connect(proxy).unwrap();
    client
}

fn ask(client: &UdpSocket, request: &[u8]) -> Vec<u8> {
    client.send(request).unwrap();
    socket::receive_datagram(client).0
}

#[test]
fn lesson_04_asks_again_until_every_answer_has_come_through_a_proxy_that_loses_a_fifth() {
    let (_server, proxy) = proxied("lesson04-server", &["--fault", "loss=20%"]);
    let questions: Vec<String> = (0..50).map(|number| format!("question {number}")).collect();
    let questions = typed(&questions.iter().map(String::as_str).collect::<Vec<_>>());
    let patient = ["--timeout", "50ms", "--retries", "100"];
    let client = proxy.ask("lesson04-client", &patient, &questions);
    assert_eq!(client.stdout, questions.to_ascii_uppercase());
    assert_eq!(client.status, Some(0));
    assert!(client.stderr.contains("no answer within 50ms; asked again ("), "nothing was lost");
    let proxy = proxy.stop();
    for direction in ["up", "down"] {
        let lost = format!(" fault {direction}: a datagram of ");
        assert!(proxy.stdout.contains(&lost) && proxy.stdout.contains(" bytes is lost\n"));
    }
    assert_eq!((proxy.status, proxy.stderr.as_str()), (Some(0), ""));
}

#[test]
fn lesson_09_sends_a_file_whole_through_a_proxy_that_loses_a_fifth() {
    let folder = tempfile::tempdir().unwrap();
    let (file, received) = (folder.path().join("a file"), folder.path().join("received"));
    fs::create_dir(&received).unwrap();
    let bytes: Vec<u8> = (0..300_000_u32).flat_map(|number| number.to_le_bytes()).collect();
    fs::write(&file, &bytes).unwrap();
    let root = ["--root", received.to_str().unwrap()];
    let server = Server::lesson("lesson09-server", &root);
    let proxy = proxy(server.address, &["--udp", "--quiet", "--fault", "loss=20%"]);
    let send = ["send", file.to_str().unwrap()];
    let client = Program::client("lesson09-client", proxy.address, &send);
    let client = client.finish_within(Duration::from_secs(120));
    assert_eq!(client.status, Some(0));
    assert!(!client.stdout.contains(" 0 of them again"), "nothing was lost");
    assert!(fs::read(received.join("a file")).unwrap() == bytes);
}

#[test]
fn each_client_has_a_flow_with_lines_like_those_of_connections() {
    let (server, proxy) = proxied("lesson04-server", &["--hex"]);
    let clients = [client(proxy.address), client(proxy.address)];
    for (client, text) in clients.iter().zip(["one", "other"]) {
        assert_eq!(ask(client, text.as_bytes()), text.to_ascii_uppercase().as_bytes());
        let who = client.local_addr().unwrap();
        proxy.wait_for_line(&format!("{who} flow to {}", server.address));
        let port = proxy.address.port();
        let length = text.len();
        proxy.wait_for_line(&format!("[{port}] {who} -> datagram of {length} bytes"));
        proxy.wait_for_line(&format!("[{port}] {who} <- datagram of {length} bytes"));
    }
    let proxy = proxy.stop();
    assert!(proxy.stdout.contains("    00000000  4f 54 48 45 52  "));
    let each = " flow ended: the proxy stops: 1 datagram (3 bytes) up, 1 datagram (3 bytes) down, ";
    assert!(proxy.stdout.contains(each));
    let last = "flows: 2, datagrams without a flow: 0, 2 datagrams (8 bytes) up, 2 datagrams (8 bytes) down\n";
    assert!(proxy.stdout.ends_with(last));
    assert_eq!(proxy.status, Some(0));
}

#[test]
fn a_silent_flow_ends_after_flow_timeout() {
    let (_server, proxy) = proxied("lesson04-server", &["--flow-timeout", "50ms"]);
    assert_eq!(ask(&client(proxy.address), b"hello"), b"HELLO");
    proxy.wait_for_line(" flow ended: silent for 50ms (--flow-timeout): 1 datagram (5 bytes) up, ");
}

#[test]
fn one_flow_too_many_is_refused_and_said_once() {
    let (_server, proxy) = proxied("lesson04-server", &["--max-connections", "1"]);
    let first = client(proxy.address);
    assert_eq!(ask(&first, b"hello"), b"HELLO");
    let newcomer = client(proxy.address);
    for _ in 0..100 {
        newcomer.send(b"no room").unwrap();
    }
    proxy.wait_for_line(" refused: places for flows: 1, all taken (--max-connections); ");
    assert_eq!(ask(&first, b"still here"), b"STILL HERE");
    // After a second of silence the first makes room.
    newcomer.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    while newcomer.recv(&mut [0; 9]).is_err() {
        newcomer.send(b"now").unwrap();
    }
    proxy.wait_for_line(
        " flow ended: silent, and another one needs its place (--max-connections): ",
    );
    assert_eq!(proxy.stop().stdout.matches(" refused: ").count(), 1);
}

#[test]
fn faults_that_are_typed_are_seen_by_flows_that_last() {
    let (_server, mut proxy) = proxied("lesson04-server", &[]);
    let client = client(proxy.address);
    assert_eq!(ask(&client, b"before"), b"BEFORE");
    proxy.type_text("fault down:duplicate=100%\nfaults\nfault slice=1\n");
    proxy.wait_for_line("faults from now on: down:duplicate=100%");
    proxy.wait_for_line("faults: down:duplicate=100%");
    proxy.wait_for_error("commands: `slice=1` is no fault: write loss=30%");
    assert_eq!(ask(&client, b"twice"), b"TWICE");
    assert_eq!(socket::receive_datagram(&client).0, b"TWICE");
    proxy.type_text("fault delay=1h\n");
    proxy.wait_for_line("faults from now on: delay=1h");
    client.send(b"late").unwrap();
    client.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    client.recv(&mut [0]).unwrap_err();
    client.set_read_timeout(Some(DEADLINE)).unwrap();
    proxy.type_text("no fault\n");
    assert_eq!(socket::receive_datagram(&client).0, b"LATE");
}

#[test]
fn an_upstream_that_comes_and_goes_ends_nothing() {
    let (silent, address) = socket::bind_datagrams();
    drop(silent);
    let proxy = proxy(address, &["--udp"]);
    let client = client(proxy.address);
    for _ in 0..10 {
        client.send(b"is anybody there?").unwrap();
    }
    let said = format!("nobody listens at the upstream, {address}: Connection refused");
    assert!(proxy.wait_for_line(&said).contains("is it running?"));
    let mut server = binary("lesson04-server");
    server.args(["--listen", &address.to_string()]);
    let _server = Server::start(server);
    // What was sent before may be answered first.
    client.send(b"hello").unwrap();
    while socket::receive_datagram(&client).0 != b"HELLO" {}
    let proxy = proxy.stop();
    assert_eq!(proxy.status, Some(0));
    assert_eq!(proxy.stdout.matches("nobody listens").count(), 1);
}

#[test]
fn several_routes_each_begin_their_lines_with_the_port() {
    let servers = [Server::lesson("lesson04-server", &[]), Server::lesson("lesson04-server", &[])];
    let mut command = binary("lesson06-server");
    command.arg("--udp");
    for server in &servers {
        command.args(["--route", &format!("0={}", server.address)]);
    }
    let proxy = Program::start(command);
    proxy.wait_until("two addresses", |log, _| log.matches("listening on ").count() == 2);
    let lines = proxy.wait_for_line("listening on ");
    let first: SocketAddr = lines.strip_prefix("listening on ").unwrap().parse().unwrap();
    assert_eq!(ask(&client(first), b"hello"), b"HELLO");
    let line = proxy.wait_for_line(" flow to ");
    assert!(line.starts_with(&format!("[{}] ", first.port())), "{line}");
    assert!(line.ends_with(&servers[0].address.to_string()), "{line}");
    proxy.signal(Signal::INT);
    assert_eq!(proxy.finish().status, Some(0));
}

#[test]
fn what_does_not_go_together_is_wrong_usage() {
    for (options, advice) in [
        (&["--udp", "--engine", "threads"][..], "--engine"),
        (&["--udp", "--frames"], "--frames"),
        (&["--flow-timeout", "1s"], "--udp"),
        (&["--udp", "--fault", "slice=1"], "`slice=1` is for connections, without --udp"),
        (&["--fault", "loss=20%"], "`loss=20%` is for datagrams: add --udp"),
        (&["--udp", "--fault", "flood=1"], "`flood=1` is no fault: write loss=30%"),
        (&["--udp", "--listen", "8006", "--upstream", "8006"], "where this proxy listens itself"),
    ] {
        let mut command = binary("lesson06-server");
        command.args(options);
        let proxy = Program::start(command).input("").finish();
        assert_eq!(proxy.status, Some(2), "{options:?}");
        assert!(proxy.stderr.contains(advice), "{options:?}: {}", proxy.stderr);
    }
}
