//! # Lesson 06: proxy, the server
//!
//! A program in the middle is a server to one side and a client to the other, and passes on what
//! comes, unchanged. A `recv` waits for one socket, and bytes may come from either: so each
//! direction has a thread of its own, as in the tutorial.
//!
//! ```text
//!             ┌─────────────── the proxy ───────────────┐
//!          ┌─▶│ recv ───────── copy (up) ───────▶ send  │──┐
//!   client ┤  │                                         │  ├▶ upstream
//!          └──│ send ◀──────── copy (down) ────── recv  │◀─┘
//!             └─────────────────────────────────────────┘
//!
//! terminal 1:  cargo run -p lesson05-server
//! terminal 2:  cargo run -p lesson06-server -- --engine threads --hex
//! terminal 3:  cargo run -p lesson05-client -- --connect 127.0.0.1:8006
//!              >>: hello
//!              HELLO
//! ```
//!
//! `--engine threads` runs this file, over `connection.rs`, which ends every wait. `--engine
//! relay`, the default, runs the crate of that name, which does the same in one thread for all.
//! `program/` chooses between them, adds faults, and says what becomes of each client.

mod connection;

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use endpoint::crowd::{Crowd, Places, Refused};
use endpoint::{Listener, Policy, Stop, check_thread_memory};
use fault::stream::Direction;
use relay::{End, Refusal, Summary};
use socket2::{Domain, Protocol, Socket, Type};

pub use connection::{Connection, Party, Side};

/// How many bytes one `recv` may return at most.
pub const RECV_SIZE: usize = 16 * 1024;

/// The stack of the second thread of a connection, in bytes; the first has as much from [`Crowd`].
const STACK_SIZE: usize = 256 * 1024;

/// How long one address of an upstream may take to accept a connection. Ctrl-C waits for that, too.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);

/// Is told what becomes of the clients of one route, by all their threads.
pub trait Observer: Sync {
    /// What is kept of one connection.
    type Log: Sync;

    /// A connection to `upstream` has been made for `client`.
    fn opened(&self, client: SocketAddr, upstream: SocketAddr) -> Self::Log;

    /// Copies one direction of the connection, as [`copy`] does, and sees each piece.
    fn copy(&self, log: &Self::Log, way: Direction, from: Side<'_>, to: Side<'_>)
    -> io::Result<()>;

    /// Both sides of the connection are closed.
    fn closed(&self, log: Self::Log, summary: &Summary);

    /// `client` is sent a reset, without a byte from it or to it.
    fn refused(&self, client: SocketAddr, why: &Refusal);
}

/// Copies one direction of one connection: takes what comes from one side, and passes it on to the
/// other, until the stream has ended and its end is passed on, too. `observe` is shown each piece.
///
/// # Errors
/// When the connection is over before that.
pub fn copy(
    mut from: Side<'_>,
    mut to: Side<'_>,
    mut observe: impl FnMut(&[u8]),
) -> io::Result<()> {
    let mut buffer = [0; RECV_SIZE];
    loop {
        let got = from.read(&mut buffer)?;
        let piece = buffer.get(..got).unwrap_or_default();
        if piece.is_empty() {
            // An empty recv is news: no more will come. A proxy that ignores it asks again and
            // again, as fast as the processor can, and the other side never hears of the end. That
            // is passed on in this direction only (a half-close): in the other an answer may be on
            // its way.
            return to.half_close();
        }
        observe(piece);
        // While the receiver has no room, this waits, and nothing more is read. So the sender has
        // to wait as well, stopped by its own kernel (back-pressure), and nothing piles up here.
        to.write_all(piece)?;
    }
}

