//! What a client shows of an answer.

use trace::Observer;
use wire::Encoding;

use crate::connection::Progress;
use crate::report::say_text;

/// Prints each message that comes in as text on standard output, and tells the connection where
/// messages end.
#[derive(Debug)]
pub struct Printer {
    progress: Progress,
    encoding: Encoding,
}

impl Printer {
    /// Prints answers that come as datagrams.
    pub fn of_datagrams(encoding: Encoding) -> Printer {
        Printer::new(Progress::default(), encoding)
    }

    pub(crate) fn new(progress: Progress, encoding: Encoding) -> Printer {
        Printer { progress, encoding }
    }
}

impl Observer for Printer {
    fn received(&mut self, message: &[u8]) {
        self.progress.received();
        match message {
            [] => say_text("(an empty message)"),
            message => say_text(&self.encoding.decode(message)),
        }
    }

    fn sent(&mut self, _: &[u8]) {
        self.progress.sent();
    }

    fn advanced(&mut self) {
        self.progress.advanced();
    }
}
