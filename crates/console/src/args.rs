//! The options that all servers share, and those that all clients share.

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use endpoint::{
    Address, Connection, Datagrams, Error, Limits, Listener, Notify, Opening, Policy, Stop,
    is_loopback, raise_descriptor_limit,
};
use socket2::Socket;

use crate::log::{ServerLog, notice};
use crate::say::{recorder, warn, write_in_threads};
use crate::values::{at_least_one, duration, size};

/// Whose bytes a program speaks, where the tutorial's and ours differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Dialect {
    /// This project's bytes, which hold however the stream is cut.
    #[default]
    Ours,
    /// Exactly the bytes of the tutorial's Python programs.
    Tutorial,
}

/// The options of every server.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every server")]
pub struct ServerArgs {
    /// Where to listen: `host:port`, `[v6]:port`, a name, or a port; port 0 takes a free one.
    #[arg(long, value_name = "ADDR")]
    pub listen: Address,
    /// Allow an address that other machines can reach.
    #[arg(long)]
    pub expose: bool,
    /// Speak this project's bytes, or the tutorial's where those differ.
    #[arg(long, value_enum, default_value = "ours")]
    pub dialect: Dialect,
    /// Show each send and recv, with what the kernel held, on standard error.
    #[arg(long)]
    pub trace: bool,
    /// Print where it listens, and nothing about each client.
    #[arg(long)]
    pub quiet: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub limits: LimitArgs,
}

/// The options for [`Limits`].
#[derive(Debug, Clone, Args)]
pub struct LimitArgs {
    /// How long a client may be silent between two messages.
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration)]
    pub idle_timeout: Duration,
    /// How long one message may take from its first byte to its last, in either direction.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub message_timeout: Duration,
    /// How long a message may be.
    #[arg(long, value_name = "SIZE", default_value = "16MiB", value_parser = size)]
    pub max_message: usize,
    /// How many clients may be connected at once; lessons 01 to 03 serve one, and the others wait.
    #[arg(long, value_name = "N", default_value = "1024", value_parser = at_least_one)]
    pub max_connections: usize,
}

/// The options of every client.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every client")]
pub struct ClientArgs {
    /// Whom to call: `host:port`, `[v6]:port`, a name, or a port.
    #[arg(long, value_name = "ADDR")]
    pub connect: Address,
    /// Speak this project's bytes, or the tutorial's where those differ.
    #[arg(long, value_enum, default_value = "ours")]
    pub dialect: Dialect,
    /// Show each send and recv, with what the kernel held, on standard error.
    #[arg(long)]
    pub trace: bool,
    /// How long to wait for an answer.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub timeout: Duration,
    /// How long an answer may be.
    #[arg(long, value_name = "SIZE", default_value = "16MiB", value_parser = size)]
    pub max_message: usize,
}

impl ServerArgs {
    /// The address to bind for `--listen`.
    ///
    /// # Errors
    /// Those of [`ServerArgs::address_of`].
    pub fn address(&self) -> Result<SocketAddr, Error> {
        self.address_of(&self.listen)
    }

    /// The address to bind for `listen`: for a server that listens in several places. If other machines
    /// can reach it, says on standard error what they can do then.
    ///
    /// # Errors
    /// [`Error::NotLoopback`] for an address that other machines can reach, without `--expose`;
    /// [`Error::Resolve`] for a name without an address.
    pub fn address_of(&self, listen: &Address) -> Result<SocketAddr, Error> {
        let found = listen.resolve()?;
        let exposed = found.iter().find(|address| !is_loopback(address.ip()));
        match (exposed, found.first()) {
            (Some(&address), _) if !self.expose => Err(Error::NotLoopback { address }),
            (Some(address), Some(&first)) => {
                warn(format_args!(
                    "exposed: every machine that can reach {address} may use this server, without \
                     a password and without encryption"
                ));
                Ok(first)
            }
            (None, Some(&address)) => Ok(address),
            (_, None) => Err(Error::Address { text: listen.to_string() }),
        }
    }

    /// The policy that the command line asks for, with an end on Ctrl-C, and with the server's own
    /// lines on standard output.
    ///
    /// # Errors
    /// [`Error::Setup`] when the process has such an end already, or no threads can be had.
    pub fn policy(&self) -> Result<Policy, Error> {
        // Each client costs one descriptor.
        raise_descriptor_limit(self.limits.max_connections);
        let (quiet, stop) = (self.quiet, Stop::on_ctrl_c()?);
        write_in_threads(&stop)?;
        Ok(Policy {
            limits: self.limits.limits(),
            stop,
            recorder: self.trace.then(recorder),
            opening: Opening::default(),
            notify: Notify::new(move |what| notice(quiet, &what)),
        })
    }

    /// The log of the server to which `policy` belongs.
    pub fn log(&self, policy: &Policy) -> ServerLog {
        ServerLog::new(policy.stop.clone(), self.quiet)
    }

    /// Binds the address of `--listen`, and says `listening on ADDR`.
    ///
    /// # Errors
    /// Those of [`ServerArgs::address`] and [`ServerArgs::policy`], and [`Error::Bind`].
    pub fn bind(&self) -> Result<(Listener, ServerLog), Error> {
        let (address, policy) = (self.address()?, self.policy()?);
        let log = self.log(&policy);
        Ok((Listener::bind(address, policy)?, log))
    }
}

impl LimitArgs {
    /// The limits as a server needs them.
    pub fn limits(&self) -> Limits {
        let LimitArgs { idle_timeout, message_timeout, max_message, max_connections } = *self;
        Limits { idle_timeout, message_timeout, max_message, max_connections }
    }
}

impl ClientArgs {
    /// Calls the server; a name's addresses are tried in turn.
    ///
    /// # Errors
    /// [`Error::Resolve`], or [`Error::Connect`] with the last address's error when none answers in
    /// time.
    pub fn connect(&self) -> Result<Connection, Error> {
        Connection::connect(&self.connect, self.timeout, self.trace.then(recorder).as_ref())
    }

    /// Makes a connection of a socket that is connected already: for lesson 01, which spells that out.
    ///
    /// # Errors
    /// [`Error::Setup`] when the socket is not connected.
    pub fn connection(&self, socket: Socket) -> Result<Connection, Error> {
        Connection::to_server(socket, self.timeout, self.trace.then(recorder).as_ref())
    }

    /// A socket for questions by datagram to the server.
    ///
    /// # Errors
    /// [`Error::Resolve`], or [`Error::Connect`] when there is no way to it.
    pub fn datagrams(&self) -> Result<Datagrams, Error> {
        Datagrams::connect(&self.connect, self.trace.then(recorder))
    }
}
