//! The guided row: the scenarios of `compare`, each part of them first a question.

use compare::bench::{PlayedSide, Run, Which};
use compare::comparison::{CLIENT, SERVER, Transport};
use compare::{Comparison, PlayError, Scenario, Side, scenario, words};
use language::{Language, text};
use rust_i18n::t;
use serde::Serialize;

use crate::answer::Answer;

/// One question, and what comes after it. The texts are translated where they are shown.
#[derive(Debug)]
pub(crate) struct Station {
    /// The scenario, as `compare` names it.
    scenario: &'static str,
    /// The part of the scenario, as `compare` names it; empty if there is only one.
    part: &'static str,
    /// The side whose recv calls are foretold.
    pub(crate) asked: Which,
    /// What it is called, where the scenario's title would tell the answer.
    own_title: Option<&'static str>,
    pub(crate) question: &'static str,
    /// Why it comes out as it does.
    pub(crate) reason: &'static str,
    /// One thing to try next.
    pub(crate) next: &'static str,
    /// The address of that, at the bench.
    pub(crate) next_at: &'static str,
    /// Which bytes are laid out to be parted.
    laid_out: LaidOut,
}

/// Which bytes are laid out to be parted by edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LaidOut {
    /// The messages'.
    Messages,
    /// Each message's, with a 4-byte length in front. Only the first recv is asked for.
    Frames,
    /// None: an answer is typed.
    Nothing,
}

/// A message that is laid out.
#[derive(Debug, Serialize)]
pub(crate) struct Laid {
    /// Its bytes in hexadecimal.
    bytes: String,
    /// How many of them are its length's.
    header: usize,
}

/// In the order of the tutorial.
pub(crate) const STATIONS: [Station; 11] = [
    Station {
        scenario: "hello-world",
        part: "",
        asked: Which::Broken,
        own_title: None,
        question: text!(
            "The client sends hello, then world. Both wait in the kernel when the server first calls recv(10). How many bytes does each recv return?"
        ),
        reason: text!(
            "recv asks for at most so many bytes, never for one message. Both words lay in the kernel, and one recv took them both."
        ),
        next: text!(
            "Let the reader read early, after each piece: then the same program looks right."
        ),
        next_at: "text=hello&text=world&framing=none,<i&read=10&deliver=alone&reader=early",
        laid_out: LaidOut::Messages,
    },
    Station {
        scenario: "left-over",
        part: "",
        asked: Which::Broken,
        own_title: None,
        question: text!(
            "A remote command answers seq -s ' ' 1 400 with 1492 bytes, and then echo hi with 3. The client calls recv(1024) once for each answer. How many bytes does each recv return?"
        ),
        reason: text!(
            "What one recv does not take, the next one gets, whatever was asked meanwhile: the second answer was the rest of the first."
        ),
        next: text!("The same in small: a message longer than the recv, and one behind it."),
        next_at: "text=a long answer&text=hi&framing=none,<i&read=8&deliver=alone&reader=late",
        laid_out: LaidOut::Nothing,
    },
    Station {
        scenario: "short-read",
        part: "",
        asked: Which::Broken,
        own_title: None,
        question: text!(
            "The client sends hello feng, ten bytes. The server calls recv(2), and then recv(10) each time. How many bytes does each recv return?"
        ),
        reason: text!("What one recv leaves is the next one's, so one message came out as two."),
        next: text!("Let everything arrive byte by byte, with an early reader."),
        next_at: "text=hello feng&framing=none,<i&read=2,10&deliver=bytes&reader=early",
        laid_out: LaidOut::Messages,
    },
    Station {
        scenario: "students",
        part: "",
        asked: Which::Broken,
        own_title: None,
        question: text!(
            "The client sends the numbers 1 and 3 of two students, a send each. The server calls recv(1024). How many bytes does each recv return?"
        ),
        reason: text!(
            "The numbers travel as the bytes 1 and 3, and nothing stands between them: student 13 came out."
        ),
        next: text!(
            "Put an end mark behind each number: lines, read by one recv and read to the mark."
        ),
        next_at: "text=1&text=3&framing=line&read=1024&deliver=alone&reader=late",
        laid_out: LaidOut::Messages,
    },
    Station {
        scenario: "abc-three-ways",
        part: "5, then 4",
        asked: Which::Broken,
        own_title: Some(text!("three sends of abc")),
        question: text!(
            "The client sends abc three times. The server calls recv(5), and then recv(4). How many bytes does each recv return?"
        ),
        reason: text!(
            "The number of sends and the number of recvs have nothing to do with each other: abcab came out, and then cabc."
        ),
        next: text!("Let the reader read early, after each send: what does recv(5) return then?"),
        next_at: "text=abc&text=abc&text=abc&framing=none,<i&read=5,4&deliver=alone&reader=early",
        laid_out: LaidOut::Messages,
    },
    Station {
        scenario: "abc-three-ways",
        part: "3: by luck",
        asked: Which::Broken,
        own_title: Some(text!("three sends of abc, read by threes")),
        question: text!(
            "The client sends abc three times again. The server calls recv(3) each time. How many bytes does each recv return?"
        ),
        reason: text!(
            "Each recv took 3 of the 9 bytes, and each message happens to have 3. The broken program came out right, by luck."
        ),
        next: text!("Make one message longer by a byte: that was the luck."),
        next_at: "text=abc&text=abcd&text=abc&framing=none,<i&read=3&deliver=alone&reader=late",
        laid_out: LaidOut::Messages,
    },
    Station {
        scenario: "abc-three-ways",
        part: "1024: at once",
        asked: Which::Broken,
        own_title: Some(text!("three sends of abc, and a large recv")),
        question: text!(
            "The client sends abc three times once more. The server calls recv(1024). How many bytes does each recv return?"
        ),
        reason: text!(
            "All 9 bytes lay in the kernel, and recv(1024) has room for them: three messages came out as one."
        ),
        next: text!(
            "Send byte by byte, with an early reader: then one message comes out as three."
        ),
        next_at: "text=abc&text=abc&text=abc&framing=none,<i&read=1024&deliver=bytes&reader=early",
        laid_out: LaidOut::Messages,
    },
    Station {
        scenario: "empty-answer",
        part: "",
        asked: Which::Broken,
        own_title: None,
        question: text!(
            "The command true prints nothing, and then echo hi prints 3 bytes. The client calls recv(1024) once for each answer. How many bytes does each recv return? Write 0 where nothing comes."
        ),
        reason: text!(
            "An empty message is no byte at all, so recv waited in vain. Only a length can say that a message is there, and empty."
        ),
        next: text!("An empty message between two others: how many come out?"),
        next_at: "text=one&text=&text=two&framing=none,<i&read=1024&deliver=alone&reader=early",
        laid_out: LaidOut::Nothing,
    },
    Station {
        scenario: "cut-character",
        part: "",
        asked: Which::Broken,
        own_title: None,
        question: text!(
            "The client sends 汉字, six bytes in UTF-8. The server calls recv(4) each time. How many bytes does each recv return?"
        ),
        reason: text!(
            "recv knows bytes, not characters. A piece that ends inside a character is no text: decode whole messages."
        ),
        next: text!("Read by threes: each piece is a whole character, and still half a message."),
        next_at: "text=汉字&framing=none,<i&read=3&deliver=alone&reader=late",
        laid_out: LaidOut::Messages,
    },
    Station {
        scenario: "cut-header",
        part: "",
        asked: Which::Broken,
        own_title: None,
        question: text!(
            "Now each message has its length in front, four bytes. The network delivers two bytes, and the rest later. The server calls recv(4) for the length. How many bytes does the first recv return?"
        ),
        reason: text!("recv(4) may return 2 bytes too: even a length has to be read in a loop."),
        next: text!("Another framing with the same bug: a big-endian length of two bytes."),
        next_at: "text=hello&text=world&framing=>H&read=1,1024&deliver=alone&reader=late",
        laid_out: LaidOut::Frames,
    },
    Station {
        scenario: "udp",
        part: "",
        asked: Which::Fixed,
        own_title: None,
        question: text!(
            "The client sends hello and world over UDP, a datagram each. Both wait when the server calls recv(1024). How many bytes does each recv return?"
        ),
        reason: text!(
            "A datagram is delivered whole or not at all, so its edges are the message's. Over TCP the same two sends came out as one."
        ),
        next: text!("Lose half of the datagrams: nobody tells the reader."),
        next_at: "text=hello&text=world&text=again&udp&read=1024&loss=50&seed=1&reader=late",
        laid_out: LaidOut::Messages,
    },
];

