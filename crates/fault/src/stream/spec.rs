//! A fault as a person asks for it: `latency=20ms`, `down:slice=1`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use bytesize::ByteSize;

use super::corrupt::Corrupt;
use super::latency::Latency;
use super::limit::Limit;
use super::merge::Merge;
use super::none::None as NoFault;
use super::rate::Rate;
use super::reset::Reset;
use super::slice::{Sizes, Slice};
use super::stall::{Stall, USUAL};
use super::{Chance, Fault, LONGEST, NoChance};
use crate::time;

/// One fault as a person asks for it, such as `rate=1MiB`; each variant shows its forms. What it
/// displays can be parsed again, to the same fault.
#[derive(Debug, Clone, PartialEq)]
pub enum Spec {
    /// `none`: everything leaves as it came.
    None,
    /// `latency=20ms`, `latency=10ms..30ms`: each chunk is delayed, by at most [`LONGEST`].
    Latency {
        /// The shortest latency.
        from: Duration,
        /// The longest latency; if it equals `from`, all are the same.
        to: Duration,
    },
    /// `rate=1MiB` or `rate=1MiB/s`: so many bytes per second, never 0.
    Rate(u64),
    /// `slice=1`, `slice=1..9`: each chunk is cut into pieces of so many bytes, never 0.
    Slice {
        /// The shortest piece, but for the last one of a chunk.
        from: usize,
        /// The longest piece; if it equals `from`, all are the same.
        to: usize,
    },
    /// `merge=20ms`: what comes within this time of a first byte leaves together, as one chunk.
    Merge(Duration),
    /// `limit=1000`: this direction ends after so many bytes.
    Limit(u64),
    /// `reset=1000`: the connection is reset after so many bytes.
    Reset(u64),
    /// `stall=1000`, `stall=1000:2s`: nothing leaves for a while.
    Stall {
        /// After so many bytes.
        after: u64,
        /// For how long, at most [`LONGEST`]; [`USUAL`] if that is left out.
        time: Duration,
    },
    /// `corrupt=1%`: one bit is flipped in that share of the bytes.
    Corrupt(Chance),
}

/// One way through a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// `up`: from the client to the upstream server.
    Up,
    /// `down`: from the upstream server to the client.
    Down,
}

/// A fault with the direction that has it: `up:latency=20ms`, `down:slice=1`, or `rate=1MiB` for
/// both.
#[derive(Debug, Clone, PartialEq)]
pub struct Directed {
    /// The direction that has the fault; `None` if both have it.
    pub direction: Option<Direction>,
    /// The fault.
    pub spec: Spec,
}

/// What a person wrote is no [`Spec`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// No fault has this name, or the `=` is missing.
    #[error(
        "`{text}` is no fault: write none, latency=20ms, latency=10ms..30ms, rate=1MiB, slice=1, \
         slice=1..9, merge=20ms, limit=1000, reset=1000, stall=1000, stall=1000:2s or corrupt=1%, \
         and up: or down: in front for one direction"
    )]
    Fault {
        /// What was written.
        text: String,
    },
    /// It is no length of time, it is above [`LONGEST`], or the range ends before it begins.
    #[error(
        "`{text}` is no latency: write a time of at most {longest}, such as 20ms, or a range of \
         such times, the shorter one first, such as 10ms..30ms",
        longest = humantime::format_duration(LONGEST)
    )]
    Latency {
        /// What was written.
        text: String,
    },
    /// It is no number of bytes, or 0.
    #[error("`{text}` is no rate: write how many bytes per second, such as 1MiB or 500")]
    Rate {
        /// What was written.
        text: String,
    },
    /// It is no number of bytes, it is 0, or the range ends before it begins.
    #[error(
        "`{text}` is no size of a slice: write how many bytes, at least 1, or a range of such \
         sizes, the smaller one first, such as 1..9"
    )]
    Slice {
        /// What was written.
        text: String,
    },
    /// It is no length of time, or above [`LONGEST`].
    #[error(
        "`{text}` is no time: write one of at most {longest}, such as 20ms or 2s",
        longest = humantime::format_duration(LONGEST)
    )]
    Time {
        /// What was written.
        text: String,
    },
    /// It is no number of bytes.
    #[error("`{text}` is no number of bytes: write one such as 1000 or 64KiB")]
    Bytes {
        /// What was written.
        text: String,
    },
    /// It is not a percentage from 0 to 100.
    #[error("`{text}` is no chance: write a percentage from 0% to 100%, such as 1% or 0.5%")]
    Chance {
        /// What was written.
        text: String,
    },
}

