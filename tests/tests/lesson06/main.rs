//! Lesson 06: what clients and servers see of a proxy in between, which should be nothing, and what
//! a person at its terminal sees of them.
// Programs are stopped, suspended and looked at by signals and /proc here, of which Windows has neither.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

mod back_pressure;
mod commands;
mod cuts;
mod datagrams;
mod ends;
mod faults;
mod probe;
mod routes;
mod start_and_stop;
mod views;

use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpStream};

use e2e::{Finished, Server, socket};

const ENGINES: [&[&str]; 2] = [&["--engine", "relay"], &["--engine", "threads"]];

/// A proxy to this address.
#[track_caller]
fn proxy(upstream: SocketAddr, options: &[&str]) -> Server {
    let upstream = upstream.to_string();
    Server::lesson("lesson06-server", &[&["--upstream", &upstream][..], options].concat())
}

/// An echo in upper case, and a proxy to it.
#[track_caller]
fn proxied_echo(options: &[&str]) -> (Server, Server) {
    let echo = Server::lesson("lesson05-server", &["--model", "event"]);
    let proxy = proxy(echo.address, options);
    (echo, proxy)
}

#[track_caller]
fn assert_answered(client: &mut TcpStream, request: &str) {
    let answer = socket::exchange(client, request.as_bytes(), request.len());
    assert_eq!(String::from_utf8_lossy(&answer), request.to_ascii_uppercase());
}

#[track_caller]
fn half_close_and_receive(mut client: TcpStream) -> String {
    client.shutdown(Shutdown::Write).unwrap();
    String::from_utf8(socket::receive_to_end(&mut client)).unwrap()
}

/// The program has ended with this status, and one line of error that says this.
#[track_caller]
fn assert_error(program: &Finished, status: i32, text: &str) {
    assert_eq!(program.status, Some(status));
    assert!(program.stderr.contains(text), "no {text:?} in {:?}", program.stderr);
    assert_eq!(program.stderr.lines().count(), 1, "{:?}", program.stderr);
}

/// Two bytes that are sent into one end come out of the other.
#[track_caller]
fn assert_passed(from: &mut TcpStream, to: &mut TcpStream) {
    from.write_all(b"hi").unwrap();
    assert_eq!(socket::receive(to, 2), b"hi");
}
