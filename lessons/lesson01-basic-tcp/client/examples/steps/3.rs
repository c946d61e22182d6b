//! From `bare.rs` to `lib.rs`, step 3 of 3: a wait has an end.
//!
//! `cargo run -p lesson01-server --example bare-lesson01-server-step-3`, then
//! `cargo run -p lesson01-client --example bare-lesson01-client-step-3`.

use std::io::{Read, Write, stdin};
use std::net::TcpStream;
use std::time::Duration;

/// How long the server may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

fn main() -> std::io::Result<()> {
    let mut phone = TcpStream::connect("127.0.0.1:8001")?;
    phone.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    phone.set_write_timeout(Some(ANSWER_TIMEOUT))?;
    // The tutorial's loop ends only when Ctrl-C kills it; this one also ends with its input.
    for line in stdin().lines() {
        let msg = line?.trim().to_owned();
        if msg.is_empty() {
            continue; // nothing would be sent, and both sides would wait for ever
        }
        let Some(answer) = ask(&mut phone, msg.as_bytes())? else { break };
        println!("{:?}", String::from_utf8_lossy(&answer));
    }
    Ok(())
}

/// One exchange, over any stream; `None` if the server sends no more.
fn ask(phone: &mut (impl Read + Write), request: &[u8]) -> std::io::Result<Option<Vec<u8>>> {
    // Python's sendall: it sends again until the kernel has taken all.
    phone.write_all(request)?;
    let mut data = [0; 1024];
    // BROKEN: one recv is taken for the whole answer.
    let n = phone.read(&mut data)?;
    Ok(if n == 0 { None } else { Some(data[..n].to_vec()) })
}
