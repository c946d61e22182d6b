//! A fault as a person asks for it: `loss=30%`, `delay=10ms..30ms`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::DatagramFault;
use super::delay::{Delay, LONGEST};
use super::duplicate::Duplicate;
use super::loss::Loss;
use super::reorder::Reorder;
use crate::chance::{Chance, NoChance};
use crate::time;

/// One fault as a person asks for it: `loss=30%`, `duplicate=10%`, `reorder=10%`, `delay=20ms`,
/// `delay=10ms..30ms`. What it displays can be parsed again, to the same fault.
#[derive(Debug, Clone, PartialEq)]
pub enum Spec {
    /// That share of the datagrams never arrives.
    Loss(Chance),
    /// That share of the datagrams arrives twice.
    Duplicate(Chance),
    /// That share of the datagrams is held back, for [`HELD_BACK`](super::reorder::HELD_BACK).
    Reorder(Chance),
    /// Every datagram is delayed, by at most [`LONGEST`].
    Delay {
        /// The shortest delay.
        from: Duration,
        /// The longest delay; if it equals `from`, all are the same.
        to: Duration,
    },
}

/// What a person wrote is no [`Spec`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// No fault has this name, or the `=` is missing.
    #[error(
        "`{text}` is no fault: write loss=30%, duplicate=10%, reorder=10%, delay=20ms or \
         delay=10ms..30ms"
    )]
    Fault {
        /// What was written.
        text: String,
    },
    /// It is not a percentage from 0 to 100.
    #[error("`{text}` is no chance: write a percentage from 0% to 100%, such as 30% or 0.5%")]
    Chance {
        /// What was written.
        text: String,
    },
    /// It is no length of time, it is above [`LONGEST`], or the range ends before it begins.
    #[error(
        "`{text}` is no delay: write a time of at most {longest}, such as 20ms, or a range of such \
         times, the shorter one first, such as 10ms..30ms",
        longest = humantime::format_duration(LONGEST)
    )]
    Delay {
        /// What was written.
        text: String,
    },
}

impl Spec {
    /// The fault itself, with a generator that starts from `seed`.
    pub fn fault(&self, seed: u64) -> Box<dyn DatagramFault> {
        match *self {
            Spec::Loss(chance) => Box::new(Loss::new(chance, seed)),
            Spec::Duplicate(chance) => Box::new(Duplicate::new(chance, seed)),
            Spec::Reorder(chance) => Box::new(Reorder::new(chance, seed)),
            Spec::Delay { from, to } => Box::new(Delay::new(from, to, seed)),
        }
    }
}

impl FromStr for Spec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Spec, SpecError> {
        match text.split_once('=') {
            Some(("loss", chance)) => Ok(Spec::Loss(parse_chance(chance)?)),
            Some(("duplicate", chance)) => Ok(Spec::Duplicate(parse_chance(chance)?)),
            Some(("reorder", chance)) => Ok(Spec::Reorder(parse_chance(chance)?)),
            Some(("delay", text)) => time::parse_range(text)
                .map(|(from, to)| Spec::Delay { from, to })
                .ok_or_else(|| SpecError::Delay { text: text.to_owned() }),
            _ => Err(SpecError::Fault { text: text.to_owned() }),
        }
    }
}

