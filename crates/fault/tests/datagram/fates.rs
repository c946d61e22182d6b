//! What becomes of datagrams that are handed to one fault.

use std::time::Duration;

use fault::datagram::Spec;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample;

pub(crate) const MS: Duration = Duration::from_millis(1);

/// What became of one datagram.
#[derive(Debug, PartialEq)]
pub(crate) struct Fate {
    /// How much later each copy that is passed on is due.
    pub(crate) delays: Vec<Duration>,
    pub(crate) words: Option<String>,
}

/// Hands `count` datagrams to a fault, and sees that it changes nothing within them.
pub(crate) fn fates(fault: &str, count: usize) -> Vec<Fate> {
    let mut fault = fault.parse::<Spec>().unwrap().start(1);
    let fate = |number: usize| {
        let sent = number.to_be_bytes();
        let mut delays = Vec::new();
        let words = fault.pass(&sent, &mut |datagram, later| {
            assert_eq!(datagram, sent);
            delays.push(later);
        });
        Fate { delays, words }
    };
    (0..count).map(fate).collect()
}

/// Any delay up to `most`, constant or not.
fn any_delay(most: Duration) -> impl Strategy<Value = String> {
    let nanos = 0..=u64::try_from(most.as_nanos()).unwrap();
    let ends = (nanos.clone(), nanos, any::<bool>());
    ends.prop_map(|(a, b, constant)| {
        let b = if constant { a } else { b };
        format!("delay={}ns..{}ns", a.min(b), a.max(b))
    })
}

fn any_chance(fault: &'static str) -> impl Strategy<Value = String> {
    (0.0..=100.0).prop_map(move |percent| format!("{fault}={percent}%"))
}

fn parsed(text: String) -> Spec {
    text.parse().unwrap()
}

/// Any fault: each form in the table, and others with times up to `most`.
pub(crate) fn any_spec(most: Duration) -> impl Strategy<Value = Spec> {
    let texts = prop_oneof![
        sample::select(Spec::forms()).prop_map(str::to_owned),
        any_chance("loss"),
        any_chance("duplicate"),
        any_chance("reorder"),
        any_delay(most),
    ];
    texts.prop_map(parsed)
}

/// Faults that lose nothing and double nothing.
pub(crate) fn only_late() -> impl Strategy<Value = Vec<Spec>> {
    vec(prop_oneof![any_chance("reorder"), any_delay(50 * MS)].prop_map(parsed), 0..4)
}
