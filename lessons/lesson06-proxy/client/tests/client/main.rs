//! The probe against echoes that are right, change a byte, stop short, add one, or never end.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

mod bulk;
mod bytes;
mod exchange;
mod program;

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// When a test gives up: long enough for every answer that comes.
const DEADLINE: Duration = Duration::from_secs(20);

/// How long to wait for what should not come.
const SHORT_TIMEOUT: Duration = Duration::from_secs(1);

/// A server that talks to so many clients, each in a thread, and returns what came of each.
fn serve<T: Send + 'static>(
    clients: usize,
    talk: impl Fn(TcpStream) -> T + Clone + Send + 'static,
) -> (SocketAddr, JoinHandle<Vec<T>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let start = |_| {
            let (stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(DEADLINE)).unwrap();
            stream.set_write_timeout(Some(DEADLINE)).unwrap();
            let talk = talk.clone();
            thread::spawn(move || talk(stream))
        };
        let talks: Vec<_> = (0..clients).map(start).collect();
        talks.into_iter().map(|talk| talk.join().unwrap()).collect()
    });
    (address, server)
}

/// Answers in upper case, with reads and writes of these sizes in turn, after `change` has made of
/// each answer what it likes; it is told how many bytes came before. Returns all that came, up to
/// the end of the stream.
fn shout(
    stream: &mut TcpStream,
    sizes: &[usize],
    mut change: impl FnMut(usize, &mut Vec<u8>),
) -> Vec<u8> {
    let mut all = Vec::new();
    let mut sizes = sizes.iter().cycle();
    loop {
        let mut buffer = vec![0; *sizes.next().unwrap()];
        let got = match stream.read(&mut buffer) {
            // A probe that has found an error need not stay for more.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => 0,
            outcome => outcome.unwrap(),
        };
        if got == 0 {
            return all;
        }
        let mut answer = buffer[..got].to_ascii_uppercase();
        change(all.len(), &mut answer);
        all.extend(&buffer[..got]);
        if answer.chunks(*sizes.next().unwrap()).any(|piece| stream.write_all(piece).is_err()) {
            return all;
        }
    }
}

fn unchanged(_: usize, _: &mut Vec<u8>) {}

/// Changes these bits of the byte in this place.
fn flip(place: usize, bits: u8) -> impl Fn(usize, &mut Vec<u8>) + Clone + Send + 'static {
    move |before, answer| {
        if let Some(byte) = place.checked_sub(before).and_then(|at| answer.get_mut(at)) {
            *byte ^= bits;
        }
    }
}

/// Ends the answers, and reads what still comes, so that the end is an orderly one and no reset.
fn end(mut stream: &TcpStream) {
    stream.shutdown(Shutdown::Write).unwrap();
    drain(&mut stream);
}

/// Reads until the client has gone.
fn drain(stream: &mut impl Read) {
    let mut buffer = vec![0; 65536];
    while matches!(stream.read(&mut buffer), Ok(1..)) {}
}

fn connect(server: SocketAddr, patience: Duration) -> TcpStream {
    let stream = TcpStream::connect(server).unwrap();
    stream.set_read_timeout(Some(patience)).unwrap();
    stream.set_write_timeout(Some(patience)).unwrap();
    stream
}
