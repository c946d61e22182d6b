//! On what terms a server admits a client.

use std::io;
use std::net::SocketAddr;

use socket2::{SockAddr, Socket, Type};
use trace::{Recorder, Tap};

use crate::connection::{Progress, recorder};
use crate::stop::Bell;
use crate::{Connection, Error, Limits, Log, ServerArgs, Stop, Traced, report};

/// What holds for every connection of a server: its limits, its trace, and its end.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// A limit for everything that a client could do without end.
    pub limits: Limits,
    /// The request to stop.
    pub stop: Stop,
    /// Whether to keep silent about what happens to each client.
    pub quiet: bool,
    recorder: Option<Recorder>,
}

impl Policy {
    /// The policy that the command line asks for, with an end on Ctrl-C.
    ///
    /// # Errors
    /// [`Error::Setup`] when the process has such an end already.
    pub fn new(args: &ServerArgs) -> Result<Policy, Error> {
        // Each client costs one.
        raise_descriptor_limit(args.limits.max_connections);
        Ok(Policy {
            limits: args.limits.clone(),
            stop: Stop::on_ctrl_c()?,
            quiet: args.quiet,
            recorder: args.trace.then(recorder),
        })
    }

    /// A policy that only [`Stop::request`] ends, and that says nothing of its clients: for tests.
    pub fn silent(limits: Limits) -> Policy {
        Policy { limits, quiet: true, ..Policy::default() }
    }

    /// Says `listening on ADDR`, with the port that the system chose if it was 0, and lets Ctrl-C
    /// end a wait in `accept` on this socket, or for a datagram.
    ///
    /// # Errors
    /// When the socket is not bound.
    pub fn listening(&self, socket: &Socket) -> io::Result<SocketAddr> {
        let address = socket.local_addr()?.as_socket();
        let address = address.ok_or_else(|| io::Error::other("not an IP address"))?;
        self.stop.wake_listener(match socket.r#type()? {
            Type::DGRAM => Bell::Datagram(address),
            _ => Bell::Call(address),
        });
        report::say(format_args!("listening on {address}"));
        Ok(address)
    }

    /// Admits a client that `accept` gave, or returns `None` once the server is to stop.
    pub fn admit(&self, socket: Socket, peer: &SockAddr) -> Option<(Connection, Log)> {
        if self.stop.is_requested() {
            return None;
        }
        let peer = ip_address(peer);
        let recorder = self.recorder.as_ref();
        let connection = Connection::from_client(socket, peer, &self.limits, &self.stop, recorder);
        let log = Log::connected(peer, connection.progress(), self);
        Some((connection, log))
    }

    /// The log of a client whose socket is not a [`Connection`], such as one in an event loop.
    pub fn log(&self, peer: SocketAddr) -> Log {
        Log::connected(peer, Progress::default(), self)
    }

    /// The log of one exchange of datagrams with `peer`, which never connects and never closes.
    pub fn datagram_log(&self, peer: SocketAddr) -> Log {
        Log::new(peer, Progress::default(), self)
    }

    /// A client's stream, whose calls are recorded if `--trace` asks for it: for who reads sockets in
    /// a way of their own. A [`Connection`] is traced already.
    pub fn traced<S>(&self, stream: S, peer: SocketAddr) -> Traced<S> {
        match &self.recorder {
            None => Traced::Plain(stream),
            Some(recorder) => {
                Traced::Tapped(Box::new(Tap::new(stream, recorder, peer.to_string())))
            }
        }
    }

    pub(crate) fn recorder(&self) -> Option<Recorder> {
        self.recorder.clone()
    }
}

/// The address of a TCP socket's peer, which is always an IP address.
pub(crate) fn ip_address(peer: &SockAddr) -> SocketAddr {
    peer.as_socket().unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0)))
}

/// Lets this process have so many descriptors and a few more, if the system allows it: for a server
/// whose clients need more of them than one each, for which [`Policy::new`] has asked.
///
/// The usual soft limit is 1024. A process may raise it up to the hard limit, setrlimit(2); beyond
/// that, `accept` will fail, and be tried again.
#[cfg(unix)]
pub fn raise_descriptor_limit(descriptors: usize) {
    use rustix::process::{Resource, getrlimit, setrlimit};
    // Standard streams, the listener, and what a command's pipes need.
    const SPARE: u64 = 64;
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = (descriptors as u64).saturating_add(SPARE);
    if limit.current.is_some_and(|current| current < wanted) {
        limit.current = Some(limit.maximum.map_or(wanted, |maximum| maximum.min(wanted)));
        // What cannot be raised stays as it is.
        _ = setrlimit(Resource::Nofile, limit);
    }
}

/// Windows counts no descriptors.
#[cfg(not(unix))]
pub fn raise_descriptor_limit(_descriptors: usize) {}
