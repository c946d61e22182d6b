//! What is sent, and how it is read. All of it is from the tutorial.

use language::text;

/// Messages, and a way to read them, with what there is to see.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name, as `--scenario` takes it.
    pub name: &'static str,
    /// What happens in it, in a few words.
    pub title: &'static str,
    /// How it differs from the others of its name, in a few words; empty if there is no other.
    pub part: &'static str,
    /// Why it comes out as it does, in a sentence.
    pub why: &'static str,
    /// What the client sends, in turn: messages, or requests as the remote command of lessons 02 and
    /// 03 takes them.
    pub messages: Vec<String>,
    /// When it is sent, and how it is read.
    pub exchange: Exchange,
}

/// When messages are sent, and how they are read.
#[derive(Debug, Clone)]
pub enum Exchange {
    /// All messages are sent before the reader begins, so that they meet in the kernel. The reader
    /// asks for these sizes in turn, the last one repeated.
    OneWay {
        /// The sizes of the recv calls, in bytes.
        reads: Vec<usize>,
    },
    /// As `OneWay` with 4-byte lengths on both sides; the broken reader takes one `recv(4)` for a
    /// whole length, as the tutorial's does, and the network delivers the bytes in pieces.
    CutHeader {
        /// The size of each piece, in bytes; the last one is repeated.
        arrivals: Vec<usize>,
    },
    /// Each request waits for its answer; the next answer waits until the last one has been read.
    RequestResponse,
    /// The same messages over TCP on the left, and as datagrams on the right.
    Datagrams,
}

/// The scenarios that a plain run draws in full; the others get a line each.
pub const IN_FULL: [&str; 2] = ["hello-world", "left-over"];

/// The size that lesson 02 asks for with each recv, in bytes, unless a scenario says otherwise.
const RECV_SIZE: usize = lesson02_server::LIMIT;

/// All scenarios, in the order in which they are shown. A scenario that is to be seen in several
/// ways stands there several times.
pub fn all() -> Vec<Scenario> {
    vec![
        one_way(
            "hello-world",
            text!("two sends, one late reader"),
            text!("recv asks for \"at most n bytes\", never for \"one message\"."),
            &["hello", "world"],
            &[10],
        ),
        Scenario {
            name: "left-over",
            title: text!("the answer to the question before"),
            part: "",
            why: text!(
                "What one recv does not take, the next one gets, whatever was asked meanwhile."
            ),
            messages: owned(&["seq -s ' ' 1 400", "echo hi"]),
            exchange: Exchange::RequestResponse,
        },
        one_way(
            "short-read",
            text!("a small recv first"),
            text!("What one recv leaves is the next one's, so a message can come in two."),
            &["hello feng"],
            &[2, 10],
        ),
        one_way(
            "students",
            text!("the numbers of two students"),
            text!(
                "Numbers 1 and 3 travel as the bytes \"1\" and \"3\", and nothing stands between them."
            ),
            &["1", "3"],
            &[RECV_SIZE],
        ),
        abc(&[5, 4], text!("three sends of abc, read as 5 and 4"), text!("5, then 4")),
        abc(&[3], text!("three sends of abc, read by threes: right, by luck"), text!("3: by luck")),
        abc(&[RECV_SIZE], text!("three sends of abc, read at once"), text!("1024: at once")),
        Scenario {
            name: "empty-answer",
            title: text!("a command that prints nothing"),
            part: "",
            why: text!(
                "An empty message is no byte at all; only a length can say that it is there."
            ),
            messages: owned(&["true", "echo hi"]),
            exchange: Exchange::RequestResponse,
        },
        one_way(
            "cut-character",
            text!("a character in two reads"),
            text!("A piece that ends inside a character is not text. Decode whole messages."),
            &["汉字"],
            &[4],
        ),
        Scenario {
            name: "cut-header",
            title: text!("a length in two reads"),
            part: "",
            why: text!("recv(4) may return 2 bytes too: even a header has to be read in a loop."),
            messages: owned(&["hello", "world"]),
            exchange: Exchange::CutHeader { arrivals: vec![2, RECV_SIZE] },
        },
        Scenario {
            name: "udp",
            title: text!("the same two sends as datagrams"),
            part: "",
            why: text!(
                "A datagram is delivered whole or not at all, so its edges are the message's."
            ),
            messages: owned(&["hello", "world"]),
            exchange: Exchange::Datagrams,
        },
    ]
}

/// Messages of one's own, in one direction; without `reads`, lesson 02's own recv size.
pub fn custom(messages: Vec<String>, reads: Vec<usize>) -> Scenario {
    Scenario {
        name: "yours",
        title: text!("your messages, one late reader"),
        part: "",
        why: text!("recv asks for \"at most n bytes\", never for \"one message\"."),
        messages,
        exchange: Exchange::OneWay {
            reads: if reads.is_empty() { vec![RECV_SIZE] } else { reads },
        },
    }
}

impl Scenario {
    /// The command that plays this again, and nothing else; it can be typed in any shell, cmd.exe included,
    /// unless a message holds what they read in different ways.
    pub fn command(&self) -> String {
        match &self.exchange {
            // A part of a scenario has no name of its own.
            Exchange::OneWay { reads } if self.name == "yours" || !self.part.is_empty() => {
                let send = |message: &String| format!("--send {}", quoted(message));
                let sends: Vec<String> = self.messages.iter().map(send).collect();
                let reads: Vec<String> = reads.iter().map(usize::to_string).collect();
                format!("cargo run -p compare -- {} --read {}", sends.join(" "), reads.join(","))
            }
            _ => format!("cargo run -p compare -- --scenario {}", self.name),
        }
    }
}

/// A word of a command line. Double quotes are the only ones that cmd.exe knows.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |it: char| it.is_alphanumeric() || "._/:,-".contains(it);
    let means_something = |it: char| "\"$`\\!%".contains(it);
    match word {
        "" => "\"\"".to_owned(),
        word if word.chars().all(is_plain) => word.to_owned(),
        word if !word.contains(means_something) => format!("\"{word}\""),
        word => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

fn one_way(
    name: &'static str,
    title: &'static str,
    why: &'static str,
    messages: &[&str],
    reads: &[usize],
) -> Scenario {
    let exchange = Exchange::OneWay { reads: reads.to_vec() };
    Scenario { name, title, part: "", why, messages: owned(messages), exchange }
}

fn abc(reads: &[usize], title: &'static str, part: &'static str) -> Scenario {
    let why =
        text!("The number of sends and the number of recvs have nothing to do with each other.");
    Scenario { part, ..one_way("abc-three-ways", title, why, &["abc", "abc", "abc"], reads) }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}
