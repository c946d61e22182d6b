//! What travels when a file is sent reliably over UDP: numbered packets, each in a datagram of its
//! own.
//!
//! ```text
//!  ┌───────────┬───────────┬──────────────┬──────────────────┬────────────┬──────────┬─────────┐
//!  │ magic (4) │ crc32 (4) │ transfer (8) │ transmission (8) │ number (4) │ kind (1) │ payload │
//!  └───────────┴───────────┴──────────────┴──────────────────┴────────────┴──────────┴─────────┘
//!   little-endian, without gaps: Python's struct '<IIQQIB'; the crc32 covers all behind it
//!
//!  kind       from      number             payload
//!  0 Offer    sender    0                  {"name":"a.txt","size":2500,"max_idle_timeout_ms":60000}
//!  1 Accept   receiver  0                  {"max_idle_timeout_ms":10000}
//!  2 Data     sender    0, 1, 2 …          the next 1200 bytes of the file, or what is left of it
//!  3 Ack      receiver  the one expected   a bit for each number behind that one: has it come too?
//!  4 End      sender    how many Data      {"md5":"5d41402abc4b2a76b9719d911017c592"}
//!  5 Done     receiver  0
//!  6 Refused  receiver  0                  why
//!  7 Abort    sender    0                  why
//! ```
//!
//! A packet that is retransmitted keeps its number, and gets a new transmission: the sender counts all
//! that it sends, from 0 on. An answer has the transmission of the packet that it answers, so the
//! sender knows which one has arrived (as by the packet numbers of QUIC: RFC 9000, section 12.3).
//!
//! UDP has a checksum as well, but one of 16 bits, which over IPv4 a sender may leave out. A crc32
//! finds more.

use byteorder::{LittleEndian, ReadBytesExt};

/// How a packet begins, and no other datagram that comes to the port: nobody types a control
/// character.
pub const MAGIC: [u8; 4] = *b"\x04UDP";

/// The most payload bytes in a packet. With the headers of IPv6 (40), UDP (8) and ours (29) they
/// fit into the 1280 bytes that every IPv6 path carries whole (RFC 8200, section 5).
pub const MAX_PAYLOAD: usize = 1200;

/// The receive window, in packets: how far ahead of the oldest missing packet the sender may be. So
/// much is kept at most at either end, and that is what bounds the memory of both.
pub const RECEIVE_WINDOW: u32 = 1024;

/// What a packet says. Its byte on the wire is the number in the table above.
#[expect(missing_docs, reason = "the table above tells what each kind says")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Offer,
    Accept,
    Data,
    Ack,
    End,
    Done,
    Refused,
    Abort,
}

/// A packet, whose payload lies in the datagram that it came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Which transfer the packet belongs to: a random number that the sender chose.
    pub transfer: u64,
    /// How many packets the sender had sent before this one; in an answer, before the one answered.
    pub transmission: u64,
    /// The sequence number of a Data, the acknowledgement number of an Ack; the table above has the rest.
    pub number: u32,
    /// What the packet says.
    pub kind: Kind,
    /// At most [`MAX_PAYLOAD`] bytes.
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// The datagram. A payload above [`MAX_PAYLOAD`] is cut; only a reason can be that long.
    pub fn encode(&self) -> Vec<u8> {
        let mut covered = Vec::with_capacity(21 + self.payload.len());
        covered.extend(self.transfer.to_le_bytes());
        covered.extend(self.transmission.to_le_bytes());
        covered.extend(self.number.to_le_bytes());
        covered.push(self.kind as u8);
        covered.extend(self.payload.get(..MAX_PAYLOAD).unwrap_or(self.payload));
        [&MAGIC[..], &crc32fast::hash(&covered).to_le_bytes(), &covered].concat()
    }

    /// The packet in a datagram. `None` if it holds none, or a damaged one: that is as good as lost,
    /// and the sender retransmits it.
    pub fn decode(datagram: &'a [u8]) -> Option<Packet<'a>> {
        use Kind::{Abort, Accept, Ack, Data, Done, End, Offer, Refused};
        let mut rest = datagram.strip_prefix(&MAGIC)?;
        let crc = rest.read_u32::<LittleEndian>().ok()?;
        if crc != crc32fast::hash(rest) {
            return None;
        }
        let transfer = rest.read_u64::<LittleEndian>().ok()?;
        let transmission = rest.read_u64::<LittleEndian>().ok()?;
        let number = rest.read_u32::<LittleEndian>().ok()?;
        let kinds = [Offer, Accept, Data, Ack, End, Done, Refused, Abort];
        let kind = *kinds.get(usize::from(rest.read_u8().ok()?))?;
        let payload = (rest.len() <= MAX_PAYLOAD).then_some(rest)?;
        Some(Packet { transfer, transmission, number, kind, payload })
    }

    /// The datagram that answers this packet.
    pub fn answer(&self, kind: Kind, number: u32, payload: &[u8]) -> Vec<u8> {
        Packet { number, kind, payload, ..*self }.encode()
    }

    /// Whether this Ack says that the Data with this number has come.
    pub fn acknowledges(&self, number: u32) -> bool {
        let (byte, bit) = byte_and_bit(self.number, number);
        number < self.number || self.payload.get(byte).is_some_and(|byte| byte & bit != 0)
    }
}

/// The payload of an Ack: the packets behind `expected` that have come out of order.
pub fn ack_bitmap(expected: u32, out_of_order: impl Iterator<Item = u32>) -> Vec<u8> {
    let mut bitmap = vec![0; RECEIVE_WINDOW as usize / 8];
    for number in out_of_order {
        let (byte, bit) = byte_and_bit(expected, number);
        if let Some(byte) = bitmap.get_mut(byte) {
            *byte |= bit;
        }
    }
    let used = bitmap.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bitmap.truncate(used);
    bitmap
}

/// Where `number` stands in the bitmap. The first number behind `expected` has the lowest bit.
fn byte_and_bit(expected: u32, number: u32) -> (usize, u8) {
    // For a number that is not behind `expected` this wraps, to a byte that no bitmap has.
    let bit = number.wrapping_sub(expected).wrapping_sub(1);
    (bit as usize / 8, 1 << (bit % 8))
}
