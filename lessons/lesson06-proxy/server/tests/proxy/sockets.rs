//! The two ends that a proxy stands between.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use socket2::SockRef;

/// When a test gives up.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// How a stream ended.
#[derive(Debug, PartialEq)]
pub(crate) enum Ending {
    InOrder,
    Reset,
}

/// Runs this in a thread of its own; what it returns can be waited for with a deadline.
pub(crate) fn in_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> mpsc::Receiver<T> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    receiver
}

/// A server that does this for each of its clients, in a thread for each.
pub(crate) fn upstream(serve: impl Fn(TcpStream) + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    run(listener, serve);
    address
}

pub(crate) fn run(listener: TcpListener, serve: impl Fn(TcpStream) + Clone + Send + 'static) {
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, serve) = (with_deadline(stream.unwrap()), serve.clone());
            thread::spawn(move || serve(stream));
        }
    });
}

/// A server whose one client the test itself talks to.
pub(crate) fn one_upstream() -> (SocketAddr, mpsc::Receiver<TcpStream>) {
    let (sender, receiver) = mpsc::channel();
    let address = upstream(move |stream| _ = sender.send(stream));
    (address, receiver)
}

/// Answers with what comes, until that ends.
pub(crate) fn echo(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    while let Ok(got @ 1..) = stream.read(&mut buffer) {
        if stream.write_all(&buffer[..got]).is_err() {
            return;
        }
    }
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    with_deadline(TcpStream::connect_timeout(&address, DEADLINE).unwrap())
}

fn with_deadline(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.set_write_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// Closes with a reset.
pub(crate) fn reset(stream: TcpStream) {
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
}

pub(crate) fn half_close(stream: &TcpStream) {
    stream.shutdown(Shutdown::Write).unwrap();
}

/// What comes until the stream ends, and how it ends.
#[track_caller]
pub(crate) fn read_to_end(stream: &mut TcpStream) -> (Vec<u8>, Ending) {
    let mut came = Vec::new();
    let ending = match stream.read_to_end(&mut came) {
        Ok(_) => Ending::InOrder,
        Err(error) if error.kind() == ErrorKind::ConnectionReset => Ending::Reset,
        Err(error) => panic!("neither an end nor a reset: {error}"),
    };
    (came, ending)
}

#[track_caller]
pub(crate) fn assert_ends(stream: &mut TcpStream, bytes: &[u8], ending: Ending) {
    let (came, how) = read_to_end(stream);
    assert_eq!((String::from_utf8_lossy(&came), how), (String::from_utf8_lossy(bytes), ending));
}

/// Calls, and is sent a reset, of which the system may tell in `connect` already.
#[track_caller]
pub(crate) fn assert_refused(address: SocketAddr) {
    let outcome = TcpStream::connect_timeout(&address, DEADLINE)
        .and_then(|client| with_deadline(client).read(&mut [0]));
    let error = outcome.expect_err("the client has not been reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
}

#[track_caller]
pub(crate) fn assert_comes(stream: &mut TcpStream, bytes: &[u8]) {
    let mut came = vec![0; bytes.len()];
    stream.read_exact(&mut came).unwrap();
    assert_eq!(String::from_utf8_lossy(&came), String::from_utf8_lossy(bytes));
}

/// As many bytes as `length`, without a pattern in which a piece could be lost, or doubled.
pub(crate) fn noise(length: usize, seed: u32) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = || {
        // xorshift32 (Marsaglia, 2003).
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    (0..length).map(|_| next()).collect()
}
