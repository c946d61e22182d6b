//! The tutorial's client that fetches files, line for line, with its mistakes left in.
//!
//! `cargo run -p lesson08-server --example bare-lesson08-server`, then
//! `cargo run -p lesson08-client --example bare-lesson08-client`.

use std::io::{Read, Write, stdin};
use std::{fs::File, net::TcpStream};

fn main() -> std::io::Result<()> {
    let mut client = TcpStream::connect("127.0.0.1:8008")?;
    for name in stdin().lines().map_while(Result::ok) {
        // BROKEN: a blank line sends nothing, and then the read below waits for ever.
        client.write_all(name.as_bytes())?;
        let mut length = [0; 4];
        // BROKEN: one recv may return fewer than 4 bytes, and then this is no length.
        let _got = client.read(&mut length)?;
        // BROKEN: any length is believed, and one recv may return less than all of the header.
        let mut header = vec![0; i32::from_le_bytes(length) as usize];
        let _got = client.read(&mut header)?;
        let header: serde_json::Value = serde_json::from_slice(&header)?;
        let mut received = 0;
        if let Some(size) = header["lenth"].as_u64() {
            // BROKEN: what had this name is gone before the first byte of the new file is here.
            let mut file = File::create(format!("cpoy_{name}"))?;
            while received < size {
                let mut data = [0; 1024];
                // BROKEN: if the server closes now, n is 0 for ever, and so is this loop.
                let n = client.read(&mut data)?;
                file.write_all(&data[..n])?;
                received += n as u64;
            }
        }
        match received {
            0 => println!("no such file"), // BROKEN: or an empty one
            // BROKEN: the MD5 is shown, and nobody compares it.
            _ => println!("{name}: {} MB, MD5 {}", header["size(MB)"], header["md5"]),
        }
    }
    Ok(())
}
