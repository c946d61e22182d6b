//! A question by datagram is asked again, from another socket the next time, and of one server only:
//! as lesson 04's client spells it out, and as later lessons call it.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, UdpSocket};
use std::thread;
use std::time::Duration;

use endpoint::Datagrams;
use lesson04_client::connect;

/// A try that is meant to fail, and one that is not.
const SHORT: Duration = Duration::from_millis(5);
const LONG: Duration = Duration::from_secs(60);

/// Both ways to ask.
const WAYS: [Ask; 2] = [
    |socket, server, request, waits, heard| {
        lesson04_client::ask(socket, server, request, waits.iter().copied(), heard)
    },
    |socket, _, request, waits, heard| socket.ask(request, waits.iter().copied(), heard),
];

type Ask = fn(
    &mut Datagrams,
    SocketAddr,
    &[u8],
    &[Duration],
    &mut Vec<Vec<u8>>,
) -> io::Result<Option<Vec<u8>>>;

fn server() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(LONG)).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

fn client(server: SocketAddr) -> Datagrams {
    Datagrams::of_client(connect(server).unwrap(), None)
}

#[test]
fn a_lost_question_is_asked_again_and_each_question_leaves_from_a_port_of_its_own() {
    for ask in WAYS {
        let (socket, address) = server();
        let server = thread::spawn(move || {
            let mut buffer = [0; 100];
            // Lost: the first question.
            let (_, first) = socket.recv_from(&mut buffer).unwrap();
            let (got, second) = socket.recv_from(&mut buffer).unwrap();
            assert_eq!((&buffer[..got], second), (&b"one"[..], first));
            // Both tries are answered in the end.
            socket.send_to(b"ONE", first).unwrap();
            socket.send_to(b"ONE", first).unwrap();
            let (got, third) = socket.recv_from(&mut buffer).unwrap();
            assert_eq!(&buffer[..got], b"two");
            assert_ne!(third, first);
            socket.send_to(b"TWO", third).unwrap();
            // An answer that arrives twice is no answer to the next question either.
            socket.send_to(b"TWO", third).unwrap();
            let (_, fourth) = socket.recv_from(&mut buffer).unwrap();
            assert_ne!(fourth, third);
            socket.send_to(b"", fourth).unwrap();
        });
        let mut client = client(address);
        let mut heard: Vec<Vec<u8>> = Vec::new();
        for (request, waits) in
            [(&b"one"[..], &[SHORT, LONG][..]), (b"two", &[LONG]), (b"", &[LONG])]
        {
            let answer = ask(&mut client, address, request, waits, &mut heard).unwrap();
            assert_eq!(answer, heard.last().cloned());
        }
        assert_eq!(heard, [&b"ONE"[..], b"TWO", b""]);
        server.join().unwrap();
    }
}

#[test]
fn who_is_not_the_server_cannot_answer_in_its_place() {
    for ask in WAYS {
        let (socket, address) = server();
        let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
        let server = thread::spawn(move || {
            let mut buffer = [0; 100];
            let (_, from) = socket.recv_from(&mut buffer).unwrap();
            stranger.send_to(b"FROM A STRANGER", from).unwrap();
            socket.send_to(b"HELLO", from).unwrap();
        });
        let answer =
            ask(&mut client(address), address, b"hello", &[LONG], &mut Vec::new()).unwrap();
        assert_eq!(answer.as_deref(), Some(&b"HELLO"[..]));
        server.join().unwrap();
    }
}

#[test]
fn when_every_try_was_in_vain_there_is_no_answer_and_one_datagram_for_each() {
    for ask in WAYS {
        let (socket, address) = server();
        let answer =
            ask(&mut client(address), address, b"hello", &[SHORT; 3], &mut Vec::new()).unwrap();
        assert_eq!(answer, None);
        socket.set_read_timeout(Some(SHORT)).unwrap();
        let mut asked = 0;
        while socket.recv(&mut [0; 100]).is_ok() {
            asked += 1;
        }
        assert_eq!(asked, 3);
    }
}

#[test]
#[cfg_attr(
    windows,
    ignore = "a datagram socket of Wine may not hear that nobody is there; a Windows of its own runs this"
)]
fn a_server_that_is_not_there_is_told_from_one_that_is_silent() {
    for ask in WAYS {
        let (socket, address) = server();
        drop(socket);
        let error =
            ask(&mut client(address), address, b"hello", &[SHORT; 2], &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused, "{error}");
    }
}

#[test]
#[cfg_attr(
    windows,
    ignore = "a datagram socket of Wine may not hear that nobody is there; a Windows of its own runs this"
)]
fn a_server_that_starts_after_its_client_is_found() {
    for ask in WAYS {
        let (socket, address) = server();
        drop(socket);
        let mut client = client(address);
        let gone = ask(&mut client, address, b"hello", &[SHORT], &mut Vec::new()).unwrap_err();
        assert_eq!(gone.kind(), ErrorKind::ConnectionRefused, "{gone}");
        let socket = UdpSocket::bind(address).unwrap();
        let server = thread::spawn(move || {
            let (_, from) = socket.recv_from(&mut [0; 100]).unwrap();
            socket.send_to(b"HELLO", from).unwrap();
        });
        let answer = ask(&mut client, address, b"hello", &[LONG], &mut Vec::new()).unwrap();
        assert_eq!(answer.as_deref(), Some(&b"HELLO"[..]));
        server.join().unwrap();
    }
}
