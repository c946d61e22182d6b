//! The congestion window by itself: what it becomes when packets arrive, are lost, or do not answer.

use std::time::Duration;

use lesson09_client::congestion::{Arrival, CongestionControl};

const MS: Duration = Duration::from_millis(1);

/// A sender that has always as much in flight as it may, over a link without a queue or with one.
struct Sender {
    congestion: CongestionControl,
    /// How many transmissions were sent.
    sent: u64,
    /// How many of these were answered.
    answered: u64,
}

impl Sender {
    fn new(max_window: usize) -> Sender {
        Sender { congestion: CongestionControl::new(max_window), sent: 0, answered: 0 }
    }

    /// Sends as much as may be in flight, and all of it arrives. Returns the window of the next round trip.
    fn round_trip(&mut self, rtt: Duration) -> usize {
        self.sent = self.sent.max(self.answered + self.congestion.window() as u64);
        for transmission in self.answered..self.sent {
            let in_flight = self.congestion.window();
            let arrival = Arrival { transmission, acknowledged: 1, in_flight, rtt: Some(rtt) };
            self.congestion.arrived(arrival, self.sent);
        }
        self.answered = self.sent;
        self.congestion.window()
    }

    /// One packet of those in flight is lost.
    fn loses(&mut self, transmission: u64) -> usize {
        self.congestion.lost(transmission, self.sent);
        self.congestion.window()
    }
}

#[test]
fn slow_start_doubles_the_window_each_round_trip_up_to_what_is_asked_for() {
    let mut sender = Sender::new(100);
    assert_eq!(sender.congestion.window(), 10);
    assert!(sender.congestion.is_slow_start());
    let windows = [(); 5].map(|()| sender.round_trip(40 * MS));
    assert_eq!(windows, [20, 40, 80, 100, 100]);
    assert_eq!(Sender::new(1).round_trip(40 * MS), 1, "stop-and-wait stays what it is");
    assert_eq!(Sender::new(0).congestion.window(), 1);
}

#[test]
fn slow_start_ends_when_packets_begin_to_wait_in_a_queue() {
    let mut sender = Sender::new(1000);
    assert_eq!([sender.round_trip(40 * MS), sender.round_trip(40 * MS)], [20, 40]);
    // An eighth of 40 ms is 5 ms. With the eighth answer that took as much longer it ends.
    let window = sender.round_trip(45 * MS);
    assert!(!sender.congestion.is_slow_start());
    assert_eq!(window, 47);
    let next = [(); 3].map(|()| sender.round_trip(45 * MS));
    assert_eq!(next, [48, 49, 50], "congestion avoidance: one more each round trip");
}

#[test]
fn a_loss_by_a_full_queue_halves_the_window_once_in_a_round_trip() {
    let mut sender = Sender::new(1000);
    [40, 40, 45, 45].iter().for_each(|rtt| _ = sender.round_trip(*rtt * MS));
    assert_eq!(sender.congestion.window(), 48);
    let first = sender.sent;
    sender.sent += 48;
    assert_eq!(sender.loses(first), 24);
    // What was sent before that was noticed was sent with the larger window.
    assert_eq!((sender.loses(first + 1), sender.loses(first + 47)), (24, 24));
    assert_eq!(sender.round_trip(45 * MS), 24, "nor does it grow by it: fast recovery");
    assert_eq!(sender.round_trip(45 * MS), 25);
    assert_eq!(sender.loses(sender.sent), 12);
}

#[test]
fn a_loss_without_a_queue_takes_a_fifth_and_no_more_than_leaves_the_first_window() {
    let mut sender = Sender::new(1000);
    [40, 40, 40].iter().for_each(|rtt| _ = sender.round_trip(*rtt * MS));
    let windows = [(); 12].map(|()| sender.loses(sender.sent));
    assert_eq!(windows[..4], [64, 51, 40, 32]);
    assert_eq!(windows[10..], [10, 10]);
}

#[test]
fn a_second_time_out_in_a_row_begins_anew_with_one_packet() {
    let mut sender = Sender::new(1000);
    [40, 40, 45, 45].iter().for_each(|rtt| _ = sender.round_trip(*rtt * MS));
    sender.congestion.timed_out(sender.sent);
    assert_eq!(sender.congestion.window(), 24);
    sender.congestion.timed_out(sender.sent);
    assert_eq!(sender.congestion.window(), 1);
    let windows = [(); 4].map(|()| sender.round_trip(40 * MS));
    assert_eq!(windows, [2, 4, 8, 12], "slow start up to half of what there was, twice");
}

#[test]
fn a_window_that_is_not_used_does_not_grow() {
    let mut congestion = CongestionControl::new(1000);
    for transmission in 0..100 {
        let arrival = Arrival { transmission, acknowledged: 1, in_flight: 1, rtt: Some(40 * MS) };
        congestion.arrived(arrival, transmission + 1);
    }
    assert_eq!(congestion.window(), 10);
}
