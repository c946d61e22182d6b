//! Two ends of a connection on this machine.

use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use rust_i18n::t;

/// How long bytes may take over the loopback, where nothing takes long: what has not happened by then
/// will not happen any more.
pub(crate) const LOOPBACK_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest message that a reader takes, in bytes. The random ones of the sweep are the longest, and much
/// shorter.
pub(crate) const MAX_MESSAGE: usize = 1024 * 1024;

/// Two ends of a TCP connection, the connecting one first. Without Nagle's algorithm, every send is a
/// segment of its own; what meets then meets in the receiver's kernel.
pub(crate) fn connected_pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let client = TcpStream::connect(listener.local_addr()?)?;
    client.set_nodelay(true)?;
    // All of it fits in the kernel's buffers, unless somebody has made these very small.
    client.set_write_timeout(Some(LOOPBACK_TIMEOUT))?;
    loop {
        let (server, peer) = listener.accept()?;
        // Any program on this machine could have called in between.
        if peer == client.local_addr()? {
            server.set_nodelay(true)?;
            return Ok((client, server));
        }
    }
}

/// For how long a peek must have shown the same where it may stop at the edge of one of the kernel's buffers.
/// Over the loopback what was sent has come by then.
const STEADY_TIME: Duration = Duration::from_millis(100);

/// Waits until `count` bytes can be read from `socket`, for so long at most, and returns how many of them a peek
/// shows.
pub(crate) fn wait_for_bytes(
    socket: &TcpStream,
    count: usize,
    longest: Duration,
) -> io::Result<usize> {
    let mut bytes = vec![0; count];
    // Windows documents that a peek may show what lies in one of its buffers, and nothing of the next.
    let stops_at_edges = cfg!(windows);
    wait_until_arrived(count, longest, stops_at_edges, || match socket.peek(&mut bytes) {
        // The socket's own time-out is shorter than the deadline.
        Err(error) if is_timeout(&error) => Ok(0),
        readable => readable,
    })
}

/// Asks `peek` until it shows `count` bytes; or, if it may stop before what has come, until it shows some, and no
/// more than before for a while. Returns how many it shows.
fn wait_until_arrived(
    count: usize,
    longest: Duration,
    stops_at_edges: bool,
    mut peek: impl FnMut() -> io::Result<usize>,
) -> io::Result<usize> {
    let deadline = Instant::now() + longest;
    let (mut shown, mut shown_since) = (0, Instant::now());
    // To peek at nothing could wait for something.
    while shown < count {
        let now_shown = peek()?;
        if now_shown != shown {
            (shown, shown_since) = (now_shown, Instant::now());
        }
        if stops_at_edges && shown > 0 && shown_since.elapsed() > STEADY_TIME {
            break;
        }
        if shown < count && Instant::now() > deadline {
            return Err(io::Error::new(io::ErrorKind::TimedOut, t!("what was sent never arrived")));
        }
        thread::yield_now();
    }
    Ok(shown)
}

/// Whether a wait for bytes has ended without any: Unix and Windows have a word each for it.
pub(crate) fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_was_sent_is_waited_for_as_it_comes() {
        for stops_at_edges in [false, true] {
            let mut shown = 0;
            let arriving = || {
                shown += 1;
                Ok(shown)
            };
            let arrived =
                wait_until_arrived(10, LOOPBACK_TIMEOUT, stops_at_edges, arriving).unwrap();
            assert_eq!(arrived, 10, "{stops_at_edges}");
        }
    }

    #[test]
    fn a_peek_that_stops_at_the_edge_of_a_buffer_does_not_hold_up_the_play() {
        let mut asked = 0;
        let first_buffer = || {
            asked += 1;
            Ok(if asked < 3 { 0 } else { 5 })
        };
        assert_eq!(wait_until_arrived(10, LOOPBACK_TIMEOUT, true, first_buffer).unwrap(), 5);
        assert!(asked > 3, "what has come last may not be all");
    }

    #[test]
    fn a_peek_that_fails_is_an_error() {
        let failing = || Err(io::ErrorKind::ConnectionReset.into());
        let error = wait_until_arrived(1, LOOPBACK_TIMEOUT, true, failing).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }
}
