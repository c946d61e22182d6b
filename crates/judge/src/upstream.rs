//! The upstream of a proxy under test: the judge itself, on the other side of it.

use std::cell::RefCell;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

use language::text;
use rust_i18n::t;
use socket2::Socket;

use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::port::{self, Transport};
use crate::record::Record;

/// What stands for the upstream's port in a command.
const PLACEHOLDER: &str = "{upstream}";

/// Where the proxy under test calls.
#[derive(Debug, Default)]
pub(crate) struct Upstream {
    address: Option<SocketAddr>,
    listener: RefCell<Option<TcpListener>>,
    /// Keeps other judges away from the port while nobody listens there.
    _held: Option<Socket>,
}

impl Upstream {
    /// At this address; nobody listens there before the first `listen`.
    pub(crate) fn at(address: Option<SocketAddr>) -> Upstream {
        Upstream { address, ..Upstream::default() }
    }

    /// At this address, or else at a free port if the command has a place for one.
    pub(crate) fn of_command(
        words: &[String],
        address: Option<SocketAddr>,
    ) -> io::Result<Upstream> {
        if address.is_some() || !words.iter().any(|word| word.contains(PLACEHOLDER)) {
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
        words.iter().map(|word| word.replace(PLACEHOLDER, &port)).collect()
    }

    /// Listens there, if the judge does not do so already.
    ///
    /// # Errors
    /// When there is no address, or it is taken.
    pub(crate) fn listen(&self, record: &Record) -> Outcome {
        let Some(address) = self.address else {
            return Err(Failure::new(
                FailureKind::Mismatch,
                text!("a place for the upstream"),
                text!("none"),
            ))
            .hint_any(text!("Say where the proxy leads, with --upstream ADDR."));
        };
        record.uses_port(address.port());
        if self.listener.borrow().is_none() {
            let listen = || {
                let listener = TcpListener::bind(address)?;
                listener.set_nonblocking(true)?;
                Ok(listener)
            };
            let failed = |error: io::Error| {
                let why = t!("%{error} (at the address of --upstream)", error = error).into_owned();
                Failure::new(FailureKind::Mismatch, text!("to listen as the upstream"), why)
            };
            *self.listener.borrow_mut() = Some(listen().map_err(failed)?);
        }
        Ok(())
    }

    /// Listens no more: who calls is refused.
    pub(crate) fn close(&self) {
        *self.listener.borrow_mut() = None;
    }

    /// Takes a call, if one has come; `None` if nobody listens.
    pub(crate) fn accept(&self) -> Option<io::Result<TcpStream>> {
        self.listener.borrow().as_ref().map(|listener| Ok(listener.accept()?.0))
    }
}
