//! A client that sends a film, whose pictures are all the same: `cargo run --bin lesson07-client HOST PORT`

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

/// A gray picture of 64 x 48 pixels, as a JPEG.
const PICTURE: &[u8] = b"\
    \xff\xd8\xff\xe0\x00\x10\x4a\x46\x49\x46\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xdb\
    \x00\x43\x00\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\
    \x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\
    \x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08\
    \x08\xff\xc0\x00\x0b\x08\x00\x30\x00\x40\x01\x01\x11\x00\xff\xc4\x00\x1c\x00\x00\x00\x00\
    \x09\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x02\x03\x04\x05\x06\x07\x08\
    \xff\xc4\x00\x14\x10\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\
    \xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x6a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\
    \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\xff\xd9";

/// Sends the picture, with a header in front of it and the header's length in front of that.
fn send_frame(connection: &mut TcpStream, sequence: u64) -> io::Result<()> {
    // ASK: send a header in front: its length in 4 bytes, then JSON with sequence, captured, width, height and size.
    // 在前面加上报头：先是 4 个字节的长度，再是 JSON，包含 sequence、captured、width、height 和 size。
    println!("frame {sequence}");
    connection.write_all(PICTURE)
}

fn main() -> Result<(), Box<dyn Error>> {
    let host = env::args().nth(1).ok_or("the host is missing")?;
    let port = env::args().nth(2).ok_or("the port is missing")?;
    let mut connection = TcpStream::connect(format!("{host}:{port}"))?;
    for sequence in 1.. {
        send_frame(&mut connection, sequence)?;
        thread::sleep(Duration::from_secs(1) / 30);
    }
    Ok(())
}
