//! From `bare.rs` to `lib.rs`, step 1 of 3: a list of programs in place of a shell.
//!
//! `cargo run -p lesson02-server --example bare-lesson02-server-step-1`, then
//! `cargo run -p lesson02-client --example bare-lesson02-client-step-1`.

use std::io::{Read, Write};
use std::net::TcpListener;

use command::{DEFAULT_ALLOWED, Runner};

fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:8002")?;
    println!("listening on {}", listener.local_addr()?);
    let runner = Runner::allowing(DEFAULT_ALLOWED.iter().copied());
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
            // Programs from a list, without a shell, and with limits in time, memory and output.
            let answer = runner.answer(&cmd[..n]).into_bytes();
            // BROKEN: no length; the client can only guess where the answer ends.
            conn.write_all(&answer)?;
        }
    }
}
