//! A lingering close for the clients that a server turns away, in a thread of its own.

use std::io;
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::connection::Connection;

/// Closes connections as [`Connection::lingering_close`] does, with the waiting in a thread of its own,
/// so that the loop over `accept` goes on.
///
/// Web servers know this as the lingering close (nginx, `lingering_close`; RFC 9112, 9.6 says why).
/// The program does this; the socket option SO_LINGER is something else.
#[derive(Debug)]
pub struct LingeringClose {
    leaving: Sender<Leaving>,
}

/// A connection whose sending direction has ended, and by when it is closed whatever its client does.
type Leaving = (Connection, Instant);

impl LingeringClose {
    /// How many connections may linger at a time; one more is closed at once.
    pub const CAPACITY: usize = 64;

    /// How long a connection lingers for a client that does not end its own direction.
    pub const TIMEOUT: Duration = Duration::from_secs(1);

    /// Starts the thread that waits for these clients to end their direction. It ends with the last of
    /// them, once this has been dropped: at most [`LingeringClose::TIMEOUT`] later, since their times
    /// run at once.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn start<'scope>(scope: &'scope Scope<'scope, '_>) -> io::Result<LingeringClose> {
        let (closing, leaving) = LingeringClose::new();
        thread::Builder::new().spawn_scoped(scope, move || {
            for (connection, deadline) in leaving {
                connection.discard_until(deadline);
            }
        })?;
        Ok(closing)
    }

    /// Closes the connection of a client that has been told why, and does not wait.
    pub fn close(&self, connection: Connection) {
        // A client that is gone already is not waited for. When the queue is full, the connection
        // comes back with the error, and closes here.
        if connection.half_close().is_ok() {
            _ = self.leaving.try_send((connection, Instant::now() + LingeringClose::TIMEOUT));
        }
    }

    fn new() -> (LingeringClose, Receiver<Leaving>) {
        let (leaving, left) = bounded(LingeringClose::CAPACITY);
        (LingeringClose { leaving }, left)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    use super::*;
    use crate::{Limits, Policy, is_broken};

    /// When a test gives up.
    const DEADLINE: Duration = Duration::from_secs(30);

    /// A server's connection whose client has sent what nobody has read, so that to close it at
    /// once is to reset it; and that client.
    fn pair() -> (Connection, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        client.set_read_timeout(Some(DEADLINE)).unwrap();
        client.set_write_timeout(Some(DEADLINE)).unwrap();
        client.write_all(b"?").unwrap();
        let (socket, peer) = listener.accept().unwrap();
        socket.peek(&mut [0]).unwrap();
        let policy = Policy::new(Limits::default());
        (policy.admit(socket.into(), &peer.into()).unwrap(), client)
    }

    #[test]
    fn a_client_that_stays_delays_neither_the_end_of_the_others_nor_that_of_the_thread() {
        let (closing, leaving) = LingeringClose::new();
        let [(first, _silent), (second, mut client)] = [pair(), pair()];
        closing.close(first);
        closing.close(second);
        // Nobody has waited for the first yet.
        assert_eq!(client.read(&mut [0]).unwrap(), 0, "the end, and at once");
        let latest = Instant::now() + LingeringClose::TIMEOUT;
        for _ in 0..2 {
            assert!(leaving.recv().unwrap().1 <= latest, "its time begins when it is closed");
        }
    }

    #[test]
    fn one_client_more_than_may_linger_is_closed_at_once_and_the_others_are_not() {
        let (closing, _leaving) = LingeringClose::new();
        let close = |_| {
            let (connection, client) = pair();
            closing.close(connection);
            client
        };
        let clients = Vec::from_iter((0..LingeringClose::CAPACITY).map(close));
        let error = until_error(close(0));
        assert!(is_broken(&error), "{error}");
        for mut client in clients {
            assert_eq!(client.read(&mut [0]).unwrap(), 0, "the end");
            client.write_all(b"?").unwrap();
        }
    }

    /// What a client gets at last that goes on writing.
    fn until_error(mut client: TcpStream) -> io::Error {
        loop {
            if let Err(error) = client.write(b"?") {
                return error;
            }
        }
    }
}
