//! A program that listens.

use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::process::Command;

use crate::{Finished, Program, binary, peer};

/// A running server. It is killed when it is dropped.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    program: Program,
}

impl Server {
    /// Starts a lesson's server on a free port, and waits until it listens.
    #[track_caller]
    pub fn lesson(name: &str, args: &[&str]) -> Server {
        let mut command = binary(name);
        command.args(["--listen", "0"]).args(args);
        Server::start(command)
    }

    /// Starts the server of a pair of Python programs on a free port, and waits until it listens.
    #[track_caller]
    pub fn peer(pair: &str) -> Server {
        let mut command = peer(&format!("{pair}_server"));
        command.arg("0");
        Server::start(command)
    }

    /// Starts a server, and waits for its line `listening on ADDR`.
    #[track_caller]
    pub fn start(command: Command) -> Server {
        let program = Program::start(command);
        let line = program.wait_for_line("listening on ");
        let address = line.strip_prefix("listening on ").and_then(|address| address.parse().ok());
        let address = address.unwrap_or_else(|| panic!("no address in {line:?}"));
        Server { address, program }
    }

    /// Stops the server as Ctrl-C does, and waits until it has ended.
    #[cfg(unix)]
    #[track_caller]
    pub fn stop(self) -> Finished {
        self.program.signal(process::Signal::INT);
        self.program.finish()
    }

    /// Waits until the server has ended by itself.
    #[track_caller]
    pub fn finish(self) -> Finished {
        self.program.finish()
    }

    /// Runs a lesson's client with this input against this server, until the client has ended.
    #[track_caller]
    pub fn ask(&self, client: &str, args: &[&str], input: &str) -> Finished {
        Program::client(client, self.address, args).input(input).finish()
    }

    /// Runs the client of a Python pair with this input against this server, until it has ended.
    #[track_caller]
    pub fn ask_peer(&self, pair: &str, input: &str) -> Finished {
        Program::peer_client(pair, self.address, &[]).input(input).finish()
    }
}

impl Deref for Server {
    type Target = Program;

    fn deref(&self) -> &Program {
        &self.program
    }
}

impl DerefMut for Server {
    fn deref_mut(&mut self) -> &mut Program {
        &mut self.program
    }
}
