//! Printing, in colour if somebody looks.

use std::io::Write;

/// Prints at once. If nobody reads it any more, that is no error.
pub(crate) fn print(text: &str) {
    let mut out = anstream::stdout().lock();
    _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
