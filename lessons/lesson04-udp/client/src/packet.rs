//! What travels when a file is sent reliably over UDP: numbered packets, each in a datagram of its
//! own. (This file is the same at both ends.)
//!
//! ```text
//!  ┌───────────┬───────────┬──────────────┬──────────────────┬────────────┬──────────┬─────────┐
//!  │ magic (4) │ crc32 (4) │ transfer (8) │ transmission (8) │ number (4) │ kind (1) │ payload │
//!  └───────────┴───────────┴──────────────┴──────────────────┴────────────┴──────────┴─────────┘
//!   little-endian, without gaps: Python's struct '<IIQQIB'; the crc32 covers all behind it
//!
//!  kind     from      number             payload
//!  Offer    sender    0                  {"name":"a.txt","size":2500}
//!  Accept   receiver  0
//!  Data     sender    0, 1, 2 …          the next 1200 bytes of the file, or what is left of it
//!  Ack      receiver  the one expected   a bit for each number behind that one: has it come too?
//!  End      sender    how many Data      {"md5":"5d41402abc4b2a76b9719d911017c592"}
//!  Done     receiver  0
//!  Refused  receiver  0                  why
//!  Abort    sender    0                  why
//! ```
//!
//! What is sent again keeps its number, and gets a new transmission: the sender counts all that it
//! sends, from 0 on. An answer has the transmission of the packet that it answers, so the sender
//! knows which one has arrived (as by the packet numbers of QUIC: RFC 9000, section 12.3).
//!
//! UDP has a checksum as well, but one of 16 bits, which over IPv4 a sender may leave out. A crc32
//! finds more.

use byteorder::{LittleEndian, ReadBytesExt};
use serde::{Deserialize, Serialize};

/// How a packet begins, and no other datagram that comes to the port: nobody types a control
/// character.
pub const MAGIC: [u8; 4] = *b"\x04UDP";

/// The most payload bytes in a packet. With the headers of IPv6 (40), UDP (8) and ours (29) they
/// fit into the 1280 bytes that every IPv6 path carries whole (RFC 8200, section 5).
pub const PAYLOAD: usize = 1200;

/// How many packets, from the oldest missing one on, may be on their way or kept for later. This is
/// what bounds the memory at both ends.
pub const ROOM: u32 = 1024;

/// The largest file, in bytes: the numbers of its packets have 32 bits.
pub const MAX_SIZE: u64 = u32::MAX as u64 * PAYLOAD as u64;

/// What a packet says: the table above tells. Its byte on the wire is its place in this list.
#[expect(missing_docs, reason = "the table above tells what each one says")]
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
    /// Which transfer it belongs to: a random number that the sender chose.
    pub transfer: u64,
    /// How many packets the sender had sent before it; in an answer, before the one answered.
    pub transmission: u64,
    /// Its meaning depends on the kind.
    pub number: u32,
    /// What it says.
    pub kind: Kind,
    /// At most [`PAYLOAD`] bytes.
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// The datagram. A payload above [`PAYLOAD`] is cut; only a reason can be that long.
    pub fn encode(&self) -> Vec<u8> {
        let mut covered = Vec::with_capacity(21 + self.payload.len());
        covered.extend(self.transfer.to_le_bytes());
        covered.extend(self.transmission.to_le_bytes());
        covered.extend(self.number.to_le_bytes());
        covered.push(self.kind as u8);
        covered.extend(self.payload.get(..PAYLOAD).unwrap_or(self.payload));
        [&MAGIC[..], &crc32fast::hash(&covered).to_le_bytes(), &covered].concat()
    }

    /// The packet in a datagram; `None` if there is none, or only a damaged one. That is then as
    /// good as lost, and the sender sends it again.
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
        let payload = (rest.len() <= PAYLOAD).then_some(rest)?;
        Some(Packet { transfer, transmission, number, kind, payload })
    }

    /// The datagram that answers this packet.
    pub fn answer(&self, kind: Kind, number: u32, payload: &[u8]) -> Vec<u8> {
        Packet { number, kind, payload, ..*self }.encode()
    }

    /// Whether this Ack says that the Data with this number has come.
    pub fn acknowledges(&self, number: u32) -> bool {
        let (byte, bit) = place(self.number, number);
        number < self.number || self.payload.get(byte).is_some_and(|byte| byte & bit != 0)
    }
}

/// The payload of an Ack: of the numbers behind `expected`, those in `early` have come.
pub fn bitmap(expected: u32, early: impl Iterator<Item = u32>) -> Vec<u8> {
    let mut bitmap = vec![0; ROOM as usize / 8];
    for number in early {
        let (byte, bit) = place(expected, number);
        if let Some(byte) = bitmap.get_mut(byte) {
            *byte |= bit;
        }
    }
    let used = bitmap.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bitmap.truncate(used);
    bitmap
}

/// The byte and the bit for `number`. The first number behind `expected` has the lowest bit.
fn place(expected: u32, number: u32) -> (usize, u8) {
    // For a number that is not behind `expected` this wraps, to a byte that no bitmap has.
    let bit = number.wrapping_sub(expected).wrapping_sub(1);
    (bit as usize / 8, 1 << (bit % 8))
}

/// What an Offer says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The file's name, without a folder.
    pub name: String,
    /// The file's size in bytes.
    pub size: u64,
}

/// What an End says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The MD5 of the whole file. It finds damage, not forgery.
    pub md5: String,
}

impl Offer {
    /// How many Data packets the file takes.
    pub fn packets(&self) -> u32 {
        u32::try_from(self.size.div_ceil(PAYLOAD as u64)).unwrap_or(u32::MAX)
    }

    /// How many bytes of the file the Data with this number holds; 0 if there is no such packet.
    pub fn length_of(&self, number: u32) -> usize {
        let before = u64::from(number) * PAYLOAD as u64;
        self.size.min(MAX_SIZE).saturating_sub(before).min(PAYLOAD as u64) as usize
    }
}

/// Whether a file may have this name: a plain one, without a folder. A receiver asks before it
/// touches the disk, and a sender before it offers.
///
/// # Errors
/// When the name is empty, is longer than the 255 bytes that file systems take, has a character in it
/// that leads out of a folder somewhere, or begins with a dot: that hides a file (and `..` is no file).
pub fn check_name(name: &str) -> Result<(), NameError> {
    let is_wrong =
        |character: char| matches!(character, '/' | '\\' | ':') || character.is_control();
    match name {
        "" => Err(NameError("it is empty")),
        _ if name.starts_with('.') => Err(NameError("it begins with a dot")),
        _ if name.len() > 255 => Err(NameError("it has more than 255 bytes")),
        _ if name.contains(is_wrong) => {
            Err(NameError("it has a slash, a backslash, a colon or a control character in it"))
        }
        _ => Ok(()),
    }
}

/// Why a name is no plain file name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("that is no plain file name: {0}")]
pub struct NameError(&'static str);
