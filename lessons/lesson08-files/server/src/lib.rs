//! # Lesson 08: files, the server
//!
//! Moves files in both directions and proves it. What earlier lessons found out comes together
//! here: each message is a JSON header with its length in front (lesson 03), each client has a
//! thread (lesson 05), and the MD5 of every file is checked by whoever receives it. `protocol.rs`
//! is what the two ends say to each other, `transfer.rs` how the bytes go from one to the other;
//! both are the same at both ends. `put.rs` takes a file, and here is the rest. A name cannot lead
//! out of the root, and holds a file only when that is whole and verified: that is the crate
//! `partial`.
//!
//! ```text
//! terminal 1:  cargo run -p lesson08-server
//! terminal 2:  cargo run -p lesson08-client -- put Cargo.toml
//!              cargo run -p lesson08-client -- list
//!              cargo run -p lesson08-client -- --into /tmp get Cargo.toml
//! ```

pub mod journal;
pub mod protocol;
mod put;
mod refusal;
pub mod transfer;
pub mod tutorial;

use std::fmt;
use std::io::{self, BufWriter, Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use console::{Dialect, ServerLog};
use endpoint::{Connection, LingeringClose, Listener};
use partial::{Folder, Name};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::Md5;

use crate::journal::{Journal, Witness};
use crate::protocol::{
    Body, Digest, Done, Entry, HEADER_LIMIT, Have, Message, Refusal, Reply, Request, Status,
};
use crate::put::Put;
use crate::transfer::{PART, Sent, Source, send_file};

/// How much stack a client's thread may use, in bytes.
const STACK_SIZE: usize = 256 * 1024;

/// How long a client may take to hear why its file is refused before all of it has come.
const PATIENCE: Duration = Duration::from_secs(3);

/// The files, and what may be done with them.
#[derive(Debug)]
pub struct Store {
    /// Where they are.
    pub folder: Folder,
    /// Whether nothing is taken.
    pub read_only: bool,
    /// How long a file may be that is taken, in bytes.
    pub max_size: u64,
    /// How long the list of a folder may be, in bytes.
    pub max_message: usize,
}

/// Why a conversation ended before the client ended it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The stream broke, or what came on it is no message.
    #[error(transparent)]
    Stream(#[from] wire::Error),
    /// A file was refused before all of it had come. The client has been told why; what it still
    /// sends is no message.
    #[error("a file was refused before all of it had come")]
    Refused,
}

/// What was done, for the line in the log.
enum Outcome {
    Listed(usize),
    /// So many bytes have passed, from this place in the file on.
    Moved {
        bytes: u64,
        from: u64,
    },
}

/// Why a request was not done.
enum Trouble {
    /// The client is told; then it may ask for something else.
    Refused(Refusal),
    /// The client is told, and nobody can say where its next message begins.
    InTheMiddle(Refusal),
    /// There is nobody to be told.
    Stream(wire::Error),
}

/// Talks to one client until it has no more requests.
///
/// # Errors
/// When a message cannot be received or sent; [`Error::Refused`] when the client is to be hung up
/// on.
pub fn converse(
    stream: &mut (impl Read + Write),
    store: &Store,
    witness: &mut impl Witness,
) -> Result<(), Error> {
    while let Some(request) = next::<Request>(stream)? {
        witness.received(&[]);
        let began = Instant::now();
        let outcome = match &request {
            Request::List { name } => list(stream, store, name),
            Request::Get { name, have } => get(stream, store, name, have.as_ref(), witness),
            &Request::Put { ref name, file_size, modified, force, resume } => {
                Put { name, file_size, modified, force, resume }.run(stream, store, witness)
            }
        };
        let (refusal, goes_on) = match outcome {
            Ok(done) => {
                witness.note(&format_args!("{request}: {done} in {:.1?}", began.elapsed()));
                witness.sent(&[]);
                continue;
            }
            Err(Trouble::Refused(refusal)) => (refusal, true),
            Err(Trouble::InTheMiddle(refusal)) => (refusal, false),
            Err(Trouble::Stream(error)) => {
                witness.note(&format_args!("{request}: broken off after {:.1?}", began.elapsed()));
                return Err(error.into());
            }
        };
        witness.note(&format_args!("{request}: refused: {refusal}"));
        say(stream, Reply::<Done>::refused(refusal))?;
        witness.sent(&[]);
        if !goes_on {
            return Err(Error::Refused);
        }
    }
    Ok(())
}

/// The names in a folder.
fn list(stream: &mut impl Write, store: &Store, name: &str) -> Result<Outcome, Trouble> {
    let name: Option<Name> = if name.is_empty() { None } else { Some(name.parse()?) };
    let entries: Vec<Entry> =
        store.folder.list(name.as_ref())?.into_iter().map(Entry::from).collect();
    let json = serde_json::to_vec(&entries).map_err(wire::Error::Unserializable)?;
    if json.len() > store.max_message {
        let message = "the list of its names is longer than this server sends (--max-message)";
        return Err(Refusal::new(Status::TooLarge, message).into());
    }
    let header = Message { what: Reply::ok(Done {}), size: json.len() as u64 };
    wire::write_message(stream, &header, &json)?;
    Ok(Outcome::Listed(entries.len()))
}

/// A file: its header, its bytes, and then its MD5, which is not known before.
fn get(
    stream: &mut impl Write,
    store: &Store,
    name: &str,
    have: Option<&Have>,
    witness: &mut impl Witness,
) -> Result<Outcome, Trouble> {
    let (file, _, _) = store.folder.read(&name.parse()?)?;
    let mut source = Source::new(file).map_err(partial::Error::from)?;
    let (from, md5) = agree(&mut source, have, &|| witness.goes_on());
    let (file_size, modified) = (source.length(), source.modified());
    let size = file_size - from;

    // A small file leaves in one write; the parts of a large one do not go through this buffer.
    let mut stream = BufWriter::with_capacity(PART, stream);
    let header = Message { what: Reply::ok(Body { file_size, modified, from }), size };
    stream.write_all(&wire::encode_header(&header)?).map_err(wire::Error::Io)?;
    match send_file(&mut stream, &mut source, from, md5, witness, &mut |_| true)? {
        Sent::Whole(md5) => {
            say(&mut stream, Reply::ok(Digest { md5 }))?;
            Ok(Outcome::Moved { bytes: size, from })
        }
        Sent::Changed | Sent::Stopped => {
            stream.flush().map_err(wire::Error::Io)?;
            let message = "it was changed while it was sent; ask for it again";
            Err(Refusal::new(Status::Changed, message).into())
        }
    }
}

/// Where to begin: behind what the client has, if the file begins like that too, or else at 0.
fn agree(source: &mut Source, have: Option<&Have>, goes_on: &dyn Fn() -> bool) -> (u64, Md5) {
    if let Some(have) = have.filter(|have| have.length <= source.length())
        && let Ok(md5) = source.md5_of_first(have.length, goes_on)
        && md5.clone().finish() == have.md5
    {
        return (have.length, md5);
    }
    (0, Md5::new())
}

/// A thread for each client, as in lesson 05. Whoever is one too many is told `busy`. On Ctrl-C it
/// returns as soon as every thread has finished its request; a put that takes longer can be
/// resumed.
///
/// # Errors
/// When the listening socket itself fails.
pub fn serve(
    listener: &Listener,
    server_log: &ServerLog,
    store: &Store,
    dialect: Dialect,
) -> io::Result<()> {
    let (policy, busy) = (listener.policy(), AtomicUsize::new(0));
    let busy = &busy;
    thread::scope(|scope| {
        let closing = LingeringClose::start(scope)?;
        while let Some(mut connection) = listener.accept()? {
            let log = server_log.connected(&connection);
            // The last bytes of a file and its MD5 are two segments, and the second is not to wait.
            connection.set_nodelay();
            let mut journal = Journal::new(log, connection.progress(), policy.stop.clone());
            if busy.load(Ordering::Relaxed) >= policy.limits.max_connections {
                journal.note(&"refused: all places for clients are taken (--max-connections)");
                refuse(&mut connection, dialect);
                closing.close(connection);
                continue;
            }
            busy.fetch_add(1, Ordering::Relaxed);
            let thread = move || {
                let outcome = talk(connection, store, dialect, &mut journal);
                journal.closed(outcome);
                busy.fetch_sub(1, Ordering::Relaxed);
            };
            let started = thread::Builder::new().stack_size(STACK_SIZE).spawn_scoped(scope, thread);
            if let Err(error) = started {
                busy.fetch_sub(1, Ordering::Relaxed);
                console::warn(format_args!("no thread for a client: {error}; it was closed"));
            }
        }
        Ok(())
    })
}

/// Tells a client that it is one too many. The tutorial's programs have no word for it.
fn refuse(connection: &mut Connection, dialect: Dialect) {
    if dialect == Dialect::Ours {
        let message = "all places for clients are taken";
        let refusal = Refusal::new(Status::Busy, message);
        // Its receive buffer is empty, so this does not wait. It may have left already.
        _ = say(connection, Reply::<Done>::refused(refusal));
    }
}

fn talk(
    mut connection: Connection,
    store: &Store,
    dialect: Dialect,
    journal: &mut Journal,
) -> Result<(), Error> {
    let outcome = match dialect {
        Dialect::Ours => converse(&mut connection, store, journal),
        Dialect::Tutorial => tutorial::converse(&mut connection, store, journal),
    };
    if matches!(outcome, Err(Error::Refused)) {
        // It is still sending; to close at once could undo the words that it was told.
        connection.hang_up(PATIENCE);
    }
    outcome
}

/// The next message, which has no body; `None` when the client has ended the stream.
fn next<T: Serialize + DeserializeOwned>(stream: &mut impl Read) -> wire::Result<Option<T>> {
    match wire::read_header::<Message<T>>(stream, HEADER_LIMIT)? {
        Some(Message { what, size: 0 }) => Ok(Some(what)),
        Some(Message { size: length, .. }) => Err(wire::Error::BodyTooLarge { length, limit: 0 }),
        None => Ok(None),
    }
}

/// Sends a message without a body.
fn say<T: Serialize + DeserializeOwned>(stream: &mut impl Write, what: T) -> wire::Result<()> {
    wire::write_message(stream, &Message::of(what), &[])
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Listed(1) => write!(f, "1 name"),
            Outcome::Listed(names) => write!(f, "{names} names"),
            Outcome::Moved { bytes, from: 0 } => write!(f, "{bytes} bytes"),
            Outcome::Moved { bytes, from } => write!(f, "{bytes} bytes, resumed at {from},"),
        }
    }
}

impl fmt::Display for Request {
    /// As a person would type it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, name) = match self {
            Request::List { name } => ("list", name),
            Request::Get { name, .. } => ("get", name),
            Request::Put { name, .. } => ("put", name),
        };
        write!(f, "{word} {}", trace::text::quote(name.as_bytes()))
    }
}

impl From<partial::Listed> for Entry {
    fn from(listed: partial::Listed) -> Entry {
        let partial::Listed { name, folder, length, modified } = listed;
        Entry { name, folder, size: length, modified }
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Trouble {
        Trouble::Refused(refusal)
    }
}

impl From<partial::Error> for Trouble {
    fn from(error: partial::Error) -> Trouble {
        Trouble::Refused(error.into())
    }
}

impl From<partial::NameError> for Trouble {
    fn from(error: partial::NameError) -> Trouble {
        partial::Error::from(error).into()
    }
}

impl From<wire::Error> for Trouble {
    fn from(error: wire::Error) -> Trouble {
        Trouble::Stream(error)
    }
}
