//! One small exchange, however its answer is cut, and whatever is wrong with it.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

use lesson06_client::{Error, exchange};
use trace::Observer;

use crate::{SHORT_TIMEOUT, connect, serve};

/// Says these pieces, one with each `recv`, and ends the stream then.
struct Peer(VecDeque<Vec<u8>>);

impl Read for Peer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(mut piece) = self.0.pop_front() else { return Ok(0) };
        let got = (&*piece).read(buffer)?;
        if got < piece.len() {
            self.0.push_front(piece.split_off(got));
        }
        Ok(got)
    }
}

impl Write for Peer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Asks for `hello` in upper case, and the answer comes in pieces of this size.
fn hello(answer: &[u8], size: usize) -> Result<(), Error> {
    let mut peer = Peer(answer.chunks(size).map(<[u8]>::to_vec).collect());
    exchange(&mut peer, b"hello", &mut ()).map(|_| ())
}

#[test]
fn an_answer_is_right_however_it_is_cut() {
    for size in 1..=5 {
        hello(b"HELLO", size).unwrap();
    }
}

#[test]
fn a_wrong_byte_is_named_with_its_place() {
    for place in 0..5 {
        for size in 1..=5 {
            let mut answer = *b"HELLO";
            answer[place] = b'b';
            let error = hello(&answer, size).unwrap_err().to_string();
            let (sent, expected) = (b"hello"[place] as char, b"HELLO"[place] as char);
            let words =
                format!(r#"at byte {place}: sent "{sent}", expected "{expected}", got "b""#);
            assert_eq!(error, words, "in pieces of {size}");
        }
    }
}

#[test]
fn what_came_back_as_it_went_has_not_been_at_the_server() {
    let error = hello(b"hello", 5).unwrap_err();
    assert!(matches!(error, Error::Wrong { at: 0, .. }), "{error:?}");
}

#[test]
fn an_answer_that_stops_short_says_where() {
    for end in 0..5 {
        let error = hello(&b"HELLO"[..end], 5).unwrap_err().to_string();
        assert_eq!(error, format!("the stream ended after {end} of 5 bytes"));
    }
}

#[test]
fn an_answer_that_is_too_long_is_no_answer_to_the_next_request() {
    let error = hello(b"HELLO!", 6).unwrap_err().to_string();
    assert_eq!(error, r#"at byte 5: got "!", and no more was sent"#);
    // In a segment of its own it comes with the next answer, and is wrong there.
    hello(b"HELLO!", 5).unwrap();
}

#[test]
fn nobody_waits_for_an_answer_without_end() {
    let (server, silent) = serve(1, |stream: TcpStream| crate::drain(&mut &stream));
    let error = exchange(&mut connect(server, SHORT_TIMEOUT), b"hello", &mut ()).unwrap_err();
    let Error::Broken { at: 0, size: 5, cause } = error else { panic!("{error:?}") };
    assert!(matches!(cause.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{cause:?}");
    silent.join().unwrap();
}

/// Writes down what it hears, in order.
#[derive(Default)]
struct Diary(Vec<String>);

impl Observer for Diary {
    fn received(&mut self, message: &[u8]) {
        self.0.push(format!("received {}", String::from_utf8_lossy(message)));
    }

    fn sent(&mut self, message: &[u8]) {
        self.0.push(format!("sent {}", String::from_utf8_lossy(message)));
    }
}

#[test]
fn the_observer_hears_of_the_request_and_then_of_the_answer() {
    let mut diary = Diary::default();
    let mut peer = Peer([b"HEL".to_vec(), b"LO".to_vec()].into());
    exchange(&mut peer, b"hello", &mut diary).unwrap();
    assert_eq!(diary.0, ["sent hello", "received HELLO"]);
}
