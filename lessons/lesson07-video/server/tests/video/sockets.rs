//! The server over real sockets: who is wrong loses the connection, and the next one is served.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use console::ServerLog;
use endpoint::{Listener, Policy};
use lesson07_server::{FilmObserver, film, serve, tutorial};
use lesson07_shared::protocol::{Acknowledgement, HEADER_LIMIT};

use super::*;

/// Long enough for a busy machine, and never waited for if all is well.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Decodes into nothing.
fn decode(picture: &Picture) -> Result<(), Error> {
    let sequence = picture.sequence;
    let decoded = picture.jpeg.decode(&mut Mat::default());
    decoded.map_err(|source| Error::Jpeg { sequence, source })
}

/// Counts the frames that were received.
#[derive(Default)]
struct Received(AtomicU64);

impl FilmObserver for Received {
    fn received(&self, _: &Picture) {
        self.0.fetch_add(1, Relaxed);
    }
    fn dropped(&self) {}
    fn shown(&self, _: &Picture) {}
}

/// Runs a server while `test` calls it, and returns how its conversations have ended.
fn with_server(is_tutorials: bool, test: impl FnOnce(SocketAddr)) -> Vec<Result<u64, String>> {
    let limits = endpoint::Limits { idle_timeout: TIMEOUT, ..endpoint::Limits::default() };
    let policy = Policy::new(limits);
    let listener = Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0)), policy.clone()).unwrap();
    let mut ends = Vec::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            let served = serve(&listener, &ServerLog::silent(), |connection, _| {
                let (clock, received) = (&mut connection.progress(), Received::default());
                let outcome = film(&mut decode, &received, |take| match is_tutorials {
                    true => tutorial::converse(connection, &LIMITS, take, clock),
                    false => converse(connection, &LIMITS, take, clock),
                });
                let words = |error: &Error| console::explain(error);
                ends.push(outcome.as_ref().map(|()| received.0.load(Relaxed)).map_err(words));
                outcome
            });
            served.unwrap();
        });
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            test(listener.address());
        }));
        policy.stop.request();
        if let Err(failed) = outcome {
            std::panic::resume_unwind(failed);
        }
    });
    ends
}

fn call(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream
}

/// Waits until the server has closed the connection, in order or not.
fn wait_for_the_end(stream: &mut TcpStream) {
    match stream.read_to_end(&mut Vec::new()) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}"),
    }
}

/// Sends a good frame, and hears that it has arrived.
fn send_frame(stream: &mut TcpStream, sequence: u64) {
    let jpeg = jpeg(64, 48, 9);
    stream.write_all(&message(&header(sequence, 64, 48, &jpeg), &jpeg)).unwrap();
    let word: Acknowledgement = wire::read_header(stream, HEADER_LIMIT).unwrap().unwrap();
    assert_eq!(word.received, sequence);
}

#[test]
fn each_wrong_client_loses_its_connection_and_the_next_one_is_served() {
    let text = b"no picture";
    let wrong = [
        message(&header(1, 16, 16, text), text),
        b"\xff\xff\xff\x7f".to_vec(),
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        b"2454, ".to_vec(),
    ];
    let ends = with_server(false, |address| {
        for bytes in &wrong {
            let mut stream = call(address);
            stream.write_all(bytes).unwrap();
            wait_for_the_end(&mut stream);
        }
        let mut stream = call(address);
        for sequence in 1..=20 {
            send_frame(&mut stream, sequence);
        }
    });
    let reasons = ["no whole baseline JPEG", "above the limit", "HTTP", "--dialect tutorial"];
    for (end, reason) in ends.iter().zip(reasons) {
        assert!(end.as_ref().is_err_and(|error| error.contains(reason)), "{reason}: {end:?}");
    }
    assert_eq!(ends.last(), Some(&Ok(20)));
}

#[test]
fn a_jpeg_that_is_broken_inside_ends_its_film() {
    let mut broken = jpeg(64, 48, 9);
    // A Huffman table with more codes than there can be: DHT, length, class, and 16 counts.
    let table = broken.windows(2).position(|marker| marker == b"\xff\xc4").unwrap();
    broken[table + 5..table + 21].fill(0xff);
    let ends = with_server(false, |address| {
        let mut stream = call(address);
        let frame = message(&header(1, 64, 48, &broken), &broken);
        // The frame is found to be broken when it is shown; who goes on sending learns of it.
        while stream.write_all(&frame).is_ok() {}
        wait_for_the_end(&mut stream);
        send_frame(&mut call(address), 1);
    });
    let end = ends.first().unwrap();
    assert!(end.as_ref().is_err_and(|words| words.contains("cannot be decoded")), "{end:?}");
    assert_eq!(ends.last(), Some(&Ok(1)));
}

#[test]
fn the_tutorials_client_is_served_in_lock_step_and_another_one_after_it() {
    let jpeg = jpeg(64, 48, 9);
    let ends = with_server(true, |address| {
        for _ in 0..2 {
            let mut stream = call(address);
            for _ in 0..20 {
                for part in [format!("{}, ", jpeg.len()).as_bytes(), &jpeg] {
                    stream.write_all(part).unwrap();
                    let mut word = [0; 2];
                    stream.read_exact(&mut word).unwrap();
                    assert_eq!(&word, b"ok");
                }
            }
        }
    });
    assert_eq!(ends, [Ok(20), Ok(20)]);
}

#[test]
fn a_request_to_stop_ends_a_film_between_two_frames() {
    let limits = endpoint::Limits { idle_timeout: TIMEOUT, ..endpoint::Limits::default() };
    let policy = Policy::new(limits);
    let listener = Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0)), policy.clone()).unwrap();
    let address = listener.address();
    let stop = policy.stop.clone();
    let server = thread::spawn(move || {
        serve(&listener, &ServerLog::silent(), |connection, _| {
            let clock = &mut connection.progress();
            film(&mut decode, &Received::default(), |take| {
                converse(connection, &LIMITS, take, clock)
            })
        })
    });
    let mut stream = call(address);
    send_frame(&mut stream, 1);
    stop.request();
    wait_for_the_end(&mut stream);
    server.join().unwrap().unwrap();
}
