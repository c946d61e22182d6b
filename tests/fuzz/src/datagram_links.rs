//! Datagrams through any faults: two links with the same seed do the same, nothing stays in them, and a link
//! without faults changes nothing.

use std::time::{Duration, Instant};

use fault::datagram::{Link, Spec};

use crate::choices::Choices;

pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let Some(specs) = choices.line() else { return };
    let specs: Vec<Spec> = specs.split(' ').filter_map(|spec| spec.parse().ok()).take(4).collect();
    let seed = choices.byte().into();
    let now = Instant::now();
    let (sent, came) = through(&specs, seed, now, choices.clone());
    assert_eq!(came, through(&specs, seed, now, choices).1, "the same seed does the same");
    if specs.is_empty() {
        let came: Vec<Vec<u8>> = came.into_iter().map(|(_, datagram, _)| datagram).collect();
        assert_eq!(came, sent, "a perfect link has changed something");
    }
}

/// What went in; when, what and to whom it came out.
type Through = (Vec<Vec<u8>>, Vec<(Duration, Vec<u8>, u8)>);

fn through(specs: &[Spec], seed: u64, start: Instant, mut choices: Choices<'_>) -> Through {
    let mut link = Link::new(specs, seed);
    let (mut now, mut sent, mut came) = (start, Vec::new(), Vec::new());
    while !choices.is_empty() {
        now += Duration::from_millis(choices.byte().into());
        let to = choices.byte();
        let datagram = choices.bytes(50);
        sent.push(datagram.to_vec());
        link.push(now, datagram, to);
        came.extend(
            std::iter::from_fn(|| link.pop(now)).map(|(bytes, to)| (now - start, bytes, to)),
        );
    }
    while let Some(due) = link.due() {
        now = now.max(due);
        let (bytes, to) = link.pop(now).expect("what is due comes out");
        came.push((now - start, bytes, to));
    }
    (sent, came)
}