impl Station {
    /// Its title, for a reader of this language.
    pub(crate) fn title(&self, language: Language) -> String {
        match (self.own_title, self.scenario()) {
            (Some(title), _) => t!(title, locale = language.name()).into_owned(),
            (None, scenario) => words::of_compare(scenario.map_or("", |it| it.title), language),
        }
    }

    fn scenario(&self) -> Option<Scenario> {
        let mut all = scenario::all().into_iter();
        all.find(|scenario| scenario.name == self.scenario && scenario.part == self.part)
    }

    /// The messages that are laid out, and whether only the first recv is asked for.
    pub(crate) fn laid_out(&self) -> Vec<Laid> {
        let messages = self.scenario().map(|scenario| scenario.messages).unwrap_or_default();
        let laid = |message: &String| {
            let header = match self.laid_out {
                LaidOut::Frames => wire::encode_length(message.len()).unwrap_or_default().to_vec(),
                _ => Vec::new(),
            };
            let bytes = trace::text::hex(&[&header, message.as_bytes()].concat());
            Laid { bytes, header: header.len() }
        };
        match self.laid_out {
            LaidOut::Nothing => Vec::new(),
            _ => messages.iter().map(laid).collect(),
        }
    }

    /// Whether only the first recv is asked for.
    pub(crate) fn asks_for_first_only(&self) -> bool {
        self.laid_out == LaidOut::Frames
    }

    /// Plays the scenario.
    pub(crate) fn play(&self) -> Result<Answer, PlayError> {
        let mut sides = Vec::new();
        let mut command = String::new();
        if let Some(scenario) = self.scenario() {
            let comparison = compare::play(&scenario, None)?;
            let both = [(Which::Broken, &comparison.broken), (Which::Fixed, &comparison.fixed)];
            sides.extend(both.map(|(which, side)| played(which, side, &comparison)));
            command.clone_from(&comparison.command);
        }
        Ok(Answer { command, sides })
    }
}

/// One side of a comparison, as the page draws it.
fn played(which: Which, side: &Side, comparison: &Comparison) -> PlayedSide {
    let owners = side.owners(&comparison.expected);
    let runs = owners.chunk_by(|left, right| left == right).filter_map(|run| {
        run.first().map(|first| Run {
            message: first.message,
            bytes: run.len(),
            is_header: first.is_header,
        })
    });
    PlayedSide {
        which,
        code: side.code.clone(),
        datagrams: side.transport == Transport::Datagrams,
        reader: if comparison.asks { CLIENT } else { SERVER }.to_owned(),
        stream: runs.collect(),
        expected: comparison.expected.clone(),
        got: side.got.clone(),
        error: side.error.clone(),
        right: side.right,
        events: side.events.clone(),
    }
}
