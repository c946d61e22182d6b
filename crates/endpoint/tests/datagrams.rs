//! Datagrams: what is cut is counted, strangers are not heard, faults happen, and a stop wakes.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use endpoint::{Datagrams, Limits, Policy, Route};
use socket2::{Domain, Socket, Type};

/// Longer than any of these tests may take, even on a slow machine.
const LONG: Option<Duration> = Some(Duration::from_secs(30));

fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

fn server(faults: &[&str]) -> (Datagrams, SocketAddr, Policy) {
    let policy = Policy::new(Limits::default());
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap();
    socket.bind(&loopback().into()).unwrap();
    let address = policy.listening(&socket).unwrap();
    let faults: Vec<_> = faults.iter().map(|fault| fault.parse().unwrap()).collect();
    let datagrams = Datagrams::of_server(socket, &policy);
    (datagrams.with_faults(&faults, 1, policy.notify.clone()), address, policy)
}

fn client(server: SocketAddr) -> Datagrams {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap();
    socket.connect(&server.into()).unwrap();
    Datagrams::of_client(socket, None)
}

/// A socket without ours around it.
fn plain() -> UdpSocket {
    let socket = UdpSocket::bind(loopback()).unwrap();
    socket.set_read_timeout(LONG).unwrap();
    socket
}

#[test]
fn a_server_does_not_hear_what_claims_to_be_from_itself() {
    let (socket, address, _policy) = server(&[]);
    let peer = plain();
    // Who may forge a sender (raw(7)) can do this from anywhere.
    socket.send_to(b"echo", address).unwrap();
    peer.send_to(b"hello", address).unwrap();
    let mut buffer = [0; 1024];
    assert_eq!(socket.recv_from(&mut buffer, LONG).unwrap(), None);
    assert_eq!(socket.recv_from(&mut buffer, LONG).unwrap().unwrap().bytes, b"hello");
}

/// A server on all addresses of this machine, and its port.
fn server_on_all(address: &str, faults: &[&str]) -> (Datagrams, u16) {
    let policy = Policy::new(Limits::default());
    let datagrams = Datagrams::bind(address.parse().unwrap(), &policy).unwrap();
    let port = datagrams.local_addr().unwrap().port();
    let faults: Vec<_> = faults.iter().map(|fault| fault.parse().unwrap()).collect();
    (datagrams.with_faults(&faults, 1, policy.notify), port)
}

