//! A stream through any faults: two links with the same seed do the same, nothing stays in them, nothing comes
//! out before it went in, and a link without faults changes nothing.

use std::time::{Duration, Instant};

use fault::stream::{Emitted, Link, Spec, StreamEvent};

use crate::choices::Choices;

pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let Some(specs) = choices.line() else { return };
    let specs: Vec<Spec> = specs.split(' ').filter_map(|spec| spec.parse().ok()).take(4).collect();
    let seed = choices.byte().into();
    let now = Instant::now();
    let came = through(&specs, seed, now, choices.clone());
    assert_eq!(came, through(&specs, seed, now, choices.clone()), "the same seed does the same");

    if specs.is_empty() {
        let mut sent = Vec::new();
        while !choices.is_empty() {
            let (kind, _) = (choices.below(32), choices.byte());
            if kind == 0 || kind == 1 {
                break;
            }
            sent.extend_from_slice(choices.bytes(50));
        }
        let bytes = came.iter().filter_map(|(_, emitted)| match emitted {
            Emitted::Bytes(bytes) => Some(bytes.as_slice()),
            Emitted::End | Emitted::Reset => None,
        });
        assert!(bytes.collect::<Vec<_>>().concat() == sent, "a perfect link has changed something");
    }
}

fn through(
    specs: &[Spec],
    seed: u64,
    start: Instant,
    mut choices: Choices<'_>,
) -> Vec<(Duration, Emitted)> {
    let mut link = Link::new(specs, seed);
    let (mut now, mut came) = (start, Vec::new());
    while !choices.is_empty() {
        let kind = choices.below(32);
        now += Duration::from_millis(choices.byte().into());
        _ = match kind {
            0 => link.push(now, StreamEvent::End),
            1 => link.push(now, StreamEvent::Reset),
            2..10 => link.push(now, StreamEvent::More(choices.bytes(50))),
            _ => link.push(now, StreamEvent::Bytes(choices.bytes(50))),
        };
        came.extend(std::iter::from_fn(|| link.pop(now)).map(|emitted| (now - start, emitted)));
    }
    while let Some(due) = link.due() {
        assert!(due >= now || link.due() == Some(due), "what is due comes out");
        now = now.max(due);
        let emitted = link.pop(now);
        came.push((now - start, emitted.expect("what is due comes out")));
    }
    assert_eq!(link.held(), 0, "something stays in the link for ever");
    came
}
