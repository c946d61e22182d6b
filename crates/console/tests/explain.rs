//! The line that says what was tried, why it failed, and what to do next.

use std::io::{self, ErrorKind};
use std::time::Duration;

use console::{describe, explain};
use endpoint::{Error, Expired, Role};

#[test]
fn an_address_that_cannot_be_had_is_told_with_what_to_do() {
    let bind =
        |kind: ErrorKind| Error::Bind { address: ([127, 0, 0, 1], 80).into(), source: kind.into() };
    let resolve = Error::Resolve { host: "80x".to_owned(), source: ErrorKind::Other.into() };
    let connect = |kind: ErrorKind| Error::Connect {
        address: ([10, 0, 0, 1], 80).into(),
        source: kind.into(),
    };
    let (taken, denied) = match cfg!(windows) {
        true => ("netstat -ano", "excludedportrange"),
        false => ("in a minute (TIME_WAIT)", "above 1023"),
    };
    for (error, words) in [
        (connect(ErrorKind::TimedOut), "is that machine on"),
        (connect(ErrorKind::HostUnreachable), "is this machine in that network?"),
        (connect(ErrorKind::NetworkUnreachable), "is this machine in that network?"),
        (bind(ErrorKind::AddrInUse), taken),
        (bind(ErrorKind::AddrNotAvailable), "no interface of this machine"),
        (bind(ErrorKind::PermissionDenied), denied),
        (resolve, "is the name right?"),
    ] {
        let said = explain(&error);
        assert!(said.contains(words) && said.lines().count() == 1, "{said}");
    }
}

#[test]
fn what_a_peer_has_put_into_an_error_cannot_move_the_cursor_or_begin_a_line() {
    let error = io::Error::other("unknown variant `\x1b[2J\r\n\u{9b}\u{202e}汉`, expected `a`");
    assert_eq!(explain(&error), r"unknown variant `\u{1b}[2J\r\n\u{9b}\u{202e}汉`, expected `a`");
}

#[test]
fn a_wait_in_vain_is_named_with_the_option_that_makes_it_longer() {
    let time = Duration::from_secs(600);
    for (expired, words) in [
        (Expired::Idle(time), "silent for 10m (--idle-timeout)"),
        (Expired::Answer(time), "nothing came for 10m (--timeout)"),
        (
            Expired::Message(time, Role::Server),
            "a message began and did not end within 10m (--message-timeout)",
        ),
        (
            Expired::Send(time, Role::Client),
            "the peer did not take a message within 10m (--timeout)",
        ),
    ] {
        let error = io::Error::from(expired);
        assert_eq!(describe(&error), words);
        assert!(explain(&error).starts_with(words));
        // An error that repeats its cause in the cause's own words has the option named there too.
        let outer = Outer(error);
        assert!(
            explain(&outer).starts_with(&format!("in vain: {words}; so it is over")),
            "{outer}"
        );
    }
}

#[derive(Debug, thiserror::Error)]
#[error("in vain: {0}; so it is over")]
struct Outer(#[source] io::Error);

#[test]
fn a_length_from_a_big_endian_peer_is_told_the_other_way_round() {
    let said = |bytes: &[u8]| {
        let error = wire::read_frame(&mut &*bytes, wire::DEFAULT_LIMIT).unwrap_err();
        explain(&error)
    };
    assert_eq!(
        said(b"\0\0\0\x07echo hi"),
        "length 117440512 at byte 0 is above the limit of 16777216 bytes; the other way round it \
         is 7: is the peer big-endian? Here the lowest byte comes first, Python's '<i'. If it is \
         meant to be that long, raise --max-message",
    );
    // From 128 bytes on it is negative as it stands.
    assert_eq!(
        said(b"\0\0\0\xc8"),
        "length -939524096 at byte 0 is negative; the other way round it is 200: is the peer \
         big-endian? Here the lowest byte comes first, Python's '<i'",
    );
    for other in [b"\x01\x02\x03\x04", b"GET ", b"\xff\xff\xff\xff"] {
        assert!(!said(other).contains("the other way round"), "{}", said(other));
    }
}
