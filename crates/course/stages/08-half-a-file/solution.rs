//! A client that gets files from a server: `cargo run --bin lesson08-client HOST PORT FOLDER`

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;

use serde_json::{Value, json};

/// No header is longer, in bytes.
const LIMIT: i32 = 64 * 1024;

/// The next header. Where it says a size, so many bytes follow, which are still to be received.
fn receive_header(connection: &mut TcpStream) -> io::Result<Value> {
    let mut length = [0; 4];
    connection.read_exact(&mut length)?;
    let length = i32::from_le_bytes(length);
    if !(0..=LIMIT).contains(&length) {
        return Err(io::Error::other(format!("nobody means a header of {length} bytes")));
    }
    let mut header = vec![0; length as usize];
    connection.read_exact(&mut header)?;
    let header: Value = serde_json::from_slice(&header)?;
    if header["status"].is_null() {
        return Err(io::Error::other("a server's header has a status"));
    }
    Ok(header)
}

/// A number that stands in a header. It may be missing, below 0, or no number.
fn number(header: &Value, field: &str) -> io::Result<u64> {
    let missing = || io::Error::other(format!("a header should say its {field}"));
    header[field].as_u64().ok_or_else(missing)
}

/// Sends a header: its length in 4 bytes, the lowest first, then its JSON.
fn send_header(connection: &mut TcpStream, header: Value) -> io::Result<()> {
    let header = header.to_string();
    let length = header.len() as i32;
    connection.write_all(&[&length.to_le_bytes(), header.as_bytes()].concat())
}

/// Moves so many bytes from the source to the sink, and none of what follows them.
fn copy(source: &mut impl Read, sink: &mut impl Write, mut size: u64) -> io::Result<()> {
    let mut buffer = [0; 65536];
    while size > 0 {
        let most = size.min(65536) as usize;
        let length = source.read(&mut buffer[..most])?;
        if length == 0 {
            return Err(io::Error::other("it has ended inside a file"));
        }
        sink.write_all(&buffer[..length])?;
        size -= length as u64;
    }
    Ok(())
}

/// Receives a file of this size into `part`, and the message behind it.
fn receive_part(connection: &mut TcpStream, part: &Path, size: u64) -> io::Result<()> {
    copy(connection, &mut File::create(part)?, size)?;
    receive_header(connection)?;
    Ok(())
}

/// Gets a file, and keeps it in the folder under the last part of its name.
fn get(connection: &mut TcpStream, folder: &Path, name: &str) -> io::Result<()> {
    let Some(last) = Path::new(name).file_name() else {
        println!("{name} is no name of a file");
        return Ok(());
    };
    let path = folder.join(last);
    if path.exists() {
        println!("{} is here already", path.display());
        return Ok(());
    }
    send_header(connection, json!({ "do": "get", "name": name, "size": 0 }))?;
    let header = receive_header(connection)?;
    if header["status"] != "ok" {
        println!("the server refuses: {header}");
        return Ok(());
    }
    let size = number(&header, "size")?;
    if number(&header, "from")? != 0 || number(&header, "file_size")? != size {
        return Err(io::Error::other("that is not the whole file"));
    }
    let part = folder.join(format!(".{}.part", last.display()));
    let received = receive_part(connection, &part, size);
    match received {
        Ok(()) => fs::rename(&part, &path)?,
        Err(_) => _ = fs::remove_file(&part),
    }
    received?;
    println!("{} has {size} bytes", path.display());
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().collect();
    let [_, host, port, folder] = words.as_slice() else { panic!("HOST PORT FOLDER") };
    let mut connection = TcpStream::connect(format!("{host}:{port}"))?;

    for line in io::stdin().lines() {
        let line = line?;
        match line.trim().split_once(' ') {
            Some(("get", name)) => get(&mut connection, Path::new(folder), name)?,
            _ => println!("there is: get NAME"),
        }
    }
    Ok(())
}
