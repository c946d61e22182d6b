//! A lingering close: what was sent last arrives, and nobody is waited for without end.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use endpoint::{Connection, LingeringClose, is_broken};

/// When a test gives up.
const DEADLINE: Duration = Duration::from_secs(30);

/// A connection whose peer has sent what nobody has read, so that to close it at once is to reset it;
/// and that peer.
fn pair() -> (Connection, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string().parse().unwrap();
    let connection = Connection::connect(&address, DEADLINE, None).unwrap();
    let (mut peer, _) = listener.accept().unwrap();
    peer.set_read_timeout(Some(DEADLINE)).unwrap();
    peer.set_write_timeout(Some(DEADLINE)).unwrap();
    peer.write_all(b"?").unwrap();
    (connection, peer)
}

#[test]
fn a_client_whose_bytes_nobody_has_read_reads_the_last_words_and_then_the_end() {
    thread::scope(|scope| {
        let closing = LingeringClose::start(scope).unwrap();
        let (mut connection, mut client) = pair();
        connection.write_all(b"busy").unwrap();
        closing.close(connection);
        let mut words = String::new();
        let outcome = client.read_to_string(&mut words);
        assert_eq!((words.as_str(), outcome.ok()), ("busy", Some(4)));
    });
}

#[test]
fn a_client_that_does_not_hang_up_is_not_waited_for_without_end() {
    let (connection, mut client) = pair();
    let (ended, has_ended) = mpsc::channel();
    thread::spawn(move || {
        thread::scope(|scope| LingeringClose::start(scope).unwrap().close(connection));
        ended.send(())
    });
    has_ended.recv_timeout(DEADLINE).expect("it still waits for a client that stays");
    // The connection is closed, and what comes now resets it.
    let error = std::iter::from_fn(|| Some(client.write(b"?"))).find_map(Result::err).unwrap();
    assert!(is_broken(&error), "{error}");
}
