//! The packets of lesson 09, as its text describes them: Python's struct `'<IIQQIB'` and a payload.

use language::text;
use rust_i18n::t;
use serde_json::Value;

use crate::show;

/// How every packet begins.
pub(super) const MAGIC: [u8; 4] = *b"\x04UDP";
/// The most payload bytes in a packet. Every Data but the last has so many.
pub(super) const MAX_PAYLOAD: usize = 1200;
/// How far ahead of the oldest missing packet a sender may be, in packets.
pub(super) const WINDOW: u32 = 1024;
/// The longest idle timeout that an end may ask for, in milliseconds: an hour.
const MAX_IDLE_TIMEOUT: u64 = 3_600_000;

/// How many bytes stand before the payload.
const HEADER: usize = 29;
/// Where that begins which the crc32 covers.
const COVERED: usize = 8;

/// What a packet says. Its byte on the wire is its place in this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Offer,
    Accept,
    Data,
    Ack,
    End,
    Done,
    Refused,
    Abort,
}

const KINDS: [Kind; 8] = [
    Kind::Offer,
    Kind::Accept,
    Kind::Data,
    Kind::Ack,
    Kind::End,
    Kind::Done,
    Kind::Refused,
    Kind::Abort,
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Packet {
    pub(super) transfer: u64,
    pub(super) transmission: u64,
    pub(super) number: u32,
    pub(super) kind: Kind,
    pub(super) payload: Vec<u8>,
}

impl Packet {
    pub(super) fn encode(&self) -> Vec<u8> {
        with_kind(self, self.kind as u8)
    }

    /// The datagram with a wrong crc32, as after damage on the way.
    pub(super) fn damaged(&self) -> Vec<u8> {
        let mut datagram = self.encode();
        if let Some(byte) = datagram.get_mut(MAGIC.len()) {
            *byte ^= 1;
        }
        datagram
    }

    /// The packet in a datagram.
    ///
    /// # Errors
    /// Why it holds none, in a sentence for who has written it.
    pub(super) fn decode(datagram: &[u8]) -> Result<Packet, &'static str> {
        if !datagram.starts_with(&MAGIC) {
            return Err(text!("A packet begins with 04 55 44 50, in this order."));
        }
        let (Some(fixed), Some(payload)) =
            (datagram.first_chunk::<HEADER>(), datagram.get(HEADER..))
        else {
            return Err(text!(
                "A packet has 29 bytes before its payload: Python's struct '<IIQQIB', whose '<' \
                 also means that nothing is padded."
            ));
        };
        let number = |from: usize, length: usize| {
            let bytes = fixed.iter().skip(from).take(length).rev();
            bytes.fold(0, |sum: u64, &byte| sum << 8 | u64::from(byte))
        };
        let crc = crc32fast::hash(datagram.get(COVERED..).unwrap_or_default());
        match number(4, 4) as u32 {
            right if right == crc => {}
            swapped if swapped.swap_bytes() == crc => {
                return Err(text!(
                    "The crc32 is right the other way round: all numbers go with their lowest \
                     byte first ('<')."
                ));
            }
            _ => {
                return Err(text!(
                    "The crc32 is not that of the bytes behind it: it covers transfer, \
                     transmission, number, kind and payload (zlib.crc32)."
                ));
            }
        }
        let Some(&kind) = KINDS.get(number(28, 1) as usize) else {
            return Err(text!("There are eight kinds of packets, 0 to 7."));
        };
        if payload.len() > MAX_PAYLOAD {
            return Err(text!("A payload has 1200 bytes at most."));
        }
        Ok(Packet {
            transfer: number(8, 8),
            transmission: number(16, 8),
            number: number(24, 4) as u32,
            kind,
            payload: payload.to_vec(),
        })
    }

    /// The numbers behind the expected one that this Ack says have come.
    pub(super) fn has(&self) -> Vec<u32> {
        let bits = (0_u32..).zip(&self.payload).flat_map(|(at, byte)| {
            let set = move |bit: &u32| byte & 1 << bit != 0;
            (0..8).filter(set).map(move |bit| at * 8 + bit)
        });
        bits.map(|bit| self.number.saturating_add(1).saturating_add(bit)).collect()
    }

    /// The value of a field of a JSON payload.
    pub(super) fn field(&self, name: &str) -> Value {
        let json: Value = serde_json::from_slice(&self.payload).unwrap_or_default();
        json.get(name).cloned().unwrap_or_default()
    }

    /// How long the sender of an Offer or an Accept waits, in milliseconds, if it says so as it should.
    pub(super) fn idle_timeout(&self) -> Option<u64> {
        let millis = self.field("max_idle_timeout_ms").as_u64();
        millis.filter(|millis| (1..=MAX_IDLE_TIMEOUT).contains(millis))
    }

    /// The packet in a few words, without what differs from run to run.
    pub(super) fn shown(&self) -> String {
        let Packet { kind, number, payload, .. } = self;
        match kind {
            Kind::Offer => t!("Offer of %{size} bytes", size = self.field("size")).into_owned(),
            Kind::Data => {
                t!("Data %{number}, %{count} bytes", number = number, count = payload.len())
                    .into_owned()
            }
            Kind::Ack => match self.has().as_slice() {
                [] => t!("Ack, expected %{number}", number = number).into_owned(),
                has => {
                    let more = has.len().saturating_sub(SHOWN);
                    let shown: Vec<String> = has.iter().take(SHOWN).map(u32::to_string).collect();
                    let more = if more > 0 {
                        t!(" and %{more} more", more = more).into_owned()
                    } else {
                        String::new()
                    };
                    t!(
                        "Ack, expected %{number}, has %{numbers}%{more}",
                        number = number,
                        numbers = shown.join(" "),
                        more = more
                    )
                    .into_owned()
                }
            },
            Kind::Refused | Kind::Abort => format!("{kind:?}: {}", show::bytes(payload)),
            _ => format!("{kind:?}"),
        }
    }
}

