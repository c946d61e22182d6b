//! The tutorial's file server, line for line, with its mistakes left in.
//!
//! `cargo run -p lesson08-server --example bare-lesson08-server`, then
//! `cargo run -p lesson08-client --example bare-lesson08-client`. It gives any file that you can
//! read to any program on this machine: only while you try it.

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpListener;

use md5::{Digest, Md5};

#[expect(clippy::never_loop, reason = "BROKEN: the first client to break off ends it for everyone")]
fn main() -> std::io::Result<()> {
    let server = TcpListener::bind("127.0.0.1:8008")?;
    loop {
        let (mut conn, _) = server.accept()?;
        loop {
            let mut name = [0; 1024];
            // BROKEN: one recv is taken for one name, and `../x` and `/etc/passwd` are names.
            let n = conn.read(&mut name)?;
            let name = String::from_utf8_lossy(&name[..n]).into_owned();
            // BROKEN: the whole file in memory. Python reads lines, and a file may be one line.
            let Ok(content) = std::fs::read(&name) else {
                conn.write_all(b"\x02\0\0\0{}")?;
                continue; // BROKEN: also when the client has left, and again, until that fails.
            };
            let (size, md5) = (content.len(), u128::from_be_bytes(Md5::digest(&content).into()));
            let mb = (size as f64 / 10485.76).round() / 100.0;
            let head = format!(r#"{{"lenth": {size}, "md5": "{md5:032x}", "size(MB)": {mb:?}}}"#);
            conn.write_all(&(head.len() as i32).to_le_bytes())?;
            conn.write_all(head.as_bytes())?;
            let (mut file, mut data) = (File::open(&name)?, [0; 1024]);
            // BROKEN: no end. Behind the file's last byte it sends nothing, again and again.
            while let Ok(n) = file.read(&mut data) {
                conn.write_all(&data[..n])?;
            }
        }
    }
}
