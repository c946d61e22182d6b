//! The packets: their bytes, and what fits into them.

use std::collections::BTreeSet;
use std::time::Duration;

use lesson09_shared::offer::{Accept, IdleTimeout, Offer};
use lesson09_shared::packet::{Kind, MAGIC, MAX_PAYLOAD, Packet, RECEIVE_WINDOW, ack_bitmap};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;

const TRANSFER: u64 = 0x0807_0605_0403_0201;

/// A Data packet.
fn data(number: u32, payload: &[u8]) -> Packet<'_> {
    Packet { transfer: TRANSFER, transmission: 7, number, kind: Kind::Data, payload }
}

#[test]
fn a_packet_is_laid_out_as_drawn_and_fits_into_1280_bytes() {
    let (transmission, number) = (0x2827_2625_2423_2221, 0x0d0c_0b0a);
    let packet = Packet { transmission, ..data(number, b"hello") };
    // Python: rest = struct.pack('<QQIB', transfer, transmission, number, 2) + b'hello', and before
    // it struct.pack('<4sI', b'\x04UDP', zlib.crc32(rest))
    let crc = [0xbe, 0x13, 0x1e, 0xb5];
    let rest = b"\x01\x02\x03\x04\x05\x06\x07\x08\x21\x22\x23\x24\x25\x26\x27\x28\
                 \x0a\x0b\x0c\x0d\x02hello";
    assert_eq!(packet.encode(), [&MAGIC[..], &crc, rest].concat());
    // A longer payload is cut, and is not taken from those who do not cut it.
    let longest = Packet { payload: &[7; MAX_PAYLOAD + 1], ..packet }.encode();
    assert_eq!(Packet::decode(&longest), Some(Packet { payload: &[7; MAX_PAYLOAD], ..packet }));
    assert!(40 + 8 + longest.len() <= 1280, "{} bytes", longest.len());
    let crc = [0x99, 0x70, 0xd1, 0x9d];
    let too_long = [&MAGIC[..], &crc, &rest[..21], &[7; MAX_PAYLOAD + 1]].concat();
    assert_eq!(Packet::decode(&too_long), None);
}

#[test]
fn an_offer_and_an_accept_say_how_long_their_end_waits() {
    let timeout = |seconds| IdleTimeout::new(Duration::from_secs(seconds));
    let offer = Offer { name: "a.txt".to_owned(), size: 2500, idle_timeout: timeout(60) };
    let drawn = r#"{"name":"a.txt","size":2500,"max_idle_timeout_ms":60000}"#;
    assert_eq!(serde_json::to_string(&offer).unwrap(), drawn);
    assert_eq!(serde_json::from_str::<Offer>(drawn).unwrap(), offer);
    let accept = Accept { idle_timeout: timeout(10) };
    let drawn = r#"{"max_idle_timeout_ms":10000}"#;
    assert_eq!(serde_json::to_string(&accept).unwrap(), drawn);
    assert_eq!(serde_json::from_str::<Accept>(drawn).unwrap(), accept);
}

#[test]
fn an_idle_timeout_is_between_a_millisecond_and_an_hour() {
    for millis in [1, 2, 10_000, 3_600_000] {
        let timeout = IdleTimeout::try_from(millis).unwrap();
        assert_eq!((timeout.get(), u64::from(timeout)), (Duration::from_millis(millis), millis));
    }
    for millis in [0, 3_600_001, u64::MAX] {
        let error = IdleTimeout::try_from(millis).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("an idle timeout of {millis} ms is not between 1 ms and 3600000 ms")
        );
    }
    assert_eq!(u64::from(IdleTimeout::DEFAULT), 60_000);
    // What an option asks for is brought within the limits.
    assert_eq!(IdleTimeout::new(Duration::ZERO).get(), Duration::from_millis(1));
    assert_eq!(IdleTimeout::new(Duration::MAX).get(), IdleTimeout::MAX);
}

const KINDS: [Kind; 8] = {
    use Kind::{Abort, Accept, Ack, Data, Done, Refused};
    [Kind::Offer, Accept, Data, Ack, Kind::End, Done, Refused, Abort]
};

proptest! {
    #[test]
    fn what_is_encoded_is_decoded_to_the_same(
        transfer: u64,
        transmission: u64,
        number: u32,
        kind in select(&KINDS[..]),
        payload in vec(any::<u8>(), 0..=MAX_PAYLOAD),
    ) {
        let packet = Packet { transfer, transmission, number, kind, payload: &payload };
        let datagram = packet.encode();
        prop_assert_eq!(Packet::decode(&datagram), Some(packet));
    }

    #[test]
    fn a_packet_that_is_cut_or_has_a_bit_changed_is_none(
        datagram in vec(any::<u8>(), 0..=MAX_PAYLOAD).prop_map(|payload| {
            data(1, &payload).encode()
        }),
        place: prop::sample::Index,
        bit in 0..8_u8,
    ) {
        let place = place.index(datagram.len());
        prop_assert_eq!(Packet::decode(&datagram[..place]), None);
        let mut changed = datagram;
        changed[place] ^= 1_u8 << bit;
        prop_assert_eq!(Packet::decode(&changed), None);
    }

    #[test]
    fn an_acknowledgement_says_what_has_come_and_nothing_else(
        expected in prop_oneof![0..10_u32, any::<u32>(), Just(u32::MAX)],
        behind in btree_set(1..RECEIVE_WINDOW, 0..50),
        others in vec(any::<u32>(), 20),
    ) {
        let early: BTreeSet<u32> = behind.iter().filter_map(|b| expected.checked_add(*b)).collect();
        let payload = &ack_bitmap(expected, early.iter().copied());
        let ack = Packet { kind: Kind::Ack, ..data(expected, payload) };
        let near = (expected.saturating_sub(5)..=expected.saturating_add(RECEIVE_WINDOW + 5)).chain(others);
        for number in near {
            let has_come = number < expected || early.contains(&number);
            prop_assert_eq!(ack.acknowledges(number), has_come, "{} of {:?}", number, ack);
        }
    }
}
