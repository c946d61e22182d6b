//! Our protocol against servers that take frames as they like.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use endpoint::Stop;
use lesson07_client::pace::INITIAL_WINDOW;
use lesson07_client::{Error, SendState, Sent, film, send_frames};
use video::FrameRate;

use crate::failure::Failure;
use crate::{Numbers, acknowledge, connected, encoded, take_frame, with_state};

/// Films the numbers up to `last`, and sends them to a server that does `serve`.
fn sent_to<T: Send + 'static>(
    last: u8,
    limit: u64,
    serve: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> (Result<(), Error>, Sent, u64, T) {
    let (client, server) = connected(serve);
    let (stages, stop) = (Arc::default(), Stop::new());
    let rate = FrameRate::Max;
    let film = film(Numbers::up_to(last), encoded, rate, &stages, &stop).unwrap();
    let send = |state: &mut SendState<'_>| {
        let hearing = (client.try_clone().unwrap(), ());
        send_frames(hearing, (&mut &client, &mut ()), &film.frames, state)
    };
    let (outcome, sent, bytes) = with_state(limit, &stop, send);
    client.shutdown(Shutdown::Write).ok();
    film.finish().unwrap();
    (outcome, sent, bytes, server.join().unwrap())
}

/// Takes all frames, and says so.
fn take_all(mut stream: TcpStream) -> Vec<u64> {
    let mut taken = Vec::new();
    while let Some((header, jpeg)) = take_frame(&mut stream) {
        assert_eq!(jpeg, vec![header.sequence as u8; 1000]);
        assert_eq!((header.width, header.height), (64, 48));
        taken.push(header.sequence);
        acknowledge(&mut stream, header.sequence);
    }
    taken
}

#[test]
fn a_film_arrives_in_order_to_its_last_frame() {
    let (outcome, sent, bytes, taken) = sent_to(100, u64::MAX, take_all);
    outcome.unwrap();
    assert_eq!(taken.last(), Some(&100));
    assert!(taken.is_sorted());
    assert_eq!((sent.arrived, sent.lost), (taken.len() as u64, 0));
    assert_eq!(bytes, 1000 * sent.arrived);
}

#[test]
fn it_is_enough_when_so_many_have_arrived() {
    let (outcome, sent, _, taken) = sent_to(200, 7, take_all);
    outcome.unwrap();
    assert_eq!((sent.arrived, taken.len()), (7, 7));
}

#[test]
fn a_server_that_says_nothing_gets_two_frames_and_no_more_until_it_ends() {
    let (outcome, sent, _, taken) = sent_to(200, u64::MAX, |mut stream| {
        let taken = [1, 2].map(|_| take_frame(&mut stream).unwrap().0.sequence);
        stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let third = stream.peek(&mut [0]);
        assert!(third.is_err(), "a third frame: {third:?}");
        taken
    });
    assert!(matches!(outcome, Err(Error::Ended)), "{outcome:?}");
    assert_eq!((sent.arrived, sent.in_flight), (0, INITIAL_WINDOW as u64));
    assert!(taken.is_sorted());
}

#[test]
fn silence_that_is_too_long_is_an_error_that_says_so() {
    let (client, server) = connected(|stream| stream);
    let expired = endpoint::Expired::Answer(Duration::from_secs(1));
    let (stages, stop) = (Arc::default(), Stop::new());
    let film = film(Numbers::up_to(9), encoded, FrameRate::Max, &stages, &stop).unwrap();
    let (outcome, ..) = with_state(u64::MAX, &stop, |state| {
        let hearing = (Silence(expired), ());
        send_frames(hearing, (&mut &client, &mut ()), &film.frames, state)
    });
    let error = Failure::from(outcome.unwrap_err());
    assert!(matches!(error, Failure::Film(Error::Silent(_))) && !error.is_passing(), "{error:?}");
    assert!(error.to_string().contains("one film at a time"), "{error}");
    drop(server.join().unwrap());
}

