//! The client: its pace, its pipeline, both dialects against servers that answer as they like, and
//! the program as a process.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

mod film;
mod pace;
mod program;
mod send;
mod session;

mod sources;
mod tutorial;

use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use endpoint::Stop;
use lesson07_client::jpeg::Jpeg;
use lesson07_client::report::Report;
use lesson07_client::source::Source;
use lesson07_client::{Course, Error};
use lesson07_shared::protocol::{Acknowledgement, FrameHeader, HEADER_LIMIT};

/// Longer than anything here takes, so that a test that hangs fails.
const PATIENCE: Duration = Duration::from_secs(20);

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

impl Source for Numbers {
    type Picture = u8;

    fn next(&mut self) -> Result<Option<u8>, Error> {
        let number = self.next;
        self.next = self.next.saturating_add(1);
        match number <= self.last {
            true => Ok(Some(number)),
            false if self.fails => Err(Error::CameraSilent(9)),
            false => Ok(None),
        }
    }
}

/// What stands for the JPEG of a number.
fn encoded(number: &u8) -> Result<Jpeg, Error> {
    Ok(Jpeg { width: 64, height: 48, bytes: vec![*number; 1000] })
}

/// A course over all frames there are, or over `most`, and what came of it.
fn on_course<T>(most: u64, stop: &Stop, run: impl FnOnce(&mut Course<'_>) -> T) -> (T, Report) {
    let mut report = Report::default();
    let course = &mut Course { most, stop, report: &mut report, tell: &mut |_| {} };
    let outcome = run(course);
    (outcome, report)
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
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
    }
    (client, thread::spawn(move || serve(server)))
}

/// Takes a frame as the server does; `None` at the end of the stream.
fn take_frame(stream: &mut TcpStream) -> Option<(FrameHeader, Vec<u8>)> {
    let header: FrameHeader = wire::read_header(stream, HEADER_LIMIT).unwrap()?;
    let body = wire::read_body(stream, header.size, wire::DEFAULT_LIMIT).unwrap();
    Some((header, body))
}

fn say_received(stream: &mut TcpStream, received: u64) {
    wire::write_message(stream, &Acknowledgement { received, size: 0 }, &[]).unwrap();
}
