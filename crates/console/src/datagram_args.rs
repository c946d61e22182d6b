//! The options that all clients that speak UDP share, and those for faults.

use std::time::Duration;

use clap::Args;
use endpoint::{Address, Datagrams, Notify, Policy};
use socket2::Socket;

use crate::args::Dialect;
use crate::log::notice;
use crate::say::recorder;
use crate::values::duration;

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

impl DatagramArgs {
    /// The socket of a client, connected already, with the trace and the faults asked for.
    pub fn datagrams(&self, socket: Socket) -> Datagrams {
        let DatagramFaults { fault, seed } = &self.faults;
        let socket = Datagrams::of_client(socket, self.trace.then(recorder));
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