/// What a connection reads from a server that says nothing.
struct Silence(endpoint::Expired);

impl std::io::Read for Silence {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(self.0.into())
    }
}

#[test]
fn words_that_are_none_end_the_film_with_a_line_that_says_what_came() {
    // What the server says when it has taken two frames, of which these are the numbers.
    type Serve = fn(&mut TcpStream, u64, u64);
    let cases: [(&str, Serve); 6] = [
        (" has arrived, but it is the turn of frame ", |stream, _, second| {
            acknowledge(stream, second);
        }),
        (" has arrived, but it is the turn of frame ", |stream, first, _| {
            acknowledge(stream, first);
            acknowledge(stream, first);
        }),
        ("as text it is \"okok\"", |stream, _, _| stream.write_all(b"okok").unwrap()),
        ("no valid JSON header", |stream, _, _| wire::write_frame(stream, b"received").unwrap()),
        ("5 bytes where nothing may follow", |stream, _, _| {
            wire::write_frame(stream, b"{\"received\":1,\"size\":5}").unwrap();
        }),
        ("the server ended the connection", |stream, _, _| {
            stream.write_all(&[1, 0, 0]).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
        }),
    ];
    for (words, serve) in cases {
        let (outcome, ..) = sent_to(200, u64::MAX, move |mut stream| {
            let [first, second] = [1, 2].map(|_| take_frame(&mut stream).unwrap().0.sequence);
            serve(&mut stream, first, second);
            // The client is to hear that before the connection ends.
            while matches!(stream.read(&mut [0; 4096]), Ok(1..)) {}
        });
        let error = Failure::from(outcome.unwrap_err()).to_string();
        assert!(error.contains(words), "{words:?} is not in {error:?}");
    }
}

/// Takes three frames, and says so.
fn take_three(stream: &mut TcpStream) {
    for _ in 0..3 {
        let (header, _) = take_frame(stream).unwrap();
        acknowledge(stream, header.sequence);
    }
}

#[test]
fn a_server_that_ends_in_order_ends_the_connection_and_what_was_on_its_way_is_counted() {
    let (outcome, sent, _, ()) = sent_to(200, u64::MAX, |mut stream| {
        take_three(&mut stream);
        stream.shutdown(Shutdown::Write).unwrap();
        while matches!(stream.read(&mut [0; 4096]), Ok(1..)) {}
    });
    assert!(matches!(outcome, Err(Error::Ended)), "{outcome:?}");
    assert_eq!((sent.arrived, sent.lost), (3, 0));
    assert!(sent.in_flight > 0, "it was heard without a frame on its way");
}

#[test]
fn a_server_that_is_gone_in_any_way_is_worth_another_call() {
    // It closes with frames unread, so its kernel may reset the connection, and a reset may throw
    // away what it has said last.
    let (outcome, sent, _, ()) = sent_to(200, u64::MAX, |mut stream| take_three(&mut stream));
    let error = Failure::from(outcome.unwrap_err());
    assert!(error.is_passing() && sent.arrived <= 3, "{error:?}, {sent:?}");
}

#[test]
fn when_nobody_waits_any_longer_a_silent_server_is_not_waited_for() {
    let (client, server) = connected(|mut stream| while take_frame(&mut stream).is_some() {});
    let (stages, stop) = (Arc::default(), Stop::new());
    let film = film(Numbers::up_to(9), encoded, FrameRate::Max, &stages, &stop).unwrap();
    stop.request();
    stop.abandon();
    let (outcome, ..) = with_state(u64::MAX, &stop, |state| {
        let hearing = (client.try_clone().unwrap(), ());
        send_frames(hearing, (&mut &client, &mut ()), &film.frames, state)
    });
    outcome.unwrap();
    client.shutdown(Shutdown::Both).unwrap();
    server.join().unwrap();
}
