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
//! This file says what is sent in which order, `flight.rs` what of it counts as lost, and `rtt.rs`
//! how long an answer is waited for. The window does not change, so this is for one's own lines: on
//! those of others a sender has to slow down when packets are lost (congestion control; RFC 8085,
//! section 3.1).

use std::io::{self, ErrorKind, Read};
use std::time::{Duration, Instant};

use wire::Md5;

use self::flight::Flight;
use crate::packet::{End, Kind, MAX_SIZE, Offer, Packet, ROOM, check_name};

mod flight;
mod rtt;

/// One transfer, as its sender sees it.
#[derive(Debug)]
pub struct Sender {
    transfer: u64,
    offer: Offer,
    window: usize,
    silence: Duration,
    accepted: bool,
    /// The number of the Data that is read from the file next.
    next: u32,
    md5: Md5,
    /// What is not acknowledged, by number. The Offer has 0, and is acknowledged before Data 0 is
    /// made; the End has the number behind the last Data.
    flight: Flight,
    /// When the receiver was last heard.
    heard: Instant,
    acknowledged: u64,
    outcome: Option<Outcome>,
}

/// How a transfer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has the whole file, and it has the right MD5.
    Done,
    /// The receiver does not want it, and says why: words of a peer, to be escaped before printing.
    Refused(String),
    /// The receiver was not heard for as long as the caller was ready to wait.
    Silent,
}

/// What a transfer took so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Report {
    /// How many packets were sent, Offer and End and all repetitions included.
    pub packets: u64,
    /// How many of these had been sent before.
    pub again: u64,
    /// How many times nothing new arrived for the retransmission time-out.
    pub timeouts: u64,
    /// How many bytes were sent, headers and repetitions included.
    pub bytes: u64,
    /// The smoothed round-trip time; `None` until there is a measurement.
    pub smoothed_rtt: Option<Duration>,
}

/// The file had not the size that was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the file changed while it was sent")]
pub struct Changed;

impl Sender {
    /// A transfer of the file that is offered, with up to `window` packets on their way at once.
    /// `transfer` is to be a random number.
    ///
    /// It is given up when the receiver has not been heard for `silence`. That should be many times
    /// the longest time-out, 2 s: where 30 % are lost both ways, every second try fails, and ten in
    /// a row are nothing unusual.
    pub fn new(
        now: Instant,
        transfer: u64,
        offer: &Offer,
        window: usize,
        silence: Duration,
    ) -> Sender {
        Sender {
            transfer,
            offer: offer.clone(),
            window: window.max(1),
            silence,
            accepted: false,
            next: 0,
            md5: Md5::new(),
            flight: Flight::new(now, transfer),
            heard: now,
            acknowledged: 0,
            outcome: None,
        }
    }

    /// Takes a datagram from the receiver. One that is no intact packet of this transfer is as good
    /// as lost, and so is one that no receiver sends.
    pub fn received(&mut self, now: Instant, datagram: &[u8]) {
        let Some(packet) = Packet::decode(datagram) else { return };
        let transmission = packet.transmission;
        let was_sent = transmission < self.report().packets;
        if packet.transfer != self.transfer || !was_sent || self.outcome.is_some() {
            return;
        }
        let end = self.offer.packets();
        match packet.kind {
            Kind::Accept if !self.accepted => {
                self.accepted = true;
                self.flight.acknowledge(now, transmission, |_| true);
            }
            Kind::Accept => {} // The same one again: an Offer was sent or delivered twice.
            Kind::Ack if self.accepted && packet.number <= self.next => {
                let has_come = |number| number < end && packet.acknowledges(number);
                for number in self.flight.acknowledge(now, transmission, has_come) {
                    self.acknowledged += self.offer.length_of(number) as u64;
                }
            }
            Kind::Done if self.accepted && self.flight.oldest() == Some(end) => {
                self.flight.acknowledge(now, transmission, |_| true);
                self.outcome = Some(Outcome::Done);
            }
            Kind::Refused => {
                let reason = String::from_utf8_lossy(packet.payload).into_owned();
                self.outcome = Some(Outcome::Refused(reason));
            }
            _ => return,
        }
        self.heard = now;
    }

