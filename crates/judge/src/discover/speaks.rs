//! What a program speaks, as a sentence for its report.

use std::borrow::Cow;

use language::text;
use rust_i18n::t;
use wire::{ByteOrder, Framing, FramingPair, LengthField};

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

/// What every sentence begins with that says nothing of what the program speaks.
const NOT_FOUND_OUT: &str = text!("Not found out: ");

/// Whether such a sentence says that nothing was recognised.
pub(crate) fn says_nothing(sentence: &str) -> bool {
    sentence.starts_with(&*t!(NOT_FOUND_OUT))
}

impl Speaks {
    /// What there is to say to whoever expected something else; `None` if this is what they expected.
    pub(crate) fn sentence(&self, expected: &Expectation, side: Side) -> Option<String> {
        let sentence = match self {
            Speaks::Nothing => return None,
            Speaks::Framed { framings, kind } => {
                let as_expected =
                    expected.framings.as_ref().is_some_and(|pair| is_pair(pair, framings));
                match (as_expected, *kind == expected.answers) {
                    (true, true) => return None,
                    (is_framed_so, _) => {
                        framed(framings, *kind, expected, side, is_framed_so).into()
                    }
                }
            }
            Speaks::Requests(framing) => match expected.request() {
                Some(wanted) if is_same(wanted, framing) => return None,
                _ => t!(
                    "It sends its requests as %{framing}. How it reads answers was not found out. \
                     Try %{advice}.",
                    framing = named(framing),
                    advice = advice(&framing.to_string(), None, expected),
                ),
            },
            Speaks::Announces { is_tutorial } if expected.framings.is_some() => {
                let dialect = if *is_tutorial { " --dialect tutorial" } else { "" };
                t!(
                    "It announces each length and waits for recv_ready. Is it lesson 03's \
                     announce? Try `judge lesson03 --header announce%{dialect}`.",
                    dialect = dialect
                )
            }
            Speaks::Announces { .. } => return None,
            Speaks::Gbk(text) => t!(
                "Its messages are framed as they should be, and their text is Chinese in GBK: \
                 %{text}. Send UTF-8; or, if GBK is meant, try `--encoding gbk`.",
                text = show::line(text),
            ),
            Speaks::Greeting(bytes) => t!(
                "It speaks first: whoever connects is sent %{bytes}. If that is meant, try `judge \
                 any --greeting TEXT`.",
                bytes = show::bytes(bytes),
            ),
            Speaks::Behind(bytes) => t!(
                "It sends %{bytes} before each line, and this is no framing that the judge knows.",
                bytes = show::bytes(bytes),
            ),
            Speaks::AnswersBehind(bytes) => t!(
                "It sends %{bytes} before its answer, and this is no framing that the judge knows.",
                bytes = show::bytes(bytes),
            ),
            Speaks::Unknown(first) => unknown(first.as_ref(), side).into(),
        };
        Some(sentence.into_owned())
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
    let (request, answer) = (named(&framings.request), named(&framings.answer));
    let how = match side {
        _ if is_framed_so => t!("Its messages end where they should, and it"),
        Side::Server if framings.to_string() == "none" => {
            t!("It has neither lengths nor end marks, and")
        }
        Side::Client if framings.to_string() == "none" => {
            t!("It has neither lengths nor end marks.")
        }
        Side::Server if request == answer => t!("It speaks %{framing}, and", framing = request),
        Side::Client if request == answer => t!("It speaks %{framing}.", framing = request),
        Side::Server => t!(
            "It takes requests as %{request}, answers as %{answer}, and",
            request = request,
            answer = answer
        ),
        Side::Client => t!(
            "It sends requests as %{request} and reads answers as %{answer}.",
            request = request,
            answer = answer
        ),
    };
    let what = match (kind, side) {
        (_, Side::Client) => "".into(),
        (AnswerKind::Command, _) => t!(" runs what it gets as a command."),
        (AnswerKind::Echo, _) => t!(" sends back what it gets."),
        (AnswerKind::Upper, _) => t!(" sends back what it gets, in upper case."),
        (AnswerKind::Json, _) => t!(" answers JSON with JSON."),
        (AnswerKind::Expected, _) => t!(" answers as it should."),
    };
    let next = match lesson(framings, kind, expected) {
        Some((name, arguments)) => t!(
            " Is it %{name}'s %{side}? Try `judge %{arguments}`.",
            name = t!(name),
            side = side.spoken(),
            arguments = arguments
        ),
        None => {
            let framings = if is_framed_so { None } else { Some(framings.to_string()) };
            let service = (kind != expected.answers || !expected.is_any).then_some(kind);
            let advice = advice(framings.as_deref().unwrap_or_default(), service, expected);
            t!(" Try %{advice}.", advice = advice)
        }
    };
    format!("{how}{what}{next}")
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
        ("none,<i", AnswerKind::Command) => {
            Some((text!("the tutorial"), "lesson03 --dialect tutorial"))
        }
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
    let came = first.map(|(_, came)| show::bytes(came)).unwrap_or_default();
    let why = match (first, side) {
        (None, _) => {
            t!("it has answered in none of the framings and services that were tried.")
        }
        (Some(_), Side::Client) => t!(
            "for a line that was typed it has sent %{came}, which holds no such line.",
            came = came
        ),
        (Some((Framing::None, _)), Side::Server) => t!(
            "to a request without a length it has answered %{came}, which is no echo, no upper \
             case and no command's output.",
            came = came
        ),
        (Some((request, _)), Side::Server) => t!(
            "to a request framed as `%{request}` it has answered %{came}, which is no echo, no \
             upper case and no command's output.",
            request = request,
            came = came
        ),
    };
    t!(NOT_FOUND_OUT).into_owned() + &*why
}

/// The framing, and what it means.
fn named(framing: &Framing) -> String {
    let meaning = match framing {
        Framing::None => return t!("bytes without a length").into_owned(),
        Framing::Length(length) => length_field(length),
        Framing::Digits(_) => t!("the length in digits"),
        Framing::Line => t!("a new line ends each message"),
        Framing::Until(_) => t!("these bytes end each message"),
        Framing::Json { .. } => t!("a JSON header says the length"),
        Framing::End => t!("the end of the stream ends the message"),
    };
    format!("`{framing}`{}", t!(" (%{meaning})", meaning = meaning))
}

/// What a length is like.
fn length_field(length: &LengthField) -> Cow<'static, str> {
    let own = match length.counts_itself() {
        true => t!(", which counts its own bytes too"),
        false => "".into(),
    };
    let width = length.width();
    match length.order() {
        _ if width == 1 => t!("1 byte of length%{own}", own = own),
        ByteOrder::Little => {
            t!("%{width} bytes of length, little-endian%{own}", width = width, own = own)
        }
        ByteOrder::Big => {
            t!("%{width} bytes of length, big-endian%{own}", width = width, own = own)
        }
    }
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
