//! From `bare.rs` to `lib.rs`, step 2 of 3: a limit on what a length may claim.
//!
//! `cargo run -p lesson03-server --example bare-lesson03-server-step-2 -- shell`, then
//! `cargo run -p lesson03-client --example bare-lesson03-client-step-2`. The server runs what anyone on
//! this machine sends to its port: hence the word `shell`.

use std::io::{Error, Read, Result, Write};
use std::net::TcpListener;
use std::process::Command;

/// The most bytes that a message may have.
const LIMIT: i32 = 16 * 1024 * 1024;

fn main() -> Result<()> {
    if std::env::args().nth(1).as_deref() != Some("shell") {
        println!("this may let a web page run commands; add `-- shell` if you mean it");
        return Ok(());
    }
    let listener = TcpListener::bind("127.0.0.1:8003")?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (mut conn, client) = listener.accept()?;
        println!("from client: {client}");
        // BROKEN: a message that is cut off looks like a client that has left in order.
        while let Ok(cmd) = receive_message(&mut conn) {
            println!("cmd: {:?}", String::from_utf8_lossy(&cmd));
            // BROKEN: a shell for whoever connects, without a limit in time or size.
            let cmd = String::from_utf8_lossy(&cmd).into_owned();
            let (shell, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
            let output = Command::new(shell).args([option, &cmd]).output()?;
            // Python's struct.pack('i', n) on x86: 4 bytes, little-endian.
            // BROKEN: an answer above i32::MAX bytes gets a wrong length, and nobody notices.
            let length = (output.stdout.len() + output.stderr.len()) as i32;
            conn.write_all(&length.to_le_bytes())?;
            conn.write_all(&output.stdout)?;
            conn.write_all(&output.stderr)?;
        }
    }
}

fn receive_message(stream: &mut impl Read) -> Result<Vec<u8>> {
    let mut header = [0; 4];
    stream.read_exact(&mut header)?;
    // A length is only a claim: it is checked before memory is taken for it.
    let length = i32::from_le_bytes(header);
    if !(0..=LIMIT).contains(&length) {
        return Err(Error::other(format!("length {length} is not between 0 and {LIMIT}")));
    }
    let mut message = vec![0; length as usize];
    stream.read_exact(&mut message)?;
    Ok(message)
}
