//! What to ask: a text from the command line, several times, or what is typed.

use std::io;
use std::iter::repeat_n;
use std::thread;
use std::time::Duration;

/// A text that is asked several times.
pub(crate) struct Repeat<'a> {
    pub(crate) text: &'a str,
    pub(crate) count: u32,
    /// The pause between two times.
    pub(crate) every: Duration,
}

/// The requests, one after the other. Of what is typed, which is to be `what`, an empty line is one only
/// `with_blank`.
pub(crate) fn requests<'a>(
    repeat: Option<Repeat<'a>>,
    what: &str,
    with_blank: bool,
) -> io::Result<Box<dyn Iterator<Item = io::Result<String>> + 'a>> {
    let Some(Repeat { text, count, every }) = repeat else {
        let lines = console::lines(">>: ", what)?;
        return Ok(Box::new(if with_blank { lines.with_blank() } else { lines }));
    };
    let texts = repeat_n(text, count as usize).enumerate();
    Ok(Box::new(texts.map(move |(number, text)| {
        if number > 0 {
            thread::sleep(every);
        }
        Ok(text.to_owned())
    })))
}
