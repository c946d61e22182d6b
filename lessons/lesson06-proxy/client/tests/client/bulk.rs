//! Many bytes in both directions at once, up to the end of each.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use endpoint::is_broken;
use lesson06_client::{Error, Half, bulk};
use proptest::prelude::*;
use socket2::SockRef;
use trace::Observer;

use crate::{DEADLINE, SHORT_TIMEOUT, connect, drain, end, flip, serve, shout, unchanged};

/// More than all buffers between two programs of one machine hold, in bytes.
const LARGE: u64 = 32 * 1024 * 1024;

fn transfer(server: SocketAddr, patience: Duration, size: u64) -> Result<(), Error> {
    let stream = connect(server, patience);
    let mut receiving = Half { stream: &stream, observer: () };
    let mut sending = Half { stream: &stream, observer: () };
    let half_close = || stream.shutdown(Shutdown::Write);
    bulk(&mut receiving, &mut sending, half_close, 1, size).map(|_| ())
}

/// What becomes of a transfer of `size` bytes when the answers are changed like this.
fn changed(
    size: u64,
    change: impl Fn(usize, &mut Vec<u8>) + Clone + Send + 'static,
) -> Result<(), Error> {
    let talk = move |mut stream: TcpStream| {
        shout(&mut stream, &[4096], &change);
    };
    let (server, echo) = serve(1, talk);
    let outcome = transfer(server, DEADLINE, size);
    echo.join().unwrap();
    outcome
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_number_of_bytes_comes_back_however_the_peer_cuts_them(
        size in 0..300_000_u64,
        sizes in prop::collection::vec(1..20_000_usize, 1..10),
    ) {
        let talk = move |mut stream: TcpStream| shout(&mut stream, &sizes, unchanged).len() as u64;
        let (server, echo) = serve(1, talk);
        let outcome = transfer(server, DEADLINE, size);
        prop_assert!(outcome.is_ok(), "{outcome:?}");
        prop_assert_eq!(echo.join().unwrap(), [size]);
    }

    #[test]
    fn any_byte_that_is_wrong_is_found(
        size in 1..300_000_u64,
        part in 0.0..1.0,
        bit in 0..8_u32,
    ) {
        let wrong = (size as f64 * part) as usize;
        let outcome = changed(size, flip(wrong, 1 << bit));
        let is_found = matches!(
            outcome,
            Err(Error::Wrong { at, expected, got, .. })
                if at == wrong as u64 && got == expected ^ (1 << bit)
        );
        prop_assert!(is_found, "byte {wrong} of {size}: {outcome:?}");
    }
}

#[test]
fn more_than_all_buffers_hold_goes_both_ways_at_once() {
    changed(LARGE, unchanged).unwrap();
}

#[test]
fn a_byte_that_was_changed_on_the_way_there_is_found_too() {
    let talk = |mut stream: TcpStream| {
        let mut rest = stream.try_clone().unwrap();
        let mut first = vec![0; 5000];
        stream.read_exact(&mut first).unwrap();
        first[4711] ^= 0x20;
        stream.write_all(&first.to_ascii_uppercase()).unwrap();
        shout(&mut rest, &[1000], unchanged);
    };
    let (server, echo) = serve(1, talk);
    let error = transfer(server, DEADLINE, 100_000).unwrap_err();
    assert!(error.to_string().starts_with("at byte 4711: sent "), "{error}");
    echo.join().unwrap();
}

#[test]
fn what_is_lost_or_comes_twice_is_found_where_it_begins() {
    const SIZE: u64 = 1_000_000;
    let place = 100_000;
    for buffer in [1, 1024, 4096, 65536] {
        let lost = place..place + buffer;
        let lose = move |before: usize, answer: &mut Vec<u8>| {
            let mut places = before..;
            answer.retain(|_| !places.next().is_some_and(|place| lost.contains(&place)));
        };
        let outcome = changed(SIZE, lose);
        // By chance the byte that comes instead may be the same as the one that was lost.
        let is_found = matches!(outcome, Err(Error::Wrong { at: 100_000..100_005, .. }));
        assert!(is_found, "{buffer} bytes lost: {outcome:?}");
    }
    let double = move |before: usize, answer: &mut Vec<u8>| {
        let at = place.checked_sub(before);
        if let Some(&byte) = at.and_then(|at| answer.get(at)) {
            answer.insert(at.unwrap(), byte);
        }
    };
    let outcome = changed(SIZE, double);
    let is_found = matches!(outcome, Err(Error::Wrong { at: 100_001..100_005, .. }));
    assert!(is_found, "one byte twice: {outcome:?}");
}

#[test]
fn a_stream_that_stops_short_says_after_how_many_bytes() {
    for length in [0, 1, 65_520, 65_521, 65_522, 99_999] {
        let talk = move |mut stream: TcpStream| {
            let mut taken = vec![0; length];
            stream.read_exact(&mut taken).unwrap();
            stream.write_all(&taken.to_ascii_uppercase()).unwrap();
            end(&stream);
        };
        let (server, echo) = serve(1, talk);
        let error = transfer(server, DEADLINE, 100_000).unwrap_err().to_string();
        assert_eq!(error, format!("the stream ended after {length} of 100000 bytes"));
        echo.join().unwrap();
    }
}

