//! A link has its faults work one after the other.

use std::time::{Duration, Instant};

use fault::datagram::{CAPACITY, Link, MAX_BYTES, MAX_COPIES, MIN_BYTES};
use fault::{Budget, MAX_TIME, MAX_TOTAL};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::fates::{MS, any_spec, only_late};

fn link(specs: &[&str], seed: u64) -> Link<usize> {
    Link::new(&specs.iter().map(|spec| spec.parse().unwrap()).collect::<Vec<_>>(), seed)
}

/// Sends `count` numbered datagrams, one each millisecond, in simulated time, which goes on
/// from one due datagram to the next. Returns the arrivals as (number, time since the start),
/// and what was said of each datagram.
fn journey(mut link: Link<usize>, count: usize) -> (Vec<(usize, Duration)>, Vec<Vec<String>>) {
    let start = Instant::now();
    let mut arrivals = Vec::new();
    let mut receive = |link: &mut Link<usize>, until: Option<Instant>| {
        while let Some(due) = link.due().filter(|due| until.is_none_or(|until| *due <= until)) {
            assert_eq!(link.pop(due - Duration::from_nanos(1)), None, "popped before due");
            let (datagram, to) = link.pop(due).unwrap();
            assert_eq!(datagram, to.to_be_bytes());
            arrivals.push((to, due - start));
        }
    };
    let mut words = Vec::new();
    for number in 0..count {
        let now = start + MS * u32::try_from(number).unwrap();
        receive(&mut link, Some(now));
        words.push(link.push(now, &number.to_be_bytes(), number));
    }
    receive(&mut link, None);
    (arrivals, words)
}

fn numbers(arrivals: &[(usize, Duration)]) -> Vec<usize> {
    arrivals.iter().map(|&(number, _)| number).collect()
}

#[test]
fn a_perfect_link_delivers_at_once_in_order_and_has_nothing_to_say() {
    assert!(link(&[], 1).is_perfect());
    assert!(!link(&["loss=0%"], 1).is_perfect());
    let (arrivals, words) = journey(link(&[], 1), 100);
    let sent: Vec<_> = (0..100).map(|number| (number, MS * number as u32)).collect();
    assert_eq!(arrivals, sent);
    assert_eq!(words.concat(), [""; 0]);
}

#[test]
fn nothing_is_due_before_its_time() {
    let mut link = link(&["delay=20ms"], 1);
    let now = Instant::now();
    assert_eq!((link.due(), link.pop(now)), (None, None));
    link.push(now, b"", 7);
    assert_eq!(link.due(), Some(now + 20 * MS));
    assert_eq!(link.pop(now + 20 * MS - Duration::from_nanos(1)), None);
    assert_eq!(link.pop(now + 20 * MS), Some((Vec::new(), 7)));
    assert_eq!((link.due(), link.pop(now + 40 * MS)), (None, None));
}

#[test]
fn of_two_due_at_the_same_time_the_one_pushed_first_comes_first() {
    let mut link = link(&["delay=20ms"], 1);
    let now = Instant::now();
    for number in 0..300 {
        link.push(now, b"", number);
    }
    let out: Vec<_> = std::iter::from_fn(|| link.pop(now + 20 * MS)).map(|(_, to)| to).collect();
    assert_eq!(out, Vec::from_iter(0..300));
}

#[test]
fn a_constant_delay_keeps_the_order() {
    let (arrivals, words) = journey(link(&["delay=20ms"], 1), 1_000);
    assert_eq!(numbers(&arrivals), Vec::from_iter(0..1_000));
    assert!(arrivals.iter().all(|&(number, at)| at == MS * number as u32 + 20 * MS));
    assert_eq!(words.concat(), [""; 0]);
}

#[test]
fn what_is_held_back_is_overtaken_by_what_follows() {
    let (arrivals, words) = journey(link(&["reorder=10%"], 1), 1_000);
    let order = numbers(&arrivals);
    let place = |number| order.iter().position(|&arrived| arrived == number).unwrap();
    let held = |number: usize| !words[number].is_empty();
    assert!((0..1_000).any(held), "nothing was held back");
    for number in 0..999 {
        let overtaken = place(number + 1) < place(number);
        assert_eq!(overtaken, held(number) && !held(number + 1), "{number}: {order:?}");
    }
}

#[test]
fn delays_add_up_and_each_copy_goes_its_own_way() {
    let faults = ["delay=20ms", "duplicate=100%", "reorder=100%", "delay=1ms..2ms"];
    let (arrivals, words) = journey(link(&faults, 1), 1);
    assert_eq!(numbers(&arrivals), [0, 0]);
    assert_ne!(arrivals[0].1, arrivals[1].1);
    assert!(arrivals.iter().all(|(_, at)| (26 * MS..=27 * MS).contains(at)), "{arrivals:?}");
    let [words] = words.try_into().unwrap();
    assert_eq!(words[..3], ["goes out twice", "is held back for 5 ms", "is held back for 5 ms"]);
    assert!(words[3..].iter().all(|words| words.starts_with("is delayed by 1.")), "{words:?}");
    assert_eq!(words.len(), 5);
}

#[test]
fn faults_work_in_the_order_in_which_they_are_asked_for() {
    let (_, words) = journey(link(&["loss=100%", "duplicate=100%"], 1), 1);
    assert_eq!(words.concat(), ["is lost"]);
    let (_, words) = journey(link(&["duplicate=100%", "loss=100%"], 1), 1);
    assert_eq!(words.concat(), ["goes out twice", "is lost", "is lost"]);
}

