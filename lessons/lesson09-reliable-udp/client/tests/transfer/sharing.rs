//! Transfers that share a slow link: how much of it they use, how equally, and what is sent in vain.

use std::time::Duration;

use crate::bottleneck::{Bottleneck, Ended, Flow, SLOW};
use crate::simulation::MS;

/// The header of a datagram and of a packet take a part of the link: 57 bytes for each 1200 of the file.
const MOST_USED: f64 = 100.0 * 1200.0 / 1257.0;

fn flow(begins: Duration, size: usize) -> Flow {
    Flow { begins, size, max_window: 1024 }
}

/// How many percent of the link the bytes of the file take from the first Offer to Done.
fn used_percent(link: Bottleneck, size: usize, ended: &Ended) -> f64 {
    100.0 * size as f64 / ended.at.as_secs_f64() / link.rate as f64
}

#[test]
fn one_transfer_fills_the_link_and_sends_little_in_vain() {
    for mebibytes in [2, 4, 8] {
        let size = mebibytes << 20;
        let ended = SLOW.run(&[flow(Duration::ZERO, size)]).remove(0);
        let (used, again) = (used_percent(SLOW, size, &ended), ended.retransmitted_percent());
        println!("{mebibytes} MiB: {used:.1} % of the link, {again:.2} % sent again");
        assert!((85.0..=MOST_USED).contains(&used), "{mebibytes} MiB: {used:.1} % of the link");
        assert!(again < 3.0, "{mebibytes} MiB: {again:.2} % sent again, {:?}", ended.stats);
        assert_eq!(ended.stats.timeouts, 0, "{mebibytes} MiB");
    }
}

#[test]
fn two_transfers_share_the_link_within_60_to_40_however_much_later_the_second_begins() {
    let size = 8 << 20;
    for later in [0, 17, 2000].map(|later| later * MS) {
        let ended = SLOW.run(&[flow(Duration::ZERO, size), flow(later, size)]);
        // While both are under way.
        let end = ended.iter().map(|ended| ended.at).min().unwrap();
        let both = ended.iter().map(|e| e.written_before(end) - e.written_before(later));
        let both: Vec<f64> = both.map(|bytes| bytes as f64).collect();
        let share = 100.0 * both[0] / (both[0] + both[1]);
        let again: Vec<f64> = ended.iter().map(Ended::retransmitted_percent).collect();
        println!("{later:?} later: the first has {share:.1} %; {again:.2?} % sent again");
        assert!((40.0..=60.0).contains(&share), "{later:?} later: {share:.1} %");
        assert!(
            again.iter().all(|again| *again < 3.0),
            "{later:?} later: {again:.2?} % sent again"
        );
    }
}
