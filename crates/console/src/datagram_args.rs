//! The options that all UDP clients share, and those for the faults of datagrams.

use clap::Args;
use endpoint::{Address, Datagrams, Error, Notify, Policy};
use socket2::Socket;

use crate::args::Dialect;
use crate::log::notice;
use crate::say::recorder;

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

impl DatagramArgs {
    /// A socket to the server, with the trace and the faults asked for.
    ///
    /// # Errors
    /// [`Error::Resolve`], or [`Error::Connect`] when there is no way to it.
    pub fn connect(&self) -> Result<Datagrams, Error> {
        Ok(self.with_faults(Datagrams::connect(&self.connect, self.trace.then(recorder))?))
    }

    /// The same for a socket that is connected already: for lesson 04, which spells that out.
    pub fn datagrams(&self, socket: Socket) -> Datagrams {
        self.with_faults(Datagrams::of_client(socket, self.trace.then(recorder)))
    }

    fn with_faults(&self, socket: Datagrams) -> Datagrams {
        let DatagramFaults { fault, seed } = &self.faults;
        // With the same seed at both ends, what becomes of an answer must not follow from what
        // became of the question.
        socket.with_faults(fault, !seed, Notify::new(|what| notice(false, &what)))
    }
}

impl DatagramFaults {
    /// The socket of a server, bound already, with these faults.
    pub fn datagrams(&self, socket: Socket, policy: &Policy) -> Datagrams {
        let socket = Datagrams::of_server(socket, policy);
        socket.with_faults(&self.fault, self.seed, policy.notify.clone())
    }
}

fn fault_help() -> String {
    let forms = fault::spec::either(&fault::datagram::Spec::help_forms());
    format!("Do this to the datagrams sent from here: {forms}; may be given several times")
}
