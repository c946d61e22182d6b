//! From `bare.rs` to `lib.rs`, step 2 of 3: to receive a message is a function.
//!
//! `cargo run -p lesson02-server --example bare-lesson02-server-step-2`, then
//! `cargo run -p lesson02-client --example bare-lesson02-client-step-2`.

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
            // BROKEN: no length; the client can only guess where the answer ends.
            conn.write_all(&answer)?;
        }
    }
}

/// Receives one message; `None` when the peer has ended the stream.
fn receive_message(stream: &mut impl Read) -> Result<Option<Vec<u8>>> {
    let mut message = vec![0; 1024];
    // BROKEN: one recv is taken for one message, whether half of one came or two.
    let got = stream.read(&mut message)?;
    message.truncate(got);
    Ok(if got > 0 { Some(message) } else { None })
}
