//! One socket of a connection, and whether it is ready.

use std::io::{self, ErrorKind, Read, Write};
use std::mem;
use std::net::Shutdown;
use std::time::Duration;

use fault::stream::Direction;
use mio::event::Event;
use mio::net::TcpStream;
use socket2::SockRef;

/// One of the two peers of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    Client,
    Upstream,
}

impl Peer {
    pub(crate) fn sender(direction: Direction) -> Peer {
        match direction {
            Direction::Up => Peer::Client,
            Direction::Down => Peer::Upstream,
        }
    }

    pub(crate) fn receiver(direction: Direction) -> Peer {
        match direction {
            Direction::Up => Peer::Upstream,
            Direction::Down => Peer::Client,
        }
    }
}

/// A socket, and what `poll` and the last calls have said of it.
///
/// `poll` names a socket when something has changed, and not again because something is left
/// (edge-triggered, epoll(7)). So what it says is remembered here, until a call would have to wait.
pub(crate) struct PeerSocket {
    stream: TcpStream,
    readable: bool,
    writable: bool,
    /// Whether `poll` has named the end of the peer's stream; it will not do so again.
    end_named: bool,
    error_named: bool,
    /// Whether the peer has sent urgent data, at which a recv stops (tcp(7)).
    urgent: bool,
}

impl PeerSocket {
    /// For a socket that is connected. Whether it is readable is found out by a try.
    pub(crate) fn new(stream: TcpStream) -> PeerSocket {
        PeerSocket {
            stream,
            readable: true,
            writable: true,
            end_named: false,
            error_named: false,
            urgent: false,
        }
    }

    /// Remembers what `poll` says. That may be outdated: then a call says that it would have to wait.
    pub(crate) fn on_event(&mut self, event: &Event) {
        self.error_named |= event.is_error();
        self.urgent |= event.is_priority();
        self.end_named |= event.is_read_closed() || self.error_named;
        self.readable |= event.is_readable() || self.end_named;
        self.writable |= event.is_writable() || event.is_write_closed() || self.error_named;
    }

    /// What `poll` has named as an error, for who receives nothing from it any more: a `recv` would
    /// have said it.
    pub(crate) fn take_error(&mut self) -> Option<io::Error> {
        let named = mem::take(&mut self.error_named);
        named.then(|| self.stream.take_error().ok().flatten()).flatten()
    }

    /// Receives what there is, and `Some(0)` at the end of the stream; `None` if nothing has come.
    pub(crate) fn receive(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        let most = buffer.len();
        let got = self.try_read(|mut stream| stream.read(buffer))?;
        // A recv that gives less than it was asked for has taken everything, and epoll names the
        // socket when more comes (epoll(7), Q9), but not again for an end that it has named
        // already, or for what lies behind urgent data. So a message costs one recv. Other systems
        // want to see `WouldBlock`.
        let named = self.end_named || self.urgent;
        if cfg!(target_os = "linux") && got.is_some_and(|got| got < most) && !named {
            self.readable = false;
        }
        Ok(got)
    }

    /// Whether a call that receives need not wait, as far as is known.
    pub(crate) fn is_readable(&self) -> bool {
        self.readable
    }

    /// Has the next call receive, whatever the last call has said.
    pub(crate) fn assume_readable(&mut self) {
        self.readable = true;
    }

    /// Sends as much as there is room for; returns how much that was.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut sent = 0;
        while let Some(rest) = bytes.get(sent..).filter(|rest| !rest.is_empty()) {
            match self.try_write(|mut stream| stream.write(rest))? {
                Some(0) => return Err(ErrorKind::WriteZero.into()),
                Some(more) => sent += more,
                None => break,
            }
        }
        Ok(sent)
    }

    /// A call that receives, unless it is known that it would have to wait: then `None`.
    pub(crate) fn try_read<T>(
        &mut self,
        mut call: impl FnMut(&TcpStream) -> io::Result<T>,
    ) -> io::Result<Option<T>> {
        without_wait(&mut self.readable, || call(&self.stream))
    }

    /// A call that sends, unless it is known that it would have to wait: then `None`.
    pub(crate) fn try_write<T>(
        &mut self,
        mut call: impl FnMut(&TcpStream) -> io::Result<T>,
    ) -> io::Result<Option<T>> {
        without_wait(&mut self.writable, || call(&self.stream))
    }

    /// Ends the stream that is sent to the peer. What comes from the peer is still received.
    pub(crate) fn end(&self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write).map_err(|error| match error.kind() {
            // The peer has sent a reset, and is not connected any more. The reset itself is still to
            // be had, as the socket's error.
            ErrorKind::NotConnected => {
                let reset = self.stream.take_error().ok().flatten();
                reset.unwrap_or(ErrorKind::ConnectionReset.into())
            }
            _ => error,
        })
    }

    /// Closes with a reset.
    pub(crate) fn reset(self) {
        reset(self.stream);
    }
}

/// Closes with a reset, which throws away what is still on its way in either direction.
pub(crate) fn reset(stream: TcpStream) {
    // If this fails, the socket is closed in order, and nobody is left to be told.
    _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
}

/// What a call on a non-blocking socket gives, if it is `ready`; `None` if it would have to wait, and
/// then it is not ready any more.
fn without_wait<T>(
    ready: &mut bool,
    mut call: impl FnMut() -> io::Result<T>,
) -> io::Result<Option<T>> {
    while *ready {
        match call() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => *ready = false,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            outcome => return outcome.map(Some),
        }
    }
    Ok(None)
}
