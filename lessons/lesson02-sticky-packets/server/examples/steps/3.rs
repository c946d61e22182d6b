//! From `bare.rs` to `lib.rs`, step 3 of 3: to send a message is a function; these two change in lesson 03.
//!
//! `cargo run -p lesson02-server --example bare-lesson02-server-step-3`, then
//! `cargo run -p lesson02-client --example bare-lesson02-client-step-3`.

use std::io::{Read, Result, Write};
use std::net::TcpListener;

use command::{DEFAULT_ALLOWED, Runner};

fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:8002")?;
    println!("listening on {}", listener.local_addr()?);
    let runner = Runner::allowing(DEFAULT_ALLOWED.iter().copied());
    loop {
        let (mut conn, client) = listener.accept()?;
        println!("from client: {client}");
        while let Some(cmd) = receive_message(&mut conn)? {
            println!("cmd: {:?}", String::from_utf8_lossy(&cmd));
            // Programs from a list, without a shell, and with limits in time, memory and output.
            let answer = runner.answer(&cmd).into_bytes();
            send_message(&mut conn, &answer)?;
        }
    }
}

/// Sends one message.
fn send_message(stream: &mut impl Write, message: &[u8]) -> Result<()> {
    // BROKEN: nothing on the wire says where this message ends and the next one begins.
    stream.write_all(message)
}

/// Receives one message; `None` when the peer has ended the stream.
fn receive_message(stream: &mut impl Read) -> Result<Option<Vec<u8>>> {
    let mut message = vec![0; 1024];
    // BROKEN: one recv is taken for one message, whether half of one came or two.
    let got = stream.read(&mut message)?;
    message.truncate(got);
    Ok(if got > 0 { Some(message) } else { None })
}
