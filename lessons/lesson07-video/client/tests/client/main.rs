//! The client: its pace, its pipeline, both dialects against servers that answer as they like, and
//! a film that outlives its connections.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

mod advice;
mod film;
mod pace;
mod retries;
mod send;
mod tutorial;

// Parts of the program, which is no library.
#[path = "../../src/program/failure.rs"]
mod failure;
#[path = "../../src/program/session.rs"]
mod session;

use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use endpoint::Stop;
use lesson07_client::pace::Delivery;
use lesson07_client::{Error, SendState, Sent};
use lesson07_shared::protocol::{Acknowledgement, FrameHeader, HEADER_LIMIT};
use video::Jpeg;

/// Longer than anything here takes, so that a test that hangs fails.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A source whose pictures are numbers: all of them, or up to one where it fails.
struct Numbers {
    next: u8,
    last: u8,
    fails: bool,
}

impl Numbers {
    fn up_to(last: u8) -> Numbers {
        Numbers { next: 1, last, fails: false }
    }
}

impl Iterator for Numbers {
    type Item = Result<u8, Error>;

    fn next(&mut self) -> Option<Result<u8, Error>> {
        let number = self.next;
        self.next = self.next.saturating_add(1);
        match number <= self.last {
            true => Some(Ok(number)),
            false => self.fails.then(|| Err(unplugged(9))),
        }
    }
}

/// What a camera says that gives no more pictures.
fn unplugged(number: u16) -> Error {
    video::Error::CameraSilent(number).into()
}

/// What stands for the JPEG of a number.
fn encoded(number: &u8) -> Result<Jpeg, Error> {
    Ok(Jpeg { width: 64, height: 48, bytes: vec![*number; 1000] })
}

/// Runs with the state of a film of at most `limit` frames, and returns what came of it: with what was
/// sent, and how many bytes of it have arrived.
fn with_state<T>(
    limit: u64,
    stop: &Stop,
    run: impl FnOnce(&mut SendState<'_>) -> T,
) -> (T, Sent, u64) {
    let mut bytes = 0;
    let tell = &mut |_: Sent, delivery: Delivery| bytes += delivery.size;
    let mut state = SendState { limit, stop, sent: Sent::default(), tell };
    let outcome = run(&mut state);
    let sent = state.sent;
    (outcome, sent, bytes)
}

/// The client's end of a connection to a server that does `serve`.
fn connected<T: Send + 'static>(
    serve: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> (TcpStream, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    for stream in [&client, &server] {
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        stream.set_write_timeout(Some(TIMEOUT)).unwrap();
    }
    (client, thread::spawn(move || serve(server)))
}

/// Takes a frame as the server does; `None` at the end of the stream.
fn take_frame(stream: &mut TcpStream) -> Option<(FrameHeader, Vec<u8>)> {
    let header: FrameHeader = wire::read_header(stream, HEADER_LIMIT).unwrap()?;
    let body = wire::read_body(stream, header.size, wire::DEFAULT_LIMIT).unwrap();
    Some((header, body))
}

fn acknowledge(stream: &mut TcpStream, received: u64) {
    wire::write_message(stream, &Acknowledgement { received, size: 0 }, &[]).unwrap();
}
