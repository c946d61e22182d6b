//! How a fault of a stream is asked for.

use fault::MAX_TIME;
use fault::spec::either;
use fault::stream::{Directed, Direction, Spec};
use proptest::prelude::*;

use crate::journey::any_spec;

#[test]
fn every_form_that_a_person_writes_is_understood_and_displayed() {
    for (text, shown) in [
        ("none", "none"),
        ("latency=20ms", "latency=20ms"),
        ("latency=0s..1s 5ms", "latency=0s..1s5ms"),
        ("latency=30ms..30ms", "latency=30ms"),
        ("rate=1MiB", "rate=1MiB"),
        ("rate=1.5 MiB", "rate=1536KiB"),
        ("rate=1MiB/s", "rate=1MiB"),
        ("rate=1kB", "rate=1000"),
        ("rate=1", "rate=1"),
        ("slice=1", "slice=1"),
        ("slice=1..9", "slice=1..9"),
        ("slice=9..9", "slice=9"),
        ("merge=20ms", "merge=20ms"),
        ("limit=1000", "limit=1000"),
        ("limit=0", "limit=0"),
        ("reset=64KiB", "reset=64KiB"),
        ("reset=65536", "reset=64KiB"),
        ("stall=1000", "stall=1000"),
        ("stall=1000:10s", "stall=1000"),
        ("stall=1000:2s", "stall=1000:2s"),
        ("corrupt=1%", "corrupt=1%"),
    ] {
        for (front, direction) in
            [("", None), ("up:", Some(Direction::Up)), ("down:", Some(Direction::Down))]
        {
            let parsed: Directed = format!("{front}{text}").parse().unwrap();
            assert_eq!(parsed.direction, direction, "{front}{text}");
            assert_eq!(parsed.to_string(), format!("{front}{shown}"));
        }
    }
}

#[test]
fn every_form_in_the_table_is_displayed_as_it_is_written_there() {
    let forms = Spec::forms();
    assert_eq!(forms[..3], ["none", "latency=20ms", "latency=10ms..30ms"]);
    for form in forms {
        assert_eq!(form.parse::<Spec>().unwrap().to_string(), form);
    }
    assert!(Spec::help_forms().iter().all(|form| Spec::forms().contains(form)));
}

#[test]
fn a_choice_of_forms_ends_with_or() {
    assert_eq!(either(&[]), "");
    assert_eq!(either(&["a"]), "a");
    assert_eq!(either(&["a", "b", "c"]), "a, b or c");
}

#[test]
fn a_fault_for_no_direction_is_for_both() {
    for (text, up, down) in
        [("slice=1", true, true), ("up:slice=1", true, false), ("down:slice=1", false, true)]
    {
        let directed: Directed = text.parse().unwrap();
        let [is_up, is_down] = [Direction::Up, Direction::Down].map(|way| directed.is_for(way));
        assert_eq!((is_up, is_down), (up, down), "{text}");
    }
}

#[test]
fn what_names_no_fault_is_refused_with_the_faults_there_are() {
    for (text, spec) in [
        ("", ""),
        ("latency", "latency"),
        ("none=", "none="),
        ("None", "None"),
        ("=1", "=1"),
        ("slice:1", "slice:1"),
        ("Slice=1", "Slice=1"),
        ("slice =1", "slice =1"),
        ("left:slice=1", "left:slice=1"),
        ("up:", ""),
        ("up", "up"),
        ("up:up:slice=1", "up:slice=1"),
        ("up slice=1", "up slice=1"),
        ("UP:slice=1", "UP:slice=1"),
        ("20ms", "20ms"),
    ] {
        let forms = either(&Spec::forms());
        let expected = format!(
            "`{spec}` is no fault: write {forms}, and up: or down: in front for one direction"
        );
        assert_eq!(text.parse::<Directed>().unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_value_that_makes_no_sense_is_refused_with_the_forms_that_do() {
    for (texts, expected) in [
        (
            &["latency=", "latency=20", "latency=30ms..10ms", "latency=61m"][..],
            "is no latency: write a time of at most 1h, such as 20ms, or a range of such times, the \
             shorter one first, such as 10ms..30ms",
        ),
        (
            &["merge=", "merge=20", "merge=-1s", "merge=1ms..2ms", "merge=2h", "stall=1:"],
            "is no time: write one of at most 1h, such as 20ms or 2s",
        ),
        (
            &["stall=1:2", "stall=1:61m", "stall=1:2s:3s"],
            "is no time: write one of at most 1h, such as 20ms or 2s",
        ),
        (
            &["rate=", "rate=0", "rate=-1", "rate=+1", "rate=1Mx", "rate=fast", "rate=.1"],
            "is no rate: write how many bytes per second, such as 1MiB or 500",
        ),
        (
            &["slice=", "slice=0", "slice=0..9", "slice=9..1", "slice=1..", "slice=-1"],
            "is no size of a slice: write how many bytes, at least 1, or a range of such sizes, the \
             smaller one first, such as 1..9",
        ),
        (
            &["limit=", "limit=-1", "limit=+1", "limit=1..2", "limit=x", "reset=", "reset=-1"],
            "is no number of bytes: write one such as 1000 or 64KiB",
        ),
        (
            &["stall=", "stall=:2s", "stall=x:2s"],
            "is no number of bytes: write one such as 1000 or 64KiB",
        ),
        (
            &["corrupt=", "corrupt=1", "corrupt=101%", "corrupt=-1%"],
            "is no chance: write a percentage from 0% to 100%, such as 1% or 0.5%",
        ),
    ] {
        for text in texts {
            let error = text.parse::<Spec>().unwrap_err().to_string();
            assert!(error.ends_with(expected), "{text}: {error}");
        }
    }
}

proptest! {
    #[test]
    fn what_is_displayed_is_parsed_to_the_same(
        spec in any_spec(MAX_TIME),
        direction in prop_oneof![
            Just(None),
            Just(Some(Direction::Up)),
            Just(Some(Direction::Down)),
        ],
    ) {
        let directed = Directed { direction, spec };
        prop_assert_eq!(directed.to_string().parse(), Ok(directed.clone()), "{}", directed);
    }

    #[test]
    fn no_text_causes_a_panic(
        text: String,
        name in "(up:|down:|)(none|latency|rate|slice|merge|limit|reset|stall|corrupt)",
    ) {
        _ = text.parse::<Directed>();
        _ = format!("{name}={text}").parse::<Directed>();
    }
}
