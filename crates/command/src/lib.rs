//! Runs a remote command safely: allow-list, both pipes drained, time and size limits.
//!
//! A server that runs what a peer asks for has three ways to hang, and one to be taken over:
//!
//! - It reads standard output to its end before standard error. A command that fills the other
//!   pipe (64 KiB on Linux, pipe(7)) waits for the server, and the server for the command. Here
//!   both pipes are read as they fill.
//! - The command never ends, or waits for input, or leaves a child behind that holds the pipe open.
//!   Here standard input is empty, and a time limit ends the command with its whole process group.
//! - The command prints without end. Here the answer has a size limit.
//! - It hands the peer's words to a shell. Here only programs on a list are run, and no shell sees
//!   the words, unless the server's owner asks for [`Runner::shell`].
//!
//! # Without a shell
//!
//! A request is one line. It is split into words as a POSIX shell splits it, the first word must be
//! on the list exactly as it stands there, and the other words go to that program as they are.
//! Since no shell runs, `;` or `$(…)` could do nothing; they are refused all the same, because
//! `echo a; rm x` answered by `a; rm x` would teach that a shell had read it. What passes means
//! what it would mean to a POSIX shell. Refused are, where they are not quoted: `;` `&` `|` `<` `>`
//! `(` `)` `*` `?` `[`, and `~` that begins a word; and, except in single quotes, `$` and the
//! backtick. Quoted or escaped they are plain text.
//!
//! What the programs of the default list may be asked is a table of forms (`arguments.rs`): `date` must not set
//! the clock or read a file, `ps` must not show the environment of processes, where passwords are often
//! kept, `ls` must not walk through whole disks, `seq` gets no number of a billion digits. What remains is what
//! the list is for: whoever can connect sees the names of files, the command lines of processes and the state of
//! disks that this program's user may see.
//!
//! # Limits
//!
//! A command has a time limit, and each of its processes limits for memory and for time on the processor
//! (getrlimit(2)), with and without a shell. They are set before the command's first instruction: what is
//! started is `sh`, which sets them with `ulimit` and becomes the command with `exec`. The words of the request
//! are that `sh`'s positional parameters, which it does not read. How many processes a command starts under
//! [`Runner::shell`] is not limited. The answers of all clients together have a limit too.
//!
//! # Systems
//!
//! On Windows a job object takes the place of the process group, and processes have no limits. It lacks most of
//! the programs that the lessons' texts ask for: `date`, `dir`, `echo`, `ls`, `pwd`, `seq` and `true` are
//! answered here (`builtin.rs`), with the bytes of Unix. What a program prints in the console's code page, as GBK
//! in China, is answered in UTF-8.

mod answers;
mod arguments;
mod builtin;
mod captured;
mod error;
mod limits;
mod output;
mod request;
mod runner;
mod supervise;

#[cfg(windows)]
mod code_page;
#[cfg(unix)]
mod poll;
#[cfg(any(not(unix), test))]
mod threads;

pub use answers::Answer;
pub use error::Error;
pub use output::{Cut, Output};
pub use runner::{DEFAULT_ALLOWED, Runner};
