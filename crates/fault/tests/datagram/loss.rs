//! `loss` loses a share of the datagrams.

use crate::fates::{Fate, fates};

#[test]
fn as_many_are_lost_as_were_asked_for() {
    let lost = fates("loss=30%", 100_000).iter().filter(|fate| fate.delays.is_empty()).count();
    assert!((29_000..=31_000).contains(&lost), "{lost} of 100,000 at 30%");
}

#[test]
fn never_is_never_and_always_is_always() {
    assert!(fates("loss=0%", 100_000).iter().all(|Fate { delays, .. }| delays.len() == 1));
    assert!(fates("loss=100%", 100_000).iter().all(|Fate { delays, .. }| delays.is_empty()));
}

#[test]
fn what_is_lost_is_said_to_be_lost_and_nothing_else_is() {
    for fate in fates("loss=50%", 1_000) {
        assert_eq!(fate.words.is_some(), fate.delays.is_empty(), "{fate:?}");
        assert!(fate.words.is_none_or(|words| words == "is lost"));
    }
}
