//! The options that all servers share, and all clients. Nobody has to learn them twice.

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use bytesize::ByteSize;
use clap::{Args, ValueEnum};
use socket2::{Domain, Protocol, Socket, Type};

use crate::address::{Address, is_loopback};
use crate::{Connection, Error};

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
    pub limits: Limits,
}

/// A limit for everything that a peer could do without end.
#[derive(Debug, Clone, Args)]
pub struct Limits {
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

/// The options of every client that speaks UDP.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every UDP client")]
pub struct DatagramArgs {
    /// Whom to ask: `host:port`, `[v6]:port`, a name, or a port.
    #[arg(long, value_name = "ADDR")]
    pub connect: Address,
    /// Speak this project's bytes, or the tutorial's where those differ.
    #[arg(long, value_enum, default_value = "ours")]
    pub dialect: Dialect,
    /// Show each send and recv on standard error.
    #[arg(long)]
    pub trace: bool,
    /// How long to wait for an answer before asking again.
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration)]
    pub timeout: Duration,
    /// How many times to ask again.
    #[arg(long, value_name = "N", default_value = "3")]
    pub retries: u32,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub faults: DatagramFaults,
}

/// What is to become of the datagrams that a program sends.
#[derive(Debug, Clone, Default, Args)]
pub struct DatagramFaults {
    /// The faults of the datagrams that are sent from here; they work in this order.
    #[arg(long, value_name = "NAME=…", help = fault_help())]
    pub fault: Vec<fault::datagram::Spec>,
    /// The same seed does the same to the same datagrams.
    #[arg(long, value_name = "N", default_value = "1", requires = "fault")]
    pub seed: u64,
}

fn fault_help() -> String {
    let forms = fault::spec::either(&fault::datagram::Spec::help_forms());
    format!("Do this to the datagrams sent from here: {forms}; may be given several times")
}

impl ServerArgs {
    /// The address of `--listen`, once it is sure that it may be bound: see [`ServerArgs::check`].
    ///
    /// # Errors
    /// Those of [`ServerArgs::check`].
    pub fn address(&self) -> Result<SocketAddr, Error> {
        self.check(&self.listen)
    }

    /// The address to bind for `listen`, once it is sure that it may be bound: for a server that
    /// listens in several places. Says on standard error what an address opens that other machines
    /// can reach.
    ///
    /// # Errors
    /// [`Error::NotLoopback`] for an address that other machines can reach, without `--expose`;
    /// [`Error::Resolve`] for a name without an address.
    pub fn check(&self, listen: &Address) -> Result<SocketAddr, Error> {
        let found = listen.resolve()?;
        let exposed = found.iter().find(|address| !is_loopback(address.ip()));
        match (exposed, found.first()) {
            (Some(&address), _) if !self.expose => Err(Error::NotLoopback { address }),
            (Some(address), Some(&first)) => {
                // Standard error may be closed; the person has asked for it all the same.
                _ = writeln!(
                    std::io::stderr(),
                    "exposed: every machine that can reach {address} may use this server, without \
                     a password and without encryption"
                );
                Ok(first)
            }
            (None, Some(&address)) => Ok(address),
            (_, None) => Err(Error::Address { text: listen.to_string() }),
        }
    }
}

impl ClientArgs {
    /// Calls the server; a name's addresses are tried in turn.
    ///
    /// # Errors
    /// [`Error::Connect`] with the last address's error, when none answers in time.
    pub fn connect(&self) -> Result<Connection, Error> {
        let mut last = None;
        for address in self.connect.resolve()? {
            match self.call(address) {
                Ok(socket) => return self.connection(socket),
                Err(source) => last = Some(Error::Connect { address, source }),
            }
        }
        Err(last.unwrap_or(Error::Address { text: self.connect.to_string() }))
    }

    /// Makes a connection of a socket that is connected already: for lesson 01, which connects itself.
    ///
    /// # Errors
    /// [`Error::Setup`] when the socket is not connected.
    pub fn connection(&self, socket: Socket) -> Result<Connection, Error> {
        Connection::to_server(socket, self)
    }

    fn call(&self, address: SocketAddr) -> std::io::Result<Socket> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.connect_timeout(&address.into(), self.timeout)?;
        Ok(socket)
    }
}

impl Default for Limits {
    /// What the options say when nobody gives them.
    fn default() -> Limits {
        Limits {
            idle_timeout: Duration::from_secs(600),
            message_timeout: Duration::from_secs(10),
            max_message: wire::DEFAULT_LIMIT,
            max_connections: 1024,
        }
    }
}

/// The longest wait that can be asked for. A much longer one has no end that an [`Instant`] can hold.
///
/// [`Instant`]: std::time::Instant
const LONGEST_WAIT: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// For clap: a length of time such as `10s`, `500ms` or `10m`, not zero, and at most 100 years.
///
/// # Errors
/// A sentence for the person who typed it.
pub fn duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("a wait of zero would end before it began".to_owned()),
        Ok(duration) if duration > LONGEST_WAIT => Err("nobody waits for 100 years".to_owned()),
        Ok(duration) => Ok(duration),
        Err(error) => Err(format!("{error}; write for example 500ms, 10s or 5m")),
    }
}

/// For clap: a number that is not zero.
fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("with none there would be nothing to do".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(error.to_string()),
    }
}

/// For clap: a number of bytes such as `1024`, `64KiB` or `16MiB`.
///
/// # Errors
/// A sentence for the person who typed it.
pub fn size(text: &str) -> Result<usize, String> {
    let size: ByteSize = text.parse().map_err(|_| "write for example 1024, 64KiB or 16MiB")?;
    usize::try_from(size.as_u64()).map_err(|_| "more than this machine can address".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Server {
        #[command(flatten)]
        args: ServerArgs,
    }

    fn address(words: &[&str]) -> Result<SocketAddr, Error> {
        Server::parse_from([&["server"], words].concat()).args.address()
    }

    #[test]
    fn only_loopback_is_bound_unless_the_person_says_expose() {
        for everywhere in ["0.0.0.0:8002", "[::]:8002", "10.0.0.1:8002"] {
            let error = address(&["--listen", everywhere]).unwrap_err();
            assert!(error.to_string().contains("--expose"), "{error}");
            assert!(address(&["--listen", everywhere, "--expose"]).is_ok());
        }
        assert!(address(&["--listen", "localhost:8002"]).unwrap().is_ipv4());
    }

    #[test]
    fn the_defaults_in_code_are_the_defaults_on_the_command_line() {
        let parsed = Server::parse_from(["server", "--listen", "0"]).args.limits;
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Limits::default()));
    }

    #[test]
    fn a_wait_of_zero_or_without_an_end_and_a_size_in_words_are_refused() {
        assert!(duration("0s").is_err());
        assert!(duration("500000000000y").is_err());
        assert!(size("big").is_err());
        assert_eq!(size("64KiB"), Ok(65536));
    }
}
