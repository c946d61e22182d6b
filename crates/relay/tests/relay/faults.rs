//! Faults change how the bytes arrive, and the observer is told in which direction.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::time::{Duration, Instant};

use fault::stream::{Direction, Faults};
use relay::{End, Options};

use crate::proxy::{
    Between, DEADLINE, assert_same, in_a_thread, noise, read_to_end, read_to_reset, reset,
};

/// What comes when the client sends this, and then the end of its stream.
fn sent_up(between: &Between, bytes: &[u8]) -> Vec<u8> {
    let (mut client, mut upstream) = between.connect();
    let bytes = bytes.to_vec();
    let sends = in_a_thread(move || {
        // A fault may have cut the connection.
        _ = client.write_all(&bytes);
        _ = client.shutdown(Shutdown::Write);
        client
    });
    let came = read_to_end(&mut upstream);
    drop(sends);
    came
}

#[test]
fn a_stream_in_pieces_of_one_byte_arrives_whole() {
    let between = Between::with_faults(&["slice=1"]);
    let bytes = noise(100_000, 1);
    assert_same("up", &sent_up(&between, &bytes), &bytes);
}

#[test]
fn a_latency_delays_the_bytes_and_the_end() {
    let between = Between::with_faults(&["up:latency=50ms"]);
    let (mut client, mut upstream) = between.connect();
    let begin = Instant::now();
    client.write_all(b"hello").unwrap();
    upstream.read_exact(&mut [0; 5]).unwrap();
    assert!(begin.elapsed() >= Duration::from_millis(50), "{:?}", begin.elapsed());
    let begin = Instant::now();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_to_end(&mut upstream), b"");
    assert!(begin.elapsed() >= Duration::from_millis(50), "{:?}", begin.elapsed());
    // The other direction has no fault, and goes on.
    upstream.write_all(b"answer").unwrap();
    drop(upstream);
    assert_eq!(read_to_end(&mut client), b"answer");
    assert!(matches!(between.proxy.closed().end, End::Client));
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine sends the end of the stream where a reset is due; a Windows of its own runs this"
)]
fn a_reset_is_delayed_as_the_bytes_before_it_are_and_these_are_not_lost() {
    for upwards in [true, false] {
        let between = Between::with_faults(&["latency=50ms"]);
        let (client, upstream) = between.connect();
        let (mut sender, mut receiver) =
            if upwards { (client, upstream) } else { (upstream, client) };
        let begin = Instant::now();
        sender.write_all(b"hello").unwrap();
        receiver.read_exact(&mut [0; 5]).unwrap();
        reset(sender);
        assert_eq!(read_to_reset(&mut receiver), b"");
        assert!(begin.elapsed() >= Duration::from_millis(100), "{:?}", begin.elapsed());
        let end = between.proxy.closed().end;
        let right = match end {
            End::ClientReset(_) => upwards,
            End::UpstreamReset(_) => !upwards,
            _ => false,
        };
        assert!(right, "upwards {upwards}: {end:?}");
    }
}

#[test]
fn a_receiver_that_is_gone_is_told_to_the_sender_through_the_faults_of_the_other_direction() {
    let between = Between::with_faults(&["down:latency=50ms"]);
    let (mut client, mut upstream) = between.connect();
    client.write_all(b"hello").unwrap();
    upstream.read_exact(&mut [0; 5]).unwrap();
    let begin = Instant::now();
    reset(upstream);
    let sends = in_a_thread(move || while client.write_all(&[0; 1 << 16]).is_ok() {});
    sends.recv_timeout(DEADLINE).expect("the client is not told");
    assert!(begin.elapsed() >= Duration::from_millis(50), "{:?}", begin.elapsed());
    let end = between.proxy.closed().end;
    assert!(matches!(end, End::UpstreamReset(_)), "{end:?}");
}

#[test]
fn a_rate_makes_a_transfer_take_its_time() {
    let between = Between::with_faults(&["up:rate=1MiB"]);
    let bytes = noise(300 << 10, 1);
    let begin = Instant::now();
    assert_same("up", &sent_up(&between, &bytes), &bytes);
    assert!(begin.elapsed() >= Duration::from_millis(290), "{:?}", begin.elapsed());
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine sends the end of the stream where a reset is due; a Windows of its own runs this"
)]
fn a_reset_after_so_many_bytes_ends_both_sides() {
    let between = Between::with_faults(&["up:reset=1000"]);
    let (mut client, mut upstream) = between.connect();
    client.write_all(&[7; 999]).unwrap();
    upstream.read_exact(&mut [0; 999]).unwrap();
    client.write_all(&[7; 2]).unwrap();
    let rest = read_to_reset(&mut upstream);
    assert!(rest.len() <= 1, "{} bytes came after the first 999", rest.len());
    assert_eq!(read_to_reset(&mut client), b"");
    assert_eq!(between.proxy.fault(), (Direction::Up, "reset after 1000 bytes".to_owned()));
    let end = between.proxy.closed().end;
    assert!(matches!(end, End::FaultReset), "{end:?}");
}

#[test]
fn a_limit_ends_one_direction_in_order_and_the_other_goes_on() {
    let between = Between::with_faults(&["up:limit=1000"]);
    let (mut client, mut upstream) = between.connect();
    client.write_all(&[7; 3000]).unwrap();
    assert_eq!(read_to_end(&mut upstream), [7; 1000]);
    assert_eq!(between.proxy.fault(), (Direction::Up, "closed after 1000 bytes".to_owned()));
    upstream.write_all(b"is that all?").unwrap();
    client.read_exact(&mut [0; 12]).unwrap();
    // The rest is thrown away, however much it is: the client does not stop.
    client.write_all(&vec![7; 32 << 20]).unwrap();
    drop(client);
    drop(upstream);
    let summary = between.proxy.closed();
    assert!(matches!(summary.end, End::Fault), "{summary:?}");
    assert_eq!((summary.up, summary.down), (1000, 12));
}

