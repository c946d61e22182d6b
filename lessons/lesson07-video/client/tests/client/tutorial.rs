//! The tutorial's dialect against servers that answer as they like.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use endpoint::Stop;
use lesson07_client::{Error, Sent, tutorial};

use crate::failure::Failure;
use crate::{Numbers, connected, encoded, with_state};

fn sent_to<T: Send + 'static>(
    last: u8,
    limit: u64,
    serve: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> (Result<(), Error>, Sent, u64, T) {
    let (mut client, server) = connected(serve);
    let (mut source, stop) = (Numbers::up_to(last), Stop::new());
    let (outcome, sent, bytes) = with_state(limit, &stop, |state| {
        let next = || source.next().transpose()?.map(|number| encoded(&number)).transpose();
        tutorial::send_frames(&mut client, &mut (), next, state)
    });
    client.shutdown(Shutdown::Write).ok();
    (outcome, sent, bytes, server.join().unwrap())
}

/// Reads exactly what is expected here, and that nothing has come with it.
fn expect(stream: &mut TcpStream, bytes: &[u8]) {
    let mut got = vec![0; bytes.len()];
    stream.read_exact(&mut got).unwrap();
    assert_eq!(got, bytes);
    stream.set_nonblocking(true).unwrap();
    let more = stream.peek(&mut [0]);
    stream.set_nonblocking(false).unwrap();
    assert!(more.is_err(), "something follows before there was an ok: {more:?}");
}

#[test]
fn the_bytes_are_the_tutorials_and_each_waits_for_its_ok() {
    let (outcome, sent, bytes, rest) = sent_to(3, u64::MAX, |mut stream| {
        for number in 1..=3 {
            expect(&mut stream, b"1000, ");
            stream.write_all(b"ok").unwrap();
            expect(&mut stream, &[number; 1000]);
            stream.write_all(b"ok").unwrap();
        }
        stream.read(&mut [0]).unwrap()
    });
    outcome.unwrap();
    assert_eq!((sent.arrived, bytes, sent.in_flight, rest), (3, 3000, 0, 0));
}

#[test]
fn it_is_enough_when_so_many_have_arrived() {
    let (outcome, sent, ..) = sent_to(200, 2, |mut stream| {
        for number in 1..=2 {
            expect(&mut stream, b"1000, ");
            stream.write_all(b"ok").unwrap();
            expect(&mut stream, &[number; 1000]);
            stream.write_all(b"ok").unwrap();
        }
    });
    outcome.unwrap();
    assert_eq!(sent.arrived, 2);
}

#[test]
fn an_ok_in_two_pieces_is_an_ok() {
    let (outcome, ..) = sent_to(1, u64::MAX, |mut stream| {
        expect(&mut stream, b"1000, ");
        stream.write_all(b"o").unwrap();
        // The client has taken the first piece, or not yet: both are to be fine.
        std::thread::yield_now();
        stream.write_all(b"k").unwrap();
        expect(&mut stream, &[1; 1000]);
        stream.write_all(b"ok").unwrap();
    });
    outcome.unwrap();
}

#[test]
fn what_is_no_ok_ends_the_film_with_a_line_that_says_what_came() {
    for words in ["okok", "no", "OK", "o\n", "x", "HTTP/1.1 400 Bad Request\r\n"] {
        let (outcome, sent, _, ()) = sent_to(9, u64::MAX, move |mut stream| {
            expect(&mut stream, b"1000, ");
            stream.write_all(words.as_bytes()).unwrap();
            // Until the client has left; it sends no image.
            assert_eq!(stream.read(&mut [0]).unwrap(), 0);
        });
        let error = outcome.unwrap_err();
        assert!(
            matches!(&error, Error::NotOk { words: got } if got == words.as_bytes()),
            "{error}"
        );
        assert!(error.to_string().contains(" instead of \"ok\""), "{error}");
        assert_eq!((sent.arrived, sent.in_flight), (0, 1));
    }
}

#[test]
fn a_server_that_ends_at_any_place_is_no_server_that_has_the_frame() {
    type Serve = fn(&mut TcpStream);
    let cases: [Serve; 3] = [
        |_| {},
        |stream| stream.write_all(b"o").unwrap(),
        |stream| {
            stream.write_all(b"ok").unwrap();
            expect(stream, &[1; 1000]);
        },
    ];
    for serve in cases {
        let (outcome, sent, _, ()) = sent_to(9, u64::MAX, move |mut stream| {
            expect(&mut stream, b"1000, ");
            serve(&mut stream);
        });
        let error = Failure::from(outcome.unwrap_err());
        assert!(error.is_passing(), "{error:?}");
        assert_eq!(sent.arrived, 0);
    }
}