impl Spec {
    /// The fault itself, with a generator that starts from `seed`.
    pub fn fault(&self, seed: u64) -> Box<dyn Fault> {
        match *self {
            Spec::None => Box::new(NoFault),
            Spec::Latency { from, to } => Box::new(Latency::new(from, to, seed)),
            Spec::Rate(bytes_per_second) => Box::new(Rate::new(bytes_per_second)),
            Spec::Slice { from, to } => Box::new(Slice::new(Sizes::between(from, to, seed))),
            Spec::Merge(window) => Box::new(Merge::new(window)),
            Spec::Limit(bytes) => Box::new(Limit::new(bytes)),
            Spec::Reset(bytes) => Box::new(Reset::new(bytes)),
            Spec::Stall { after, time } => Box::new(Stall::new(after, time)),
            Spec::Corrupt(chance) => Box::new(Corrupt::new(chance, seed)),
        }
    }
}

impl FromStr for Spec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Spec, SpecError> {
        match text.split_once('=') {
            None if text == "none" => Ok(Spec::None),
            Some(("latency", text)) => parse_latency(text),
            Some(("rate", text)) => parse_rate(text),
            Some(("slice", text)) => parse_slice(text),
            Some(("merge", text)) => Ok(Spec::Merge(parse_time(text)?)),
            Some(("limit", text)) => Ok(Spec::Limit(parse_bytes(text)?)),
            Some(("reset", text)) => Ok(Spec::Reset(parse_bytes(text)?)),
            Some(("stall", text)) => parse_stall(text),
            Some(("corrupt", text)) => text
                .parse()
                .map(Spec::Corrupt)
                .map_err(|NoChance| SpecError::Chance { text: text.to_owned() }),
            _ => Err(SpecError::Fault { text: text.to_owned() }),
        }
    }
}

fn parse_latency(text: &str) -> Result<Spec, SpecError> {
    time::parse_range(text)
        .map(|(from, to)| Spec::Latency { from, to })
        .ok_or_else(|| SpecError::Latency { text: text.to_owned() })
}

fn parse_rate(text: &str) -> Result<Spec, SpecError> {
    size(text.strip_suffix("/s").unwrap_or(text))
        .filter(|rate| *rate > 0)
        .map(Spec::Rate)
        .ok_or_else(|| SpecError::Rate { text: text.to_owned() })
}

fn parse_slice(text: &str) -> Result<Spec, SpecError> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let [from, to] = [from, to].map(|text| size(text).and_then(|size| size.try_into().ok()));
    match (from, to) {
        (Some(from), Some(to)) if 0 < from && from <= to => Ok(Spec::Slice { from, to }),
        _ => Err(SpecError::Slice { text: text.to_owned() }),
    }
}

fn parse_stall(text: &str) -> Result<Spec, SpecError> {
    let (after, time) = match text.split_once(':') {
        Some((after, time)) => (after, parse_time(time)?),
        None => (text, USUAL),
    };
    Ok(Spec::Stall { after: parse_bytes(after)?, time })
}

fn parse_time(text: &str) -> Result<Duration, SpecError> {
    time::parse(text).ok_or_else(|| SpecError::Time { text: text.to_owned() })
}

fn parse_bytes(text: &str) -> Result<u64, SpecError> {
    size(text).ok_or_else(|| SpecError::Bytes { text: text.to_owned() })
}

/// A number of bytes, with a unit or without.
fn size(text: &str) -> Option<u64> {
    // A u64 would also take +1.
    let digit = text.starts_with(|first: char| first.is_ascii_digit());
    text.parse().ok().filter(|_| digit).map(|ByteSize(size)| size)
}