#[test]
fn a_limit_below_all_bytes_is_told_as_the_end_even_if_the_senders_own_end_comes_with_them() {
    for limit in [0, 1000, 3000, 3001] {
        let between = Between::with_faults(&[&format!("up:limit={limit}")]);
        let bytes = noise(3000, 1);
        assert_same("up", &sent_up(&between, &bytes), &bytes[..bytes.len().min(limit)]);
        let summary = between.proxy.closed();
        let right = match summary.end {
            End::Fault => limit <= 3000,
            // All bytes have come, and it may be that their end came with them.
            End::Client => limit >= 3000,
            _ => false,
        };
        assert!(right, "limit {limit}: {summary:?}");
    }
}

#[test]
fn a_client_that_leaves_while_its_answer_is_delayed_has_reset_the_connection() {
    let between = Between::with_faults(&["down:latency=50ms"]);
    let (client, mut upstream) = between.connect();
    upstream.write_all(b"answer").unwrap();
    drop(client);
    assert_eq!(read_to_end(&mut upstream), b"");
    drop(upstream);
    let summary = between.proxy.closed();
    let right = match &summary.end {
        End::ClientReset(error) => {
            matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset)
        }
        // The answer and its end may be sent before the client's kernel says that nobody is there.
        End::Client => true,
        _ => false,
    };
    assert!(right, "{summary:?}");
    assert_eq!((summary.up, summary.down), (0, 6));
}

#[test]
fn the_same_seed_does_the_same_to_the_same_connection_and_another_does_not() {
    let bytes = noise(50_000, 1);
    let come = |seed: u64| {
        let faults = Faults::new(vec!["corrupt=1%".parse().unwrap()], seed);
        let between = Between::new(Options { faults, ..Options::default() });
        [1, 2].map(|_| sent_up(&between, &bytes))
    };
    let [first, again, other] = [come(1), come(1), come(2)];
    assert_same("the first connection", &first[0], &again[0]);
    assert_same("the second connection", &first[1], &again[1]);
    assert!(first[0] != first[1], "two connections have had the same bits flipped");
    assert!(first[0] != other[0], "two seeds have had the same bits flipped");
    assert!(first[0] != bytes, "no bit was flipped");
}

#[test]
fn both_directions_of_a_connection_have_faults_of_their_own() {
    let between = Between::with_faults(&["corrupt=1%"]);
    let (mut client, mut upstream) = between.connect();
    let bytes = noise(10_000, 1);
    let mut came = [vec![0; bytes.len()], vec![0; bytes.len()]];
    client.write_all(&bytes).unwrap();
    upstream.read_exact(&mut came[0]).unwrap();
    upstream.write_all(&bytes).unwrap();
    client.read_exact(&mut came[1]).unwrap();
    assert!(came[0] != came[1], "both directions have had the same bits flipped");
}

#[test]
fn a_fault_in_one_direction_leaves_the_other_as_fast_as_it_was() {
    let between = Between::with_faults(&["up:latency=1h"]);
    let (mut client, mut upstream) = between.connect();
    let bytes = noise(16 << 20, 1);
    let sent = bytes.clone();
    let sends = in_a_thread(move || upstream.write_all(&sent).unwrap());
    assert_same("down", &read_to_end(&mut client), &bytes);
    sends.recv_timeout(DEADLINE).unwrap();
}

#[test]
fn a_change_of_the_faults_is_seen_by_a_connection_that_stands() {
    let faults = Faults::default();
    let change = |between: &Between, texts: &[&str]| {
        faults.change(texts.iter().map(|text| text.parse().unwrap()).collect());
        between.proxy.wake();
    };
    let between = Between::new(Options { faults: faults.clone(), ..Options::default() });
    let (mut client, mut upstream) = between.connect();
    let mut pass = |bytes: &[u8]| {
        client.write_all(bytes).unwrap();
        let mut came = vec![0; bytes.len()];
        upstream.read_exact(&mut came).unwrap();
        came
    };
    assert_eq!(pass(b"hello"), b"hello");
    change(&between, &["up:corrupt=100%"]);
    assert_ne!(pass(b"hello"), b"hello");
    change(&between, &[]);
    assert_eq!(pass(&noise(1 << 20, 1)), noise(1 << 20, 1));

    // What is on its way for an hour is here as soon as nothing delays it any more.
    change(&between, &["up:latency=1h"]);
    client.write_all(b"late").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    upstream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    upstream.read_exact(&mut [0]).expect_err("it is an hour early");
    upstream.set_read_timeout(Some(DEADLINE)).unwrap();
    change(&between, &["up:latency=30m"]);
    assert_eq!(read_to_end(&mut upstream), b"late");
    drop(upstream);
    let end = between.proxy.closed().end;
    assert!(matches!(end, End::Client), "{end:?}");
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine sends the end of the stream where a reset is due; a Windows of its own runs this"
)]
fn a_client_that_resets_behind_an_end_that_a_fault_has_made_ends_its_connection() {
    let between = Between::with_faults(&["up:limit=5", "up:latency=1s"]);
    let (mut client, mut upstream) = between.connect();
    client.write_all(b"more than that").unwrap();
    assert_eq!(between.proxy.fault(), (Direction::Up, "closed after 5 bytes".to_owned()));
    // The end is still on its way, and lets no reset past it.
    reset(client);
    assert_eq!(read_to_end(&mut upstream), b"more ");
    let end = between.proxy.closed().end;
    assert!(matches!(end, End::ClientReset(_)), "{end:?}");
}
