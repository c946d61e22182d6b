//! The receiving half of a reliable file transfer over UDP, without a socket, a thread or a clock.
//!
//! Packets are lost, arrive twice, or arrive before others that were sent earlier. So each has a
//! number. The receiver keeps what came out of order, writes in order, and answers every Data with an
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
//! Offer and Accept, the file on the disk, and the packets of other transfers are the business of
//! `transfers.rs`.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Instant;

use lesson09_shared::offer::Offer;
use lesson09_shared::packet::{Kind, Packet, RECEIVE_WINDOW, ack_bitmap};
use wire::Md5;

/// One transfer, as its receiver sees it.
#[derive(Debug)]
pub struct Receiver {
    offer: Offer,
    /// The number of the next packet to write: all before it are written.
    expected: u32,
    /// The payloads that came before their turn, by number. Each is behind `expected`, by less than
    /// [`RECEIVE_WINDOW`].
    out_of_order: BTreeMap<u32, Vec<u8>>,
    bytes_written: u64,
    md5: Md5,
    last_progress: Instant,
}

/// Whether the file has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The whole file, with the MD5 that was announced: the answer is Done.
    Verified,
    /// As many bytes as were offered, but not the file that was sent: the answer is Refused.
    WrongDigest {
        /// What the sender says.
        announced: String,
        /// What was written.
        actual: String,
    },
    /// A part of the file is missing: the answer is [`Receiver::ack`].
    Incomplete,
}

impl Receiver {
    /// Begins a transfer that was offered `now`. The server has checked the name and the size.
    pub fn new(now: Instant, offer: &Offer) -> Receiver {
        Receiver {
            offer: offer.clone(),
            expected: 0,
            out_of_order: BTreeMap::new(),
            bytes_written: 0,
            md5: Md5::new(),
            last_progress: now,
        }
    }

    /// Takes a Data packet, writes to `sink` all that are now in order, and returns the datagram to
    /// answer with. A packet that has come before is answered too: perhaps the first answer was lost.
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
        let window = self.expected..self.expected.saturating_add(RECEIVE_WINDOW);
        // Any other length would move all that follows to another place in the file.
        let is_right = !payload.is_empty() && payload.len() == self.offer.length_of(number);
        if window.contains(&number) && is_right && !self.out_of_order.contains_key(&number) {
            self.out_of_order.insert(number, payload.to_vec());
            self.last_progress = now;
        }
        while let Some(payload) = self.out_of_order.remove(&self.expected) {
            sink.write_all(&payload)?;
            self.md5.update(&payload);
            self.bytes_written += payload.len() as u64;
            self.expected += 1;
        }
        Ok(self.ack(packet))
    }

    /// Takes the MD5 that an End announces. The same End may come again, and has the same verdict.
    pub fn end(&self, announced: &str) -> Verdict {
        if self.bytes_written < self.offer.size {
            return Verdict::Incomplete;
        }
        let actual = self.md5.clone().finish();
        match announced == actual {
            true => Verdict::Verified,
            false => Verdict::WrongDigest { announced: announced.to_owned(), actual },
        }
    }

    /// The datagram that answers this packet with what has come so far.
    pub fn ack(&self, packet: &Packet<'_>) -> Vec<u8> {
        let bitmap = ack_bitmap(self.expected, self.out_of_order.keys().copied());
        packet.answer(Kind::Ack, self.expected, &bitmap)
    }

    /// How many bytes of the file are written.
    pub fn bytes_written(&self) -> u64 {
        self.bytes_written
    }

    /// When something new last came: the Offer, or a Data in its right length that was missing. Nothing
    /// else counts: whoever repeats a packet, or sends what belongs to no file, would keep a place here
    /// for ever.
    pub fn last_progress(&self) -> Instant {
        self.last_progress
    }
}
