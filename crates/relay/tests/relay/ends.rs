//! What becomes of one end, the other end is told.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;

use relay::{End, Options};

use crate::proxy::{
    Between, DEADLINE, Proxy, assert_same, each_way, in_a_thread, narrow_listener, noise,
    read_to_end, read_to_reset, reset, with_deadline,
};

#[test]
fn a_client_that_half_closes_gets_its_answer() {
    for (way, between) in each_way() {
        // The end may come with the bytes, before them or after them: many tries meet all three.
        for round in 0..100 {
            let (mut client, mut upstream) = between.connect();
            let request = noise(1 + round % 5 * 40_000, 1);
            let sent = request.clone();
            let mut sender = client.try_clone().unwrap();
            let sends = in_a_thread(move || {
                sender.write_all(&sent).unwrap();
                sender.shutdown(Shutdown::Write).unwrap();
            });
            assert_same(way, &read_to_end(&mut upstream), &request);
            sends.recv_timeout(DEADLINE).unwrap();
            upstream.write_all(b"all of it came").unwrap();
            drop(upstream);
            assert_eq!(read_to_end(&mut client), b"all of it came", "{way}");
            let summary = between.proxy.closed();
            assert!(matches!(summary.end, End::Client), "{way}: {summary:?}");
            assert_eq!((summary.up, summary.down), (request.len() as u64, 14), "{way}");
        }
    }
}

#[test]
fn an_upstream_that_half_closes_still_receives() {
    for (way, between) in each_way() {
        let (mut client, mut upstream) = between.connect();
        upstream.shutdown(Shutdown::Write).unwrap();
        assert_eq!(read_to_end(&mut client), b"", "{way}");
        client.write_all(b"understood").unwrap();
        drop(client);
        assert_eq!(read_to_end(&mut upstream), b"understood", "{way}");
        assert!(matches!(between.proxy.closed().end, End::Upstream), "{way}");
    }
}

#[test]
fn the_end_of_a_stream_comes_after_all_its_bytes_however_slowly_these_are_taken() {
    let upstream = narrow_listener();
    let proxy = Proxy::start(&[upstream.local_addr().unwrap()], Options::default());
    let mut client = proxy.connect();
    let mut upstream = with_deadline(upstream.accept().unwrap().0);
    let bytes = noise(4 << 20, 1);
    let sent = bytes.clone();
    let sends = in_a_thread(move || {
        client.write_all(&sent).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        client
    });
    assert_same("up", &read_to_end(&mut upstream), &bytes);
    drop(upstream);
    drop(sends.recv_timeout(DEADLINE).unwrap());
    assert!(matches!(proxy.closed().end, End::Client));
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine sends the end of the stream where a reset is due; a Windows of its own runs this"
)]
fn a_reset_by_the_client_is_passed_on_as_a_reset() {
    for (way, between) in each_way() {
        let (mut client, mut upstream) = between.connect();
        client.write_all(b"hello").unwrap();
        upstream.read_exact(&mut [0; 5]).unwrap();
        reset(client);
        assert_eq!(read_to_reset(&mut upstream), b"", "{way}");
        let end = between.proxy.closed().end;
        let End::ClientReset(error) = end else { panic!("{way}: {end:?}") };
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{way}");
    }
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine sends the end of the stream where a reset is due; a Windows of its own runs this"
)]
fn a_reset_by_the_upstream_is_passed_on_as_a_reset() {
    for (way, between) in each_way() {
        let (mut client, mut upstream) = between.connect();
        upstream.write_all(b"hello").unwrap();
        client.read_exact(&mut [0; 5]).unwrap();
        reset(upstream);
        assert_eq!(read_to_reset(&mut client), b"", "{way}");
        let end = between.proxy.closed().end;
        assert!(matches!(end, End::UpstreamReset(_)), "{way}: {end:?}");
    }
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine sends the end of the stream where a reset is due; a Windows of its own runs this"
)]
fn a_reset_by_a_client_that_had_half_closed_is_passed_on_too() {
    for (way, between) in each_way() {
        let (client, mut upstream) = between.connect();
        client.shutdown(Shutdown::Write).unwrap();
        assert_eq!(read_to_end(&mut upstream), b"", "{way}");
        reset(client);
        let end = between.proxy.closed().end;
        assert!(matches!(end, End::ClientReset(_)), "{way}: {end:?}");
        let error = upstream.take_error().unwrap().expect("the upstream has not been reset");
        assert!(
            matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset),
            "{way}: {error}"
        );
    }
}

#[test]
fn a_reset_in_the_middle_of_a_transfer_ends_that_connection_only() {
    for (way, between) in each_way() {
        let (mut other, mut others_upstream) = between.connect();
        for from_the_client in [true, false] {
            let (client, upstream) = between.connect();
            let (mut sender, receiver) =
                if from_the_client { (client, upstream) } else { (upstream, client) };
            let sends = in_a_thread(move || while sender.write_all(&[0; 1 << 16]).is_ok() {});
            (&receiver).read_exact(&mut vec![0; 1 << 20]).unwrap();
            reset(receiver);
            sends.recv_timeout(DEADLINE).expect("the sender is not told");
            let end = between.proxy.closed().end;
            let right = match end {
                End::ClientReset(_) => !from_the_client,
                End::UpstreamReset(_) => from_the_client,
                _ => false,
            };
            assert!(right, "{way}, from the client {from_the_client}: {end:?}");
        }
        other.write_all(b"hello").unwrap();
        others_upstream.read_exact(&mut [0; 5]).unwrap();
    }
}

#[test]
fn a_client_that_goes_away_in_the_middle_of_its_answer_is_gone_for_the_upstream_too() {
    let between = Between::new(Options::default());
    let (client, mut upstream) = between.connect();
    let sends = in_a_thread(move || while upstream.write_all(&[0; 1 << 16]).is_ok() {});
    (&client).read_exact(&mut [0; 1 << 16]).unwrap();
    // With bytes unread, close(2) sends a reset.
    drop(client);
    sends.recv_timeout(DEADLINE).expect("the upstream is not told");
    let end = between.proxy.closed().end;
    assert!(matches!(end, End::ClientReset(_)), "{end:?}");
}
