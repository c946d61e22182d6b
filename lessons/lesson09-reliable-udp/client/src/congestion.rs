//! Congestion control: how many packets may be in flight, so that transfers share a link, without a socket
//! or a clock.
//!
//! Whoever sends faster than a link is fills the queue in front of it, until that is full and packets are
//! lost: those of everyone. Nobody says how fast the link is, so the sender tries. It sends more for as long
//! as packets arrive, and halves what it has in flight when one is lost (RFC 5681). Of two that share a link
//! each grows by the same, and the larger one gives up more: so they become equal.
//!
//! ```text
//!  window
//!   64 │ - - - - - - - - - - - - - - - - - - - - - - - - -   the link and its queue are full
//!      │           ╱│         ╱│         ╱│
//!   48 │     ╭──╱   │      ╱   │      ╱   │      ╱    congestion avoidance: one more each round trip
//!      │     │      │   ╱      │   ╱      │   ╱
//!   32 │    ╱       ╰╱         ╰╱         ╰╱          a loss, fast retransmit, fast recovery: half of it
//!      │  ╱
//!   10 │╱   slow start: twice as much each round trip, until packets begin to wait in the queue
//! ```
//!
//! The RFC counts bytes; here the window counts packets. Three things are more recent than the RFC:
//!
//! * Slow start ends when round trips become longer, which is before the queue is full (HyStart: RFC 9406).
//! * A packet that is lost although none wait in a queue was lost by a bad link and not by a full queue. Then
//!   the window shrinks by a fifth, and not by half (TCP Veno: Fu and Liew, 2003).
//! * It takes two time-outs in a row to begin anew with a window of 1 (RFC 9002, section 7.6): after the
//!   first, half of the window is enough.

use std::time::Duration;

/// The first window (IW in RFC 5681), as RFC 6928 allows it.
const INITIAL_WINDOW: usize = 10;

/// The smallest window after a loss by a full queue, as in RFC 5681. A bad link is no reason to have less in
/// flight than at the beginning, when nothing was known of it.
const MIN_WINDOW: usize = 2;

/// The window after two time-outs in a row (LW in RFC 5681).
const LOSS_WINDOW: usize = 1;

/// How many round trips have to be measured until slow start may end (N_RTT_SAMPLE in RFC 9406).
const RTT_SAMPLES: u32 = 8;

/// By how much longer than the shortest round trip others have to be to show a queue: an eighth of it, but
/// within these limits (MIN_RTT_THRESH and MAX_RTT_THRESH in RFC 9406).
const MIN_RTT_THRESHOLD: Duration = Duration::from_millis(4);
const MAX_RTT_THRESHOLD: Duration = Duration::from_millis(16);

/// The congestion window of one transfer, and what it follows from.
#[derive(Debug)]
pub struct CongestionControl {
    /// How many packets may be in flight (cwnd in RFC 5681).
    window: usize,
    /// Below this window it is slow start, from it on congestion avoidance (ssthresh).
    slow_start_threshold: usize,
    /// The largest window that is asked for.
    max_window: usize,
    /// How many packets were acknowledged since the window last grew, in congestion avoidance.
    acknowledged: usize,
    /// Fast recovery ends with the transmission that has this number: whatever was sent before it was sent
    /// with the window that was too large, and is no reason to shrink or to grow.
    recovery_end: u64,
    /// The shortest round trip of the transfer: one without a queue.
    min_rtt: Option<Duration>,
    round: Round,
    /// Time-outs since a packet was last acknowledged.
    timeouts: u32,
}

/// The round trips that are measured for what is sent within one round trip.
#[derive(Debug, Default)]
struct Round {
    /// The round ends when a transmission with this number arrives.
    end: u64,
    samples: u32,
    /// The shortest of the round. The others say more of how delays vary than of a queue.
    min_rtt: Option<Duration>,
}

/// A packet that has arrived, by itself or as the last one of several.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// Which transmission the answer was for.
    pub transmission: u64,
    /// How many packets are acknowledged by the answer that were not before.
    pub acknowledged: usize,
    /// How many packets were in flight before.
    pub in_flight: usize,
    /// How long the answer took, if it is the first one to its transmission.
    pub rtt: Option<Duration>,
}

impl CongestionControl {
    /// For a transfer that is to have at most `max_window` packets in flight, however fast the link is.
    pub fn new(max_window: usize) -> CongestionControl {
        let max_window = max_window.max(1);
        CongestionControl {
            window: INITIAL_WINDOW.min(max_window),
            slow_start_threshold: max_window,
            max_window,
            acknowledged: 0,
            recovery_end: 0,
            min_rtt: None,
            round: Round::default(),
            timeouts: 0,
        }
    }

    /// How many packets may be in flight.
    pub fn window(&self) -> usize {
        self.window
    }

    /// Whether the window doubles each round trip.
    pub fn is_slow_start(&self) -> bool {
        self.window < self.slow_start_threshold
    }

    /// Lets the window grow. `sent` is the number of the next transmission.
    pub fn arrived(&mut self, arrival: Arrival, sent: u64) {
        self.measure(arrival, sent);
        if arrival.acknowledged > 0 {
            self.timeouts = 0;
        }
        // A window that is not used says nothing of the link.
        let is_used = arrival.in_flight >= self.window;
        if arrival.transmission < self.recovery_end || !is_used {
            return;
        }
        if self.is_slow_start() {
            self.window += arrival.acknowledged;
        } else {
            self.acknowledged += arrival.acknowledged;
            if self.acknowledged >= self.window {
                self.acknowledged -= self.window;
                self.window += 1;
            }
        }
        self.window = self.window.min(self.max_window);
    }

    /// Shrinks the window, for the first of the packets that are lost within a round trip.
    pub fn lost(&mut self, transmission: u64, sent: u64) {
        if transmission < self.recovery_end {
            return;
        }
        let rest = match self.is_queueing() {
            true => (self.window / 2).max(MIN_WINDOW),
            false => (self.window * 4 / 5).max(INITIAL_WINDOW),
        };
        self.slow_start_threshold = rest.min(self.max_window);
        self.window = self.slow_start_threshold.min(self.window);
        self.acknowledged = 0;
        self.recovery_end = sent;
    }

    /// Shrinks the window, because nothing new has arrived for the retransmission time-out.
    pub fn timed_out(&mut self, sent: u64) {
        self.timeouts += 1;
        self.lost(sent, sent);
        if self.timeouts > 1 {
            self.window = LOSS_WINDOW;
        }
    }

    /// Whether packets wait in a queue: whether all round trips of this round took longer than the shortest
    /// one of all, by an eighth of it, but within limits.
    fn is_queueing(&self) -> bool {
        let (Some(shortest), Some(rtt)) = (self.min_rtt, self.round.min_rtt) else { return false };
        rtt >= shortest + (shortest / 8).clamp(MIN_RTT_THRESHOLD, MAX_RTT_THRESHOLD)
    }

    fn measure(&mut self, arrival: Arrival, sent: u64) {
        let Some(rtt) = arrival.rtt else { return };
        if arrival.transmission >= self.round.end {
            self.round = Round { end: sent, ..Round::default() };
        }
        let min_rtt = self.min_rtt.map_or(rtt, |shortest| shortest.min(rtt));
        let round_min = self.round.min_rtt.map_or(rtt, |shortest| shortest.min(rtt));
        (self.min_rtt, self.round.min_rtt) = (Some(min_rtt), Some(round_min));
        self.round.samples += 1;
        if self.is_slow_start() && self.round.samples >= RTT_SAMPLES && self.is_queueing() {
            self.slow_start_threshold = self.window;
        }
    }
}
