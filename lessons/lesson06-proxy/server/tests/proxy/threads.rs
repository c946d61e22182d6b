//! The parts of the lesson, each used alone.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use endpoint::{Limits, Policy, Stop};
use fault::stream::Direction;
use lesson06_server::{Connection, Party, connect, copy, relay};
use relay::{End, Refusal, Summary};

use crate::sockets::*;

/// A connection, and its two peers.
fn connection(policy: &Policy) -> (Connection, TcpStream, TcpStream) {
    let pair = || {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let peer = crate::sockets::connect(listener.local_addr().unwrap());
        (listener.accept().unwrap().0, peer)
    };
    let ((client_side, client), (upstream_side, server)) = (pair(), pair());
    let connection = Connection::new(client_side.into(), upstream_side.into(), policy).unwrap();
    (connection, client, server)
}

/// A connection that is relayed, and its two peers.
fn relayed(policy: &Policy) -> (Receiver<Summary>, TcpStream, TcpStream) {
    let (connection, client, server) = connection(policy);
    (in_a_thread(move || relay(connection, |_, from, to| copy(from, to, |_| {}))), client, server)
}

#[track_caller]
fn summary(outcome: &Receiver<Summary>) -> Summary {
    outcome.recv_timeout(DEADLINE).unwrap()
}

#[test]
fn copy_passes_on_one_direction_and_its_end_and_nothing_of_the_other() {
    let (connection, mut client, mut server) = connection(&Policy::default());
    client.write_all(b"hello").unwrap();
    half_close(&client);
    server.write_all(b"nobody reads this").unwrap();
    let mut seen = Vec::new();
    let (from, to) = (connection.side(Party::Client), connection.side(Party::Upstream));
    copy(from, to, |piece| seen.extend_from_slice(piece)).unwrap();
    assert_eq!(seen, b"hello");
    assert_ends(&mut server, b"hello", Ending::InOrder);
}

#[test]
fn relay_shows_each_direction_its_own_bytes() {
    let (connection, mut client, mut server) = connection(&Policy::default());
    let seen = [Mutex::new(Vec::new()), Mutex::new(Vec::new())];
    client.write_all(b"question").unwrap();
    server.write_all(b"answer").unwrap();
    half_close(&client);
    half_close(&server);
    relay(connection, |direction, from, to| {
        let [up, down] = &seen;
        let way = if direction == Direction::Up { up } else { down };
        copy(from, to, |piece| way.lock().unwrap().extend_from_slice(piece))
    });
    let [up, down] = seen.map(|way| String::from_utf8(way.into_inner().unwrap()).unwrap());
    assert_eq!([up, down], ["question", "answer"]);
}

#[test]
fn who_has_ended_first_is_known() {
    let (outcome, client, mut server) = relayed(&Policy::default());
    half_close(&client);
    assert_ends(&mut server, b"", Ending::InOrder);
    drop(server);
    let summary = summary(&outcome);
    assert!(matches!(summary.end, End::Client), "{summary:?}");

    let (outcome, mut client, server) = relayed(&Policy::default());
    half_close(&server);
    assert_ends(&mut client, b"", Ending::InOrder);
    drop(client);
    let summary = self::summary(&outcome);
    assert!(matches!(summary.end, End::Upstream), "{summary:?}");
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine sends the end of the stream where a reset is due; a Windows of its own runs this"
)]
fn who_has_broken_it_off_is_known() {
    let (outcome, client, mut server) = relayed(&Policy::default());
    reset(client);
    let summary = summary(&outcome);
    assert!(matches!(summary.end, End::ClientReset(_)), "{summary:?}");
    assert_ends(&mut server, b"", Ending::Reset);

    let (outcome, mut client, mut server) = relayed(&Policy::default());
    client.write_all(b"four").unwrap();
    assert_comes(&mut server, b"four");
    reset(server);
    let summary = self::summary(&outcome);
    assert!(matches!(summary.end, End::UpstreamReset(_)), "{summary:?}");
    assert_eq!((summary.up, summary.down), (4, 0));
    assert_ends(&mut client, b"", Ending::Reset);
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine sends the end of the stream where a reset is due; a Windows of its own runs this"
)]
fn silence_and_the_end_of_the_proxy_end_a_connection() {
    let limits = Limits { idle_timeout: Duration::from_millis(50), ..Limits::default() };
    let (outcome, mut client, _server) = relayed(&Policy::new(limits));
    let summary = summary(&outcome);
    assert!(matches!(summary.end, End::IdleTimeout), "{summary:?}");
    assert_ends(&mut client, b"", Ending::Reset);

    let policy = Policy::default();
    let (outcome, mut client, mut server) = relayed(&policy);
    policy.stop.abandon();
    let summary = self::summary(&outcome);
    assert!(matches!(summary.end, End::Stopped), "{summary:?}");
    assert_ends(&mut client, b"", Ending::Reset);
    assert_ends(&mut server, b"", Ending::Reset);
}

#[test]
fn each_address_of_the_upstream_is_tried_and_the_refusal_names_them_all() {
    let closed = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (open, [first, second]) = (upstream(echo), [closed(), closed()]);
    let (_, address) = connect(&[first, open], &Stop::new()).unwrap();
    assert_eq!(address, open);

    let refusal = connect(&[first, second], &Stop::new()).unwrap_err();
    let words = refusal.to_string();
    assert!(words.contains(&first.to_string()), "{words}");
    assert!(words.contains(&second.to_string()), "{words}");

    let stop = Stop::new();
    stop.request();
    let refusal = connect(&[open], &stop).unwrap_err();
    assert!(matches!(refusal, Refusal::Stopped), "{refusal}");
}