#[test]
fn two_faults_of_one_kind_fire_independently_of_each_other() {
    // If their generators were alike, each datagram would be held back by both or by neither.
    let (_, words) = journey(link(&["reorder=50%", "reorder=50%"], 1), 10_000);
    for (held, expected) in [(0, 2_500), (1, 5_000), (2, 2_500)] {
        let count = words.iter().filter(|words| words.len() == held).count();
        assert!(count.abs_diff(expected) < 300, "{count} of 10,000 were held back {held} times");
    }
}

#[test]
fn another_seed_gives_other_fates() {
    let faults = ["loss=50%"];
    assert_ne!(journey(link(&faults, 1), 100), journey(link(&faults, 2), 100));
}

#[test]
fn a_full_link_drops_what_is_one_too_many_and_says_so() {
    let mut link = link(&["delay=1h"], 1);
    let now = Instant::now();
    for number in 0..CAPACITY {
        assert_eq!(link.push(now, b"", number), [""; 0]);
    }
    assert_eq!(link.push(now, b"", CAPACITY), ["is lost: the link is full"]);
    let later = now + MAX_TIME;
    assert_eq!(link.pop(later), Some((Vec::new(), 0)));
    assert_eq!(link.push(now, b"", CAPACITY + 1), [""; 0]);
    let rest = std::iter::from_fn(|| link.pop(later)).map(|(_, to)| to);
    assert!(rest.eq((1..CAPACITY).chain([CAPACITY + 1])));
}

#[test]
fn doubling_again_and_again_makes_so_many_copies_and_no_more() {
    let mut link = link(&["duplicate=100%"; 40], 1);
    let now = Instant::now();
    // Each copy of each stage is spoken of.
    assert!(link.push(now, b"", 0).len() < 40 * MAX_COPIES);
    assert_eq!(std::iter::from_fn(|| link.pop(now)).count(), MAX_COPIES);
}

/// How many datagrams of this size the link takes.
fn taken(link: &mut Link<usize>, size: usize) -> usize {
    let (now, datagram) = (Instant::now(), vec![0; size]);
    (0..CAPACITY).take_while(|&number| link.push(now, &datagram, number).is_empty()).count()
}

#[test]
fn long_datagrams_fill_a_link_before_they_fill_the_memory() {
    let taken = taken(&mut link(&["delay=1h"], 1), 65_507);
    assert!((MAX_BYTES / 66_000..=MAX_BYTES / 65_000).contains(&taken), "{taken}");
    let mut doubled = link(&["duplicate=100%"; 40], 1);
    doubled.push(Instant::now(), &[0; 65_507], 0);
    assert!(std::iter::from_fn(|| doubled.pop(Instant::now())).count() <= taken + 1);
}

#[test]
fn many_links_share_a_budget_and_each_has_a_mebibyte_all_the_same() {
    let (budget, specs) = (Budget::default(), ["delay=1h".parse().unwrap()]);
    let mut links: Vec<Link<usize>> = (0..8).map(|_| Link::within(&budget, &specs, 1)).collect();
    let all: Vec<usize> = links.iter_mut().map(|link| taken(link, 60_000) * 60_000).collect();
    assert!(all.iter().sum::<usize>() <= MAX_TOTAL + 9 * MIN_BYTES, "{all:?}");
    assert!(all.iter().all(|&taken| taken + 60_000 >= MIN_BYTES), "{all:?}");
}

#[test]
fn after_a_change_what_is_on_its_way_is_due_at_once_and_in_its_order() {
    let mut link = link(&["delay=1s..1h"], 1);
    let now = Instant::now();
    let push = |link: &mut Link<usize>, number| _ = link.push(now, b"", number);
    (0..50).for_each(|number| push(&mut link, number));
    let mut in_order = Vec::new();
    let mut copy = self::link(&["delay=1s..1h"], 1);
    (0..50).for_each(|number| push(&mut copy, number));
    in_order.extend(std::iter::from_fn(|| copy.pop(now + MAX_TIME)).map(|(_, to)| to));
    link.change(now, &["loss=100%".parse().unwrap()], 1);
    assert_eq!(link.push(now, b"", 50), ["is lost"]);
    let left: Vec<usize> = std::iter::from_fn(|| link.pop(now)).map(|(_, to)| to).collect();
    assert_eq!(left, in_order);
}

proptest! {
    #[test]
    fn the_same_seed_gives_the_same_fates(
        specs in vec(any_spec(50 * MS), 0..4),
        seed: u64,
    ) {
        let once = journey(Link::new(&specs, seed), 100);
        prop_assert_eq!(once, journey(Link::new(&specs, seed), 100));
    }

    #[test]
    fn without_loss_and_duplication_each_arrives_exactly_once(specs in only_late(), seed: u64) {
        let (arrivals, _) = journey(Link::new(&specs, seed), 200);
        prop_assert!(arrivals.is_sorted_by_key(|&(_, at)| at), "{:?}", arrivals);
        let mut arrived = numbers(&arrivals);
        arrived.sort_unstable();
        prop_assert_eq!(arrived, Vec::from_iter(0..200));
    }

    #[test]
    fn a_fault_added_at_the_end_leaves_those_before_it_as_they_were(
        mut specs in only_late(),
        percent in 0.0..=100.0,
        seed: u64,
    ) {
        let (whole, _) = journey(Link::new(&specs, seed), 100);
        specs.push(format!("loss={percent}%").parse().unwrap());
        let (rest, _) = journey(Link::new(&specs, seed), 100);
        prop_assert!(rest.iter().all(|arrival| whole.contains(arrival)), "{:?}", rest);
    }
}