/// What [`size`] takes, to the last byte, where [`ByteSize`] would round.
fn display(size: u64) -> String {
    let units = [(bytesize::GIB, "GiB"), (bytesize::MIB, "MiB"), (bytesize::KIB, "KiB")];
    match units.into_iter().find(|(unit, _)| size > 0 && size.is_multiple_of(*unit)) {
        Some((unit, name)) => format!("{}{name}", size / unit),
        None => size.to_string(),
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Spec::None => write!(f, "none"),
            Spec::Latency { from, to } => write!(f, "latency={}", time::display_range(from, to)),
            Spec::Rate(rate) => write!(f, "rate={}", display(rate)),
            Spec::Slice { from, to } if from == to => write!(f, "slice={from}"),
            Spec::Slice { from, to } => write!(f, "slice={from}..{to}"),
            Spec::Merge(window) => write!(f, "merge={}", time::display(window)),
            Spec::Limit(bytes) => write!(f, "limit={}", display(bytes)),
            Spec::Reset(bytes) => write!(f, "reset={}", display(bytes)),
            Spec::Stall { after, time: USUAL } => write!(f, "stall={}", display(after)),
            Spec::Stall { after, time } => {
                write!(f, "stall={}:{}", display(after), time::display(time))
            }
            Spec::Corrupt(chance) => write!(f, "corrupt={chance}"),
        }
    }
}

impl Directed {
    /// Whether this direction has the fault.
    pub fn is_for(&self, direction: Direction) -> bool {
        self.direction.is_none_or(|only| only == direction)
    }
}

impl FromStr for Directed {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Directed, SpecError> {
        let (direction, spec) = match text.split_once(':') {
            Some(("up", spec)) => (Some(Direction::Up), spec),
            Some(("down", spec)) => (Some(Direction::Down), spec),
            // Such as in stall=1000:2s.
            _ => (None, text),
        };
        Ok(Directed { direction, spec: spec.parse()? })
    }
}

