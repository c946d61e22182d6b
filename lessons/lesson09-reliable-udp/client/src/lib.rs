//! # Lesson 09: reliable UDP, the client
//!
//! Datagrams get lost, come twice and overtake each other. TCP hides that; here a whole file gets
//! through without TCP, and all that TCP does for it can be read. Read in this order:
//!
//! * `packet.rs` and `offer.rs` of `lesson09-shared`: what travels;
//! * [`sender`]: one transfer: what to send, and how many packets may be in flight;
//! * `recovery.rs`: what counts as lost, and `rtt.rs`: how long to wait for an answer;
//! * this file: the same over a real socket.
//!
//! ```text
//! terminal 1:  cargo run -p lesson09-server -- --fault loss=30%
//! terminal 2:  cargo run -p lesson09-client -- --fault loss=30% send Cargo.lock
//! ```

mod recovery;
mod rtt;
pub mod sender;

use std::fs::File;
use std::io::{self, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use endpoint::Datagrams;
use lesson09_shared::offer::{IdleTimeout, NameError, Offer, check_name};
use lesson09_shared::packet::{Kind, Packet};

pub use crate::recovery::SendStats;
use crate::sender::{Outcome, Sender};

/// How long a receiver may be silent before the transfer is given up.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// How many bytes of acknowledgements the kernel is asked to keep (SO_RCVBUF) while packets are sent.
pub const RECEIVE_BUFFER: usize = 1024 * 1024;

/// After how many answers that no receiver gives it is sure that none is there: a single one may be
/// a damaged packet.
const MAX_STRANGE_ANSWERS: u32 = 3;

/// Why a file was not sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's word for it, or that the file has changed meanwhile.
        source: io::Error,
    },
    /// The path leads to a folder, a device, or the like.
    #[error("{} is not a file", .0.display())]
    NotAFile(PathBuf),
    /// A receiver would not take the file's name.
    #[error("cannot send a file called {0:?}: {1}")]
    Name(String, NameError),
    /// The receiver does not take the file, and says why.
    #[error("the receiver refused: {}", .0.escape_debug())]
    Refused(String),
    /// Nothing came for [`IDLE_TIMEOUT`].
    #[error("nothing came from the receiver for {IDLE_TIMEOUT:?}: is it a lesson09-server?")]
    TimedOut,
    /// Somebody answers, who is no receiver.
    #[error("what answers there takes no files: start `cargo run -p lesson09-server`")]
    NoReceiver,
    /// Nobody is there, and the receiver's system says so.
    #[error("nobody receives there (any more): start `cargo run -p lesson09-server`")]
    NobodyThere,
    /// The socket failed.
    #[error("cannot send: {0}")]
    Socket(#[source] io::Error),
}

/// Sends the file at `path`, with up to `window` packets in flight, and returns what it took when the
/// receiver has confirmed the whole of it. `on_progress` is told how many bytes of how many are
/// acknowledged.
///
/// # Errors
/// When the receiver has not got it: [`Error`] says why.
pub fn send_file(
    socket: &Datagrams,
    path: &Path,
    window: usize,
    mut on_progress: impl FnMut(u64, u64),
) -> Result<SendStats, Error> {
    let (mut file, offer) = open(path)?;
    let mut sender = Sender::new(Instant::now(), fastrand::u64(..), &offer, window);
    let (mut buffer, mut is_receiver, mut strange_answers) = ([0; 2048], false, 0);
    loop {
        send_due(socket, &mut sender, &mut file, path)?;
        on_progress(sender.bytes_acknowledged(), offer.size);
        let Some(deadline) = sender.deadline() else { break };
        let wait = deadline.saturating_duration_since(Instant::now());
        if let Some(datagram) =
            socket.recv_from(&mut buffer, Some(rounded(wait))).map_err(socket_error)?
        {
            is_receiver |= is_of_a_receiver(datagram.bytes);
            strange_answers += u32::from(!is_receiver);
            if strange_answers == MAX_STRANGE_ANSWERS {
                return Err(Error::NoReceiver);
            }
            sender.received(Instant::now(), datagram.bytes);
        }
    }
    match sender.outcome() {
        Some(Outcome::Refused(why)) => Err(Error::Refused(why.clone())),
        Some(Outcome::TimedOut) => Err(Error::TimedOut),
        Some(Outcome::Done) | None => Ok(sender.stats()),
    }
}

fn open(path: &Path) -> Result<(BufReader<File>, Offer), Error> {
    let unreadable = |source| Error::Read { path: path.to_owned(), source };
    // The kind of file is asked for before it is opened: to open a named pipe waits until somebody
    // writes into it.
    let is_file = path.metadata().map_err(unreadable)?.is_file();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let Some(name) = name.filter(|_| is_file) else {
        return Err(Error::NotAFile(path.to_owned()));
    };
    check_name(&name).map_err(|error| Error::Name(name.clone(), error))?;
    let file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    let idle_timeout = IdleTimeout::new(IDLE_TIMEOUT);
    Ok((BufReader::new(file), Offer { name, size, idle_timeout }))
}

/// Sends all that may be sent now.
fn send_due(
    socket: &Datagrams,
    sender: &mut Sender,
    file: &mut BufReader<File>,
    path: &Path,
) -> Result<(), Error> {
    loop {
        match sender.poll(Instant::now(), file) {
            Ok(Some(datagram)) => socket.send(&datagram).map_err(socket_error)?,
            Ok(None) => return Ok(()),
            Err(source) => {
                // If the Abort is lost, the receiver gives up by itself.
                _ = socket.send(&sender.abort(&source.to_string()));
                return Err(Error::Read { path: path.to_owned(), source });
            }
        }
    }
}

/// Whether this is an intact packet such as a receiver sends.
fn is_of_a_receiver(datagram: &[u8]) -> bool {
    use Kind::{Accept, Ack, Done, Refused};
    Packet::decode(datagram)
        .is_some_and(|packet| matches!(packet.kind, Accept | Ack | Done | Refused))
}

/// A wait that is a power of two in milliseconds, and not longer: a socket's time-out is set by a
/// call of its own, so it should not be another one each time. Who is woken too early waits again.
fn rounded(wait: Duration) -> Duration {
    let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(millis.checked_ilog2().map_or(1, |log| 1 << log))
}

fn socket_error(error: io::Error) -> Error {
    match error.kind() {
        ErrorKind::ConnectionRefused => Error::NobodyThere,
        _ => Error::Socket(error),
    }
}
