//! Finds out what a client speaks: from what it sends for a line that was typed, and from the answers
//! that it shows.

use wire::{Framing, FramingPair};

use crate::discover::expectation::{Expectation, Pace};
use crate::discover::recognise::{Sent, sent_for};
use crate::discover::speaks::Speaks;
use crate::probe::Side;

/// The lines that are typed: their lengths have two digits, and one.
const LINES: [&str; 2] = ["echo Hi, who are you", "echo Who"];

/// What is answered. It stands in no line that is typed, so that only an answer can be shown so, and
/// is longer than most lengths, so that it is not what a client complains of that reads one.
const ANSWER: &str = "That was understood, thank you";

/// How an answer may be framed, besides in the same way as the request. One that shows whatever comes
/// shows what is framed as well, so `none` is tried first.
const FRAMINGS: [&str; 5] = ["<i", ">I", "line", ">H", r"digits:\n"];

/// A client that is started afresh for each line.
pub(crate) trait CallingClient {
    /// Starts the client, types the line, and takes what it sends for that; `None` if it does not
    /// call. If there is an answer, sends it, and sees whether the client then shows the text.
    fn exchange(&mut self, line: &str, answer: Option<(&[u8], &str)>) -> Option<Exchanged>;
}

/// What a client has done with a line, and with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exchanged {
    /// What it has sent for the line.
    pub(crate) came: Vec<u8>,
    /// Whether it has shown the answer's text.
    pub(crate) is_shown: bool,
    /// Whether it has then sent something for the next line.
    pub(crate) goes_on: bool,
}

/// Finds out what a client speaks; `None` if it is what was expected.
pub(crate) fn of_client(
    client: &mut impl CallingClient,
    expected: &Expectation,
    pace: Pace,
) -> Option<String> {
    let found = find(client, expected, pace);
    found.sentence(expected, Side::Client)
}

fn find(client: &mut impl CallingClient, expected: &Expectation, pace: Pace) -> Speaks {
    let [line, _] = LINES;
    let Some(Exchanged { came, .. }) = client.exchange(line, None) else { return Speaks::Nothing };
    match sent_for(line, &came) {
        Some(Sent::Framed(request)) => {
            let answer = find_answer(client, &request, expected, pace);
            match answer {
                Some(answer) => {
                    let framings = FramingPair { request, answer };
                    Speaks::Framed { framings, kind: expected.answers }
                }
                None => Speaks::Requests(request),
            }
        }
        Some(Sent::Announced) => Speaks::Announces { is_tutorial: !came.ends_with(b"\n") },
        Some(Sent::Behind(bytes)) => Speaks::Behind(bytes),
        None if came.is_empty() => Speaks::Nothing,
        None => Speaks::Unknown(Some((Framing::None, came))),
    }
}

/// How the client reads answers, if it shows one and that is no accident.
fn find_answer(
    client: &mut impl CallingClient,
    request: &Framing,
    expected: &Expectation,
    pace: Pace,
) -> Option<Framing> {
    let [_, line] = LINES;
    let mut framings = vec![Framing::None, request.clone()];
    framings.extend(expected.framings.as_ref().map(|pair| pair.answer.clone()));
    framings.extend(FRAMINGS.iter().filter_map(|text| text.parse().ok()));
    let mut tried: Vec<Framing> = Vec::new();
    for framing in framings {
        if pace.is_over() {
            return None;
        }
        if tried.contains(&framing) {
            continue;
        }
        let mut answer = Vec::new();
        // It is short enough for any length.
        _ = framing.encode(ANSWER.as_bytes(), &mut answer);
        let exchanged = client.exchange(line, Some((&answer, ANSWER)))?;
        if sent_for(line, &exchanged.came) != Some(Sent::Framed(request.clone())) {
            return None;
        }
        if exchanged.is_shown {
            // It may also stand in the words with which the client complains and ends.
            return exchanged.goes_on.then_some(framing);
        }
        tried.push(framing);
    }
    None
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::discover::recognise::{AnswerKind, first_messages};

    /// A client that is careful, and reads answers in this framing.
    struct Careful(FramingPair);

    impl CallingClient for Careful {
        fn exchange(&mut self, line: &str, answer: Option<(&[u8], &str)>) -> Option<Exchanged> {
            let mut came = Vec::new();
            self.0.request.encode(line.as_bytes(), &mut came).unwrap();
            let (bytes, text) = answer.unwrap_or_default();
            let mut shown = first_messages(&self.0.answer, bytes).into_iter();
            // One that shows whatever comes shows a length as well.
            let is_shown = shown.any(|it| String::from_utf8_lossy(&it).contains(text));
            Some(Exchanged { came, is_shown, goes_on: is_shown })
        }
    }

    fn told(client: &mut impl CallingClient) -> String {
        let framings = Some("<i".parse().unwrap());
        let answers = AnswerKind::Command;
        let expected =
            Expectation { framings, answers, exchange: None, is_greeted: false, is_any: true };
        of_client(client, &expected, Pace::of(Duration::from_secs(60))).unwrap_or_default()
    }

    #[test]
    fn both_directions_of_a_client_are_recognised() {
        for framings in
            ["none", ">I", "line", "digits:10", "<i,>I", "line,<i", "none,<i", "<i,none"]
        {
            let told = told(&mut Careful(framings.parse().unwrap()));
            assert!(
                told.ends_with(&format!("Try `--framing '{framings}'`.")),
                "{framings}: {told}"
            );
        }
        assert_eq!(told(&mut Careful("<i".parse().unwrap())), "");
    }

    /// A client that sends this for each line, shows every answer, and goes on or not.
    struct Shows<F>(F, bool);

    impl<F: Fn(&str) -> Vec<u8>> CallingClient for Shows<F> {
        fn exchange(&mut self, line: &str, answer: Option<(&[u8], &str)>) -> Option<Exchanged> {
            let (is_shown, goes_on) = (answer.is_some(), self.1);
            Some(Exchanged { came: (self.0)(line), is_shown, goes_on })
        }
    }

    #[test]
    fn a_client_that_complains_of_an_answer_and_ends_has_not_read_it() {
        let mut client =
            Shows(|line: &str| format!("{:<10}{line}", line.len()).into_bytes(), false);
        let told = told(&mut client);
        assert!(told.contains("as `digits:10`") && told.contains("was not found out"), "{told}");
    }

    #[test]
    fn what_is_no_framing_is_told_and_not_guessed() {
        let before = |before: &'static [u8]| {
            let sent = move |line: &str| [before, line.as_bytes()].concat();
            told(&mut Shows(sent, true))
        };
        assert!(
            before(b"MSG1\x14\0\0\0").starts_with("It sends \"MSG1\" 14 00 00 00 before each line")
        );
        assert!(before(b"00000014").starts_with("It sends \"00000014\" before each line"));
        let noise = told(&mut Shows(|_: &str| b"\x17\x2a\x99".to_vec(), true));
        assert!(noise.starts_with("Not found out"), "{noise}");
        assert_eq!(told(&mut Shows(|_: &str| Vec::new(), true)), "");
    }
}
