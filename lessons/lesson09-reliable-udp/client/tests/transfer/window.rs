//! The send window: how many packets are in flight, and what that is worth.

use lesson09_client::sender::Outcome;
use lesson09_shared::packet::MAX_PAYLOAD;

use crate::simulation::{MS, Trial, file, name};

#[test]
fn no_more_packets_than_the_window_are_on_their_way() {
    for window in [1, 2, 64, 1024] {
        let trial = Trial { size: 4000 * MAX_PAYLOAD, window, faults: "delay=20ms", seed: 0 };
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
    let mut is_full = false;
    // Data 0 is lost until there is no room behind it any more.
    let ended = trial.run_with(|datagram| {
        let is_lost = !is_full && name(datagram) == "Data 0";
        is_full |= name(datagram) == "Data 1023";
        !is_lost
    });
    assert!(ended.arrived == file(size));
    let names: Vec<String> = ended.sent.iter().map(|(_, datagram)| name(datagram)).collect();
    let first = |wanted: &str| names.iter().position(|name| name == wanted).unwrap();
    let last = names.iter().rposition(|name| name == "Data 0").unwrap();
    let places = [first("Data 1023"), last, first("Data 1024")];
    assert!(places.is_sorted(), "Data 1023, the last Data 0 and Data 1024: {places:?}");
}

#[test]
fn a_window_of_64_takes_36_round_trips_where_stop_and_wait_takes_2002() {
    let round_trips = |window| {
        let trial = Trial { size: 2000 * MAX_PAYLOAD, window, faults: "delay=20ms", seed: 0 };
        let ended = trial.arrives();
        assert_eq!(ended.stats.smoothed_rtt, Some(40 * MS));
        println!("window {window}: {:?}", ended.took);
        ended.took.as_micros() as f64 / 40_000.0
    };
    // One for the Offer, one for the End, and between them 2,000; or 3 in slow start, for 10, 20 and 40
    // packets, and for the other 1,930 a 64th of that, rounded up.
    assert_eq!((round_trips(1), round_trips(64)), (2002.0, 36.0));
}

#[test]
fn slow_start_and_all_240_kilobytes_take_a_twentieth_of_stop_and_wait_where_a_round_trip_takes_40_ms()
 {
    let took = |window| {
        let trial = Trial { size: 240_000, window, faults: "delay=20ms", seed: 0 };
        trial.arrives().took
    };
    let (one, most) = (took(1), took(1024));
    println!("window 1: {one:?}, congestion window: {most:?}");
    // 202 round trips; and 7: for the Offer, for 10, 20, 40, 80 and 50 packets, and for the End.
    assert_eq!((one, most), (202 * 40 * MS, 7 * 40 * MS));
}