/// How many numbers of an Ack are shown.
const SHOWN: usize = 6;

/// The datagram of a packet whose kind need not be one.
pub(super) fn with_kind(packet: &Packet, kind: u8) -> Vec<u8> {
    let covered = [
        &packet.transfer.to_le_bytes()[..],
        &packet.transmission.to_le_bytes(),
        &packet.number.to_le_bytes(),
        &[kind],
        &packet.payload,
    ]
    .concat();
    [&MAGIC[..], &crc32fast::hash(&covered).to_le_bytes(), &covered].concat()
}

/// What a datagram is, in a few words.
pub(super) fn shown(datagram: &[u8]) -> String {
    Packet::decode(datagram).map_or_else(|_| show::bytes(datagram), |packet| packet.shown())
}

/// The payload of an Ack that says what has come behind the expected number.
pub(super) fn bitmap(expected: u32, has: impl Iterator<Item = u32>) -> Vec<u8> {
    let mut bitmap = Vec::new();
    for bit in has.filter_map(|number| number.checked_sub(expected)?.checked_sub(1)) {
        let byte = bit as usize / 8;
        bitmap.resize(bitmap.len().max(byte + 1), 0);
        if let Some(byte) = bitmap.get_mut(byte) {
            *byte |= 1 << (bit % 8);
        }
    }
    bitmap
}

/// How many Data a file of so many bytes takes.
pub(super) fn packets(size: usize) -> u32 {
    u32::try_from(size.div_ceil(MAX_PAYLOAD)).unwrap_or(u32::MAX)
}

/// What the Data with this number holds of a file; nothing if there is no such packet.
pub(super) fn piece(bytes: &[u8], number: u32) -> &[u8] {
    bytes.chunks(MAX_PAYLOAD).nth(number as usize).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that lesson 09's text shows.
    #[test]
    fn the_packet_of_the_text_is_read_and_written() {
        let bytes =
            b"\x04UDP\x54\xfd\x23\x36\x07\0\0\0\0\0\0\0\x09\0\0\0\0\0\0\0\x02\0\0\0\x02hello";
        let packet = Packet::decode(bytes).unwrap();
        assert_eq!((packet.transfer, packet.transmission, packet.number), (7, 9, 2));
        assert_eq!((packet.kind, packet.payload.as_slice()), (Kind::Data, &b"hello"[..]));
        assert_eq!(packet.encode(), bytes);
        assert!(Packet::decode(&bytes[..28]).unwrap_err().contains("29 bytes"));
    }

    #[test]
    fn an_ack_says_what_has_come_behind_the_expected_number() {
        let payload = bitmap(1, [2, 4, 10].into_iter());
        assert_eq!(payload, [0b101, 1]);
        let (transfer, transmission, number, kind) = (0, 0, 1, Kind::Ack);
        let ack = Packet { transfer, transmission, number, kind, payload };
        assert_eq!(ack.has(), [2, 4, 10]);
        assert_eq!(ack.shown(), "Ack, expected 1, has 2 4 10");
    }
}
