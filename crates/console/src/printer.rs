//! Answers on standard output.

use endpoint::{Connection, Progress};
use trace::Observer;
use wire::Encoding;

use crate::say::say_text;

/// Prints each message that comes in as text on standard output, and tells the connection where
/// messages end.
#[derive(Debug)]
pub struct Printer {
    progress: Progress,
    encoding: Encoding,
}

impl Printer {
    /// Prints the answers that come over `connection`.
    pub fn new(connection: &Connection, encoding: Encoding) -> Printer {
        Printer { progress: connection.progress(), encoding }
    }

    /// Prints answers that come as datagrams.
    pub fn of_datagrams(encoding: Encoding) -> Printer {
        Printer { progress: Progress::default(), encoding }
    }
}

impl Observer for Printer {
    fn received(&mut self, message: &[u8]) {
        self.progress.received(message);
        match message {
            [] => say_text("(an empty message)"),
            message => say_text(&self.encoding.decode(message)),
        }
    }

    fn sent(&mut self, message: &[u8]) {
        self.progress.sent(message);
    }

    fn advanced(&mut self) {
        self.progress.advanced();
    }
}
