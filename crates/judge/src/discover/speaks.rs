//! What a program speaks, as a sentence for its report.

use wire::{ByteOrder, Framing, FramingPair};

use crate::discover::expectation::Expectation;
use crate::discover::recognise::{AnswerKind, is_same};
use crate::probe::Side;
use crate::show;

/// What was found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Speaks {
    /// This is how messages are framed in both directions, and what an answer is to its request.
    Framed { framings: FramingPair, kind: AnswerKind },
    /// A client frames its requests so; how it reads answers was not found out.
    Requests(Framing),
    /// Each length is announced, and a word waited for: lesson 03's `announce`.
    Announces { is_tutorial: bool },
    /// The framing is right, and the text is Chinese in GBK: this one.
    Gbk(String),
    /// A server says this before it is asked anything.
    Greeting(Vec<u8>),
    /// A client sends these bytes before each line, and they are no known framing.
    Behind(Vec<u8>),
    /// A server sends these bytes before an answer that is known, and they are no known framing.
    AnswersBehind(Vec<u8>),
    /// Nobody was reached, or nothing was heard: the failure itself says all there is.
    Nothing,
    /// Nothing was recognised. If something was said, this is it, and how the request was framed.
    Unknown(Option<(Framing, Vec<u8>)>),
}

impl Speaks {
    /// What there is to say to whoever expected something else; `None` if this is what they expected.
    pub(crate) fn sentence(&self, expected: &Expectation, side: Side) -> Option<String> {
        Some(match self {
            Speaks::Nothing => return None,
            Speaks::Framed { framings, kind } => {
                let as_expected =
                    expected.framings.as_ref().is_some_and(|pair| is_pair(pair, framings));
                match (as_expected, *kind == expected.answers) {
                    (true, true) => return None,
                    (is_framed_so, _) => framed(framings, *kind, expected, side, is_framed_so),
                }
            }
            Speaks::Requests(framing) => match expected.request() {
                Some(wanted) if is_same(wanted, framing) => return None,
                _ => format!(
                    "It sends its requests as {}. How it reads answers was not found out. Try {}.",
                    named(framing),
                    advice(&framing.to_string(), None, expected),
                ),
            },
            Speaks::Announces { is_tutorial } if expected.framings.is_some() => {
                let dialect = if *is_tutorial { " --dialect tutorial" } else { "" };
                format!(
                    "It announces each length and waits for recv_ready. Is it lesson 03's announce? \
                     Try `judge lesson03 --header announce{dialect}`."
                )
            }
            Speaks::Announces { .. } => return None,
            Speaks::Gbk(text) => format!(
                "Its messages are framed as they should be, and their text is Chinese in GBK: {}. Send \
                 UTF-8; or, if GBK is meant, try `--encoding gbk`.",
                show::line(text),
            ),
            Speaks::Greeting(bytes) => format!(
                "It speaks first: whoever connects is sent {}. If that is meant, try \
                 `judge any --greeting TEXT`.",
                show::bytes(bytes),
            ),
            Speaks::Behind(bytes) => format!(
                "It sends {} before each line, and this is no framing that the judge knows.",
                show::bytes(bytes),
            ),
            Speaks::AnswersBehind(bytes) => format!(
                "It sends {} before its answer, and this is no framing that the judge knows.",
                show::bytes(bytes),
            ),
            Speaks::Unknown(first) => unknown(first.as_ref(), side),
        })
    }
}

/// Where messages end as they do here, and are no others, perhaps by another name.
fn is_pair(one: &FramingPair, other: &FramingPair) -> bool {
    is_same(&one.request, &other.request) && is_same(&one.answer, &other.answer)
}

fn framed(
    framings: &FramingPair,
    kind: AnswerKind,
    expected: &Expectation,
    side: Side,
    is_framed_so: bool,
) -> String {
    let FramingPair { request, answer } = framings;
    let how = match side {
        _ if is_framed_so => "Its messages end where they should, and it".to_owned(),
        _ if framings.to_string() == "none" => {
            "It has neither lengths nor end marks, and".to_owned()
        }
        _ if is_same(request, answer) => format!("It speaks {}, and", named(request)),
        Side::Server => {
            format!("It takes requests as {}, answers as {}, and", named(request), named(answer))
        }
        Side::Client => {
            format!(
                "It sends requests as {} and reads answers as {}.",
                named(request),
                named(answer)
            )
        }
    };
    let what = match (kind, side) {
        (_, Side::Client) => "",
        (AnswerKind::Command, _) => " runs what it gets as a command.",
        (AnswerKind::Echo, _) => " sends back what it gets.",
        (AnswerKind::Upper, _) => " sends back what it gets, in upper case.",
        (AnswerKind::Json, _) => " answers JSON with JSON.",
        (AnswerKind::Expected, _) => " answers as it should.",
    };
    let how = if side == Side::Client { how.replace(", and", ".") } else { how };
    let next = match lesson(framings, kind, expected) {
        Some((name, arguments)) => {
            format!("Is it {name}'s {}? Try `judge {arguments}`.", side.name())
        }
        None => {
            let framings = if is_framed_so { None } else { Some(framings.to_string()) };
            let service = (kind != expected.answers || !expected.is_any).then_some(kind);
            format!("Try {}.", advice(framings.as_deref().unwrap_or_default(), service, expected))
        }
    };
    format!("{how}{what} {next}")
}

