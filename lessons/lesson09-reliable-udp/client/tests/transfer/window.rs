//! The send window: how many packets are in flight, and what that is worth.

use lesson09_client::sender::Outcome;
use lesson09_shared::packet::MAX_PAYLOAD;

use crate::simulation::{MS, Trial, file, name};

#[test]
fn no_more_packets_than_the_window_are_on_their_way() {
    for window in [1, 2, 64, 1024] {
        let trial = Trial { size: 2000 * MAX_PAYLOAD, window, faults: "delay=20ms", seed: 0 };
        let ended = trial.arrives();
        assert_eq!((ended.in_flight, ended.in_links), (window, window), "{trial:?}");
    }
    let none = Trial { size: 3000, window: 0, faults: "delay=20ms", seed: 0 }.run();
    assert_eq!((none.outcome, none.in_flight), (Outcome::Done, 1), "a window of 0");
    // What was answered twice leaves an answer on its way. A window of 1 waits for even that.
    for seed in 0..8 {
        let faults = "delay=1ms loss=30%";
        let trial = Trial { size: 300 * MAX_PAYLOAD, window: 1, faults, seed };
        assert_eq!(trial.arrives().in_links, 1, "{trial:?}");
    }
}

#[test]
fn however_wide_the_window_nothing_is_sent_further_ahead_than_the_receiver_has_room() {
    let size = 3000 * MAX_PAYLOAD;
    let trial = Trial { size, window: 5000, faults: "delay=20ms", seed: 0 };
    let mut is_first = true;
    // Data 0 is lost once: so nothing from 1024 on may be sent until it has been sent again.
    let ended = trial.run_with(|datagram| {
        let is_lost = is_first && name(datagram) == "Data 0";
        is_first &= !is_lost;
        !is_lost
    });
    assert!(ended.arrived == file(size));
    let names: Vec<String> = ended.sent.iter().map(|(_, datagram)| name(datagram)).collect();
    let place = |wanted: &str| names.iter().rposition(|name| name == wanted).unwrap();
    assert_eq!(place("Data 1023") + 1, place("Data 0"), "{:?}", &names[1020..1030]);
    assert_eq!(place("Data 0") + 1, place("Data 1024"), "{:?}", &names[1020..1030]);
}

#[test]
fn a_window_of_64_takes_34_round_trips_where_stop_and_wait_takes_2002() {
    let round_trips = |window| {
        let trial = Trial { size: 2000 * MAX_PAYLOAD, window, faults: "delay=20ms", seed: 0 };
        let ended = trial.arrives();
        assert_eq!(ended.stats.smoothed_rtt, Some(40 * MS));
        println!("window {window}: {:?}", ended.took);
        ended.took.as_micros() as f64 / 40_000.0
    };
    // One for the Offer, one for the End, and between them 2,000, or 2,000 / 64 rounded up.
    assert_eq!((round_trips(1), round_trips(64)), (2002.0, 34.0));
}
