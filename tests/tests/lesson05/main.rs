//! Lesson 05: who waits for whom under each model, who is refused, and what one client can do to the
//! others.
// Programs are stopped, suspended and looked at by signals and /proc here, of which Windows has neither.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

mod bad_clients;
mod client;
mod ctrl_c;
mod memory;
mod models;
mod refusals;
mod tokio_example;

use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};

use e2e::{Server, socket};

/// The models that serve many at once.
const CONCURRENT_MODELS: [&[&str]; 3] =
    [&["--model", "thread"], &["--model", "pool", "--workers", "64"], &["--model", "event"]];

fn start(options: &[&[&str]]) -> Server {
    Server::lesson("lesson05-server", &options.concat())
}

#[track_caller]
fn assert_answered(client: &mut TcpStream, request: &str) {
    let answer = socket::exchange(client, request.as_bytes(), request.len());
    assert_eq!(String::from_utf8_lossy(&answer), request.to_ascii_uppercase());
}

/// Sends until the kernel at this end takes no more, and reads nothing.
fn send_without_reading(server: SocketAddr) -> TcpStream {
    let mut client = socket::connect(server);
    client.set_nonblocking(true).unwrap();
    // More than all buffers between the two hold.
    let mut sent = 0;
    loop {
        match client.write(&[b'x'; 65536]) {
            Ok(taken) => sent += taken,
            // The server has had enough of it already.
            Err(error) if error.kind() != ErrorKind::WouldBlock => break,
            Err(_) if sent > 0 => break,
            Err(_) => {}
        }
    }
    client
}