fn parse_chance(text: &str) -> Result<Chance, SpecError> {
    text.parse().map_err(|NoChance| SpecError::Chance { text: text.to_owned() })
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Spec::Loss(chance) => write!(f, "loss={chance}"),
            Spec::Duplicate(chance) => write!(f, "duplicate={chance}"),
            Spec::Reorder(chance) => write!(f, "reorder={chance}"),
            Spec::Delay { from, to } => write!(f, "delay={}", time::display_range(from, to)),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::chance::tests::any_chance;

    /// Any delay up to `most`, constant or not.
    pub(crate) fn any_delay(most: Duration) -> impl Strategy<Value = Spec> {
        let nanos = 0..=u64::try_from(most.as_nanos()).unwrap();
        let ends = (nanos.clone(), nanos, any::<bool>());
        ends.prop_map(|(a, b, constant)| {
            let [a, b] = [a, if constant { a } else { b }].map(Duration::from_nanos);
            Spec::Delay { from: a.min(b), to: a.max(b) }
        })
    }

    pub(crate) fn any_spec(most: Duration) -> impl Strategy<Value = Spec> {
        prop_oneof![
            any_chance().prop_map(Spec::Loss),
            any_chance().prop_map(Spec::Duplicate),
            any_chance().prop_map(Spec::Reorder),
            any_delay(most),
        ]
    }

    #[test]
    fn every_form_that_a_person_writes_is_understood_and_displayed() {
        let chance = |percent: f64| format!("{percent}%").parse().unwrap();
        let ms = Duration::from_millis;
        for (text, spec, shown) in [
            ("loss=30%", Spec::Loss(chance(30.0)), "loss=30%"),
            ("loss=0%", Spec::Loss(chance(0.0)), "loss=0%"),
            ("duplicate=0.50%", Spec::Duplicate(chance(0.5)), "duplicate=0.5%"),
            ("reorder=100.0%", Spec::Reorder(chance(100.0)), "reorder=100%"),
            ("delay=20ms", Spec::Delay { from: ms(20), to: ms(20) }, "delay=20ms"),
            ("delay=0ms", Spec::Delay { from: ms(0), to: ms(0) }, "delay=0s"),
            ("delay=10ms..30ms", Spec::Delay { from: ms(10), to: ms(30) }, "delay=10ms..30ms"),
            ("delay=30ms..30ms", Spec::Delay { from: ms(30), to: ms(30) }, "delay=30ms"),
            ("delay=0s..1s 5ms", Spec::Delay { from: ms(0), to: ms(1005) }, "delay=0s..1s5ms"),
            ("delay=1h", Spec::Delay { from: LONGEST, to: LONGEST }, "delay=1h"),
        ] {
            let parsed: Spec = text.parse().unwrap();
            assert_eq!((&parsed, parsed.to_string().as_str()), (&spec, shown), "{text}");
        }
    }

    #[test]
    fn what_names_no_fault_is_refused_with_the_faults_there_are() {
        for text in ["", "loss", "loss:30%", "=30%", "los=30%", "Loss=30%", "loss =30%", "30%"] {
            let error = text.parse::<Spec>().unwrap_err().to_string();
            for form in ["loss=30%", "duplicate=10%", "reorder=10%", "delay=20ms", "10ms..30ms"] {
                assert!(error.contains(form), "{text}: {error}");
            }
        }
    }

    #[test]
    fn what_is_no_percentage_is_refused_with_the_bounds() {
        for chance in [
            "", "%", ".%", "30", "0.3", "100.1%", "1000%", "-1%", "-0%", "+1%", "NaN%", "inf%",
            "1e1%", "1.2.3%", "30%%", " 30%", "30 %", "3０%",
        ] {
            for name in ["loss", "duplicate", "reorder"] {
                let error = format!("{name}={chance}").parse::<Spec>().unwrap_err();
                assert_eq!(error, SpecError::Chance { text: chance.to_owned() });
                assert!(error.to_string().contains("from 0% to 100%"), "{error}");
            }
        }
    }

    #[test]
    fn what_is_no_delay_is_refused_with_the_forms_that_are() {
        for delay in [
            "",
            "20",
            "-20ms",
            "ms",
            "20%",
            "..",
            "10ms..",
            "..30ms",
            "30ms..10ms",
            "61m",
            "10ms..2h",
            "10ms..20ms..30ms",
            "18446744073709551615years",
            "NaN",
        ] {
            let error = format!("delay={delay}").parse::<Spec>().unwrap_err();
            assert_eq!(error, SpecError::Delay { text: delay.to_owned() });
            let said = error.to_string();
            assert!(said.contains("20ms") && said.contains("10ms..30ms"), "{said}");
            assert!(said.contains("at most 1h"), "{said}");
        }
    }

    proptest! {
        #[test]
        fn what_is_displayed_is_parsed_to_the_same(spec in any_spec(LONGEST)) {
            prop_assert_eq!(spec.to_string().parse::<Spec>(), Ok(spec.clone()), "{}", spec);
        }

        #[test]
        fn no_text_causes_a_panic(text: String, name in "loss|duplicate|reorder|delay") {
            _ = text.parse::<Spec>();
            _ = format!("{name}={text}").parse::<Spec>();
        }
    }
}
