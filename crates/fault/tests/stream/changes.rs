//! Faults that change while a stream is on its way.

use std::time::{Duration, Instant};

use fault::stream::{Direction, Emitted, Faults, LiveLink, StreamEvent};

use crate::journey::{MS, link, specs};

fn bytes(bytes: &[u8]) -> Option<Emitted> {
    Some(Emitted::Bytes(bytes.to_vec()))
}

#[test]
fn what_is_on_its_way_leaves_at_once_and_before_what_comes_later() {
    let (mut link, now) = (link(&["slice=1", "latency=1h"], 1), Instant::now());
    link.push(now, StreamEvent::Bytes(b"old"));
    assert_eq!(link.pop(now + MS), None);
    link.change(now + MS, &specs(&["slice=2"]), 1);
    link.push(now + MS, StreamEvent::Bytes(b"new"));
    let left = [(); 4].map(|()| link.pop(now + MS));
    assert_eq!(left, [bytes(b"old"), bytes(b"ne"), bytes(b"w"), None]);
    assert!(link.is_idle());
}

#[test]
fn an_end_and_a_reset_leave_behind_the_bytes() {
    let (mut link, now) = (link(&["slice=1", "rate=1"], 1), Instant::now());
    for event in [StreamEvent::Bytes(b"bytes"), StreamEvent::End, StreamEvent::Reset] {
        link.push(now, event);
    }
    link.change(now, &[], 1);
    let left = [(); 4].map(|()| link.pop(now));
    assert_eq!(left, [bytes(b"bytes"), Some(Emitted::End), Some(Emitted::Reset), None]);
}

#[test]
fn a_stream_that_a_fault_has_ended_stays_ended() {
    let (mut link, now) = (link(&["limit=2"], 1), Instant::now());
    link.push(now, StreamEvent::Bytes(b"hello"));
    link.change(now, &[], 1);
    link.push(now, StreamEvent::Bytes(b"more"));
    assert_eq!([(); 3].map(|()| link.pop(now)), [bytes(b"he"), Some(Emitted::End), None]);
    assert!(!link.is_idle(), "what is not faulty any more would be passed on to a closed stream");
}

fn faults(texts: &[&str]) -> Faults {
    Faults::new(texts.iter().map(|text| text.parse().unwrap()).collect(), 7)
}

fn change(faults: &Faults, texts: &[&str]) {
    faults.change(texts.iter().map(|text| text.parse().unwrap()).collect());
}

#[test]
fn a_connection_that_stands_takes_on_the_faults_of_its_direction() {
    let (faults, now) = (faults(&[]), Instant::now());
    let mut lines =
        [Direction::Up, Direction::Down].map(|way| LiveLink::new(faults.clone(), 1, way));
    assert!(lines.iter().all(|line| line.get().is_none()));
    change(&faults, &["down:latency=1h"]);
    lines.iter_mut().for_each(|line| line.follow(now, false));
    let [up, down] = &mut lines;
    assert!(up.get().is_none() && down.get().is_some());
    down.get_mut().unwrap().push(now, StreamEvent::Bytes(b"late"));

    change(&faults, &[]);
    down.follow(now, false);
    assert_eq!(down.get_mut().unwrap().pop(now), bytes(b"late"));
    down.follow(now, false);
    assert!(down.get().is_none(), "nothing is left that would need a link");
}

#[test]
fn who_has_sent_its_last_byte_gets_no_link_any_more() {
    let (faults, now) = (faults(&[]), Instant::now());
    let mut line = LiveLink::new(faults.clone(), 1, Direction::Up);
    change(&faults, &["latency=1s"]);
    line.follow(now, true);
    assert!(line.get().is_none());
}

#[test]
fn the_same_seed_does_the_same_after_a_change_too() {
    let cut = || {
        let (faults, now) = (faults(&["limit=9"]), Instant::now());
        let mut line = LiveLink::new(faults.clone(), 3, Direction::Up);
        change(&faults, &["slice=1..9"]);
        line.follow(now, false);
        let link = line.get_mut().unwrap();
        link.push(now, StreamEvent::Bytes(&[0; 100]));
        Vec::from_iter(std::iter::from_fn(|| link.pop(now + Duration::from_secs(1))))
    };
    assert_eq!(cut(), cut());
    assert!(cut().len() > 10);
}

#[test]
fn the_faults_are_shown_as_one_would_type_them() {
    let faults = faults(&["down:slice=1..9", "latency=20ms"]);
    assert_eq!(faults.to_string(), "down:slice=1..9 latency=20ms");
    change(&faults, &[]);
    assert_eq!(faults.to_string(), "none");
}
