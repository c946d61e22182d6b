//! `duplicate` doubles a share of the datagrams.

use std::time::Duration;

use crate::fates::{Fate, fates};

#[test]
fn as_many_are_doubled_as_were_asked_for_and_said_to_be() {
    let fates = fates("duplicate=10%", 100_000);
    let doubled = fates.iter().filter(|fate| fate.delays.len() == 2).count();
    assert!((9_400..=10_600).contains(&doubled), "{doubled} of 100,000 at 10%");
    for Fate { delays, words } in fates {
        // The copy follows at once.
        assert_eq!(delays, vec![Duration::ZERO; if words.is_some() { 2 } else { 1 }]);
        assert!(words.is_none_or(|words| words == "goes out twice"));
    }
}
