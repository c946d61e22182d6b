//! What a person types while the proxy runs: other faults, for connections that stand and for those that come.
//!
//! ```text
//! fault latency=20ms down:slice=1
//! faults from now on: latency=20ms down:slice=1
//! no fault
//! faults from now on: none
//! ```

use fault::spec::{Family, Spec, either};
use fault::{Directed, Faults};

/// What a line asks for.
#[derive(Debug, PartialEq)]
enum Command<Fault> {
    /// From now on these faults, and no others.
    Change(Vec<Fault>),
    /// Which faults there are now.
    Show,
    /// What can be typed.
    Help,
}

/// Obeys the lines of standard input, as long as there are any. `changed` is called after each change.
pub(crate) fn obey<Running: Family + ?Sized>(
    faults: Faults<Running>,
    changed: impl Fn() + Send + 'static,
) {
    console::obey_commands(move |line| {
        match parse::<Running>(line)? {
            Command::Change(others) => {
                faults.change(others);
                changed();
                console::say(format_args!("faults from now on: {faults}"));
            }
            Command::Show => console::say(format_args!("faults: {faults}")),
            Command::Help => console::say(help::<Running>()),
        }
        Ok(())
    });
}

/// What a line asks for, or in a line what to type instead.
fn parse<Running: Family + ?Sized>(line: &str) -> Result<Command<Directed<Running>>, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match *words {
        ["help" | "?"] => Ok(Command::Help),
        ["faults"] => Ok(Command::Show),
        ["no", "fault" | "faults"] => Ok(Command::Change(Vec::new())),
        ["fault"] => {
            let example = Spec::<Running>::forms().last().copied().unwrap_or_default();
            Err(format!("which fault? Type for example `fault {example}`; `help` lists them"))
        }
        ["fault", ref texts @ ..] => {
            let faults = texts.iter().map(|text| text.parse::<Directed<Running>>());
            let faults = faults.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
            Ok(Command::Change(faults))
        }
        _ => Err("no such command: type `fault NAME=…`, `no fault`, `faults` or `help`".to_owned()),
    }
}

fn help<Running: Family + ?Sized>() -> String {
    format!(
        "fault NAME=… [NAME=…]  from now on these faults and no others: {}; up: or down: in front for \
         one direction\n\
         no fault               from now on none\n\
         faults                 which there are\n\
         What is on its way when they change leaves at once. Ctrl-C ends the proxy.",
        either(&Spec::<Running>::help_forms())
    )
}

#[cfg(test)]
mod tests {
    use fault::{datagram, stream};

    use super::*;

    fn faults(texts: &[&str]) -> Command<stream::Directed> {
        Command::Change(texts.iter().map(|text| text.parse().unwrap()).collect())
    }

    #[test]
    fn each_command_is_known_however_it_is_spaced() {
        for (line, command) in [
            ("fault latency=20ms", faults(&["latency=20ms"])),
            ("  fault\tup:slice=1   limit=9 ", faults(&["up:slice=1", "limit=9"])),
            ("no fault", faults(&[])),
            ("no faults", faults(&[])),
            ("faults", Command::Show),
            ("help", Command::Help),
        ] {
            assert_eq!(parse(line), Ok(command), "{line}");
        }
    }

    #[test]
    fn wrong_input_gets_one_line_that_says_what_to_type() {
        for (line, advice) in [
            ("fault", "`fault corrupt=1%`"),
            ("fault flood=1", "`flood=1` is no fault: write none, latency=20ms"),
            ("fault latency=20ms slice=0", "`0` is no size of a slice"),
            ("fault loss=20%", "`loss=20%` is no fault"),
            ("hello", "`no fault`"),
            ("no", "`no fault`"),
            ("\u{0}\u{1b}[2J", "`no fault`"),
        ] {
            let error = parse::<dyn stream::Fault>(line).unwrap_err();
            assert!(error.contains(advice) && !error.contains('\n'), "{line}: {error}");
        }
        let error = parse::<dyn datagram::Fault>("fault slice=1").unwrap_err();
        assert!(error.contains("loss=30%"), "{error}");
    }

    #[test]
    fn help_names_every_fault() {
        let help = help::<dyn datagram::Fault>();
        assert!(Spec::<dyn datagram::Fault>::help_forms().iter().all(|form| help.contains(form)));
    }
}
