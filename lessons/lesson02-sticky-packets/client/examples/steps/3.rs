//! From `bare.rs` to `lib.rs`, step 3 of 3: to send a message is a function; these two change in lesson 03.
//!
//! `cargo run -p lesson02-server --example bare-lesson02-server-step-3`, then
//! `cargo run -p lesson02-client --example bare-lesson02-client-step-3`.

use std::io::{Read, Result, Write, stdin};
use std::net::TcpStream;

fn main() -> Result<()> {
    let mut client = TcpStream::connect("127.0.0.1:8002")?;
    for cmd in stdin().lines() {
        let cmd = cmd?;
        if cmd.trim().is_empty() {
            continue; // nothing would be sent, and both sides would wait for ever
        }
        send_message(&mut client, cmd.as_bytes())?;
        let Some(answer) = receive_message(&mut client)? else { break };
        println!("from server: {:?}", String::from_utf8_lossy(&answer));
    }
    Ok(())
}

/// Sends one message.
fn send_message(stream: &mut impl Write, message: &[u8]) -> Result<()> {
    // BROKEN: nothing on the wire says where this message ends and the next one begins.
    stream.write_all(message)
}

/// Receives one message; `None` when the peer has ended the stream.
fn receive_message(stream: &mut impl Read) -> Result<Option<Vec<u8>>> {
    let mut message = vec![0; 1024];
    // BROKEN: one recv is taken for one message. The rest of a longer answer is read as the answer to
    // the next command, and a command that prints nothing is waited for in vain.
    let got = stream.read(&mut message)?;
    message.truncate(got);
    Ok(if got > 0 { Some(message) } else { None })
}