    /// The next datagram to send now; to be called until there is none. Reads the file from
    /// `source` once, in order; what is not acknowledged is kept, [`ROOM`] packets at most.
    ///
    /// # Errors
    /// When `source` fails, or has more or fewer bytes than were offered ([`Changed`]), or when a
    /// file of this name or size cannot be offered. The transfer is then over, and the receiver is
    /// to be told ([`Sender::abort`]).
    pub fn poll(&mut self, now: Instant, source: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
        if self.outcome.is_none() && now.duration_since(self.heard) >= self.silence {
            self.outcome = Some(Outcome::Silent);
        }
        if self.outcome.is_some() {
            return Ok(None);
        }
        self.flight.lose_those_timed_out(now);
        if self.flight.in_flight() >= self.window {
            return Ok(None);
        }
        if !self.flight.has_to_send() {
            self.make_next(source)?;
        }
        Ok(self.flight.transmit(now))
    }

    /// Makes the packet that comes next, if its turn has come.
    fn make_next(&mut self, source: &mut impl Read) -> io::Result<()> {
        let oldest = self.flight.oldest();
        let all_made = self.next == self.offer.packets();
        let (number, kind, payload) = if !self.accepted && oldest.is_none() {
            (0, Kind::Offer, self.make_offer()?)
        } else if self.accepted && !all_made && self.next - oldest.unwrap_or(self.next) < ROOM {
            let payload = self.read(source)?;
            self.next += 1;
            (self.next - 1, Kind::Data, payload)
        } else if self.accepted && all_made && oldest.is_none() {
            (self.next, Kind::End, self.make_end(source)?)
        } else {
            return Ok(());
        };
        self.flight.add(number, kind, payload);
        Ok(())
    }

    fn make_offer(&self) -> io::Result<Vec<u8>> {
        check_name(&self.offer.name).map_err(io::Error::other)?;
        match self.offer.size <= MAX_SIZE {
            true => Ok(serde_json::to_vec(&self.offer)?),
            false => Err(ErrorKind::FileTooLarge.into()),
        }
    }

    fn read(&mut self, source: &mut impl Read) -> io::Result<Vec<u8>> {
        let mut payload = vec![0; self.offer.length_of(self.next)];
        source.read_exact(&mut payload).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => io::Error::other(Changed),
            _ => error,
        })?;
        self.md5.update(&payload);
        Ok(payload)
    }

    fn make_end(&self, source: &mut impl Read) -> io::Result<Vec<u8>> {
        match source.read_exact(&mut [0]) {
            Err(end) if end.kind() == ErrorKind::UnexpectedEof => {}
            Err(error) => return Err(error),
            Ok(()) => return Err(io::Error::other(Changed)),
        }
        Ok(serde_json::to_vec(&End { md5: self.md5.clone().finish() })?)
    }

    /// When [`Sender::poll`] is to be called again, even if nothing comes before; `None` when the
    /// transfer has ended.
    pub fn deadline(&self) -> Option<Instant> {
        let silent = self.heard.checked_add(self.silence);
        match self.outcome {
            None => [self.flight.timeout(), silent].into_iter().flatten().min(),
            Some(_) => None,
        }
    }

    /// How the transfer ended; `None` until it has.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// How many packets are on their way: sent, and neither acknowledged nor counted as lost.
    pub fn in_flight(&self) -> usize {
        self.flight.in_flight()
    }

    /// How many bytes of the file are acknowledged.
    pub fn progress(&self) -> u64 {
        self.acknowledged
    }

    /// What the transfer has taken so far.
    pub fn report(&self) -> Report {
        self.flight.report()
    }

    /// The datagram by which a sender gives up, and says why. Nobody answers it.
    pub fn abort(&self, reason: &str) -> Vec<u8> {
        let (transfer, transmission) = (self.transfer, self.report().packets);
        let payload = reason.as_bytes();
        Packet { transfer, transmission, number: 0, kind: Kind::Abort, payload }.encode()
    }
}
