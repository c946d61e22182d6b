//! `send FILE`: one file, through the [`Sender`] of `sender.rs`, over a real socket.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use endpoint::Datagrams;

use crate::packet::{Kind, NameError, Offer, Packet, check_name};
use crate::sender::{Outcome, Report, Sender};

/// How long a receiver may be silent before the transfer is given up.
pub const SILENCE: Duration = Duration::from_secs(60);

/// How many bytes of acknowledgements the kernel is asked to keep while packets are sent.
pub const KEPT: usize = 1024 * 1024;

/// After how many answers that no receiver gives it is sure that none is there: a single one may be
/// a damaged packet.
const STRANGE: u32 = 3;

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
    /// It is a folder, a device, or the like.
    #[error("{} is not a file", .0.display())]
    NotAFile(PathBuf),
    /// A receiver would not take its name.
    #[error("cannot send a file called {0:?}: {1}")]
    Name(String, NameError),
    /// The receiver does not want it.
    #[error("the receiver refused: {}", .0.escape_debug())]
    Refused(String),
    /// Nobody answers.
    #[error("nothing came from the receiver for {SILENCE:?}: is it a lesson04-server --receive?")]
    Silent,
    /// Somebody answers, who is no receiver.
    #[error(
        "what answers there takes no files: start `cargo run -p lesson04-server -- --receive DIR`"
    )]
    NoReceiver,
    /// Nobody is there, and the receiver's system says so.
    #[error(
        "nobody receives there (any more): start `cargo run -p lesson04-server -- --receive DIR`"
    )]
    NobodyThere,
    /// The socket failed.
    #[error("cannot send: {0}")]
    Socket(#[source] io::Error),
}

/// Sends the file at `path`, with up to `window` packets on their way at once, and returns what it
/// took when the receiver has confirmed the whole of it. `tell` is told how many bytes of how many
/// are acknowledged.
///
/// # Errors
/// When the receiver has not got it: [`Error`] says why.
pub fn send_file(
    socket: &Datagrams,
    path: &Path,
    window: usize,
    mut tell: impl FnMut(u64, u64),
) -> Result<Report, Error> {
    let (mut file, offer) = open(path)?;
    let mut sender = Sender::new(Instant::now(), fastrand::u64(..), &offer, window, SILENCE);
    let (mut buffer, mut is_receiver, mut strange) = ([0; 2048], false, 0);
    loop {
        send_due(socket, &mut sender, &mut file, path)?;
        tell(sender.progress(), offer.size);
        let Some(deadline) = sender.deadline() else { break };
        let wait = deadline.saturating_duration_since(Instant::now());
        if let Some(datagram) =
            socket.recv_from(&mut buffer, Some(rounded(wait))).map_err(in_words)?
        {
            is_receiver |= is_of_a_receiver(datagram.bytes);
            strange += u32::from(!is_receiver);
            if strange == STRANGE {
                return Err(Error::NoReceiver);
            }
            sender.received(Instant::now(), datagram.bytes);
        }
    }
    match sender.outcome() {
        Some(Outcome::Refused(why)) => Err(Error::Refused(why.clone())),
        Some(Outcome::Silent) => Err(Error::Silent),
        Some(Outcome::Done) | None => Ok(sender.report()),
    }
}

fn open(path: &Path) -> Result<(BufReader<File>, Offer), Error> {
    let unreadable = |source| Error::Read { path: path.to_owned(), source };
    // Looked at before it is opened: to open a named pipe waits until somebody writes into it.
    let is_file = path.metadata().map_err(unreadable)?.is_file();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let Some(name) = name.filter(|_| is_file) else {
        return Err(Error::NotAFile(path.to_owned()));
    };
    check_name(&name).map_err(|error| Error::Name(name.clone(), error))?;
    let file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    Ok((BufReader::new(file), Offer { name, size }))
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
            Ok(Some(datagram)) => socket.send(&datagram).map_err(in_words)?,
            Ok(None) => return Ok(()),
            Err(source) => {
                // If that is lost, the receiver gives up by itself.
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

fn in_words(error: io::Error) -> Error {
    match error.kind() {
        ErrorKind::ConnectionRefused => Error::NobodyThere,
        _ => Error::Socket(error),
    }
}
