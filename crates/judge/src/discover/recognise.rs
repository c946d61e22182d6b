//! What a program's first bytes tell: bytes in, a finding out, and no I/O.
//!
//! ```text
//! asked      echo Hi, who are you
//! answered   00 00 00 10 "Hi, who are you\n"     >I, a command
//!            00 00 00 14 "echo Hi, who are you"  >I, an echo
//!            "ECHO HI, WHO ARE YOU\n"            line, upper case
//! ```
//!
//! Chance cannot make a whole answer that is known: so one message that is that answer, with nothing
//! before or behind it, shows how it is framed. Which framings bytes of which nothing is known would
//! fit, [`Framing::candidates`] says; that is no proof, and is only reported as what it is.

use serde_json::{Map, Value};
use wire::{Decoder, Framing};

/// The longest message of which an answer that nobody knows may consist, in bytes.
const MOST_BYTES: usize = 1 << 20;

/// The most bytes that are taken for what says the length of the message behind them.
const MOST_BEFORE: usize = 64;

/// The framings in which answers are sought, besides those that their bytes suggest.
const KNOWN: [&str; 12] = [
    "<i",
    ">I",
    "<H",
    ">H",
    "<Q",
    ">Q",
    "B",
    "<i+self",
    ">I+self",
    "<H+self",
    ">H+self",
    "json:<i:total_size",
];

/// A request of which it is known what each kind of server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    /// The request, without what says where it ends.
    pub(crate) text: Vec<u8>,
    answers: Vec<(AnswerKind, Vec<u8>)>,
}

/// What an answer is to its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnswerKind {
    /// What was expected.
    Expected,
    /// What the request prints if it is run as a command.
    Command,
    /// The request itself.
    Echo,
    /// The request in upper case.
    Upper,
    /// A JSON object that holds the request.
    Json,
}

/// What a client has sent for a line that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sent {
    /// The line as one message.
    Framed(Framing),
    /// The line's length in digits, with a new line or without, and nothing more.
    Announced,
    /// The line, and before it these bytes, which are no framing that is known.
    Behind(Vec<u8>),
}

impl Question {
    /// A request that tells a command, an echo and upper case apart. The words are letters of both
    /// cases.
    pub(crate) fn of_words(words: &str) -> Question {
        let text = format!("echo {words}").into_bytes();
        let mut question = Question::echoed(text);
        question.answers.insert(0, (AnswerKind::Command, format!("{words}\n").into_bytes()));
        question
    }

    /// Any request.
    pub(crate) fn of_text(text: &[u8]) -> Question {
        Question::echoed(text.to_vec())
    }

    /// The same question, to which this answer is expected.
    #[must_use]
    pub(crate) fn expecting(mut self, answer: &[u8]) -> Question {
        self.answers.retain(|(_, known)| known != answer);
        self.answers.insert(0, (AnswerKind::Expected, answer.to_vec()));
        self
    }

    /// A JSON object with these words in it.
    pub(crate) fn of_json(words: &str) -> Question {
        Question {
            text: format!(r#"{{"echo":"{words}"}}"#).into_bytes(),
            answers: vec![(AnswerKind::Json, words.as_bytes().to_vec())],
        }
    }

    fn echoed(text: Vec<u8>) -> Question {
        let upper = text.to_ascii_uppercase();
        let mut answers = vec![(AnswerKind::Echo, text.clone())];
        if upper != text {
            answers.push((AnswerKind::Upper, upper));
        }
        Question { text, answers }
    }

    /// What the request prints if it is run as a command, if it is one.
    pub(crate) fn printed(&self) -> Option<&[u8]> {
        let printed = self.answers.iter().find(|(kind, _)| *kind == AnswerKind::Command);
        printed.map(|(_, answer)| answer.as_slice())
    }

    /// The bytes that stand before an answer that is known, if they are few.
    pub(crate) fn before_answer<'a>(&self, came: &'a [u8]) -> Option<&'a [u8]> {
        let mut before = self.answers.iter().filter_map(|(_, known)| came.strip_suffix(&known[..]));
        before.find(|before| (1..=MOST_BEFORE).contains(&before.len()))
    }

    /// Whether a server of this kind, with these framings, gives exactly this answer to what was sent.
    pub(crate) fn explains(
        &self,
        kind: AnswerKind,
        framings: [&Framing; 2],
        [sent, came]: [&[u8]; 2],
    ) -> bool {
        let [request, answer] = framings;
        let mut answered = Vec::new();
        let is_framed = first_messages(request, sent).iter().all(|message| {
            self.answer_to(kind, message)
                .is_some_and(|text| answer.encode(&text, &mut answered).is_ok())
        });
        is_framed && answered == came
    }

    /// The answer that a server of this kind gives to this question.
    pub(crate) fn answer_in(&self, kind: AnswerKind, framing: &Framing) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        framing.encode(&self.answer_to(kind, &self.text)?, &mut bytes).ok().map(|()| bytes)
    }

    /// What a server of this kind answers to a message, if that is known.
    fn answer_to(&self, kind: AnswerKind, message: &[u8]) -> Option<Vec<u8>> {
        match kind {
            AnswerKind::Echo => Some(message.to_vec()),
            AnswerKind::Upper => Some(message.to_ascii_uppercase()),
            _ if message.is_empty() => Some(Vec::new()),
            _ if message == self.text => {
                let known = self.answers.iter().find(|(known, _)| *known == kind);
                known.map(|(_, answer)| answer.clone())
            }
            _ => None,
        }
    }

    /// What this message is as an answer, if it is one of those that are known.
    fn kind_of(&self, message: &[u8]) -> Option<AnswerKind> {
        self.answers.iter().find(|(kind, known)| kind.is(message, known)).map(|(kind, _)| *kind)
    }

    /// How an answer to this question is framed, and what it is; `None` unless both are sure.
    /// `request` is how the request was framed, in the same way as the answer if that is possible.
    pub(crate) fn recognise(
        &self,
        request: &Framing,
        came: &[u8],
    ) -> Option<(Framing, AnswerKind)> {
        let framings = likely(came, Some(request));
        framings.into_iter().find_map(|framing| {
            let kind = self.kind_of(&only_message(&framing, came)?)?;
            Some((framing, kind))
        })
    }
}

