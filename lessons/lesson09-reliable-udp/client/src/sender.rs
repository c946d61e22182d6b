//! The sending half of a reliable file transfer over UDP, without a socket, a thread or a clock: it
//! is told what has come and what time it is, and says what to send, and when to ask it again.
//!
//! ```text
//!  sender, window 4              receiver
//!    Offer name, size     ───▶
//!                         ◀───   Accept
//!    Data 0, 1, 2, 3      ───▶   (1 is lost)
//!                         ◀───   Ack, expected 1
//!                         ◀───   Ack, expected 1, has 2
//!                         ◀───   Ack, expected 1, has 2 3
//!    Data 4, 5, 6         ───▶
//!                         ◀───   Ack, expected 1, has 2 3 4     4 was the third one sent after 1,
//!    Data 1 again, 7      ───▶                                  so 1 is not late, but lost
//!                         ◀───   … Ack, expected 8
//!    End md5              ───▶
//!                         ◀───   Done
//! ```
//!
//! With a window of 1 this is stop-and-wait: the next packet only after the acknowledgement, so one
//! packet in each round trip, however fast the line is. A window of N makes that N packets.
//!
//! How large the window may be at a moment, so that others who send over the same link have their share,
//! is what `congestion.rs` says.

use std::io::{self, Read};
use std::time::Instant;

use lesson09_shared::offer::{Accept, End, IdleTimeout, Offer};
use lesson09_shared::packet::{Kind, MAX_PAYLOAD, Packet, RECEIVE_WINDOW};
use wire::Md5;

use crate::recovery::{LossRecovery, SendStats};

/// One transfer, as its sender sees it.
#[derive(Debug)]
pub struct Sender {
    transfer: u64,
    offer: Offer,
    /// Whether the receiver has accepted the offer.
    is_accepted: bool,
    /// The number of the Data that is read from the file next.
    next: u32,
    md5: Md5,
    /// The packets that are not acknowledged. The Offer has number 0, and is acknowledged before
    /// Data 0 is made; the End has the number behind the last Data.
    recovery: LossRecovery,
    /// When something new was last heard from the receiver.
    last_progress: Instant,
    /// How long the sender goes on without: as offered, until the receiver says how long both do.
    idle_timeout: IdleTimeout,
    bytes_acknowledged: u64,
    outcome: Option<Outcome>,
}

/// How a transfer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has the whole file, and it has the right MD5.
    Done,
    /// The receiver does not want it, and says why: words of a peer, to be escaped before printing.
    Refused(String),
    /// Nothing new came from the receiver for so long, the idle timeout that both ends keep to.
    TimedOut(IdleTimeout),
}

/// The file has not the size that was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the file changed while it was sent")]
pub struct FileChanged;

impl Sender {
    /// A transfer of the file that is offered, with at most `max_window` packets in flight. `transfer` is
    /// to be a random number. No receiver takes a name that `check_name` refuses, and there are no
    /// numbers for more than `MAX_FILE_SIZE` bytes: whoever makes the offer sees to both.
    ///
    /// The transfer is given up when nothing new has come from the receiver for the offered idle
    /// timeout, or for a shorter one that the receiver asks for. That should be many times the longest
    /// retransmission time-out, 2 s: where 30 % are lost both ways, every second try fails, and ten in
    /// a row are nothing unusual.
    pub fn new(now: Instant, transfer: u64, offer: &Offer, max_window: usize) -> Sender {
        Sender {
            transfer,
            offer: offer.clone(),
            is_accepted: false,
            next: 0,
            md5: Md5::new(),
            recovery: LossRecovery::new(now, transfer, max_window),
            last_progress: now,
            idle_timeout: offer.idle_timeout,
            bytes_acknowledged: 0,
            outcome: None,
        }
    }

    /// Takes a datagram from the receiver. One that is no intact packet of this transfer is as good
    /// as lost, and so is one that no receiver sends: for both, this returns false.
    pub fn received(&mut self, now: Instant, datagram: &[u8]) -> bool {
        let Some(packet) = Packet::decode(datagram) else { return false };
        let transmission = packet.transmission;
        let was_sent = transmission < self.stats().packets;
        if packet.transfer != self.transfer || !was_sent || self.outcome.is_some() {
            return false;
        }
        let end = self.offer.packets();
        match packet.kind {
            Kind::Accept if !self.is_accepted => {
                let Ok(accept) = serde_json::from_slice::<Accept>(packet.payload) else {
                    return false;
                };
                self.idle_timeout = accept.idle_timeout.min(self.idle_timeout);
                (self.is_accepted, self.last_progress) = (true, now);
                self.recovery.acknowledge(now, transmission, |_| true);
            }
            Kind::Accept => {} // The same Accept again: an Offer was sent or delivered twice.
            Kind::Ack if self.is_accepted && packet.number <= self.next => {
                let has_come = |number| number < end && packet.acknowledges(number);
                for number in self.recovery.acknowledge(now, transmission, has_come) {
                    self.bytes_acknowledged += self.offer.length_of(number) as u64;
                    self.last_progress = now;
                }
            }
            Kind::Done if self.is_accepted && self.recovery.oldest() == Some(end) => {
                self.recovery.acknowledge(now, transmission, |_| true);
                self.outcome = Some(Outcome::Done);
            }
            Kind::Refused => {
                let reason = String::from_utf8_lossy(packet.payload).into_owned();
                self.outcome = Some(Outcome::Refused(reason));
            }
            _ => return false,
        }
        true
    }

