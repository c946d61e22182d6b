//! One client and its socket towards the upstream.
//!
//! ```text
//!   client ──▶ port ──▶ link (up) ──▶ the flow's own socket ──▶ upstream
//!   client ◀── port ◀── link (down) ◀─────────────────────────
//! ```

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Instant;

use fault::Direction;
use fault::datagram::{Faults, Link};
use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};

use super::observer::{Count, End, FlowId, Observer, Summary};
use super::port::Port;

/// The most datagrams of a flow that leave its faults before others have their turn.
const BATCH: usize = 64;

/// After so many errors in a row a socket is left alone until something comes.
const MAX_NEWS: usize = 16;

pub(crate) struct Flow {
    pub(crate) id: FlowId,
    /// The place of the port where its client comes in.
    pub(crate) route: usize,
    /// To the client, from the address that it has asked.
    pub(crate) way_back: endpoint::Route,
    socket: UdpSocket,
    /// The address of that socket.
    pub(crate) own_address: SocketAddr,
    pub(crate) upstream: SocketAddr,
    up: Way,
    down: Way,
    opened: Instant,
    /// When a datagram last came in or left.
    pub(crate) active: Instant,
    /// Whether something may wait in the kernel, as far as is known.
    pub(crate) readable: bool,
    /// Whether the observer knows that nobody listens there.
    unreachable: bool,
}

struct Way {
    link: Link<()>,
    count: Count,
}

impl Flow {
    /// Begins a flow for a client that has come in at this route; `upstream` are the addresses to try.
    pub(crate) fn new(
        (id, route): (FlowId, usize),
        way_back: endpoint::Route,
        upstream: &[SocketAddr],
        faults: &Faults,
        now: Instant,
    ) -> io::Result<Flow> {
        let (socket, own_address, upstream) = connect(upstream)?;
        let way = |direction| Way {
            link: Link::within(
                faults.budget(),
                &faults.of(direction),
                faults.seed(id.0, direction),
            ),
            count: Count::default(),
        };
        Ok(Flow {
            id,
            route,
            way_back,
            socket,
            own_address,
            upstream,
            up: way(Direction::Up),
            down: way(Direction::Down),
            opened: now,
            active: now,
            readable: false,
            unreachable: false,
        })
    }

    /// Has `poll` name this flow's socket by this token.
    pub(crate) fn watch(&mut self, token: Token, registry: &Registry) -> io::Result<()> {
        registry.register(&mut self.socket, token, Interest::READABLE)
    }

    /// Receives the next answer, if one waits: how many bytes it has.
    pub(crate) fn receive(
        &mut self,
        buffer: &mut [u8],
        observer: &mut dyn Observer,
    ) -> Option<usize> {
        for _ in 0..MAX_NEWS {
            match self.socket.recv(buffer) {
                Ok(got) => {
                    self.unreachable = false;
                    return Some(got);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => self.note(&error, observer),
            }
        }
        self.readable = false;
        None
    }

    /// Takes a datagram on its way, and sends what is due by now.
    pub(crate) fn pass(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        port: &Port,
        (observer, now): (&mut dyn Observer, Instant),
    ) {
        self.active = now;
        observer.datagram(self.id, direction, bytes);
        let link = &mut self.way_mut(direction).link;
        if link.is_perfect() && link.due().is_none() {
            // Nothing has to be kept, and so nothing is copied.
            return self.send(direction, bytes, port, observer);
        }
        for words in link.push(now, bytes, ()) {
            observer.fault(self.id, direction, bytes.len(), &words);
        }
        self.send_due(port, (observer, now));
    }

    /// Sends what is due by now, in both directions, up to a bound: then others have their turn.
    pub(crate) fn send_due(&mut self, port: &Port, (observer, now): (&mut dyn Observer, Instant)) {
        for direction in [Direction::Up, Direction::Down] {
            for _ in 0..BATCH {
                let Some((bytes, ())) = self.way_mut(direction).link.pop(now) else { break };
                self.active = now;
                self.send(direction, &bytes, port, observer);
            }
        }
    }

    /// Takes on the faults of now; what is on its way is due at once.
    pub(crate) fn follow(&mut self, faults: &Faults, now: Instant) {
        for direction in [Direction::Up, Direction::Down] {
            let seed = faults.seed(self.id.0, direction);
            self.way_mut(direction).link.change(now, &faults.of(direction), seed);
        }
    }

    /// When something is due.
    pub(crate) fn due(&self) -> Option<Instant> {
        [&self.up, &self.down].into_iter().filter_map(|way| way.link.due()).min()
    }

    /// What has become of the flow.
    pub(crate) fn summary(&self, end: End, now: Instant) -> Summary {
        let duration = now.saturating_duration_since(self.opened);
        Summary { up: self.up.count, down: self.down.count, duration, end }
    }

    fn send(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        port: &Port,
        observer: &mut dyn Observer,
    ) {
        let sent = match direction {
            Direction::Down => port.send(bytes, self.way_back),
            Direction::Up => match self.socket.send(bytes) {
                // The news that an earlier datagram met nobody comes in the place of this send, which is then
                // not done (udp(7)).
                Err(error) if is_unreachable(&error) => {
                    self.note(&error, observer);
                    self.socket.send(bytes).map(drop)
                }
                sent => sent.map(drop),
            },
        };
        match sent {
            Ok(()) => self.way_mut(direction).count.add(bytes.len()),
            Err(error) => observer.lost(self.id, direction, bytes.len(), &error),
        }
    }

    fn note(&mut self, error: &io::Error, observer: &mut dyn Observer) {
        if !std::mem::replace(&mut self.unreachable, true) {
            observer.unreachable(self.id, error);
        }
    }

    fn way_mut(&mut self, direction: Direction) -> &mut Way {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }
}

/// Whether this says that an earlier datagram met nobody.
fn is_unreachable(error: &io::Error) -> bool {
    use ErrorKind::{ConnectionRefused, ConnectionReset, HostUnreachable, NetworkUnreachable};
    matches!(
        error.kind(),
        ConnectionRefused | ConnectionReset | HostUnreachable | NetworkUnreachable
    )
}

/// A socket on a free port that is connected to the first address to which there is a way; its own address, and
/// the upstream's.
fn connect(upstream: &[SocketAddr]) -> io::Result<(UdpSocket, SocketAddr, SocketAddr)> {
    let mut last = ErrorKind::AddrNotAvailable.into();
    for &address in upstream {
        match connect_to(address) {
            Ok((socket, own)) => return Ok((socket, own, address)),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn connect_to(upstream: SocketAddr) -> io::Result<(UdpSocket, SocketAddr)> {
    let any = match upstream {
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
    };
    let open = || {
        let socket = std::net::UdpSocket::bind(any)?;
        socket.connect(upstream)?;
        socket.set_nonblocking(true)?;
        Ok::<_, io::Error>(socket)
    };
    let mut socket = open()?;
    if socket.local_addr()? == upstream {
        // Where nobody listens, the system may choose that very port for this socket, which would then hear
        // itself. While it is there, the next one gets another.
        socket = open()?;
    }
    let own = socket.local_addr()?;
    Ok((UdpSocket::from_std(socket), own))
}
