//! The receiver by itself: what it writes, and what it answers.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::time::{Duration, Instant};

use lesson09_server::receiver::{Receiver, Verdict};
use lesson09_shared::offer::{IdleTimeout, Offer};
use lesson09_shared::packet::{Kind, MAX_PAYLOAD, Packet, RECEIVE_WINDOW};
use proptest::collection::vec;
use proptest::prelude::*;

const TRANSFER: u64 = 0x0807_0605_0403_0201;
const MS: Duration = Duration::from_millis(1);

/// What a datagram is, in words: `Data 3`, or `Ack 1 has 2 3`.
fn name(datagram: &[u8]) -> String {
    let packet = Packet::decode(datagram).unwrap();
    let behind = packet.number..packet.number.saturating_add(2 * RECEIVE_WINDOW);
    match packet.kind {
        Kind::Data => format!("Data {}", packet.number),
        Kind::Ack => {
            let early = behind.filter(|number| packet.acknowledges(*number));
            let early: String = early.map(|number| format!(" {number}")).collect();
            let has = if early.is_empty() { "" } else { " has" };
            format!("Ack {}{has}{early}", packet.number)
        }
        kind => format!("{kind:?}"),
    }
}

/// Bytes of which no two packets are alike.
fn file(size: usize) -> Vec<u8> {
    (0_u32..)
        .flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes())
        .take(size)
        .collect()
}

/// A Data packet.
fn data(number: u32, payload: &[u8]) -> Packet<'_> {
    Packet { transfer: TRANSFER, transmission: 7, number, kind: Kind::Data, payload }
}

fn offer(size: u64) -> Offer {
    let idle_timeout = IdleTimeout::new(Duration::from_secs(60));
    Offer { name: "a.txt".to_owned(), size, idle_timeout }
}

/// A receiver of a file of that size.
fn receiver(size: usize) -> Receiver {
    Receiver::new(Instant::now(), &offer(size as u64))
}

#[test]
fn what_is_drawn_above_the_receiver_is_what_happens() {
    let mut now = Instant::now();
    let file = file(2 * MAX_PAYLOAD + 5);
    let packets: Vec<&[u8]> = file.chunks(MAX_PAYLOAD).collect();
    let mut receiver = receiver(file.len());
    let mut written = Vec::new();
    let wanted = wire::md5_hex(&file);
    for (number, answer, packets_written) in
        [(0, "Ack 1", 1), (2, "Ack 1 has 2", 1), (2, "Ack 1 has 2", 1), (1, "Ack 3", 3)]
    {
        assert_eq!(receiver.end(&wanted), Verdict::Incomplete);
        now += MS;
        let ack =
            receiver.data(now, &data(number, packets[number as usize]), &mut written).unwrap();
        assert_eq!(name(&ack), answer);
        assert_eq!(Packet::decode(&ack).unwrap().transmission, 7, "which one it answers");
        assert_eq!(written, packets[..packets_written].concat());
        assert_eq!(receiver.bytes_written(), written.len() as u64);
    }
    // There is no packet behind the last one, not even an empty one.
    assert_eq!(name(&receiver.data(now, &data(3, b""), &mut written).unwrap()), "Ack 3");
    // When Done is lost, the End comes again.
    for _ in 0..2 {
        assert_eq!(receiver.end(&wanted), Verdict::Verified);
    }
    let announced = wire::md5_hex(b"another file");
    let verdict = Verdict::WrongDigest { announced: announced.clone(), actual: wanted };
    assert_eq!(receiver.end(&announced), verdict);
}

#[test]
fn a_receiver_ignores_what_is_no_part_of_the_file_and_answers_it_all_the_same() {
    let now = Instant::now();
    let mut receiver = receiver(2000 * MAX_PAYLOAD + 5);
    let mut written = Vec::new();
    for (number, length) in [
        (0, 0),
        (0, 5),
        (0, MAX_PAYLOAD - 1),
        (0, MAX_PAYLOAD + 1),
        (RECEIVE_WINDOW, MAX_PAYLOAD),
        (2000, 5),
        (2001, 0),
        (u32::MAX, MAX_PAYLOAD),
    ] {
        let ack = receiver.data(now, &data(number, &vec![7; length]), &mut written).unwrap();
        assert_eq!((name(&ack).as_str(), written.len()), ("Ack 0", 0), "{number}, {length} bytes");
        assert_eq!(ack.len(), 29, "an Ack without a bitmap");
    }
    let ack =
        receiver.data(now, &data(RECEIVE_WINDOW - 1, &[7; MAX_PAYLOAD]), &mut written).unwrap();
    assert_eq!((name(&ack).as_str(), written.len()), ("Ack 0 has 1023", 0));
    assert!(ack.len() <= 1200, "{} bytes", ack.len());
}

#[test]
fn only_a_packet_that_is_new_and_in_range_is_progress() {
    let start = Instant::now();
    let mut receiver = Receiver::new(start, &offer(2000 * MAX_PAYLOAD as u64 + 5));
    let whole = MAX_PAYLOAD;
    let (mut now, mut last_progress) = (start, start);
    for (number, length, is_progress) in [
        (0, whole, true),
        (0, whole, false),                  // It is written already.
        (2, whole, true),                   // It is kept until its turn.
        (2, whole, false),                  // It is kept already.
        (1, whole - 1, false),              // It has another length than the file has there.
        (1, 0, false),                      // It has nothing in it.
        (1 + RECEIVE_WINDOW, whole, false), // There is no room for it.
        (2001, 0, false),                   // It is behind the end.
        (u32::MAX, whole, false),
        (1, whole, true),
        (RECEIVE_WINDOW, whole, true),
    ] {
        now += MS;
        receiver.data(now, &data(number, &vec![7; length]), &mut Vec::new()).unwrap();
        last_progress = if is_progress { now } else { last_progress };
        assert_eq!(receiver.last_progress(), last_progress, "{number}, {length} bytes");
    }
    assert_eq!(receiver.end("0"), Verdict::Incomplete);
    assert_eq!(receiver.last_progress(), now, "an End is none");
}

#[test]
fn a_disk_that_is_full_is_an_error() {
    let mut disk = &mut [0; 100][..];
    let answer = receiver(MAX_PAYLOAD).data(Instant::now(), &data(0, &[7; MAX_PAYLOAD]), &mut disk);
    assert!(answer.is_err(), "{answer:?}");
}

proptest! {
    #[test]
    fn nothing_that_a_receiver_gets_makes_it_panic_or_write_more_than_was_offered(
        size in prop_oneof![0..200_000_u64, any::<u64>()],
        pieces in vec((prop_oneof![0..200_u32, any::<u32>()], 0..=MAX_PAYLOAD, any::<bool>()), 0..200),
        md5: String,
    ) {
        let now = Instant::now();
        let mut receiver = Receiver::new(now, &offer(size));
        let mut written = Vec::new();
        for (number, length, is_whole) in pieces {
            let length = if is_whole { MAX_PAYLOAD } else { length };
            let ack = receiver.data(now, &data(number, &vec![7; length]), &mut written).unwrap();
            prop_assert_eq!(Packet::decode(&ack).unwrap().kind, Kind::Ack);
            prop_assert_ne!(receiver.end(&md5), Verdict::Verified);
        }
        prop_assert!(written.len() as u64 <= size);
    }
}
