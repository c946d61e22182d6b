//! The receiving half of a reliable file transfer over UDP, without a socket, a thread or a clock.
//!
//! Packets are lost, arrive twice, or arrive before others that were sent earlier. So each has a
//! number. The receiver keeps what came too early, writes in order, and answers every Data with an
//! Ack, which names the number that it expects next: that is how it asks for what is missing.
//!
//! ```text
//!  sender            receiver                                         kept         written
//!    Data 0    ───▶            ───▶  Ack, expected 1                               0
//!    Data 1    ─ lost
//!    Data 2    ───▶            ───▶  Ack, expected 1, has 2           2            0
//!    Data 2    ───▶  (twice)   ───▶  Ack, expected 1, has 2           2            0
//!    Data 1    ───▶  (again)   ───▶  Ack, expected 3                               0 1 2
//!    End md5   ───▶            ───▶  Done, if what was written has this MD5
//! ```
//!
//! Offer and Accept, the file on the disk, and the packets of other transfers are the server's
//! business. When Done is lost the sender repeats its End. So a server keeps the last word that it
//! said to a transfer for a while after it, and says it again: that is what TIME_WAIT is in TCP.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Instant;

use wire::Md5;

use crate::packet::{Kind, Offer, Packet, ROOM, bitmap};

/// One transfer, as its receiver sees it.
#[derive(Debug)]
pub struct Receiver {
    offer: Offer,
    /// The number that is expected next: all before it are written.
    expected: u32,
    /// What came before its turn, by number: all of them behind `expected`, by less than [`ROOM`].
    early: BTreeMap<u32, Vec<u8>>,
    written: u64,
    md5: Md5,
    heard: Instant,
}

/// Whether the file has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All of it, with the MD5 that was announced: the answer is Done.
    Verified,
    /// All of it, and it is not the file that was sent: the answer is Refused.
    WrongDigest {
        /// What the sender says.
        announced: String,
        /// What was written.
        actual: String,
    },
    /// Some of it is missing: the answer is [`Receiver::ack`].
    Incomplete,
}

impl Receiver {
    /// Begins with the transfer that was offered now. The name has been checked by then, and the
    /// size is one that the server takes.
    pub fn new(now: Instant, offer: &Offer) -> Receiver {
        Receiver {
            offer: offer.clone(),
            expected: 0,
            early: BTreeMap::new(),
            written: 0,
            md5: Md5::new(),
            heard: now,
        }
    }

    /// Takes a Data packet, writes to `sink` all that are now in order, and returns the datagram to
    /// answer with. One that has come before is answered too: perhaps the first answer was lost.
    ///
    /// # Errors
    /// When `sink` fails. The transfer is then over: the answer is Refused.
    pub fn data(
        &mut self,
        now: Instant,
        packet: &Packet<'_>,
        sink: &mut impl Write,
    ) -> io::Result<Vec<u8>> {
        let Packet { number, payload, .. } = *packet;
        self.heard = now;
        let has_room = (self.expected..self.expected.saturating_add(ROOM)).contains(&number);
        // Any other length would move all that follows to another place in the file.
        let is_right = !payload.is_empty() && payload.len() == self.offer.length_of(number);
        if has_room && is_right {
            self.early.entry(number).or_insert_with(|| payload.to_vec());
        }
        while let Some(payload) = self.early.remove(&self.expected) {
            sink.write_all(&payload)?;
            self.md5.update(&payload);
            self.written += payload.len() as u64;
            self.expected += 1;
        }
        Ok(self.ack(packet))
    }

    /// Takes the MD5 that an End announces. It may be asked again, and says the same again.
    pub fn end(&mut self, now: Instant, announced: &str) -> Verdict {
        self.heard = now;
        if self.written < self.offer.size {
            return Verdict::Incomplete;
        }
        let actual = self.md5.clone().finish();
        match announced == actual {
            true => Verdict::Verified,
            false => Verdict::WrongDigest { announced: announced.to_owned(), actual },
        }
    }

    /// The datagram that answers this packet by what has come so far.
    pub fn ack(&self, packet: &Packet<'_>) -> Vec<u8> {
        let bitmap = bitmap(self.expected, self.early.keys().copied());
        packet.answer(Kind::Ack, self.expected, &bitmap)
    }

    /// How many bytes of the file are written.
    pub fn progress(&self) -> u64 {
        self.written
    }

    /// When the sender was last heard. A server that has waited long enough gives the transfer up.
    pub fn heard(&self) -> Instant {
        self.heard
    }
}
