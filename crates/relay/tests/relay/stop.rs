//! A relay that is asked to stop accepts nobody, lets connections finish, and then ends.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

use relay::{End, Options, Relay, Route, Totals};

use crate::proxy::{
    Between, DEADLINE, Proxy, connect, eventually, in_a_thread, read_to_end, read_to_reset,
};

#[test]
fn a_relay_without_connections_stops_at_once() {
    let between = Between::new(Options::default());
    assert_eq!(between.proxy.stop(), Totals::default());
}

#[test]
fn a_stop_accepts_nobody_and_lets_open_connections_go_on() {
    let between = Between::new(Options::default());
    let (mut client, mut upstream) = between.connect();
    client.write_all(b"hi").unwrap();
    upstream.read_exact(&mut [0; 2]).unwrap();
    between.proxy.ask_to_stop();
    eventually("nobody listens", || TcpStream::connect(between.proxy.address).is_err());
    client.write_all(b"hello").unwrap();
    upstream.read_exact(&mut [0; 5]).unwrap();
    upstream.write_all(b"goodbye").unwrap();
    drop(upstream);
    assert_eq!(read_to_end(&mut client), b"goodbye");
    drop(client);
    let expected = Totals { connections: 1, refused: 0, up: 7, down: 7 };
    assert_eq!(between.proxy.outcome().unwrap(), expected);
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine sends the end of the stream where a reset is due; a Windows of its own runs this"
)]
fn connections_that_do_not_end_are_reset_when_nobody_waits_any_longer() {
    let between = Between::new(Options::default());
    let (mut client, mut upstream) = between.connect();
    client.write_all(b"hello").unwrap();
    upstream.read_exact(&mut [0; 5]).unwrap();
    between.proxy.ask_to_stop();
    between.proxy.abandon();
    assert_eq!(read_to_reset(&mut client), b"");
    assert_eq!(read_to_reset(&mut upstream), b"");
    assert!(matches!(between.proxy.closed().end, End::Stopped));
    let expected = Totals { connections: 1, refused: 0, up: 5, down: 0 };
    assert_eq!(between.proxy.outcome().unwrap(), expected);
}

/// On Linux a listener whose accept queue is full answers no `connect`, neither yes nor no.
#[test]
#[cfg(target_os = "linux")]
fn a_client_that_waits_for_its_upstream_is_refused_by_a_stop() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    socket2::SockRef::from(&silent).listen(0).unwrap();
    let address = silent.local_addr().unwrap();
    let _in_the_queue = connect(address);
    let proxy = Proxy::start(&[address], Options { max_connections: 1, ..Options::default() });
    let mut client = proxy.connect();
    // Whoever comes behind it finds its place taken: so it has been accepted.
    proxy.assert_resets_a_client();
    assert_eq!(proxy.refused(), "places for connections: 1, all taken");
    proxy.ask_to_stop();
    assert_eq!(read_to_reset(&mut client), b"");
    assert_eq!(proxy.refused(), "the relay stops");
    assert_eq!(proxy.outcome().unwrap(), Totals { refused: 2, ..Totals::default() });
}

#[test]
#[cfg(target_os = "linux")]
fn a_listening_socket_that_fails_ends_the_relay_with_its_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let clone = listener.try_clone().unwrap();
    let route = Route { listener: listener.into(), upstream: vec![address] };
    let relay = Relay::new(vec![route], Options::default()).unwrap();
    let outcome = in_a_thread(move || relay.run(&mut (), || false, || false));
    // On Linux, `accept` then says EINVAL.
    socket2::SockRef::from(&clone).shutdown(std::net::Shutdown::Both).unwrap();
    let error = outcome.recv_timeout(DEADLINE).expect("the relay goes on").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
}
