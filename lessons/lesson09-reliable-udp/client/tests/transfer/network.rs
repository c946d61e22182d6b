//! The file arrives whole, whatever the network does to single packets.

use lesson09_client::sender::Outcome;
use lesson09_shared::packet::{MAX_PAYLOAD, Packet};
use proptest::prelude::*;

use crate::simulation::{BAD, Trial, file, name, packets};

#[test]
fn a_file_of_any_size_arrives_over_a_bad_network() {
    for size in [0, 1, 1199, 1200, 1201, 2400, 100_000] {
        for window in [1, 2, 64, 1024] {
            for seed in 0..16 {
                Trial { size, window, faults: BAD, seed }.arrives();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_file_arrives_whatever_the_faults_the_seed_the_size_and_the_window(
        [loss, duplicate, reorder] in [0..=30, 0..=10, 0..=10],
        delay in prop_oneof![Just("0s"), Just("1ms"), Just("20ms"), Just("1ms..30ms"), Just("1s")],
        seed: u64,
        size in prop_oneof![0_usize..10_000, Just(1 << 20)],
        window in prop_oneof![Just(1_usize), 2..80_usize, Just(1024), Just(5000)],
    ) {
        let faults =
            format!("loss={loss}% duplicate={duplicate}% reorder={reorder}% delay={delay}");
        Trial { size, window, faults: &faults, seed }.arrives();
    }
}

#[test]
fn without_faults_nothing_is_sent_twice_and_nothing_times_out() {
    for size in [0, 1, 1200, 1201, 1 << 20] {
        for window in [1, 2, 64, 1024] {
            for faults in ["", "delay=1ms", "delay=90ms"] {
                let trial = Trial { size, window, faults, seed: 0 };
                let stats = trial.arrives().stats;
                let expected = (packets(size) + 2, 0, 0);
                assert_eq!(
                    (stats.packets, stats.retransmissions, stats.timeouts),
                    expected,
                    "{trial:?}"
                );
            }
        }
    }
}

#[test]
fn a_damaged_packet_is_as_good_as_a_lost_one() {
    /// Every fifth datagram is lost, or has one bit changed, now here and now there.
    fn every_fifth(is_lost: bool) -> impl FnMut(&mut Vec<u8>) -> bool {
        let mut count = 0;
        move |datagram| {
            count += 1;
            let place = count * 7 % datagram.len();
            match count % 5 {
                0 if is_lost => return false,
                0 => datagram[place] ^= 1 << (count / 5 % 8),
                _ => {}
            }
            true
        }
    }
    for window in [1, 64] {
        let trial = Trial { size: 500 * MAX_PAYLOAD, window, faults: "delay=1ms", seed: 0 };
        let [damaged, lost] = [false, true].map(|is_lost| trial.run_with(every_fifth(is_lost)));
        assert_eq!(damaged.outcome, Outcome::Done);
        assert!(damaged.stats.retransmissions > 50, "{:?}", damaged.stats);
        assert!(damaged.arrived == file(trial.size));
        assert!(damaged.sent == lost.sent, "another datagram was sent, or at another time");
    }
}

#[test]
fn a_file_that_arrives_with_another_md5_is_refused() {
    let trial = Trial { size: 3000, window: 64, faults: "", seed: 0 };
    let changed = trial.run_with(|datagram| {
        let packet = Packet::decode(datagram).unwrap();
        if name(datagram) == "Data 1" {
            // Somebody who changes a packet can give it a right checksum as well.
            let payload = &[packet.payload, b""].concat().iter().map(|b| b ^ 1).collect::<Vec<_>>();
            *datagram = Packet { payload, ..packet }.encode();
        }
        true
    });
    assert_eq!(changed.outcome, Outcome::Refused(wire::md5_hex(&changed.arrived)));
    assert_ne!(changed.arrived, file(trial.size));
}