/// Copies both directions of one connection, until both have ended. What breaks off one breaks off
/// the other, and a reset is passed on as a reset. Then both sockets are closed, and the threads
/// gone. `copy` is [`copy()`], or does more on the way.
pub fn relay(
    connection: Connection,
    copy: impl Fn(Direction, Side<'_>, Side<'_>) -> io::Result<()> + Sync,
) -> Summary {
    let (client, upstream) = (connection.side(Party::Client), connection.side(Party::Upstream));
    thread::scope(|scope| {
        let down = || copy(Direction::Down, upstream, client);
        let started = check_thread_memory(STACK_SIZE)
            .and_then(|()| thread::Builder::new().stack_size(STACK_SIZE).spawn_scoped(scope, down));
        match started {
            // The connection knows how each direction has ended.
            Ok(_) => _ = copy(Direction::Up, client, upstream),
            Err(error) => {
                console::warn(format_args!("no thread for a connection: {error}; it was reset"));
                client.break_off(End::Stopped);
            }
        }
    });
    connection.close()
}

/// Calls the upstream: its addresses in turn, until one of them accepts.
///
/// # Errors
/// [`Refusal::Unreachable`], or [`Refusal::Stopped`].
pub fn connect(upstream: &[SocketAddr], stop: &Stop) -> Result<(Socket, SocketAddr), Refusal> {
    let mut tried = Vec::new();
    for &address in upstream {
        match call(address) {
            _ if stop.is_requested() => return Err(Refusal::Stopped),
            Ok(socket) => return Ok((socket, address)),
            Err(error) => tried.push((address, error)),
        }
    }
    Err(Refusal::Unreachable { tried })
}

fn call(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.connect_timeout(&address.into(), CONNECT_TIMEOUT)?;
    // Where nobody listens, the system may choose that very port for our own end. Then the socket
    // is connected to itself, and hears its own bytes (a simultaneous open, RFC 9293, 3.5).
    if socket.local_addr()?.as_socket() == Some(address) {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(socket)
}

/// Leads every client to the upstream, each in threads of its own, as long as there are `places`,
/// which several routes may share. The listening socket stays open for the next client, and an
/// upstream that is down costs those who call meanwhile, and nobody else. On Ctrl-C it closes, and
/// this returns when the connections have ended, or are abandoned.
///
/// # Errors
/// When the listening socket itself fails; the connections are abandoned then.
pub fn serve(
    listener: Listener,
    upstream: &[SocketAddr],
    places: &Places,
    observer: &impl Observer,
) -> io::Result<()> {
    let policy = &listener.policy().clone();
    thread::scope(|scope| {
        let crowd = Crowd::new(scope, places);
        // Other servers turn browsers away, by their first bytes. A proxy runs nothing and
        // understands nothing: HTTP is passed on like everything else, and whether to answer is the
        // upstream's business.
        while let Some((client, address)) = listener.accept_socket()? {
            let lead = move |client| {
                if let Err(why) = lead(client, address, upstream, policy, observer) {
                    observer.refused(address, &why);
                }
            };
            match crowd.spawn(client, lead) {
                Ok(()) => {}
                Err(Refused::Full(client)) => {
                    connection::reset(client);
                    observer.refused(address, &Refusal::Full { most: places.limit() });
                }
                Err(Refused::NoThread(error)) => observer.refused(address, &Refusal::Socket(error)),
            }
        }
        // A client that calls now is refused, and not left to wait for the last connection to end.
        drop(listener);
        Ok(())
    })
    .inspect_err(|_| policy.stop.abandon())
}

/// Connects one client to the upstream, and stays until the connection has ended.
fn lead(
    client: Socket,
    address: SocketAddr,
    upstream: &[SocketAddr],
    policy: &Policy,
    observer: &impl Observer,
) -> Result<(), Refusal> {
    let (socket, upstream) = match connect(upstream, &policy.stop) {
        Ok(connected) => connected,
        Err(why) => {
            // The end of a stream would say that somebody is there, and has nothing to say.
            connection::reset(client);
            return Err(why);
        }
    };
    let connection = Connection::new(client, socket, policy).map_err(Refusal::Socket)?;
    let log = observer.opened(address, upstream);
    let summary = relay(connection, |way, from, to| observer.copy(&log, way, from, to));
    observer.closed(log, &summary);
    Ok(())
}
