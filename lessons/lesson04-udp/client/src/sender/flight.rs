//! What is on its way, and what of it is lost.
//!
//! A packet counts as lost when one that was sent [`THRESHOLD`] transmissions later has arrived
//! (RFC 9002, section 6.1), or when nothing new has arrived for the retransmission time-out
//! (RFC 6298). It is the transmissions that are compared and not the numbers: so it is noticed as
//! well when what is sent again is lost again.
//!
//! ```text
//!  transmission   6   7   8   9  10  11      10 has arrived, and was the third one after 7:
//!  Data           5   6   7   2   8   9      so 7 is lost. 9 and 11 may still come.
//!  has arrived    ✓       ✓       ✓          (Data 2 was sent again.)
//! ```
//!
//! If 7 comes after all, it was only late, and Data 6 is sent again in vain. Nothing else is: the
//! answer names the transmission 7, so it is not taken for that to the repetition, and of what was
//! sent after 7 it says nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::Report;
use super::rtt::RoundTrips;
use crate::packet::{Kind, Packet, ROOM};

/// By how many transmissions a packet may be overtaken (kPacketThreshold in RFC 9002).
const THRESHOLD: u64 = 3;

/// The packets that the receiver is not known to have: in flight, or to be sent.
#[derive(Debug)]
pub(super) struct Flight {
    transfer: u64,
    kept: BTreeMap<u32, Kept>,
    /// The numbers of those in flight, by their last transmission.
    in_flight: BTreeMap<u64, u32>,
    /// The numbers of those to be sent: lost, or new.
    to_send: BTreeSet<u32>,
    /// When the transmissions were made that no answer has come to: the last [`ROOM`] of them, also
    /// of packets that count as lost, or of which another transmission has arrived.
    unanswered: BTreeMap<u64, Instant>,
    rtt: RoundTrips,
    /// When something new was last acknowledged; or when something was sent, if nothing was in
    /// flight before.
    waiting: Instant,
    report: Report,
}

/// A packet that may have to be sent again.
#[derive(Debug)]
struct Kept {
    kind: Kind,
    payload: Vec<u8>,
    /// The last one; `None` if it was never sent.
    transmission: Option<u64>,
}

impl Flight {
    pub(super) fn new(now: Instant, transfer: u64) -> Flight {
        Flight {
            transfer,
            kept: BTreeMap::new(),
            in_flight: BTreeMap::new(),
            to_send: BTreeSet::new(),
            unanswered: BTreeMap::new(),
            rtt: RoundTrips::unknown(),
            waiting: now,
            report: Report::default(),
        }
    }

    /// Adds a packet that is to be sent.
    pub(super) fn add(&mut self, number: u32, kind: Kind, payload: Vec<u8>) {
        self.kept.insert(number, Kept { kind, payload, transmission: None });
        self.to_send.insert(number);
    }

    /// Sends the oldest of those to be sent.
    pub(super) fn transmit(&mut self, now: Instant) -> Option<Vec<u8>> {
        let number = self.to_send.pop_first()?;
        let Kept { kind, payload, transmission: last } = self.kept.get_mut(&number)?;
        let (transfer, transmission) = (self.transfer, self.report.packets);
        let datagram = Packet { transfer, transmission, number, kind: *kind, payload }.encode();
        if self.in_flight.is_empty() {
            self.waiting = now;
        }
        self.in_flight.insert(transmission, number);
        self.unanswered.insert(transmission, now);
        if self.unanswered.len() > ROOM as usize {
            self.unanswered.pop_first();
        }
        self.report.packets += 1;
        self.report.again += u64::from(last.replace(transmission).is_some());
        self.report.bytes += datagram.len() as u64;
        Some(datagram)
    }

    /// Takes the answer to `transmission`: measures how long it took, sees what of the others is
    /// lost, forgets those that have come, and returns their numbers.
    pub(super) fn acknowledge(
        &mut self,
        now: Instant,
        transmission: u64,
        has_come: impl Fn(u32) -> bool,
    ) -> Vec<u32> {
        // An answer that comes twice is measured once.
        if let Some(sent) = self.unanswered.remove(&transmission) {
            self.rtt.measured(now.duration_since(sent));
        }
        let come: Vec<u32> = self.kept.keys().copied().filter(|number| has_come(*number)).collect();
        for number in &come {
            let last = self.kept.remove(number).and_then(|kept| kept.transmission);
            last.and_then(|last| self.in_flight.remove(&last));
            self.to_send.remove(number);
            self.waiting = now;
        }
        self.lose_those_before(transmission);
        come
    }

    fn lose_those_before(&mut self, transmission: u64) {
        while let Some(oldest) = self.in_flight.first_entry()
            && oldest.key() + THRESHOLD <= transmission
        {
            self.to_send.insert(oldest.remove());
        }
    }

    /// When those in flight count as lost, if nothing new is acknowledged before.
    pub(super) fn timeout(&self) -> Option<Instant> {
        (!self.in_flight.is_empty()).then(|| self.waiting + self.rtt.timeout)
    }

    /// Counts all in flight as lost if it is time to. Perhaps only their acknowledgements are.
    pub(super) fn lose_those_timed_out(&mut self, now: Instant) {
        if self.timeout().is_some_and(|timeout| timeout <= now) {
            self.to_send.extend(self.in_flight.values());
            self.in_flight.clear();
            self.rtt.timed_out();
            self.report.timeouts += 1;
        }
    }

    /// The lowest number among them.
    pub(super) fn oldest(&self) -> Option<u32> {
        self.kept.keys().next().copied()
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    pub(super) fn has_to_send(&self) -> bool {
        !self.to_send.is_empty()
    }

    pub(super) fn report(&self) -> Report {
        Report { smoothed_rtt: self.rtt.smoothed, ..self.report }
    }
}
