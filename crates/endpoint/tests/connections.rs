//! Connections: what can be read is known without a read, a second one reads while the first writes,
//! a reset breaks them for both, and a long message has its time for each part.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use endpoint::{Connection, Expired, Role, expired, is_broken};
use trace::Observer;

/// When a test gives up.
const DEADLINE: Duration = Duration::from_secs(30);

/// A client's connection, and what it is connected to.
fn pair(timeout: Duration) -> (Connection, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string().parse().unwrap();
    let connection = Connection::connect(&address, timeout, None).unwrap();
    (connection, listener.accept().unwrap().0)
}

#[test]
fn a_connection_is_readable_once_the_peer_has_spoken_or_left() {
    let (mut connection, mut peer) = pair(DEADLINE);
    assert!(!connection.is_readable());
    peer.write_all(b"!").unwrap();
    // What is sent on loopback has arrived when `write` returns; elsewhere a read would wait for it.
    assert!(connection.is_readable());
    assert_eq!(connection.read(&mut [0; 8]).unwrap(), 1);
    assert!(!connection.is_readable());
    peer.shutdown(Shutdown::Write).unwrap();
    assert!(connection.is_readable());
    assert_eq!(connection.read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn one_thread_reads_while_another_writes() {
    let (mut writing, mut peer) = pair(DEADLINE);
    let mut reading = writing.clone_handle();
    let reader = thread::spawn(move || {
        let mut heard = [0; 5];
        reading.read_exact(&mut heard).unwrap();
        heard
    });
    writing.write_all(b"hello").unwrap();
    let mut heard = [0; 5];
    peer.read_exact(&mut heard).unwrap();
    peer.write_all(&heard.to_ascii_uppercase()).unwrap();
    assert_eq!(&reader.join().unwrap(), b"HELLO");
}

#[test]
fn a_connection_that_the_peer_has_reset_is_broken_for_who_reads_and_for_who_writes() {
    let (mut connection, peer) = pair(DEADLINE);
    connection.write_all(b"?").unwrap();
    peer.peek(&mut [0]).unwrap();
    // To close with bytes unread is to reset.
    drop(peer);
    let read = connection.read(&mut [0; 8]).unwrap_err();
    let written = connection.write(b"!").unwrap_err();
    for error in [read, written] {
        assert!(is_broken(&error), "{error}");
    }
}

/// A message of four parts, of which each takes 0.4 s, read with a deadline of a second.
fn read_in_parts(after_each: impl Fn(&Connection)) -> std::io::Result<usize> {
    let (mut connection, mut peer) = pair(Duration::from_secs(1));
    let writer = thread::spawn(move || {
        for part in [b"1", b"2", b"3", b"4"] {
            // The reader has left when its time was up.
            _ = peer.write_all(part);
            thread::sleep(Duration::from_millis(400));
        }
    });
    let mut got = 0;
    let outcome = loop {
        match connection.read(&mut [0; 8]) {
            Ok(0) => break Ok(got),
            Ok(more) => got += more,
            Err(error) => break Err(error),
        }
        after_each(&connection);
    };
    drop(connection);
    writer.join().unwrap();
    outcome
}

#[test]
fn a_long_message_has_its_time_for_each_part() {
    let renewed = read_in_parts(|connection| connection.progress().advanced());
    assert_eq!(renewed.unwrap(), 4);
    let error = read_in_parts(|_| ()).unwrap_err();
    assert_eq!(
        expired(&error),
        Some(Expired::Message(Duration::from_secs(1), Role::Client)),
        "{error}"
    );
}
