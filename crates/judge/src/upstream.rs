//! The upstream of a proxy under test: the judge itself, on the other side of it.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

use socket2::Socket;

use crate::failure::{Came, Failure, Hint, Outcome};
use crate::port::{self, Transport};
use crate::record::Record;
use crate::server::Server;
use crate::talk::Talk;

/// What stands for the upstream's port in a command.
const PLACE: &str = "{upstream}";
/// How often it is looked whether the proxy calls.
const LOOK: Duration = Duration::from_millis(1);

/// Where the proxy under test calls.
#[derive(Debug, Default)]
pub(crate) struct Upstream {
    address: Option<SocketAddr>,
    listener: RefCell<Option<TcpListener>>,
    /// Keeps other judges away from the port while nobody listens there.
    _held: Option<Socket>,
}

impl Upstream {
    /// At this address; nobody listens there before the first [`Server::open_upstream`].
    pub(crate) fn at(address: Option<SocketAddr>) -> Upstream {
        Upstream { address, ..Upstream::default() }
    }

    /// At this address, or else at a free port if the command has a place for one.
    pub(crate) fn of_command(
        words: &[String],
        address: Option<SocketAddr>,
    ) -> io::Result<Upstream> {
        if address.is_some() || !words.iter().any(|word| word.contains(PLACE)) {
            return Ok(Upstream::at(address));
        }
        let (port, held) = port::reserve(Transport::Tcp)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = Some(listener.local_addr()?);
        Ok(Upstream { address, listener: Some(listener).into(), _held: Some(held) })
    }

    /// The command with the upstream's port in its place.
    pub(crate) fn fill_in(&self, words: &[String]) -> Vec<String> {
        let port = self.address.map_or_else(String::new, |address| address.port().to_string());
        words.iter().map(|word| word.replace(PLACE, &port)).collect()
    }

    fn listen(&self, record: &Record) -> Outcome {
        let Some(address) = self.address else {
            return Err(Failure::new(Came::Wrong, "a place for the upstream", "none"))
                .hint_any("Say where the proxy leads, with --upstream ADDR.");
        };
        record.uses_port(address.port());
        if self.listener.borrow().is_none() {
            let listen = || {
                let listener = TcpListener::bind(address)?;
                listener.set_nonblocking(true)?;
                Ok(listener)
            };
            let failed = |error: io::Error| {
                let why = format!("{error} (at the address of --upstream)");
                Failure::new(Came::Wrong, "to listen as the upstream", why)
            };
            *self.listener.borrow_mut() = Some(listen().map_err(failed)?);
        }
        Ok(())
    }
}

impl Server {
    /// Listens as the upstream, if the judge does not do so already.
    ///
    /// # Errors
    /// When it cannot.
    pub fn open_upstream(&self) -> Outcome {
        self.upstream.listen(self.record())
    }

    /// Listens no more: who calls the upstream is refused.
    pub fn close_upstream(&self) {
        self.record().add(None, "close the upstream", "");
        *self.upstream.listener.borrow_mut() = None;
    }

    /// Connects to the proxy, and waits until the proxy calls the upstream for it. The first talk
    /// is the client's, the second one the upstream's.
    ///
    /// # Errors
    /// When the proxy does not listen, or does not call.
    pub fn through(&self) -> Result<(Talk, Talk), Failure> {
        self.open_upstream()?;
        let client = self.connect()?;
        Ok((client, self.called()?))
    }

    /// Waits until the proxy calls the upstream.
    ///
    /// # Errors
    /// When it does not.
    pub fn called(&self) -> Result<Talk, Failure> {
        self.open_upstream()?;
        let wanted = "that the proxy calls its upstream";
        let failed = |error: io::Error| Failure::new(Came::Wrong, wanted, error.to_string());
        let deadline = self.record().deadline();
        loop {
            // Looked at before: the call of one that has ended since is still taken.
            let has_ended = self.has_ended();
            let accepted = self.upstream.listener.borrow().as_ref().map(TcpListener::accept);
            match accepted {
                Some(Ok((stream, _))) => {
                    stream.set_nonblocking(false).map_err(failed)?;
                    return Talk::new(stream, self.record(), "accept, as the upstream")
                        .map_err(failed);
                }
                Some(Err(error)) if error.kind() != ErrorKind::WouldBlock => {
                    return Err(failed(error));
                }
                _ => {}
            }
            if has_ended {
                return Err(Failure::new(Came::Closed, wanted, "it has ended"));
            }
            if Instant::now() > deadline {
                return Err(Failure::new(Came::Silence, wanted, "no call")).hint_any(
                    "The proxy does not call, or not the upstream that it was given. It should do \
                     so as soon as a client has called: the upstream may be the one that speaks \
                     first.",
                );
            }
            thread::sleep(LOOK);
        }
    }
}
