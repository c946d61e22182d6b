//! The tutorial's remote command server, with a struct header, line for line, with its mistakes left in.
//!
//! `cargo run -p lesson03-server --example bare-lesson03-server -- shell`, then
//! `cargo run -p lesson03-client --example bare-lesson03-client`. The server runs what anyone on this
//! machine sends to its port, a web page too where the browser lets it: hence the word `shell`.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

fn main() -> std::io::Result<()> {
    if std::env::args().nth(1).as_deref() != Some("shell") {
        println!("this may let a web page run commands; add `-- shell` if you mean it");
        return Ok(());
    }
    let listener = TcpListener::bind("127.0.0.1:8003")?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (mut conn, client) = listener.accept()?;
        println!("from client: {client}");
        loop {
            let mut cmd = [0; 1024];
            // BROKEN: one recv is taken for one command, whether half of one came or two.
            let n = conn.read(&mut cmd)?;
            if n == 0 {
                break;
            }
            println!("cmd: {:?}", String::from_utf8_lossy(&cmd[..n]));
            // BROKEN: a shell for whoever connects, without a limit in time or size.
            let cmd = String::from_utf8_lossy(&cmd[..n]).into_owned();
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
