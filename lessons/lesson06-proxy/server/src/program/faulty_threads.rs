//! The lesson's two threads, with faults in the way of the bytes: what `--engine threads` runs.
//!
//! ```text
//!   recv ──▶ link: late, cut, … ──▶ send
//!    ▲ waits no longer than until the next piece in the link is due
//! ```
//!
//! Without faults, what comes is sent on at once, as by `copy`.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fault::stream::{Direction, Emitted, Faults, Link, LiveLink, StreamEvent};
use lesson06_server::{Observer, RECV_SIZE, Side};
use relay::{End, Refusal, Summary};

use crate::program::route_log::{ConnectionLog, RouteLog};

/// The longest wait for bytes or for a piece that is due, after which the connection and the faults are looked
/// at again.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// A route whose connections have the faults of the moment.
#[derive(Debug)]
pub(crate) struct FaultyRoute<'r> {
    pub(crate) log: &'r RouteLog,
    pub(crate) faults: Faults,
    /// How many connections all routes have had.
    pub(crate) connections: &'r AtomicU64,
}

/// A connection, by its number.
#[derive(Debug)]
pub(crate) struct FaultyConnection {
    log: ConnectionLog,
    number: u64,
    /// Whether a direction was ended too early, or without all of its bytes.
    ended_by_fault: AtomicBool,
}

/// How far a direction has come.
#[derive(Default)]
struct Progress {
    received: u64,
    sent: u64,
    sender_ended: bool,
    receiver_ended: bool,
    /// The sender's SO_RCVTIMEO as it was last set: to set it again for each recv would cost as much as that.
    timeout: Option<Duration>,
}

impl Observer for FaultyRoute<'_> {
    type Log = FaultyConnection;

    fn opened(&self, client: SocketAddr, upstream: SocketAddr) -> FaultyConnection {
        FaultyConnection {
            log: self.log.opened(client, upstream),
            number: self.connections.fetch_add(1, Ordering::Relaxed) + 1,
            ended_by_fault: AtomicBool::new(false),
        }
    }

    fn copy(
        &self,
        connection: &FaultyConnection,
        way: Direction,
        from: Side<'_>,
        to: Side<'_>,
    ) -> io::Result<()> {
        let mut line = LiveLink::new(self.faults.clone(), connection.number, way);
        let (mut progress, mut buffer) = (Progress::default(), [0; RECV_SIZE]);
        loop {
            line.follow(Instant::now(), progress.sender_ended);
            let emitted = line.get_mut().and_then(|link| link.pop(Instant::now()));
            if let Some(emitted) = emitted {
                deliver(emitted, to, connection, &mut progress)?;
                continue;
            }
            let due = line.get().and_then(Link::due);
            if progress.sender_ended && due.is_none() {
                return if progress.receiver_ended { Ok(()) } else { to.half_close() };
            }
            let has_room = line.get().is_none_or(Link::has_room) && !progress.sender_ended;
            let room = if has_room { &mut buffer[..] } else { &mut [] };
            let got = receive(from, room, due, &mut progress.timeout)?;
            let Some(got) = got else { continue };
            let piece = buffer.get(..got).unwrap_or_default();
            if !piece.is_empty() {
                self.log.bytes(&connection.log, way, piece);
            }
            progress.received += got as u64;
            progress.sender_ended = got == 0;
            // The wait may have been a long one, and the faults others than before.
            line.follow(Instant::now(), progress.sender_ended);
            match line.get_mut() {
                None => send(piece, to, &mut progress)?,
                Some(link) => {
                    let end = progress.sender_ended;
                    let event = if end { StreamEvent::End } else { StreamEvent::Bytes(piece) };
                    for words in link.push(Instant::now(), event) {
                        self.log.fault(&connection.log, way, &words);
                    }
                }
            }
        }
    }

    fn closed(&self, connection: FaultyConnection, summary: &Summary) {
        let Summary { up, down, duration, .. } = *summary;
        let by_fault = connection.ended_by_fault.load(Ordering::Relaxed);
        match summary.end {
            End::Client | End::Upstream if by_fault => {
                let summary = Summary { up, down, duration, end: End::Fault };
                self.log.closed(connection.log, &summary);
            }
            _ => self.log.closed(connection.log, summary),
        }
    }

    fn refused(&self, client: SocketAddr, why: &Refusal) {
        self.log.refused(client, why);
    }
}

/// Receives until something is due; without room for a byte, it only waits. `None` if nothing has come.
fn receive(
    mut from: Side<'_>,
    buffer: &mut [u8],
    due: Option<Instant>,
    timeout: &mut Option<Duration>,
) -> io::Result<Option<usize>> {
    let wait = due.map_or(LONGEST_WAIT, |due| due.saturating_duration_since(Instant::now()));
    // The option is no finer than a millisecond for us, and zero would mean no end.
    let wait = wait.clamp(Duration::from_millis(1), LONGEST_WAIT);
    let got = from.once(|mut socket| {
        if buffer.is_empty() {
            thread::sleep(wait);
            return Err(ErrorKind::Interrupted.into());
        }
        if timeout.replace(wait) != Some(wait) {
            socket.set_read_timeout(Some(wait))?;
        }
        socket.read(buffer)
    })?;
    if got == Some(0) {
        // The end is there to be read again, by the call that remembers who has ended first.
        return from.read(&mut [0]).map(Some);
    }
    Ok(got)
}

/// Sends what has come out of the link.
fn deliver(
    emitted: Emitted,
    to: Side<'_>,
    connection: &FaultyConnection,
    progress: &mut Progress,
) -> io::Result<()> {
    match emitted {
        Emitted::Bytes(bytes) => send(&bytes, to, progress),
        Emitted::End => {
            let early = !progress.sender_ended || progress.sent < progress.received;
            connection.ended_by_fault.fetch_or(early, Ordering::Relaxed);
            progress.receiver_ended = true;
            to.half_close()
        }
        Emitted::Reset => {
            to.break_off(End::FaultReset);
            Err(ErrorKind::ConnectionReset.into())
        }
    }
}

fn send(bytes: &[u8], mut to: Side<'_>, progress: &mut Progress) -> io::Result<()> {
    to.write_all(bytes)?;
    progress.sent += bytes.len() as u64;
    Ok(())
}
