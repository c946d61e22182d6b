//! # Lesson 08: files, the server
//!
//! Moves files in both directions and proves it. What earlier lessons found out comes together
//! here: each message is a JSON header with its length in front (lesson 03), each client has a
//! thread (lesson 05), and the MD5 of every file is checked by whoever receives it. Read first what
//! both ends share, `protocol.rs` and `transfer.rs`; then this file, and `put.rs`, which takes a
//! file. A name cannot lead out of the root, and holds a file only when that is complete and
//! verified: that is the crate `partial`.
//!
//! ```text
//! terminal 1:  cargo run -p lesson08-server
//! terminal 2:  cargo run -p lesson08-client -- put Cargo.toml
//!              cargo run -p lesson08-client -- list
//!              cargo run -p lesson08-client -- --into /tmp get Cargo.toml
//! ```

mod exchange;
mod put;
pub mod tutorial;

use std::io::{self, BufWriter, Read, Write};
use std::thread;
use std::time::{Duration, Instant};

use console::Dialect;
use endpoint::crowd::{Crowd, Places, Refused};
use endpoint::{Connection, LingeringClose, Listener};
use lesson08_shared::protocol::{Content, Digest, Done, Entry, Message, Prefix, Refusal};
use lesson08_shared::protocol::{Reply, Request, Status, send};
use lesson08_shared::transfer::{DEADLINE_CHUNK, send_file};
use partial::{Listed, Name};

pub use exchange::{Error, Outcome, Store, TransferObserver};
use exchange::{receive, refusal};
use put::put;

/// How long a client may take to read why its file is refused before all of it has come.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(3);

/// Talks to one client until it has no more requests.
///
/// # Errors
/// When a message cannot be received or sent; [`Error::RefusedMidway`] when the client may still be
/// sending a file that has been refused.
pub fn converse(
    stream: &mut (impl Read + Write),
    store: &Store,
    observer: &mut impl TransferObserver,
) -> Result<(), Error> {
    while let Some(request) = receive::<Request>(stream)? {
        observer.received(&[]);
        let began = Instant::now();
        let outcome = match &request {
            Request::List { name } => list(stream, store, name, observer),
            Request::Get { name, have } => get(stream, store, name, have.as_ref(), observer),
            Request::Put(file) => put(stream, store, file, observer),
        };
        observer.answered(&request, &outcome, began.elapsed());
        match outcome {
            Err(Error::Refused(refusal)) => {
                send(stream, Reply::<Done>::refused(refusal), observer)?;
            }
            Err(Error::RefusedMidway(refusal)) => {
                send(stream, Reply::<Done>::refused(refusal.clone()), observer)?;
                return Err(Error::RefusedMidway(refusal));
            }
            outcome => _ = outcome?,
        }
    }
    Ok(())
}

/// The names in a folder; the empty name is the root's.
fn list(
    stream: &mut impl Write,
    store: &Store,
    name: &str,
    observer: &mut impl TransferObserver,
) -> Result<Outcome, Error> {
    let name: Option<Name> =
        (!name.is_empty()).then(|| name.parse()).transpose().map_err(refusal)?;
    let entry = |Listed { name, is_folder, length, modified }| Entry {
        name,
        folder: is_folder,
        size: length,
        modified,
    };
    let listed = store.folder.list(name.as_ref()).map_err(refusal)?;
    let entries: Vec<Entry> = listed.into_iter().map(entry).collect();
    let json = serde_json::to_vec(&entries).map_err(wire::Error::Unserializable)?;
    if json.len() > store.max_message {
        let message = "the list of its names is longer than this server sends (--max-message)";
        return Err(Refusal::new(Status::TooLarge, message).into());
    }
    let header = Message { fields: Reply::ok(Done {}), size: json.len() as u64 };
    wire::write_message(stream, &header, &json)?;
    observer.sent(&json);
    Ok(Outcome::Listed(entries.len()))
}

/// A file: its header, its bytes, and then its MD5, which is not known before.
fn get(
    stream: &mut impl Write,
    store: &Store,
    name: &str,
    have: Option<&Prefix>,
    observer: &mut impl TransferObserver,
) -> Result<Outcome, Error> {
    let mut source = store.folder.read(&name.parse().map_err(refusal)?).map_err(refusal)?;
    let (file_size, modified) = (source.length(), source.modified());
    // Bytes that cannot be read now are padded when they are sent, and the client is told.
    let have = have.map(|have| (have.length, have.md5.as_str()));
    let (from, md5) = source.resume_at(have, &|| observer.should_continue()).unwrap_or_default();

    // A small file leaves in one write; the chunks of a large one do not go through this buffer.
    let mut stream = BufWriter::with_capacity(DEADLINE_CHUNK, stream);
    let fields = Reply::ok(Content { file_size, modified, from });
    let header = Message { fields, size: file_size - from };
    stream.write_all(&wire::encode_header(&header)?).map_err(wire::Error::Io)?;
    let range = from..file_size;
    match send_file(&mut stream, &mut source, range, md5, observer, &mut |_, _| true)? {
        Some(md5) if source.is_unchanged() => {
            send(&mut stream, Reply::ok(Digest { md5 }), observer)?;
            Ok(Outcome::Moved(from..file_size))
        }
        _ => {
            stream.flush().map_err(wire::Error::Io)?;
            let message = "it was changed while it was sent; ask for it again";
            Err(Refusal::new(Status::Changed, message).into())
        }
    }
}

/// A thread for each client, as in lesson 05; `observe` makes the observer of each. A client too many
/// is told `busy`. On Ctrl-C it returns as soon as every thread has finished its request; a put that
/// takes longer can be resumed.
///
/// # Errors
/// When the listening socket itself fails.
pub fn serve<O: TransferObserver + Send>(
    listener: &Listener,
    store: &Store,
    dialect: Dialect,
    observe: impl Fn(&Connection) -> O,
) -> io::Result<()> {
    let places = Places::new(listener.policy().limits.max_connections);
    thread::scope(|scope| {
        let (crowd, closing) = (Crowd::new(scope, &places), LingeringClose::start(scope)?);
        while let Some(connection) = listener.accept()? {
            // The last bytes of a file and its MD5 are two segments, and the second is not to wait.
            connection.set_nodelay();
            let observer = observe(&connection);
            let client = (connection, observer);
            match crowd.spawn(client, |client| serve_client(client, store, dialect)) {
                Ok(()) => {}
                Err(Refused::Full((mut connection, mut observer))) => {
                    observer.note(&"refused: all places for clients are taken (--max-connections)");
                    // The tutorial's protocol has no message for it.
                    if dialect == Dialect::Ours {
                        let refusal =
                            Refusal::new(Status::Busy, "all places for clients are taken");
                        // The client's receive buffer is empty, so this does not wait.
                        _ = send(&mut connection, Reply::<Done>::refused(refusal), &mut ());
                    }
                    closing.close(connection);
                }
                Err(Refused::NoThread(error)) => {
                    console::warn(format_args!("no thread for a client: {error}; it was closed"))
                }
            }
        }
        Ok(())
    })
}

fn serve_client<O: TransferObserver>(
    (mut connection, mut observer): (Connection, O),
    store: &Store,
    dialect: Dialect,
) {
    let outcome = match dialect {
        Dialect::Ours => converse(&mut connection, store, &mut observer),
        Dialect::Tutorial => tutorial::converse(&mut connection, store, &mut observer),
    };
    if matches!(outcome, Err(Error::RefusedMidway(_))) {
        // The client is still sending; to close at once could discard the refusal.
        connection.lingering_close(REFUSAL_TIMEOUT);
    }
    observer.closed(outcome);
}
