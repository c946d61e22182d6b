//! Every read size from 1 to 4096, on both sides: how often is each one wrong?

use std::fmt;
use std::io::{self, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use fault::{Sizes, SlicedReads};
use rust_i18n::t;
use serde::{Serialize, Serializer};

use crate::loopback::{LOOPBACK_TIMEOUT, MAX_MESSAGE, connected_pair, wait_for_bytes};
use crate::play::code::{send_framed, send_unframed};

/// The largest read size that is tried, in bytes.
pub const MAX_READ_SIZE: usize = 4096;

/// How long a sweep goes over real sockets; the read sizes that are left then are read from memory.
const SOCKET_TIME: Duration = Duration::from_secs(5);

/// What came of every read size, for one list of messages.
#[derive(Debug, Clone, Serialize)]
pub struct Sweep {
    /// What was sent.
    pub messages: Messages,
    /// How many read sizes were tried: 1 to this many bytes.
    pub sizes: usize,
    /// How many of these sizes were tried over real sockets; the others in memory, to save time.
    pub over_sockets: usize,
    /// The sizes at which the broken side was right after all.
    pub broken_right_at: Vec<usize>,
    /// The sizes at which the fixed side was wrong.
    pub fixed_wrong_at: Vec<usize>,
}

/// What is sent in a sweep.
#[derive(Debug, Clone, Copy)]
pub enum Messages {
    /// `hello` and `world`.
    HelloWorld,
    /// So many random messages, made from a seed.
    Random {
        /// How many.
        count: usize,
        /// What they are made from.
        seed: u64,
    },
}

impl Messages {
    /// What it is in the reader's language.
    pub fn words(self) -> String {
        match self {
            Messages::HelloWorld => self.to_string(),
            Messages::Random { count, seed } => {
                t!("%{count} random messages (seed %{seed})", count = count, seed = seed).into()
            }
        }
    }
}

impl fmt::Display for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Messages::HelloWorld => f.write_str("hello, world"),
            Messages::Random { count, seed } => write!(f, "{count} random messages (seed {seed})"),
        }
    }
}

impl Serialize for Messages {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Tries every read size with `hello` and `world`, and with random messages made from `seed`.
///
/// # Errors
/// When this machine has no loopback to play on.
pub fn run(seed: u64) -> io::Result<Vec<Sweep>> {
    let pair = vec![b"hello".to_vec(), b"world".to_vec()];
    let random = random_messages(seed);
    let messages = Messages::Random { count: random.len(), seed };
    Ok(vec![sweep(Messages::HelloWorld, &pair)?, sweep(messages, &random)?])
}

/// Twelve messages of 1 to 600 bytes: some shorter than most read sizes, none as long as most.
fn random_messages(seed: u64) -> Vec<Vec<u8>> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut message = |_| {
        let length = random.usize(1..=600);
        (0..length).map(|_| random.u8(b'a'..=b'z')).collect()
    };
    (0..12).map(&mut message).collect()
}

fn sweep(messages: Messages, sent: &[Vec<u8>]) -> io::Result<Sweep> {
    let begun = Instant::now();
    let (mut unframed, mut framed) = (Vec::new(), Vec::new());
    send_unframed(&mut unframed, sent)?;
    send_framed(&mut framed, sent)?;
    let mut sockets = Some((connected_pair()?, connected_pair()?));
    let mut result = Sweep {
        messages,
        sizes: MAX_READ_SIZE,
        over_sockets: 0,
        broken_right_at: Vec::new(),
        fixed_wrong_at: Vec::new(),
    };
    for size in 1..=MAX_READ_SIZE {
        let (broken, fixed) = match &mut sockets {
            Some((first, second)) if begun.elapsed() < SOCKET_TIME => {
                result.over_sockets += 1;
                (
                    broken(deliver(first, &unframed)?, sent, size)?,
                    fixed(deliver(second, &framed)?, sent.len(), size),
                )
            }
            _ => {
                sockets = None;
                (
                    broken(&mut unframed.as_slice(), sent, size)?,
                    fixed(&mut framed.as_slice(), sent.len(), size),
                )
            }
        };
        if broken == sent {
            result.broken_right_at.push(size);
        }
        if fixed.as_deref() != Some(sent) {
            result.fixed_wrong_at.push(size);
            // What a wrong reader has left in the stream must not spoil the next size.
            sockets = sockets
                .map(|(first, _)| Ok::<_, io::Error>((first, connected_pair()?)))
                .transpose()?;
        }
    }
    Ok(result)
}

/// Lesson 02 takes what each recv returns for a message, until all that was sent has been read.
fn broken(stream: &mut impl Read, sent: &[Vec<u8>], size: usize) -> io::Result<Vec<Vec<u8>>> {
    let total: usize = sent.iter().map(Vec::len).sum();
    let mut got = Vec::new();
    let mut read = 0;
    while read < total {
        let Some(message) = lesson02_server::receive_message(stream, size)? else { break };
        read += message.len();
        got.push(message);
    }
    Ok(got)
}

/// Lesson 03 takes as many messages as were sent, while every recv finds at most `size` bytes.
fn fixed(stream: &mut impl Read, count: usize, size: usize) -> Option<Vec<Vec<u8>>> {
    let mut stream = SlicedReads::new(stream, Sizes::every(size));
    let receive = |_| lesson03_server::receive_message(&mut stream, MAX_MESSAGE).ok().flatten();
    (0..count).map(receive).collect()
}

/// Sends everything, and waits until all of it can be read at the other end.
fn deliver<'a>(
    (client, server): &'a mut (TcpStream, TcpStream),
    stream: &[u8],
) -> io::Result<&'a mut TcpStream> {
    io::Write::write_all(client, stream)?;
    wait_for_bytes(server, stream.len(), LOOPBACK_TIMEOUT)?;
    Ok(server)
}
