//! # Lesson 02: sticky packets, the server
//!
//! A remote command, as over ssh: the client sends `echo hi`, the server runs it and sends back what
//! it printed. It works, until an answer is longer than 1024 bytes or two messages meet on the way.
//! **This lesson is broken on purpose.** Lesson 03 is the same program, fixed; `scripts/diff 2 3`
//! shows the few lines between them.
//!
//! ```text
//! terminal 1:  cargo run -p lesson02-server
//! terminal 2:  cargo run -p lesson02-client
//!              >>: seq -s ' ' 1 400
//!              >>: echo hi                (and the rest of seq's answer comes)
//! ```

use std::io::{self, Read, Result, Write};

use command::Runner;
use console::{Log, ServerLog};
use endpoint::{Connection, Listener};
use trace::Observer;

/// The most bytes that a message may have.
pub const LIMIT: usize = 1024;

/// Sends one message.
///
/// # Errors
/// When the connection breaks, or the peer does not read in time.
pub fn send_message(stream: &mut impl Write, message: &[u8]) -> Result<()> {
    // BROKEN: nothing on the wire says where this message ends and the next one begins.
    stream.write_all(message)
}

/// Receives one message of at most `limit` bytes; `None` when the peer has ended the stream.
///
/// # Errors
/// When the connection breaks, or a wait takes too long.
pub fn receive_message(stream: &mut impl Read, limit: usize) -> Result<Option<Vec<u8>>> {
    let mut message = vec![0; limit];
    // BROKEN: one recv returns what has arrived, at most `limit` bytes. That may be half a message,
    // or two of them. TCP keeps the order of bytes, not the edges of messages.
    let got = stream.read(&mut message)?;
    message.truncate(got);
    Ok(if got > 0 { Some(message) } else { None })
}

/// The answer to a command: what it prints on its standard output, then on its standard error.
pub fn answer(request: &[u8], runner: &Runner) -> Vec<u8> {
    runner.answer(request).into_bytes()
}

/// Talks to one client until it has no more requests. Where `answer` returns `None`, none is sent.
///
/// # Errors
/// Those of [`receive_message`] and [`send_message`].
pub fn converse(
    stream: &mut (impl Read + Write),
    limit: usize,
    answer: impl Fn(&[u8]) -> Option<Vec<u8>>,
    observer: &mut impl Observer,
) -> Result<()> {
    while let Some(request) = receive_message(stream, limit)? {
        observer.received(&request);
        if let Some(reply) = answer(&request) {
            send_message(stream, &reply)?;
            observer.sent(&reply);
        }
    }
    Ok(())
}

/// Serves one client at a time with `conversation`; the next one waits in the accept queue.
/// Returns on Ctrl-C.
///
/// # Errors
/// When the listening socket itself fails. A client's trouble ends that client only.
pub fn serve(
    listener: &Listener,
    server_log: &ServerLog,
    mut conversation: impl FnMut(&mut Connection, &mut Log) -> Result<()>,
) -> io::Result<()> {
    while let Some(mut connection) = listener.accept()? {
        let mut log = server_log.connected(&connection);
        let outcome = conversation(&mut connection, &mut log);
        log.closed(&outcome);
    }
    Ok(())
}
