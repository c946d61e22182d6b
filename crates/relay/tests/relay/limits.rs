//! Every wait has an end, and there is a place for so many and no more.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::time::{Duration, Instant};

use relay::{End, Options, Totals};

use crate::proxy::{Between, read_to_end, read_to_reset};

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine sends the end of the stream where a reset is due; a Windows of its own runs this"
)]
fn a_connection_without_a_byte_is_reset_on_both_sides() {
    let idle_timeout = Duration::from_millis(100);
    let between = Between::new(Options { idle_timeout, ..Options::default() });
    let (mut client, mut upstream) = between.connect();
    client.write_all(b"hello").unwrap();
    upstream.read_exact(&mut [0; 5]).unwrap();
    assert_eq!(read_to_reset(&mut client), b"");
    assert_eq!(read_to_reset(&mut upstream), b"");
    let summary = between.proxy.closed();
    assert!(matches!(summary.end, End::IdleTimeout), "{summary:?}");
    assert!(summary.duration >= idle_timeout, "{summary:?}");
    assert_eq!((summary.up, summary.down), (5, 0));
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine sends the end of the stream where a reset is due; a Windows of its own runs this"
)]
fn a_client_that_has_half_closed_and_hears_nothing_more_is_reset_too() {
    let idle_timeout = Duration::from_millis(100);
    let between = Between::new(Options { idle_timeout, ..Options::default() });
    let (mut client, upstream) = between.connect();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_to_reset(&mut client), b"");
    let end = between.proxy.closed().end;
    assert!(matches!(end, End::IdleTimeout), "{end:?}");
    // It was told of the client's end, and now that nobody is there for an answer.
    let error = upstream.take_error().unwrap().expect("the upstream has not been reset");
    assert!(matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset), "{error}");
}

#[test]
fn a_connection_in_which_bytes_go_one_way_is_not_idle() {
    let idle_timeout = Duration::from_secs(1);
    let between = Between::new(Options { idle_timeout, ..Options::default() });
    let (mut client, mut upstream) = between.connect();
    let begin = Instant::now();
    while begin.elapsed() < 3 * idle_timeout {
        upstream.write_all(b"x").unwrap();
        client.read_exact(&mut [0]).unwrap();
    }
    drop(client);
    assert_eq!(read_to_end(&mut upstream), b"");
}

#[test]
fn one_client_too_many_is_reset_and_there_is_room_when_the_first_has_left() {
    let between = Between::new(Options { max_connections: 1, ..Options::default() });
    let (mut client, mut upstream) = between.connect();
    between.proxy.assert_resets_a_client();
    assert_eq!(between.proxy.refused(), "places for connections: 1, all taken");
    client.write_all(b"hello").unwrap();
    upstream.read_exact(&mut [0; 5]).unwrap();
    drop((client, upstream));
    between.proxy.closed();
    let (mut client, mut upstream) = between.connect();
    client.write_all(b"hello").unwrap();
    upstream.read_exact(&mut [0; 5]).unwrap();
    drop((client, upstream));
    assert_eq!(between.proxy.stop(), Totals { connections: 2, refused: 1, up: 10, down: 0 });
}
