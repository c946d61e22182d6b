//! # Lesson 09: reliable UDP, the client
//!
//! Datagrams get lost, come twice and overtake each other. TCP hides that; here a whole file gets
//! through without TCP, and all that TCP does for it can be read. Read in this order:
//!
//! * `packet.rs` and `offer.rs` of `lesson09-shared`: what travels;
//! * [`sender`]: one transfer: what to send, and when;
//! * `recovery.rs`: what counts as lost, and `rtt.rs`: how long to wait for an answer;
//! * [`congestion`]: how many packets may be in flight, so that others have their share of the link;
//! * this file: the same over a real socket.
//!
//! ```text
//! terminal 1:  cargo run -p lesson09-server -- --fault loss=30%
//! terminal 2:  cargo run -p lesson09-client -- --fault loss=30% send Cargo.lock
//! ```

pub mod congestion;
mod recovery;
mod rtt;
pub mod sender;

use std::io::{self, Read};
use std::time::Instant;

use endpoint::Datagrams;
use lesson09_shared::offer::Offer;

pub use crate::recovery::SendStats;
use crate::sender::Sender;

/// After how many answers that no receiver gives it is sure that none is there: a single one may be
/// a damaged packet.
const MAX_STRANGE_ANSWERS: u32 = 3;

/// Why a transfer could not be brought to an end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read, or has changed meanwhile.
    #[error("cannot read the file: {0}")]
    Read(#[source] io::Error),
    /// Somebody answers, who is no receiver.
    #[error("what answers there takes no files")]
    NoReceiver,
    /// The socket failed; `ConnectionRefused` when nobody is there, and the receiver's system says so.
    #[error("cannot send: {0}")]
    Socket(#[from] io::Error),
}

/// Sends the file that is offered, as `source` reads it, with at most `max_window` packets in flight.
/// Returns the sender when the transfer has ended: its outcome says how, its stats what it took.
/// `on_progress` is told how many bytes are acknowledged.
///
/// # Errors
/// When the file or the socket fails, or when no receiver is there: [`Error`] says which.
pub fn send(
    socket: &Datagrams,
    source: &mut impl Read,
    offer: &Offer,
    max_window: usize,
    mut on_progress: impl FnMut(u64),
) -> Result<Sender, Error> {
    let mut sender = Sender::new(Instant::now(), fastrand::u64(..), offer, max_window);
    let (mut buffer, mut is_receiver, mut strange_answers) = ([0; 2048], false, 0);
    loop {
        let due = sender.poll(Instant::now(), source).map_err(|error| {
            // If the Abort is lost, the receiver gives up by itself.
            _ = socket.send(&sender.abort(&error.to_string()));
            Error::Read(error)
        })?;
        if let Some(datagram) = due {
            socket.send(&datagram)?;
            continue;
        }
        on_progress(sender.bytes_acknowledged());
        let Some(deadline) = sender.deadline() else { return Ok(sender) };
        let wait = deadline.saturating_duration_since(Instant::now());
        if let Some(datagram) = socket.recv_from(&mut buffer, Some(wait))? {
            is_receiver |= sender.received(Instant::now(), datagram.bytes);
            strange_answers += u32::from(!is_receiver);
            if strange_answers == MAX_STRANGE_ANSWERS {
                return Err(Error::NoReceiver);
            }
        }
    }
}
