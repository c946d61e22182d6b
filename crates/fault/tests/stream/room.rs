//! How much may be on its way: what the faults hold back must not slow down what they let through.

use std::time::{Duration, Instant};

use fault::stream::{Emitted, Link, MAX_ROOM, MIN_ROOM, StreamEvent};
use fault::{Budget, MAX_TOTAL};

use crate::journey::{MS, link, specs};

/// How many bytes a proxy receives at a time.
const PIECE: &[u8] = &[0; 64 << 10];

/// How many bytes come out in so many simulated seconds, where the sender is as fast as the link lets it be.
fn carried(mut link: Link, seconds: u32) -> usize {
    let start = Instant::now();
    let (mut now, mut carried) = (start, 0);
    while now < start + seconds * 1000 * MS {
        while link.has_room() {
            link.push(now, StreamEvent::Bytes(PIECE));
            assert!(link.held() <= MAX_ROOM + PIECE.len());
        }
        now = link.due().unwrap().max(now);
        while let Some(emitted) = link.pop(now) {
            carried += match emitted {
                Emitted::Bytes(bytes) => bytes.len(),
                other => panic!("{other:?}"),
            };
        }
    }
    carried
}

#[test]
fn a_latency_makes_a_stream_later_and_not_slower() {
    // One MiB a second is what a room of a MiB would make of each of them.
    let carried = |faults: &[&str]| carried(link(faults, 1), 4);
    assert!(carried(&["latency=1s"]) > 3 * (60 << 20));
    for faults in [
        ["latency=1s", "rate=4MiB"],
        ["rate=4MiB", "latency=1s"],
        ["rate=4MiB", "latency=500ms..1s"],
        ["merge=1s", "rate=4MiB"],
    ] {
        // In the first of the four seconds nothing has arrived yet.
        let (all, carried) = (3 * (4 << 20), carried(&faults));
        assert!(carried > all - (1 << 20), "{faults:?}: {carried} of {all}");
    }
}

/// How many bytes the link takes at once.
fn taken(link: &mut Link) -> usize {
    let now = Instant::now();
    while link.has_room() {
        link.push(now, StreamEvent::Bytes(PIECE));
    }
    link.held()
}

#[test]
fn the_room_is_that_of_a_line_with_this_rate_and_latency_and_at_most_64_mib() {
    for (faults, room) in [
        (&["none"][..], MIN_ROOM),
        (&["rate=1KiB"], MIN_ROOM),
        (&["stall=0:1h"], MIN_ROOM),
        (&["latency=1s", "rate=3MiB"], MIN_ROOM + (3 << 20)),
        (&["latency=1s", "latency=500ms", "rate=2MiB"], MIN_ROOM + (3 << 20)),
        (&["latency=1h"], MAX_ROOM),
        (&["latency=1h", "merge=1h", "rate=1GiB"], MAX_ROOM),
    ] {
        let taken = taken(&mut link(faults, 1));
        // What is kept beside the bytes counts too, and the last piece may be more than there is room for.
        assert!(taken.abs_diff(room) <= 1 << 20, "{faults:?}: {taken} of {room}");
    }
}

#[test]
fn a_stream_in_pieces_of_a_byte_costs_no_more_memory_than_a_whole_one() {
    // Each piece costs dozens of bytes beside its own.
    assert!(taken(&mut link(&["slice=1", "latency=1h"], 1)) < MAX_ROOM / 10);
}

#[test]
fn many_links_share_a_budget_and_each_has_a_mebibyte_all_the_same() {
    let (budget, specs) = (Budget::default(), specs(&["latency=1h"]));
    let mut links: Vec<Link> = (0..8).map(|_| Link::within(&budget, &specs, 1)).collect();
    let all: Vec<usize> = links.iter_mut().map(taken).collect();
    let most = MAX_TOTAL + 8 * (MIN_ROOM + PIECE.len());
    assert!(all.iter().sum::<usize>() <= most, "{all:?}");
    assert!(all.iter().all(|&taken| taken >= MIN_ROOM), "{all:?}");
    // What one gives back, the next may have.
    links.remove(0);
    assert!(taken(&mut links[6]) > 16 << 20);
}

#[test]
fn a_link_keeps_nothing_of_its_share_when_all_has_left() {
    let (budget, specs) = (Budget::default(), specs(&["latency=1s"]));
    let mut links: Vec<Link> = (0..5).map(|_| Link::within(&budget, &specs, 1)).collect();
    for link in &mut links {
        assert!(taken(link) > 60 << 20);
        let later = Instant::now() + Duration::from_secs(60);
        while link.pop(later).is_some() {}
    }
}
