//! A stream's way through a link, in simulated time.

use std::time::{Duration, Instant};

use fault::stream::{Emitted, Link, Spec, StreamEvent};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample;

pub(crate) const MS: Duration = Duration::from_millis(1);

/// How long after the chunk before, and the chunk.
pub(crate) type Chunks = Vec<(Duration, Vec<u8>)>;

/// What came out of a link, each with the time since the start, and what was said.
#[derive(Debug, PartialEq)]
pub(crate) struct Journey {
    pub(crate) emitted: Vec<(Duration, Emitted)>,
    pub(crate) words: Vec<String>,
}

impl Journey {
    /// The chunks that came out, without the end.
    pub(crate) fn chunks(&self) -> Vec<(Duration, &[u8])> {
        let chunks = self.emitted.iter().filter_map(|(at, emitted)| match emitted {
            Emitted::Bytes(bytes) => Some((*at, &bytes[..])),
            Emitted::End | Emitted::Reset => None,
        });
        chunks.collect()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.chunks().iter().flat_map(|(_, chunk)| *chunk).copied().collect()
    }

    /// All ends and resets that came out.
    pub(crate) fn ends(&self) -> Vec<&Emitted> {
        let emitted = self.emitted.iter().map(|(_, emitted)| emitted);
        emitted.filter(|emitted| !matches!(emitted, Emitted::Bytes(_))).collect()
    }

    pub(crate) fn last(&self) -> &(Duration, Emitted) {
        self.emitted.last().unwrap()
    }
}

pub(crate) fn specs(texts: &[&str]) -> Vec<Spec> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

pub(crate) fn link(faults: &[&str], seed: u64) -> Link {
    Link::new(&specs(faults), seed)
}

/// Sends the chunks and then the end, in simulated time, which goes on from one due chunk to the
/// next.
pub(crate) fn journey(mut link: Link, chunks: &Chunks) -> Journey {
    let start = Instant::now();
    let mut emitted = Vec::new();
    let mut receive = |link: &mut Link, until: Option<Instant>| {
        while let Some(due) = link.due().filter(|due| until.is_none_or(|until| *due <= until)) {
            assert_eq!(link.pop(due - Duration::from_nanos(1)), None, "popped before due");
            emitted.push((due - start, link.pop(due).unwrap()));
        }
    };
    let (mut now, mut words) = (start, Vec::new());
    for (gap, chunk) in chunks {
        now += *gap;
        receive(&mut link, Some(now));
        words.extend(link.push(now, StreamEvent::Bytes(chunk)));
    }
    words.extend(link.push(now, StreamEvent::End));
    receive(&mut link, None);
    assert_eq!(link.held(), 0);
    Journey { emitted, words }
}

/// These chunks at once, one after the other.
pub(crate) fn at_once(chunks: &[&[u8]]) -> Chunks {
    chunks.iter().map(|chunk| (Duration::ZERO, chunk.to_vec())).collect()
}

pub(crate) fn sent(chunks: &Chunks) -> Vec<u8> {
    chunks.iter().flat_map(|(_, chunk)| chunk).copied().collect()
}

pub(crate) fn any_chunks() -> impl Strategy<Value = Chunks> {
    let gap = prop_oneof![Just(0), 0..3_000_u64, 0..60_000_000_u64].prop_map(Duration::from_nanos);
    vec((gap, vec(any::<u8>(), 0..50)), 0..9)
}

fn any_bytes() -> impl Strategy<Value = u64> {
    prop_oneof![0..300_u64, any::<u64>(), (0..1_000_u64).prop_map(|kib| kib << 10)]
}

/// A time up to `most`, as it is written.
fn any_time(most: Duration) -> impl Strategy<Value = String> {
    let most = u64::try_from(most.as_nanos()).unwrap();
    prop_oneof![Just(most), 0..=most].prop_map(|nanos| format!("{nanos}ns"))
}

fn any_latency(most: Duration) -> impl Strategy<Value = String> {
    let nanos = 0..=u64::try_from(most.as_nanos()).unwrap();
    (nanos.clone(), nanos).prop_map(|(a, b)| format!("latency={}ns..{}ns", a.min(b), a.max(b)))
}

fn any_slice() -> impl Strategy<Value = String> {
    (1..20_usize, 0..20_usize).prop_map(|(from, more)| format!("slice={from}..{}", from + more))
}

fn parsed(text: String) -> Spec {
    text.parse().unwrap()
}

/// A fault that changes no byte and ends nothing, with times up to `most`.
pub(crate) fn any_harmless(most: Duration) -> impl Strategy<Value = Spec> {
    let texts = prop_oneof![
        Just("none".to_owned()),
        any_latency(most),
        (1..100_000_u64).prop_map(|rate| format!("rate={rate}")),
        any_slice(),
        any_time(most).prop_map(|window| format!("merge={window}")),
        (0..200_u64, any_time(most)).prop_map(|(bytes, time)| format!("stall={bytes}:{time}")),
    ];
    texts.prop_map(parsed)
}

/// Any fault: each form in the table, and others with times up to `most`.
pub(crate) fn any_spec(most: Duration) -> impl Strategy<Value = Spec> {
    let texts = prop_oneof![
        sample::select(Spec::forms()).prop_map(str::to_owned),
        any_bytes().prop_map(|rate| format!("rate={}", rate.max(1))),
        (1_usize.., 1_usize..).prop_map(|(a, b)| format!("slice={}..{}", a.min(b), a.max(b))),
        any_bytes().prop_map(|bytes| format!("limit={bytes}")),
        any_bytes().prop_map(|bytes| format!("reset={bytes}")),
        any_bytes().prop_map(|bytes| format!("stall={bytes}")),
        (0.0..=100.0).prop_map(|percent| format!("corrupt={percent}%")),
    ];
    prop_oneof![any_harmless(most), texts.prop_map(parsed)]
}