impl AnswerKind {
    fn is(self, message: &[u8], known: &[u8]) -> bool {
        match self {
            AnswerKind::Json => {
                let object = serde_json::from_slice::<Map<String, Value>>(message);
                let holds = |object: Map<String, Value>| {
                    let text = Value::Object(object).to_string();
                    text.contains(String::from_utf8_lossy(known).as_ref())
                };
                object.is_ok_and(holds)
            }
            // A server may leave out the new line, and Windows ends a line in its own way.
            AnswerKind::Command => {
                let message = message.strip_suffix(b"\n").unwrap_or(message);
                let message = message.strip_suffix(b"\r").unwrap_or(message);
                known.strip_suffix(b"\n") == Some(message)
            }
            _ => message == known,
        }
    }
}

/// What a client that was typed this line has sent for it; `None` if that is not sure.
pub(crate) fn sent_for(line: &str, came: &[u8]) -> Option<Sent> {
    let line = line.as_bytes();
    let is_line = |message: Vec<u8>| message == line;
    let mut framings = likely(came, None).into_iter();
    if let Some(framing) = framings.find(|it| only_message(it, came).is_some_and(is_line)) {
        return Some(Sent::Framed(framing));
    }
    if came.trim_ascii_end() == line.len().to_string().as_bytes() {
        return Some(Sent::Announced);
    }
    let before = came.trim_ascii_end().strip_suffix(line)?;
    (1..=MOST_BEFORE).contains(&before.len()).then(|| Sent::Behind(before.to_vec()))
}

/// The framings that are worth trying on bytes of which the content is known; of several that would
/// give the same message, the likelier first.
fn likely(came: &[u8], request: Option<&Framing>) -> Vec<Framing> {
    let suggested = Framing::candidates(came);
    // An empty line is what a line and the new line of a command's output make.
    let is_vague = |framing: &Framing| match framing {
        Framing::None | Framing::End => true,
        Framing::Until(mark) => mark.bytes() == b"\n\n",
        _ => false,
    };
    let (marked, lengths): (Vec<Framing>, Vec<Framing>) = suggested
        .into_iter()
        .filter(|framing| !is_vague(framing))
        .partition(|framing| matches!(framing, Framing::Line | Framing::Until(_)));
    let known = KNOWN.iter().filter_map(|text| text.parse().ok());
    // A new line may be a part of what a command prints, so nothing shows that it ends a message
    // unless it does so in the request.
    lengths
        .into_iter()
        .chain(request.cloned())
        .chain(known)
        .chain([Framing::None])
        .chain(marked)
        .collect()
}

/// The message of which these bytes consist, if they are exactly one.
pub(crate) fn only_message(framing: &Framing, bytes: &[u8]) -> Option<Vec<u8>> {
    match messages(framing, bytes)?.as_slice() {
        [message] => Some(message.clone()),
        _ => None,
    }
}

/// The whole messages at the beginning of these bytes, as a reader with this framing finds them.
pub(crate) fn first_messages(framing: &Framing, mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut decoder = Decoder::new(framing, MOST_BYTES);
    std::iter::from_fn(|| decoder.decode(&mut bytes).ok()?.map(<[u8]>::to_vec)).collect()
}

/// The messages of which these bytes consist, if nothing is left over.
fn messages(framing: &Framing, bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut decoder = Decoder::new(framing, MOST_BYTES);
    let (mut input, mut found) = (bytes, Vec::new());
    while let Some(message) = decoder.decode(&mut input).ok()? {
        found.push(message.to_vec());
    }
    found.extend(decoder.finish().ok()?.map(<[u8]>::to_vec));
    Some(found)
}