impl fmt::Display for Directed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(direction) = self.direction {
            write!(f, "{direction}:")?;
        }
        self.spec.fmt(f)
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Direction::Up => "up",
            Direction::Down => "down",
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::chance::tests::any_chance;

    fn any_time(most: Duration) -> impl Strategy<Value = Duration> {
        let most = u64::try_from(most.as_nanos()).unwrap();
        prop_oneof![Just(most), 0..=most].prop_map(Duration::from_nanos)
    }

    /// Any latency up to `most`, constant or not.
    pub(crate) fn any_latency(most: Duration) -> impl Strategy<Value = Spec> {
        (any_time(most), any_time(most))
            .prop_map(|(a, b)| Spec::Latency { from: a.min(b), to: a.max(b) })
    }

    fn any_bytes() -> impl Strategy<Value = u64> {
        prop_oneof![0..300_u64, any::<u64>(), (0..1_000_u64).prop_map(|kib| kib << 10)]
    }

    pub(crate) fn any_spec(most: Duration) -> impl Strategy<Value = Spec> {
        let stall_time = prop_oneof![Just(USUAL), any_time(most)];
        prop_oneof![
            Just(Spec::None),
            any_latency(most),
            any_bytes().prop_map(|rate| Spec::Rate(rate.max(1))),
            (1_usize.., 1_usize..).prop_map(|(a, b)| Spec::Slice { from: a.min(b), to: a.max(b) }),
            (1..9_usize).prop_map(|size| Spec::Slice { from: size, to: size }),
            any_time(most).prop_map(Spec::Merge),
            any_bytes().prop_map(Spec::Limit),
            any_bytes().prop_map(Spec::Reset),
            (any_bytes(), stall_time).prop_map(|(after, time)| Spec::Stall { after, time }),
            any_chance().prop_map(Spec::Corrupt),
        ]
    }

    #[test]
    fn every_form_that_a_person_writes_is_understood_and_displayed() {
        let ms = Duration::from_millis;
        for (text, spec, shown) in [
            ("none", Spec::None, "none"),
            ("latency=20ms", Spec::Latency { from: ms(20), to: ms(20) }, "latency=20ms"),
            (
                "latency=0s..1s 5ms",
                Spec::Latency { from: ms(0), to: ms(1005) },
                "latency=0s..1s5ms",
            ),
            ("latency=30ms..30ms", Spec::Latency { from: ms(30), to: ms(30) }, "latency=30ms"),
            ("rate=1MiB", Spec::Rate(1 << 20), "rate=1MiB"),
            ("rate=1.5 MiB", Spec::Rate(3 << 19), "rate=1536KiB"),
            ("rate=1MiB/s", Spec::Rate(1 << 20), "rate=1MiB"),
            ("rate=1kB", Spec::Rate(1_000), "rate=1000"),
            ("rate=1", Spec::Rate(1), "rate=1"),
            ("slice=1", Spec::Slice { from: 1, to: 1 }, "slice=1"),
            ("slice=1..9", Spec::Slice { from: 1, to: 9 }, "slice=1..9"),
            ("slice=9..9", Spec::Slice { from: 9, to: 9 }, "slice=9"),
            ("merge=20ms", Spec::Merge(ms(20)), "merge=20ms"),
            ("limit=1000", Spec::Limit(1_000), "limit=1000"),
            ("limit=0", Spec::Limit(0), "limit=0"),
            ("reset=64KiB", Spec::Reset(65_536), "reset=64KiB"),
            ("stall=1000", Spec::Stall { after: 1_000, time: ms(10_000) }, "stall=1000"),
            ("stall=1000:10s", Spec::Stall { after: 1_000, time: USUAL }, "stall=1000"),
            ("stall=1000:2s", Spec::Stall { after: 1_000, time: ms(2_000) }, "stall=1000:2s"),
            ("corrupt=1%", Spec::Corrupt("1%".parse().unwrap()), "corrupt=1%"),
        ] {
            for (front, direction) in
                [("", None), ("up:", Some(Direction::Up)), ("down:", Some(Direction::Down))]
            {
                let parsed: Directed = format!("{front}{text}").parse().unwrap();
                let expected = Directed { direction, spec: spec.clone() };
                assert_eq!(parsed, expected, "{front}{text}");
                assert_eq!(parsed.to_string(), format!("{front}{shown}"));
            }
        }
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
        for text in [
            "",
            "latency",
            "none=",
            "None",
            "=1",
            "slice:1",
            "Slice=1",
            "slice =1",
            "left:slice=1",
            "up:",
            "up",
            "up:up:slice=1",
            "up slice=1",
            "UP:slice=1",
            "20ms",
        ] {
            let error = text.parse::<Directed>().unwrap_err();
            assert!(matches!(error, SpecError::Fault { .. }), "{text}: {error}");
            let said = error.to_string();
            for form in [
                "none",
                "latency=20ms",
                "latency=10ms..30ms",
                "rate=1MiB",
                "slice=1",
                "slice=1..9",
                "merge=20ms",
                "limit=1000",
                "reset=1000",
                "stall=1000",
                "stall=1000:2s",
                "corrupt=1%",
                "up:",
                "down:",
            ] {
                assert!(said.contains(form), "{text}: {said}");
            }
        }
    }

    #[test]
    fn a_value_that_makes_no_sense_is_refused_with_the_forms_that_do() {
        for (texts, expected) in [
            (&["latency=", "latency=20", "latency=30ms..10ms", "latency=61m"][..], "10ms..30ms"),
            (&["merge=", "merge=20", "merge=-1s", "merge=1ms..2ms", "merge=2h"], "at most 1h"),
            (&["stall=1:", "stall=1:2", "stall=1:61m", "stall=1:2s:3s"], "at most 1h"),
            (
                &["rate=", "rate=0", "rate=-1", "rate=+1", "rate=1Mx", "rate=fast", "rate=.1"],
                "1MiB",
            ),
            (&["slice=", "slice=0", "slice=0..9", "slice=9..1", "slice=1..", "slice=-1"], "1..9"),
            (&["limit=", "limit=-1", "limit=+1", "limit=1..2", "limit=x"], "64KiB"),
            (&["reset=", "reset=-1", "stall=", "stall=:2s", "stall=x:2s"], "64KiB"),
            (&["corrupt=", "corrupt=1", "corrupt=101%", "corrupt=-1%"], "from 0% to 100%"),
        ] {
            for text in texts {
                let error = text.parse::<Spec>().unwrap_err();
                assert!(!matches!(error, SpecError::Fault { .. }), "{text}: {error}");
                assert!(error.to_string().contains(expected), "{text}: {error}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_displayed_is_parsed_to_the_same(
            spec in any_spec(LONGEST),
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
}
