//! What these tests share: both programs, pictures that were really filmed, and the bytes of a frame.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::OnceLock;

use e2e::{Program, Server, cargo, socket};
use serde_json::{Value, json};

/// Both ways to speak.
pub(crate) const DIALECTS: [&[&str]; 2] = [&[], &["--dialect", "tutorial"]];

/// How large the pictures of these tests are, in pixels.
pub(crate) const SIZE: [u32; 2] = [320, 240];

/// How many pictures a film has that [`make`] makes.
pub(crate) const MADE: u64 = 300;

/// The most that a test takes for a frame, in bytes.
const LIMIT: usize = 1 << 24;

/// A server that shows nothing.
#[track_caller]
pub(crate) fn server(options: &[&str]) -> Server {
    Server::lesson("lesson07-server", &[&["--view", "none"], options].concat())
}

/// A client that films the test pattern, in small pictures.
#[track_caller]
pub(crate) fn client(server: SocketAddr, options: &[&str]) -> Program {
    let [width, height] = SIZE;
    let size = format!("{width}x{height}");
    Program::client("lesson07-client", server, &[&["--size", &size], options].concat())
}

/// Makes a film, as the lesson's text says.
#[track_caller]
pub(crate) fn make(path: &Path, size: [u32; 2]) {
    let mut command = cargo();
    command.args(["run", "--quiet", "-p", "lesson07-client", "--example", "film", "--"]);
    command.arg(path).args(size.map(|side| side.to_string()));
    assert!(command.status().unwrap().success(), "{command:?}");
}

/// A frame as it came from a client.
pub(crate) struct Frame {
    pub(crate) header: Value,
    pub(crate) picture: Vec<u8>,
}

impl Frame {
    pub(crate) fn number(&self, field: &str) -> u64 {
        self.header[field].as_u64().unwrap_or_else(|| panic!("no {field} in {}", self.header))
    }
}

/// Receives a frame, and nothing of the next; `None` if the client has ended instead.
#[track_caller]
pub(crate) fn receive(client: &mut TcpStream) -> Option<Frame> {
    let header = wire::read_frame(client, LIMIT).unwrap()?;
    let header: Value = serde_json::from_slice(&header).unwrap();
    let picture = wire::read_body(client, header["size"].as_u64().unwrap(), LIMIT).unwrap();
    Some(Frame { header, picture })
}

/// The server's word that a frame has arrived.
#[track_caller]
pub(crate) fn confirm(client: &mut TcpStream, frame: &Frame) {
    let word = json!({"received": frame.number("sequence"), "size": 0});
    client.write_all(&socket::frame(word.to_string().as_bytes())).unwrap();
}

/// Three pictures, filmed by the client for this test: JPEG of [`SIZE`], no two of them the same.
pub(crate) fn pictures() -> &'static [Vec<u8>; 3] {
    static PICTURES: OnceLock<[Vec<u8>; 3]> = OnceLock::new();
    PICTURES.get_or_init(|| {
        let (listener, address) = socket::listen();
        let _client = client(address, &[]);
        let mut stream = socket::accept(&listener);
        [(); 3].map(|()| {
            let frame = receive(&mut stream).unwrap();
            confirm(&mut stream, &frame);
            frame.picture
        })
    })
}

/// A message with a frame, as a client sends it: these words in the header, then these bytes.
pub(crate) fn message(header: &Value, picture: &[u8]) -> Vec<u8> {
    [&socket::frame(header.to_string().as_bytes()), picture].concat()
}

/// The header that belongs to a picture of [`SIZE`].
pub(crate) fn header(sequence: u64, picture: &[u8]) -> Value {
    let [width, height] = SIZE;
    json!({
        "sequence": sequence,
        "captured": 1_763_700_000_000_000_u64,
        "width": width,
        "height": height,
        "size": picture.len(),
    })
}

/// The test sends this picture in our dialect, and waits for the server's word.
#[track_caller]
pub(crate) fn assert_confirmed(client: &mut TcpStream, sequence: u64, picture: &[u8]) {
    client.write_all(&message(&header(sequence, picture), picture)).unwrap();
    assert_heard(client, sequence);
}

/// The server's next word is that this frame has arrived.
#[track_caller]
pub(crate) fn assert_heard(client: &mut TcpStream, sequence: u64) {
    let word = wire::read_frame(client, LIMIT).unwrap();
    let word: Value = serde_json::from_slice(&word.unwrap_or_default()).unwrap_or_default();
    assert_eq!(word, json!({"received": sequence, "size": 0}));
}

/// The test sends this picture as the tutorial's client does.
#[track_caller]
pub(crate) fn assert_said_ok(client: &mut TcpStream, picture: &[u8]) {
    let number = format!("{}, ", picture.len());
    assert_eq!(socket::exchange(client, number.as_bytes(), 2), b"ok");
    assert_eq!(socket::exchange(client, picture, 2), b"ok");
}

/// A client of its own sends a picture, and the server takes it as if nothing had happened before.
#[track_caller]
pub(crate) fn assert_serves(server: &Server, dialect: &[&str]) {
    let [picture, ..] = pictures();
    let mut client = socket::connect(server.address);
    if dialect.is_empty() {
        assert_confirmed(&mut client, 1, picture);
    } else {
        assert_said_ok(&mut client, picture);
    }
}

/// Where a picture says how large it is: its height, and then its width, in two bytes each.
fn size_field(picture: &[u8]) -> usize {
    // The start of a baseline frame, SOF0 of ITU-T T.81: two bytes of length, one of precision.
    picture.windows(2).position(|marker| marker == b"\xff\xc0").unwrap() + 5
}

/// The width and the height that a picture says it has.
pub(crate) fn size(picture: &[u8]) -> [u32; 2] {
    let at = size_field(picture);
    let number = |at| u32::from(u16::from_be_bytes([picture[at], picture[at + 1]]));
    [number(at + 2), number(at)]
}

/// The same picture, which says that it has this width and this height.
pub(crate) fn with_size(picture: &[u8], width: u16, height: u16) -> Vec<u8> {
    let at = size_field(picture);
    let mut picture = picture.to_vec();
    picture[at..at + 2].copy_from_slice(&height.to_be_bytes());
    picture[at + 2..at + 4].copy_from_slice(&width.to_be_bytes());
    picture
}

/// The same picture with so many MiB of comments in it (COM of ITU-T T.81): large, and quickly decoded.
pub(crate) fn with_comments(picture: &[u8], mebibytes: usize) -> Vec<u8> {
    // Two bytes say how long a segment is, themselves included.
    let comment = [&b"\xff\xfe\xff\xff"[..], &[b' '; 0xfffd]].concat();
    let (start, rest) = picture.split_at(2);
    [start, &comment.repeat(mebibytes * 16), rest].concat()
}
