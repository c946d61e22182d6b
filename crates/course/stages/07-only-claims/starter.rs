//! A server that takes a film, a picture after the other: `cargo run --bin lesson07-server PORT`

use std::env;
use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::{Value, json};

/// So many bytes, with as many calls of read as it takes.
fn receive_exactly(connection: &mut TcpStream, size: u64) -> io::Result<Vec<u8>> {
    let mut data = Vec::new();
    connection.take(size).read_to_end(&mut data)?;
    if (data.len() as u64) < size {
        return Err(io::Error::other("the stream has ended"));
    }
    Ok(data)
}

/// The next header, and the JPEG behind it.
fn receive_frame(connection: &mut TcpStream) -> io::Result<(Value, Vec<u8>)> {
    let length = receive_exactly(connection, 4)?;
    let length = i32::from_le_bytes([length[0], length[1], length[2], length[3]]);
    // ASK: each of these numbers is a claim. Check it against a limit before it is used.
    // 这些数都是对方的一面之词。使用之前，先和上限比较。
    let header = receive_exactly(connection, length as u64)?;
    let header: Value = serde_json::from_slice(&header)?;
    let size = header["size"].as_u64().ok_or(io::Error::other("a header without a size"))?;
    let picture = receive_exactly(connection, size)?;
    Ok((header, picture))
}

/// Sends a header: its length in 4 bytes, the lowest first, then its JSON.
fn send_header(connection: &mut TcpStream, header: &Value) -> io::Result<()> {
    let data = header.to_string();
    let length = data.len() as i32;
    connection.write_all(&[&length.to_le_bytes(), data.as_bytes()].concat())
}

/// Width and height, as the JPEG says them; nothing if it is none, or not whole.
fn picture_size(jpeg: &[u8]) -> Option<(u64, u64)> {
    let mut rest = jpeg.strip_prefix(b"\xff\xd8").filter(|it| it.ends_with(b"\xff\xd9"))?;
    while let [0xff, kind, high, low, ..] = *rest {
        // This segment says how large the picture is.
        if matches!(kind, 0xc0..=0xc2) {
            let [_, h1, h0, w1, w0, ..] = *rest.get(4..)? else { return None };
            let (width, height) = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
            return Some((width.into(), height.into()));
        }
        let length = u16::from_be_bytes([high, low]);
        rest = rest.get(2 + usize::from(length)..)?;
    }
    None
}

/// Takes a film. That the client has left, receive_frame finds out.
fn converse(connection: &mut TcpStream) -> io::Result<()> {
    loop {
        let (header, picture) = receive_frame(connection)?;
        let (width, height) = picture_size(&picture).ok_or(io::Error::other("no whole JPEG"))?;
        if header["width"] != width || header["height"] != height {
            return Err(io::Error::other("the header says another size than the JPEG"));
        }
        // ASK: this number of pixels is a claim, too.
        // 像素有多少，同样是对方的一面之词。
        println!("frame {} has {} bytes", header["sequence"], picture.len());
        send_header(connection, &json!({ "received": header["sequence"], "size": 0 }))?;
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let port = env::args().nth(1).ok_or("the port is missing")?;
    let server = TcpListener::bind(format!("127.0.0.1:{port}"))?;
    loop {
        let (mut connection, _address) = server.accept()?;
        if let Err(error) = converse(&mut connection) {
            println!("the film ends: {error}");
        }
    }
}
