//! Connections: what can be read is known without a read, a second one reads while the first writes,
//! a reset breaks them for both, and a message has one deadline, or one for each part.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

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
#[cfg_attr(
    windows,
    ignore = "Wine sends the end of the stream where a reset is due; a Windows of its own runs this"
)]
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

/// A message whose bytes come one by one, each as soon as the one before it has been read, and which has
/// no end; read until `done`, or until a deadline of `timeout` is over.
fn read_bytewise(
    timeout: Duration,
    mut done: impl FnMut(&Connection) -> bool,
) -> std::io::Result<()> {
    let (mut connection, mut peer) = pair(timeout);
    loop {
        peer.write_all(b".")?;
        connection.read_exact(&mut [0])?;
        if done(&connection) {
            return Ok(());
        }
    }
}

#[test]
fn the_deadline_of_a_message_is_not_restarted_by_each_byte() {
    let timeout = Duration::from_millis(200);
    let error = read_bytewise(timeout, |_| false).unwrap_err();
    assert_eq!(expired(&error), Some(Expired::Message(timeout, Role::Client)), "{error}");
}

#[test]
fn each_part_of_a_long_message_has_a_deadline_of_its_own() {
    let (timeout, start) = (Duration::from_secs(1), Instant::now());
    let outcome = read_bytewise(timeout, |connection| {
        connection.progress().advanced();
        start.elapsed() > timeout
    });
    outcome.unwrap();
}