    /// The next datagram to send now; to be called until there is none. Reads the file from
    /// `source` once, in order; what is not acknowledged is kept, [`RECEIVE_WINDOW`] packets at most.
    ///
    /// # Errors
    /// When `source` fails, or has more or fewer bytes than were offered ([`FileChanged`]). The
    /// transfer is then over, and the receiver is to be told ([`Sender::abort`]).
    pub fn poll(&mut self, now: Instant, source: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
        if self.outcome.is_none() && self.idle_deadline() <= now {
            self.outcome = Some(Outcome::TimedOut(self.idle_timeout));
        }
        if self.outcome.is_some() {
            return Ok(None);
        }
        self.recovery.detect_timeout(now);
        // What was lost comes first.
        if let Some(datagram) = self.recovery.transmit(now) {
            return Ok(Some(datagram));
        }
        // What is read now is sent now.
        if !self.recovery.has_room() {
            return Ok(None);
        }
        self.make_next(source)?;
        Ok(self.recovery.transmit(now))
    }

    /// Makes the packet that comes next, if its turn has come.
    fn make_next(&mut self, source: &mut impl Read) -> io::Result<()> {
        let oldest = self.recovery.oldest();
        let all_made = self.next == self.offer.packets();
        let ahead = self.next - oldest.unwrap_or(self.next);
        let (number, kind, payload) = if !self.is_accepted && oldest.is_none() {
            (0, Kind::Offer, serde_json::to_vec(&self.offer)?)
        } else if self.is_accepted && !all_made && ahead < RECEIVE_WINDOW {
            let payload = self.read(source)?;
            self.next += 1;
            (self.next - 1, Kind::Data, payload)
        } else if self.is_accepted && all_made && oldest.is_none() {
            self.read(source)?; // There is to be nothing any more.
            let md5 = self.md5.clone().finish();
            (self.next, Kind::End, serde_json::to_vec(&End { md5 })?)
        } else {
            return Ok(());
        };
        self.recovery.add(number, kind, payload);
        Ok(())
    }

    /// Reads what belongs into the next Data; behind the last one there is nothing.
    fn read(&mut self, source: &mut impl Read) -> io::Result<Vec<u8>> {
        let mut payload = Vec::with_capacity(MAX_PAYLOAD);
        source.take(MAX_PAYLOAD as u64).read_to_end(&mut payload)?;
        if payload.len() != self.offer.length_of(self.next) {
            return Err(io::Error::other(FileChanged));
        }
        self.md5.update(&payload);
        Ok(payload)
    }

    /// When [`Sender::poll`] is to be called again, even if nothing comes before; `None` when the
    /// transfer has ended.
    pub fn deadline(&self) -> Option<Instant> {
        let idle = self.idle_deadline();
        match self.outcome {
            None => Some(self.recovery.rto_deadline().map_or(idle, |rto| rto.min(idle))),
            Some(_) => None,
        }
    }

    fn idle_deadline(&self) -> Instant {
        self.last_progress + self.idle_timeout.get()
    }

    /// How the transfer ended; `None` until it has.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// How many packets are in flight: sent, and neither acknowledged nor counted as lost.
    pub fn in_flight(&self) -> usize {
        self.recovery.in_flight()
    }

    /// How many bytes of the file are acknowledged.
    pub fn bytes_acknowledged(&self) -> u64 {
        self.bytes_acknowledged
    }

    /// What the transfer has taken so far.
    pub fn stats(&self) -> SendStats {
        self.recovery.stats()
    }

    /// The datagram by which a sender gives up, and says why. Nobody answers it.
    pub fn abort(&self, reason: &str) -> Vec<u8> {
        let (transfer, transmission) = (self.transfer, self.stats().packets);
        let payload = reason.as_bytes();
        Packet { transfer, transmission, number: 0, kind: Kind::Abort, payload }.encode()
    }
}