#[test]
fn a_reset_says_after_how_many_bytes_it_came() {
    let talk = |mut stream: TcpStream| {
        // Only what was received before a reset is certain, so here nothing is answered.
        stream.read_exact(&mut [0; 1000]).unwrap();
        SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    };
    let (server, broken) = serve(1, talk);
    let error = transfer(server, DEADLINE, LARGE).unwrap_err();
    let Error::Broken { at: 0, size: LARGE, cause } = error else { panic!("{error:?}") };
    assert_eq!(cause.kind(), ErrorKind::ConnectionReset);
    broken.join().unwrap();
}

#[test]
fn more_than_was_sent_is_too_much() {
    for size in [0, 1, 65_521, 100_000] {
        let talk = |mut stream: TcpStream| {
            shout(&mut stream, &[4096], unchanged);
            stream.write_all(b"!").unwrap();
        };
        let (server, echo) = serve(1, talk);
        let error = transfer(server, DEADLINE, size).unwrap_err().to_string();
        assert_eq!(error, format!(r#"at byte {size}: got "!", and no more was sent"#));
        echo.join().unwrap();
    }
}

#[test]
fn an_end_that_does_not_come_is_found_out_after_all_bytes_have() {
    for size in [0, 100_000] {
        let talk = |mut stream: TcpStream| {
            shout(&mut stream, &[4096], unchanged);
            // The half-close has come, and this end stays open until the test is over.
            stream
        };
        let (server, echo) = serve(1, talk);
        let error = transfer(server, SHORT_TIMEOUT, size).unwrap_err();
        assert!(matches!(error, Error::NoEnd { size: got, .. } if got == size), "{error:?}");
        echo.join().unwrap();
    }
}

#[test]
fn nobody_waits_without_end_for_a_peer_that_says_nothing() {
    let talk = |mut stream: TcpStream| {
        drain(&mut stream);
        stream
    };
    let (server, silent) = serve(1, talk);
    let error = transfer(server, SHORT_TIMEOUT, 100_000).unwrap_err();
    let Error::Broken { at: 0, size: 100_000, cause } = error else { panic!("{error:?}") };
    assert!(matches!(cause.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{cause:?}");
    silent.join().unwrap();
}

/// Remembers why it could not write.
struct Remembering<'a> {
    stream: &'a TcpStream,
    /// Whether the first error of a write says that the connection broke.
    broken: &'a mut Option<bool>,
}

impl Write for Remembering<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let outcome = self.stream.write(bytes);
        *self.broken = outcome.as_ref().err().map(is_broken);
        outcome
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_wrong_byte_ends_the_wait_of_a_sender_that_nobody_listens_to() {
    let talk = |mut stream: TcpStream| {
        stream.write_all(b"busy").unwrap();
        // The server reads nothing, and stays open until the test is over.
        stream
    };
    let (server, deaf) = serve(1, talk);
    let stream = connect(server, DEADLINE);
    let mut broken = None;
    let mut receiving = Half { stream: &stream, observer: () };
    let mut sending =
        Half { stream: Remembering { stream: &stream, broken: &mut broken }, observer: () };
    let half_close = || stream.shutdown(Shutdown::Write);
    let error = bulk(&mut receiving, &mut sending, half_close, 1, LARGE).unwrap_err();
    assert!(matches!(error, Error::Wrong { at: 0, got: b'b', .. }), "{error:?}");
    // Its time-out would be another error, and would come much later.
    assert_eq!(broken, Some(true));
    deaf.join().unwrap();
}

/// Adds up the sizes of what it hears of.
#[derive(Default)]
struct Sum {
    blocks: u64,
    sent: u64,
    received: u64,
}

impl Observer for Sum {
    fn received(&mut self, block: &[u8]) {
        self.blocks += 1;
        self.received += block.len() as u64;
    }

    fn sent(&mut self, block: &[u8]) {
        self.blocks += 1;
        self.sent += block.len() as u64;
    }
}

#[test]
fn each_observer_hears_of_its_own_direction_block_by_block() {
    let talk = |mut stream: TcpStream| shout(&mut stream, &[4096], unchanged);
    let (server, echo) = serve(1, talk);
    let stream = connect(server, DEADLINE);
    let mut receiving = Half { stream: &stream, observer: Sum::default() };
    let mut sending = Half { stream: &stream, observer: Sum::default() };
    let half_close = || stream.shutdown(Shutdown::Write);
    bulk(&mut receiving, &mut sending, half_close, 1, 1_000_000).unwrap();
    let (there, back) = (sending.observer, receiving.observer);
    assert_eq!((there.sent, there.received), (1_000_000, 0));
    assert_eq!((back.sent, back.received), (0, 1_000_000));
    assert!(there.blocks > 10 && back.blocks > 10, "{} and {} blocks", there.blocks, back.blocks);
    echo.join().unwrap();
}
