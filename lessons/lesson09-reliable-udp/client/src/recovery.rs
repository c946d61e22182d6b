//! Loss recovery: which packets are in flight, which of them count as lost, and which are to be sent.
//!
//! A packet counts as lost when one that was sent [`PACKET_THRESHOLD`] transmissions later has arrived
//! (RFC 9002, section 6.1), or when nothing new has arrived for the retransmission time-out
//! (RFC 6298). It is the transmissions that are compared and not the numbers: so it is noticed as
//! well when a retransmission is lost again.
//!
//! ```text
//!  transmission   6   7   8   9  10  11      10 has arrived, and was the third one after 7:
//!  Data           5   6   7   2   8   9      so 7 is lost. 9 and 11 may still come.
//!  has arrived    ✓       ✓       ✓          (Data 2 was sent again.)
//! ```
//!
//! If 7 comes after all, it was only late, and Data 6 is retransmitted in vain. Nothing else is: the
//! answer names the transmission 7, so it is not taken for that to the retransmission, and of what
//! was sent after 7 it says nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use lesson09_shared::packet::{Kind, Packet, RECEIVE_WINDOW};

use crate::congestion::{Arrival, CongestionControl};
use crate::rtt::RttEstimator;

/// By how many transmissions a packet may be overtaken (kPacketThreshold in RFC 9002).
const PACKET_THRESHOLD: u64 = 3;

/// What a transfer has taken so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SendStats {
    /// How many packets were sent, Offer and End and all retransmissions included.
    pub packets: u64,
    /// How many of these were retransmissions.
    pub retransmissions: u64,
    /// How many times nothing new arrived for the retransmission time-out.
    pub timeouts: u64,
    /// The smoothed round-trip time; `None` until there is a measurement.
    pub smoothed_rtt: Option<Duration>,
}

/// The packets that are not acknowledged: in flight, or to be sent.
#[derive(Debug)]
pub(crate) struct LossRecovery {
    transfer: u64,
    unacknowledged: BTreeMap<u32, Unacknowledged>,
    /// The numbers of the packets in flight, by their last transmission.
    in_flight: BTreeMap<u64, u32>,
    /// The numbers of the packets to be sent: lost, or new.
    to_send: BTreeSet<u32>,
    /// When each transmission was sent to which no answer has come, also of packets that count as
    /// lost, or of which another transmission has arrived: the last [`RECEIVE_WINDOW`] of them.
    sent_at: BTreeMap<u64, Instant>,
    rtt: RttEstimator,
    congestion: CongestionControl,
    /// When the retransmission timer was started: when something new was last acknowledged, or
    /// something was sent while nothing was in flight.
    timer_started: Instant,
    stats: SendStats,
}

/// A packet that may have to be sent again.
#[derive(Debug)]
struct Unacknowledged {
    kind: Kind,
    payload: Vec<u8>,
    /// The last transmission; `None` if the packet was never sent.
    transmission: Option<u64>,
}

impl LossRecovery {
    /// For a transfer with at most `max_window` packets in flight.
    pub(crate) fn new(now: Instant, transfer: u64, max_window: usize) -> LossRecovery {
        LossRecovery {
            transfer,
            unacknowledged: BTreeMap::new(),
            in_flight: BTreeMap::new(),
            to_send: BTreeSet::new(),
            sent_at: BTreeMap::new(),
            rtt: RttEstimator::new(),
            congestion: CongestionControl::new(max_window),
            timer_started: now,
            stats: SendStats::default(),
        }
    }

    /// Adds a packet that is to be sent.
    pub(crate) fn add(&mut self, number: u32, kind: Kind, payload: Vec<u8>) {
        self.unacknowledged.insert(number, Unacknowledged { kind, payload, transmission: None });
        self.to_send.insert(number);
    }

    /// Sends the packet with the lowest number of those to be sent, if the window has room for it.
    pub(crate) fn transmit(&mut self, now: Instant) -> Option<Vec<u8>> {
        if !self.has_room() {
            return None;
        }
        let number = self.to_send.pop_first()?;
        let packet = self.unacknowledged.get_mut(&number)?;
        let (transfer, transmission) = (self.transfer, self.stats.packets);
        let Unacknowledged { kind, ref payload, .. } = *packet;
        let datagram = Packet { transfer, transmission, number, kind, payload }.encode();
        let is_again = packet.transmission.replace(transmission).is_some();
        if self.in_flight.is_empty() {
            self.timer_started = now;
        }
        self.in_flight.insert(transmission, number);
        self.sent_at.insert(transmission, now);
        if self.sent_at.len() > RECEIVE_WINDOW as usize {
            self.sent_at.pop_first();
        }
        self.stats.packets += 1;
        self.stats.retransmissions += u64::from(is_again);
        Some(datagram)
    }

    /// Takes the answer to `transmission`: measures the round trip, forgets the packets that
    /// `has_come` knows, returns their numbers, and sees which of the others are lost.
    pub(crate) fn acknowledge(
        &mut self,
        now: Instant,
        transmission: u64,
        has_come: impl Fn(u32) -> bool,
    ) -> Vec<u32> {
        let in_flight = self.in_flight.len();
        // An answer that comes twice is measured once.
        let rtt = self.sent_at.remove(&transmission).map(|sent| now.duration_since(sent));
        rtt.inspect(|rtt| self.rtt.measured(*rtt));
        let numbers = self.unacknowledged.keys().copied();
        let come: Vec<u32> = numbers.filter(|number| has_come(*number)).collect();
        for number in &come {
            let last = self.unacknowledged.remove(number).and_then(|packet| packet.transmission);
            last.and_then(|last| self.in_flight.remove(&last));
            self.to_send.remove(number);
            self.timer_started = now;
        }
        let arrival = Arrival { transmission, acknowledged: come.len(), in_flight, rtt };
        self.congestion.arrived(arrival, self.stats.packets);
        self.detect_overtaken(transmission);
        come
    }

    /// Counts those as lost that `arrived` has overtaken.
    fn detect_overtaken(&mut self, arrived: u64) {
        while let Some(oldest) = self.in_flight.first_entry()
            && oldest.key() + PACKET_THRESHOLD <= arrived
        {
            self.congestion.lost(*oldest.key(), self.stats.packets);
            self.to_send.insert(oldest.remove());
        }
    }

    /// When those in flight count as lost, if nothing new is acknowledged before.
    pub(crate) fn rto_deadline(&self) -> Option<Instant> {
        (!self.in_flight.is_empty()).then(|| self.timer_started + self.rtt.rto)
    }

    /// Counts all in flight as lost if it is time to. Perhaps only their acknowledgements are.
    pub(crate) fn detect_timeout(&mut self, now: Instant) {
        if self.rto_deadline().is_some_and(|deadline| deadline <= now) {
            self.to_send.extend(self.in_flight.values());
            self.in_flight.clear();
            self.congestion.timed_out(self.stats.packets);
            self.rtt.back_off();
            self.stats.timeouts += 1;
        }
    }

    /// The lowest number that is not acknowledged.
    pub(crate) fn oldest(&self) -> Option<u32> {
        self.unacknowledged.keys().next().copied()
    }

    /// Whether the congestion window has room for another packet in flight.
    pub(crate) fn has_room(&self) -> bool {
        self.in_flight.len() < self.congestion.window()
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    pub(crate) fn stats(&self) -> SendStats {
        SendStats { smoothed_rtt: self.rtt.smoothed, ..self.stats }
    }
}