#[test]
#[cfg(target_os = "linux")]
fn an_answer_leaves_from_the_address_that_was_asked() {
    // 127.0.0.1 and 127.0.0.2 are two addresses of one machine. Without a word of ours, the answer to a
    // client at 127.0.0.1 leaves from 127.0.0.1, and does not reach a client that is connected to another.
    for (listen, target) in [
        ("0.0.0.0:0", "127.0.0.2"),
        ("0.0.0.0:0", "127.0.0.1"),
        ("[::]:0", "::1"),
        ("[::]:0", "127.0.0.2"),
    ] {
        for faults in [&[][..], &["delay=1ms"]] {
            let (socket, port) = server_on_all(listen, faults);
            let target: std::net::IpAddr = target.parse().unwrap();
            let from = if target.is_ipv4() { "127.0.0.1:0" } else { "[::1]:0" };
            let peer = UdpSocket::bind(from).unwrap();
            peer.set_read_timeout(LONG).unwrap();
            peer.connect((target, port)).unwrap();
            peer.send(b"hello, and more than there is room for").unwrap();
            let mut buffer = [0; 5];
            let datagram = socket.recv_from(&mut buffer, LONG).unwrap().unwrap();
            assert_eq!((datagram.bytes, datagram.length), (&b"hello"[..], 38), "{target}");
            assert_eq!(datagram.to.map(|to| to.to_canonical()), Some(target), "on {listen}");
            socket.send_along(datagram.bytes, datagram.way_back()).unwrap();
            let mut answer = [0; 8];
            assert_eq!(peer.recv(&mut answer).unwrap(), 5, "{target} on {listen} {faults:?}");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_server_on_all_addresses_does_not_hear_what_claims_to_be_from_any_of_its_own() {
    let (socket, port) = server_on_all("0.0.0.0:0", &[]);
    let to = SocketAddr::from(([127, 0, 0, 1], port));
    for from in [[127, 0, 0, 1], [127, 0, 0, 2]] {
        socket.send_along(b"echo", Route { to, from: Some(from.into()) }).unwrap();
        assert_eq!(socket.recv_from(&mut [0; 8], LONG).unwrap(), None, "{from:?}");
    }
    plain().send_to(b"hello", to).unwrap();
    assert!(socket.recv_from(&mut [0; 8], LONG).unwrap().is_some());
}

/// Answers in upper case until nothing comes for a while; returns how many answers that were.
fn echo(socket: &Datagrams) -> usize {
    let (mut buffer, mut answers, mut silent) = ([0; 1024], 0, 0);
    while silent < 3 {
        assert!(answers < 100_000, "it goes on for ever");
        match socket.recv_from(&mut buffer, Some(Duration::from_millis(300))).unwrap() {
            Some(datagram) => {
                let answer = datagram.bytes.to_ascii_uppercase();
                socket.send_along(&answer, datagram.way_back()).unwrap();
                answers += 1;
            }
            None => silent += 1,
        }
    }
    answers
}

#[test]
fn two_servers_that_answer_each_other_stop() {
    let ((one, one_address, _policy), (other, other_address, _other_policy)) =
        (server(&[]), server(&[]));
    // As if somebody had sent these to each in the name of the other.
    for text in [&b"hello"[..], b"HELLO", b"and another one"] {
        one.send_to(text, other_address).unwrap();
        other.send_to(text, one_address).unwrap();
    }
    let answers = thread::scope(|scope| {
        let other = scope.spawn(|| echo(&other));
        echo(&one) + other.join().unwrap()
    });
    println!("{answers} answers");
    assert!(answers >= 1000, "it did not go round: {answers}");
}

#[test]
fn of_the_same_datagram_from_one_sender_each_thousandth_is_not_heard_and_of_others_all_are() {
    let (socket, address, _policy) = server(&[]);
    let peer = plain();
    let mut buffer = [0; 8];
    let mut heard = |bytes: &[u8], peer: &UdpSocket| {
        peer.send_to(bytes, address).unwrap();
        socket.recv_from(&mut buffer, LONG).unwrap().is_some()
    };
    let same: Vec<usize> = (1..=2500).filter(|_| !heard(b"same", &peer)).collect();
    assert_eq!(same, [1000, 2000]);
    assert!((0..2500_u32).all(|number| heard(&number.to_le_bytes(), &peer)));
    let other = plain();
    assert!((0..999).all(|_| heard(b"same", &other)), "another sender's");
}

#[test]
fn what_there_was_no_room_for_is_counted_and_gone() {
    let (socket, address, _policy) = server(&[]);
    let peer = plain();
    peer.send_to(&[7; 2000], address).unwrap();
    peer.send_to(b"next", address).unwrap();
    let mut buffer = [0; 1024];
    let first = socket.recv_from(&mut buffer, LONG).unwrap().unwrap();
    assert_eq!((first.bytes.len(), first.length, first.bytes_lost()), (1024, 2000, 976));
    assert_eq!(first.from, peer.local_addr().unwrap());
    let second = socket.recv_from(&mut buffer, LONG).unwrap().unwrap();
    assert_eq!((second.bytes, second.bytes_lost()), (&b"next"[..], 0));
}

#[test]
fn an_empty_datagram_is_a_datagram_and_no_end() {
    let (socket, address, _policy) = server(&[]);
    plain().send_to(b"", address).unwrap();
    let mut buffer = [0; 8];
    assert_eq!(socket.recv_from(&mut buffer, LONG).unwrap().unwrap().bytes, b"");
}

#[test]
fn a_wait_that_is_over_is_no_error() {
    let (socket, _address, _policy) = server(&[]);
    let wait = Some(Duration::from_millis(5));
    assert_eq!(socket.recv_from(&mut [0; 8], wait).unwrap(), None);
}

#[test]
fn a_request_to_stop_ends_a_wait_without_end() {
    let (socket, _address, policy) = server(&[]);
    let waiting = thread::spawn(move || socket.recv_from(&mut [0; 8], None).unwrap().is_none());
    policy.stop.request();
    assert!(waiting.join().unwrap());
}

#[test]
fn a_client_hears_its_server_and_nobody_else() {
    let (server, address, _policy) = server(&[]);
    let client = client(address);
    client.send(b"hello").unwrap();
    let mut buffer = [0; 8];
    let from = server.recv_from(&mut buffer, LONG).unwrap().unwrap().from;
    plain().send_to(b"stranger", from).unwrap();
    server.send_to(b"HELLO", from).unwrap();
    assert_eq!(client.recv_from(&mut buffer, LONG).unwrap().unwrap().bytes, b"HELLO");
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_learns_that_no_server_is_there() {
    // This port was free a moment ago, and nobody is on it now.
    let address = plain().local_addr().unwrap();
    let client = client(address);
    client.send(b"hello").unwrap();
    let error = client.recv_from(&mut [0; 8], LONG).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused, "{error}");
}

#[test]
fn a_lossy_link_loses_and_a_doubling_link_doubles() {
    let peer = plain();
    let to = peer.local_addr().unwrap();
    let (losing, _, _policy) = server(&["loss=100%"]);
    losing.send_to(b"lost", to).unwrap();
    let (doubling, _, _policy) = server(&["duplicate=100%"]);
    doubling.send_to(b"twice", to).unwrap();
    let mut buffer = [0; 8];
    for _ in 0..2 {
        let got = peer.recv(&mut buffer).unwrap();
        assert_eq!(buffer[..got], *b"twice");
    }
}

#[test]
fn a_delayed_datagram_comes_later_and_in_order() {
    let delay = Duration::from_millis(30);
    let (socket, _, _policy) = server(&["delay=30ms"]);
    let peer = plain();
    let start = Instant::now();
    for number in 0..100_u8 {
        socket.send_to(&[number], peer.local_addr().unwrap()).unwrap();
    }
    let mut buffer = [0; 8];
    for number in 0..100_u8 {
        assert_eq!(peer.recv(&mut buffer).unwrap(), 1);
        assert_eq!(buffer[0], number);
    }
    assert!(start.elapsed() >= delay, "after {:?}", start.elapsed());
}

#[test]
fn what_is_on_its_way_leaves_from_the_socket_that_sent_it() {
    let (mut socket, first, _policy) = server(&["delay=30ms"]);
    let peer = plain();
    let to = peer.local_addr().unwrap();
    socket.send_to(b"old", to).unwrap();
    let next = Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap();
    next.bind(&loopback().into()).unwrap();
    socket.replace(next);
    socket.send_to(b"new", to).unwrap();
    let mut buffer = [0; 8];
    let mut from = [(); 2].map(|()| peer.recv_from(&mut buffer).unwrap().1);
    from.sort_unstable();
    let mut expected = [first, socket.local_addr().unwrap()];
    expected.sort_unstable();
    assert_eq!(from, expected);
}
