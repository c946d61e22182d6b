//! The lab: foretell what recv returns, run it on this machine's own sockets, and see.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::program::main()
}