/// The lesson in which programs speak so, and what it is tried with.
fn lesson(
    framings: &FramingPair,
    kind: AnswerKind,
    expected: &Expectation,
) -> Option<(&'static str, &'static str)> {
    if expected.is_any {
        return None;
    }
    match (framings.to_string().as_str(), kind) {
        ("none", AnswerKind::Upper) => Some(("lesson01", "lesson01")),
        ("none", AnswerKind::Command) => Some(("lesson02", "lesson02")),
        ("<i", AnswerKind::Command) => Some(("lesson03", "lesson03")),
        ("none,<i", AnswerKind::Command) => Some(("the tutorial", "lesson03 --dialect tutorial")),
        ("json:<i:total_size", AnswerKind::Command) => Some(("lesson03", "lesson03 --header json")),
        _ => None,
    }
}

/// The command, or the options of this one, with which such a program is tried.
fn advice(framings: &str, kind: Option<AnswerKind>, expected: &Expectation) -> String {
    let service = match kind {
        // What a command prints ends with a new line, and would end there.
        Some(AnswerKind::Command) if framings.ends_with("line") => " --send 'echo hi' --expect hi",
        Some(AnswerKind::Command) => " --service command",
        Some(AnswerKind::Echo) => " --service echo",
        Some(AnswerKind::Upper) => " --service upper",
        Some(AnswerKind::Expected) if !expected.is_any => " --service reply",
        Some(AnswerKind::Json) => " --send JSON --expect JSON",
        _ => "",
    };
    let framings = match (framings, expected.is_any, &expected.framings) {
        ("", true, _) | ("", false, None) => String::new(),
        ("", false, Some(pair)) => format!(" --framing '{pair}'"),
        (framings, ..) => format!(" --framing '{framings}'"),
    };
    let options = format!("{framings}{service}");
    match expected.is_any {
        true => format!("`{}`", options.trim_start()),
        false => format!("`judge any{options}`"),
    }
}

fn unknown(first: Option<&(Framing, Vec<u8>)>, side: Side) -> String {
    let Some((request, came)) = first else {
        return "Not found out: it has answered in none of the framings and services that were tried."
            .to_owned();
    };
    let came = show::bytes(came);
    match (side, request) {
        (Side::Client, _) => {
            format!(
                "Not found out: for a line that was typed it has sent {came}, which holds no such line."
            )
        }
        (Side::Server, Framing::None) => format!(
            "Not found out: to a request without a length it has answered {came}, which is no \
             echo, no upper case and no command's output."
        ),
        (Side::Server, request) => format!(
            "Not found out: to a request framed as `{request}` it has answered {came}, which is no \
             echo, no upper case and no command's output."
        ),
    }
}

/// The framing, and what it means.
fn named(framing: &Framing) -> String {
    let meaning = match framing {
        Framing::None => return "bytes without a length".to_owned(),
        Framing::Length(length) => {
            let order = match length.order() {
                _ if length.width() == 1 => "",
                ByteOrder::Little => ", little-endian",
                ByteOrder::Big => ", big-endian",
            };
            let own = if length.counts_itself() { ", which counts its own bytes too" } else { "" };
            let bytes = if length.width() == 1 { "byte" } else { "bytes" };
            format!("{} {bytes} of length{order}{own}", length.width())
        }
        Framing::Digits(_) => "the length in digits".to_owned(),
        Framing::Line => "a new line ends each message".to_owned(),
        Framing::Until(_) => "these bytes end each message".to_owned(),
        Framing::Json { .. } => "a JSON header says the length".to_owned(),
        Framing::End => "the end of the stream ends the message".to_owned(),
    };
    format!("`{framing}` ({meaning})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(found: &Speaks, expected: &str, answers: AnswerKind, is_any: bool) -> String {
        let framings = Some(expected.parse().unwrap());
        let expected = Expectation { framings, answers, exchange: None, is_greeted: false, is_any };
        found.sentence(&expected, Side::Server).unwrap_or_default()
    }

    fn spoken(framings: &str, kind: AnswerKind) -> Speaks {
        Speaks::Framed { framings: framings.parse().unwrap(), kind }
    }

    #[test]
    fn what_is_as_expected_is_no_news_by_whatever_name() {
        let found = spoken(">I", AnswerKind::Echo);
        assert_eq!(sentence(&found, ">i", AnswerKind::Echo, true), "");
        assert_eq!(sentence(&found, "!l", AnswerKind::Echo, true), "");
    }

    #[test]
    fn advice_names_what_is_not_given_yet() {
        let echo = spoken(">I", AnswerKind::Echo);
        let told = |expected, kind, is_any| sentence(&echo, expected, kind, is_any);
        assert!(told("<i", AnswerKind::Echo, true).ends_with("Try `--framing '>I'`."));
        assert!(told(">I", AnswerKind::Upper, true).ends_with("Try `--service echo`."));
        assert!(
            told("<i", AnswerKind::Command, false)
                .ends_with("Try `judge any --framing '>I' --service echo`.")
        );
        assert!(
            told(">I", AnswerKind::Command, false)
                .ends_with("Try `judge any --framing '>I' --service echo`.")
        );
    }

    #[test]
    fn advice_is_nothing_that_would_be_refused() {
        let told = sentence(&spoken("line", AnswerKind::Command), "<i", AnswerKind::Command, false);
        assert!(told.ends_with("'line' --send 'echo hi' --expect hi`."), "{told}");
    }

    #[test]
    fn what_a_lesson_speaks_is_called_by_its_name() {
        let told =
            |framings, kind| sentence(&spoken(framings, kind), "<i", AnswerKind::Command, false);
        assert!(told("none", AnswerKind::Upper).contains("Is it lesson01's server?"));
        assert!(told("none", AnswerKind::Command).contains("Try `judge lesson02`."));
        assert!(told("none,<i", AnswerKind::Command).contains("--dialect tutorial"));
    }
}
