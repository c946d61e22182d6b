//! A server of files, which serves one client after the other: `cargo run --bin lesson08-server PORT FOLDER`

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// No header is longer, in bytes.
const LIMIT: i32 = 64 * 1024;
/// No file is longer, in bytes.
const FILE_LIMIT: u64 = 16 * 1024 * 1024 * 1024;

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
    Ok(serde_json::from_slice(&header)?)
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

/// Says no: a status for the program, a sentence for the person. The client may ask for something else.
fn refuse(connection: &mut TcpStream, status: &str, message: &str) -> io::Result<()> {
    send_header(connection, json!({ "status": status, "message": message, "size": 0 }))
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

/// The path to which a name leads.
fn find(folder: &Path, name: &str) -> PathBuf {
    folder.join(name)
}

/// Answers with what there is in a folder.
fn list_folder(connection: &mut TcpStream, path: &Path) -> io::Result<()> {
    if !path.is_dir() {
        return refuse(connection, "no-such-file", "there is no folder of that name");
    }
    let mut entries = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let (name, about) = (entry.file_name(), entry.metadata()?);
        let name = name.to_string_lossy();
        entries.push(json!({ "name": name, "folder": about.is_dir(), "size": about.len() }));
    }
    let body = Value::from(entries).to_string();
    send_header(connection, json!({ "status": "ok", "size": body.len() }))?;
    connection.write_all(body.as_bytes())
}

/// Answers with a file: a header, its bytes, and a message with their MD5.
fn get(connection: &mut TcpStream, path: &Path) -> io::Result<()> {
    if !path.is_file() {
        return refuse(connection, "no-such-file", "there is no file of that name");
    }
    // ASK: send the file: a header with its size, its bytes, piece by piece, and a message with their MD5.
    // 请发送文件：先是带大小的报头，再一块一块地发内容，最后是一条带 MD5 的消息。
    refuse(connection, "failed", "this server does not send files yet")
}

/// Keeps a file that a client sends.
fn put(connection: &mut TcpStream, path: &Path, request: &Value) -> io::Result<()> {
    let size = number(request, "file_size")?;
    if size > FILE_LIMIT {
        return refuse(connection, "too-large", "the file is too long");
    }
    let (false, Some(folder)) = (path.is_dir(), path.parent()) else {
        return refuse(connection, "not-a-file", "there is a folder of that name");
    };
    if path.exists() && request["force"] != true {
        return refuse(connection, "exists", "there is a file of that name");
    }
    fs::create_dir_all(folder)?;
    let mut file = File::create(path)?;
    send_header(connection, json!({ "status": "ok", "size": 0 }))?;
    let header = receive_header(connection)?;
    if number(&header, "from")? != 0 || number(&header, "size")? != size {
        return Err(io::Error::other("that is not the whole file"));
    }
    copy(connection, &mut file, size)?;
    receive_header(connection)?;
    send_header(connection, json!({ "status": "ok", "size": 0 }))
}

/// Does what a client asks for. That it has left, receive_header finds out.
fn serve(connection: &mut TcpStream, folder: &Path) -> io::Result<()> {
    loop {
        let request = receive_header(connection)?;
        let (Some(name), 0) = (request["name"].as_str(), number(&request, "size")?) else {
            return Err(io::Error::other("that is no request"));
        };
        let path = find(folder, name);
        match request["do"].as_str() {
            Some("list") => list_folder(connection, &path)?,
            Some("get") => get(connection, &path)?,
            Some("put") => put(connection, &path, &request)?,
            _ => return Err(io::Error::other("nobody can do that")),
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().collect();
    let [_, port, folder] = words.as_slice() else { panic!("PORT FOLDER") };
    let server = TcpListener::bind(format!("127.0.0.1:{port}"))?;
    let folder = fs::canonicalize(folder)?;

    loop {
        let (mut connection, _address) = server.accept()?;
        if let Err(error) = serve(&mut connection, &folder) {
            match error.kind() {
                ErrorKind::UnexpectedEof => eprintln!("the client has left"),
                _ => eprintln!("the conversation ends: {error}"),
            }
        }
    }
}
