//! What is sent, and how it is read. All of it is from the tutorial.

/// Messages, and a way to read them, with what there is to see.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name, as `--scenario` takes it.
    pub name: &'static str,
    /// What happens in it, in a few words.
    pub title: &'static str,
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
            "two sends, one late reader",
            "recv asks for \"at most n bytes\", never for \"one message\".",
            &["hello", "world"],
            &[10],
        ),
        Scenario {
            name: "left-over",
            title: "the answer to the question before",
            why: "What one recv does not take, the next one gets, whatever was asked meanwhile.",
            messages: owned(&["seq -s ' ' 1 400", "echo hi"]),
            exchange: Exchange::RequestResponse,
        },
        one_way(
            "short-read",
            "a small recv first",
            "What one recv leaves is the next one's, so a message can come in two.",
            &["hello feng"],
            &[2, 10],
        ),
        one_way(
            "students",
            "the numbers of two students",
            "Numbers 1 and 3 travel as the bytes \"1\" and \"3\", and nothing stands between them.",
            &["1", "3"],
            &[RECV_SIZE],
        ),
        abc(&[5, 4], "three sends of abc, read as 5 and 4"),
        abc(&[3], "three sends of abc, read by threes: right, by luck"),
        abc(&[RECV_SIZE], "three sends of abc, read at once"),
        Scenario {
            name: "empty-answer",
            title: "a command that prints nothing",
            why: "An empty message is no byte at all; only a length can say that it is there.",
            messages: owned(&["true", "echo hi"]),
            exchange: Exchange::RequestResponse,
        },
        one_way(
            "cut-character",
            "a character in two reads",
            "A piece that ends inside a character is not text. Decode whole messages.",
            &["汉字"],
            &[4],
        ),
        Scenario {
            name: "cut-header",
            title: "a length in two reads",
            why: "recv(4) may return 2 bytes too: even a header has to be read in a loop.",
            messages: owned(&["hello", "world"]),
            exchange: Exchange::CutHeader { arrivals: vec![2, RECV_SIZE] },
        },
        Scenario {
            name: "udp",
            title: "the same two sends as datagrams",
            why: "A datagram is delivered whole or not at all, so its edges are the message's.",
            messages: owned(&["hello", "world"]),
            exchange: Exchange::Datagrams,
        },
    ]
}

/// Messages of one's own, in one direction; without `reads`, lesson 02's own recv size.
pub fn custom(messages: Vec<String>, reads: Vec<usize>) -> Scenario {
    Scenario {
        name: "yours",
        title: "your messages, one late reader",
        why: "recv asks for \"at most n bytes\", never for \"one message\".",
        messages,
        exchange: Exchange::OneWay {
            reads: if reads.is_empty() { vec![RECV_SIZE] } else { reads },
        },
    }
}

impl Scenario {
    /// The command that plays it again.
    pub fn command(&self) -> String {
        match &self.exchange {
            Exchange::OneWay { reads } if self.name == "yours" => {
                let quoted =
                    |message: &String| format!("--send '{}'", message.replace('\'', r"'\''"));
                let sends: Vec<String> = self.messages.iter().map(quoted).collect();
                let reads: Vec<String> = reads.iter().map(usize::to_string).collect();
                format!("cargo run -p compare -- {} --read {}", sends.join(" "), reads.join(","))
            }
            _ => format!("cargo run -p compare -- --scenario {}", self.name),
        }
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
    Scenario { name, title, why, messages: owned(messages), exchange }
}

fn abc(reads: &[usize], title: &'static str) -> Scenario {
    let why = "The number of sends and the number of recvs have nothing to do with each other.";
    one_way("abc-three-ways", title, why, &["abc", "abc", "abc"], reads)
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}
