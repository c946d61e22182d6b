//! # Lesson 09: reliable UDP, the server
//!
//! Datagrams get lost, come twice and overtake each other. TCP hides that; here a whole file gets
//! through without TCP, and all that TCP does for it can be read. Read in this order:
//!
//! * `packet.rs` and `offer.rs` of `lesson09-shared`: what travels;
//! * [`receiver`]: one transfer: what is in order, what is missing, how to ask for it;
//! * `transfers.rs`: the folder, many senders at once, and how each transfer ends;
//! * the client's `sender.rs`, which has the harder half.
//!
//! ```text
//! terminal 1:  cargo run -p lesson09-server -- --fault loss=30%
//! terminal 2:  cargo run -p lesson09-client -- --fault loss=30% send Cargo.lock
//! ```

pub mod receiver;
mod transfers;

use std::io;
use std::time::{Duration, Instant};

use console::ServerLog;
use endpoint::{Datagrams, Policy};
use partial::{Folder, Quota};

use crate::transfers::Transfers;

/// How many bytes of datagrams the kernel is asked to keep (SO_RCVBUF) while we write to the disk.
/// Linux gives twice as much as is asked for, but no more than `net.core.rmem_max`; what does not fit
/// is lost.
pub const RECEIVE_BUFFER: usize = 2 * 1024 * 1024;

/// How often to look for transfers whose sender has fallen silent.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Takes files of up to `max_size` bytes into `folder`, and no more than its quota, until Ctrl-C. What
/// is under way then is given up, and its senders find nobody there.
///
/// # Errors
/// When the socket itself fails, or what the folder holds cannot be counted. What goes wrong with a file
/// ends that transfer only.
pub fn serve(
    socket: &Datagrams,
    folder: &Folder,
    max_size: u64,
    quota: Quota,
    policy: &Policy,
    log: &ServerLog,
) -> io::Result<()> {
    let mut transfers =
        Transfers::new(folder, max_size, quota, &policy.limits, log).map_err(io::Error::other)?;
    // Room for any packet.
    let (mut buffer, mut last_look) = ([0; 2048], Instant::now());
    while !policy.stop.is_requested() {
        if let Some(datagram) = socket.recv_from(&mut buffer, Some(POLL_INTERVAL))? {
            let answer = transfers.answer(Instant::now(), &datagram);
            // An answer that cannot be sent is lost, and the sender asks again.
            _ = answer.map(|answer| socket.send_along(&answer, datagram.way_back()));
        }
        if last_look.elapsed() >= POLL_INTERVAL {
            // As of the last look: what has come in while this program was stopped, or waited for the
            // disk, is read before anyone counts as silent.
            transfers.give_up_silent(last_look);
            last_look = Instant::now();
        }
    }
    Ok(())
}
