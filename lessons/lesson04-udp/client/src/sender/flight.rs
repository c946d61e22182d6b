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

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::Report;
use super::rtt::RoundTrips;

/// By how many transmissions a packet may be overtaken (kPacketThreshold in RFC 9002).
const THRESHOLD: u64 = 3;

/// The packets that the receiver is not known to have: in flight, or to be sent.
#[derive(Debug)]
pub(super) struct Flight {
    kept: BTreeMap<u32, Kept>,
    /// The numbers of those in flight, by their last transmission.
    in_flight: BTreeMap<u64, u32>,
    /// The numbers of those to be sent: lost, or new.
    to_send: BTreeSet<u32>,
    rtt: RoundTrips,
    /// When something new was last acknowledged; or when something was sent, if nothing was in
    /// flight before.
    waiting: Instant,
    report: Report,
}

/// A packet that may have to be sent again, and its last transmission.
#[derive(Debug)]
struct Kept {
    datagram: Vec<u8>,
    times: u32,
    transmission: u64,
    sent: Instant,
}

impl Flight {
    pub(super) fn new(now: Instant) -> Flight {
        Flight {
            kept: BTreeMap::new(),
            in_flight: BTreeMap::new(),
            to_send: BTreeSet::new(),
            rtt: RoundTrips::unknown(),
            waiting: now,
            report: Report::default(),
        }
    }

    /// Adds a packet that is to be sent.
    pub(super) fn add(&mut self, now: Instant, number: u32, datagram: Vec<u8>) {
        self.kept.insert(number, Kept { datagram, times: 0, transmission: 0, sent: now });
        self.to_send.insert(number);
    }

    /// Sends the oldest of those to be sent.
    pub(super) fn transmit(&mut self, now: Instant) -> Option<Vec<u8>> {
        let number = self.to_send.pop_first()?;
        let kept = self.kept.get_mut(&number)?;
        if self.in_flight.is_empty() {
            self.waiting = now;
        }
        (kept.times, kept.transmission, kept.sent) = (kept.times + 1, self.report.packets, now);
        self.in_flight.insert(kept.transmission, number);
        self.report.packets += 1;
        self.report.again += u64::from(kept.times > 1);
        self.report.bytes += kept.datagram.len() as u64;
        Some(kept.datagram.clone())
    }

    /// Forgets those that have come, returns their numbers, and sees what that says of the others.
    pub(super) fn acknowledge(&mut self, now: Instant, has_come: impl Fn(u32) -> bool) -> Vec<u32> {
        let come: Vec<u32> = self.kept.keys().copied().filter(|number| has_come(*number)).collect();
        let mut newest = None;
        for number in &come {
            let Some(kept) = self.kept.remove(number) else { continue };
            self.in_flight.remove(&kept.transmission);
            self.to_send.remove(number);
            self.waiting = now;
            let ago = now.duration_since(kept.sent);
            // What was sent again less than a round trip ago has arrived by an earlier
            // transmission, and nobody knows by which (RFC 8985, section 6.2, step 2).
            if kept.times == 1 || self.rtt.shortest.is_some_and(|shortest| shortest <= ago) {
                newest = newest.max(Some((kept.transmission, kept.times, ago)));
            }
        }
        if let Some((newest, times, ago)) = newest {
            if times == 1 {
                self.rtt.measured(ago);
            }
            self.lose_those_before(newest);
        }
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
