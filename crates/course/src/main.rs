//! The course: learn socket programming by writing it, stage by stage.

use std::process::ExitCode;

fn main() -> ExitCode {
    course::program::main()
}
