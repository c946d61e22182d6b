//! `reorder` holds a share of the datagrams back.

use std::time::Duration;

use crate::fates::fates;

const HOLD_TIME: Duration = Duration::from_millis(5);

#[test]
fn as_many_are_held_back_as_were_asked_for_and_said_to_be() {
    let fates = fates("reorder=10%", 100_000);
    let held = fates.iter().filter(|fate| fate.delays == [HOLD_TIME]).count();
    assert!((9_400..=10_600).contains(&held), "{held} of 100,000 at 10%");
    for fate in fates {
        match fate.words.as_deref() {
            None => assert_eq!(fate.delays, [Duration::ZERO]),
            words => {
                assert_eq!(words, Some("is held back for 5 ms"));
                assert_eq!(fate.delays, [HOLD_TIME]);
            }
        }
    }
}
