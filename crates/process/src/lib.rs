//! A program under test: a process, and what it has printed.
//!
//! ```
//! # #[cfg(unix)]
//! # fn main() -> Result<(), process::Error> {
//! use std::process::Command;
//! use std::time::{Duration, Instant};
//!
//! use process::Process;
//!
//! let deadline = Instant::now() + Duration::from_secs(30);
//! let mut cat = Process::start(Command::new("cat"))?;
//! cat.type_text("hello\n");
//! cat.expect("hello", deadline)?;
//! cat.end_input();
//! let finished = cat.finish(deadline)?;
//! assert_eq!((finished.status, &*finished.stdout), (Some(0), "hello\n"));
//! # Ok(())
//! # }
//! # #[cfg(not(unix))]
//! # fn main() {}
//! ```
//!
//! A [`Process`] is started with three pipes. Two threads collect its standard output and its standard
//! error, each by itself, because in which order they come through two pipes is not the same twice; a
//! third waits for its end. Whoever waits for a text, a line, or the end waits on one condition
//! variable, and until a deadline; nothing here asks again and again.
//!
//! The process leads a process group of its own on Unix, and has a job object of its own on Windows: when
//! its [`Process`] is dropped, it is killed with all that it has started; on Linux also what has left the
//! group, as a daemon does with setsid(2). For that, this process becomes the one to which the orphans of
//! what it has started come. The signal of a terminal's Ctrl-C
//! does not reach such a group; [`kill_all_then`] is for the program that gets it.

mod collect;
mod descendants;
mod error;
mod group;
mod output;
mod process;

pub use error::Error;
pub use group::kill_all_then;
pub use output::{Captured, Finished, Output};
pub use process::{Process, run};
#[cfg(unix)]
pub use rustix::process::Signal;