/// Whether both mean the same: `>i` and `>I` differ in no length that a message has.
pub(crate) fn is_same(one: &Framing, other: &Framing) -> bool {
    if [one, other].iter().any(|it| matches!(it, Framing::None | Framing::End)) {
        return one == other;
    }
    let encoded = |framing: &Framing, message| {
        let mut bytes = Vec::new();
        framing.encode(message, &mut bytes).ok().map(|()| bytes)
    };
    let messages: [&[u8]; 3] = [b"", b"a message", b"a message that is longer"];
    messages.iter().all(|message| encoded(one, message) == encoded(other, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &str = "Hi, who are you";

    fn framed(framing: &str, message: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        framing.parse::<Framing>().unwrap().encode(message, &mut bytes).unwrap();
        bytes
    }

    fn recognised(request: &str, came: &[u8]) -> Option<(String, AnswerKind)> {
        let question = Question::of_words(WORDS);
        let found = question.recognise(&request.parse().unwrap(), came);
        found.map(|(framing, kind)| (framing.to_string(), kind))
    }

    #[test]
    fn every_framing_is_recognised_by_an_answer_that_is_known() {
        let framings = [
            "<i",
            ">I",
            "<H",
            ">H",
            "<Q",
            ">Q",
            "B",
            "<i+self",
            ">I+self",
            "<H+self",
            "digits:10",
            "digits:>10",
            "digits:04",
            "digits:08",
            "digits:64",
            r"digits:\n",
            "digits::",
            "json:>H:content-length",
            "json:<i:total_size",
            "until:00",
            "until:0d0a0d0a",
        ];
        let answers: [(&[u8], AnswerKind); 3] = [
            (b"Hi, who are you\n", AnswerKind::Command),
            (b"echo Hi, who are you", AnswerKind::Echo),
            (b"ECHO HI, WHO ARE YOU", AnswerKind::Upper),
        ];
        for framing in framings {
            for (answer, kind) in answers {
                let found = recognised(framing, &framed(framing, answer));
                assert_eq!(found, Some((framing.to_owned(), kind)), "{answer:?}");
                // Also where requests are framed in another way.
                let found = recognised("none", &framed(framing, answer));
                assert_eq!(found, Some((framing.to_owned(), kind)), "{answer:?}");
            }
        }
    }

    #[test]
    fn a_new_line_ends_a_message_only_where_it_ends_requests_too_or_nothing_else_explains_it() {
        let command = b"Hi, who are you\n";
        let echo = b"echo Hi, who are you\n";
        let of = |framing: &str, kind| Some((framing.to_owned(), kind));
        assert_eq!(recognised("none", command), of("none", AnswerKind::Command));
        assert_eq!(recognised("<i", command), of("none", AnswerKind::Command));
        assert_eq!(recognised("line", command), of("line", AnswerKind::Command));
        assert_eq!(recognised("<i", echo), of("line", AnswerKind::Echo));
        assert_eq!(recognised("line", b"Hi, who are you\r\n"), of("line", AnswerKind::Command));
        assert_eq!(recognised("line", b"Hi, who are you\n\n"), None);
    }

    #[test]
    fn what_is_no_known_answer_or_not_all_of_one_is_not_recognised() {
        let answer = framed(">I", b"ECHO HI, WHO ARE YOU");
        for end in 0..answer.len() {
            assert_eq!(recognised("<i", &answer[..end]), None, "{end} bytes");
        }
        assert_eq!(recognised("<i", &[&answer[..], b"\n"].concat()), None);
        assert_eq!(recognised("<i", &[&answer[..], &answer[..]].concat()), None);
        assert_eq!(recognised("<i", b"\x03\0\0\0sok"), None);
        // As struct.pack("ii", n, n) has it, and a word before a length.
        let twice = [&20_i32.to_le_bytes()[..], &answer].concat();
        assert_eq!(recognised("<i", &twice), None);
        assert_eq!(recognised("<i", &[&b"MSG1"[..], &answer].concat()), None);
    }

    #[test]
    fn an_answer_in_json_holds_what_was_asked() {
        let question = Question::of_json(WORDS);
        let came = br#"{"ok": true, "echo": {"echo": "Hi, who are you"}}"#;
        let line = [&came[..], b"\n"].concat();
        let found = question.recognise(&Framing::Line, &line);
        assert_eq!(found, Some((Framing::Line, AnswerKind::Json)));
        assert_eq!(question.recognise(&Framing::Line, b"{\"error\": \"what?\"}\n"), None);
    }

    #[test]
    fn what_a_client_sends_for_a_line_shows_its_framing() {
        let line = "echo Hi, who are you";
        for framing in [">I", "<i", "<H", "digits:10", r"digits:\n", "none", "line", "<i+self"] {
            let sent = sent_for(line, &framed(framing, line.as_bytes()));
            assert_eq!(sent, Some(Sent::Framed(framing.parse().unwrap())), "{framing}");
        }
        assert_eq!(sent_for(line, b"20\n"), Some(Sent::Announced));
        assert_eq!(sent_for(line, b"20"), Some(Sent::Announced));
        assert_eq!(sent_for(line, b"hello"), None);
        let twice = [[20, 0, 0, 0], [20, 0, 0, 0]].concat();
        let sent = sent_for(line, &[&twice, line.as_bytes()].concat());
        assert_eq!(sent, Some(Sent::Behind(twice)));
    }
}
