//! The lines of standard input, whether a person types them or a pipe holds them.

use std::io::{self, BufRead, IsTerminal, Read, StdinLock};

use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{Config, Editor};

/// The most bytes that a line from a pipe may have.
const MAX_LINE: u64 = 1024 * 1024;

/// The lines of standard input, white space at both ends removed, until the input ends or a line
/// says `quit`. At a terminal there is a prompt with history; from a pipe there is none.
pub struct Lines {
    source: Source,
    blank: bool,
    ended: bool,
}

enum Source {
    Terminal { editor: Box<Editor<(), MemHistory>>, prompt: String },
    Pipe(StdinLock<'static>),
}

/// The lines of standard input; `prompt` is shown at a terminal.
///
/// Blank lines are left out: over TCP an empty message sends no byte, so the server would not
/// answer, and the client would wait. [`Lines::with_blank`] keeps them.
///
/// # Errors
/// When the terminal cannot be set up.
pub fn lines(prompt: &str) -> io::Result<Lines> {
    let source = if io::stdin().is_terminal() {
        let config = Config::builder().auto_add_history(true).build();
        let editor = Editor::with_history(config, MemHistory::new()).map_err(io::Error::other)?;
        Source::Terminal { editor: Box::new(editor), prompt: prompt.to_owned() }
    } else {
        Source::Pipe(io::stdin().lock())
    };
    Ok(Lines { source, blank: false, ended: false })
}

impl Lines {
    /// Hands on blank lines too: a datagram may be empty.
    #[must_use]
    pub fn with_blank(mut self) -> Lines {
        self.blank = true;
        self
    }
}

impl Iterator for Lines {
    type Item = io::Result<String>;

    fn next(&mut self) -> Option<io::Result<String>> {
        while !self.ended {
            match self.source.line() {
                Ok(Some(line)) if line == "quit" => self.ended = true,
                Ok(Some(line)) if line.is_empty() && !self.blank => {}
                Ok(Some(line)) => return Some(Ok(line)),
                Ok(None) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

impl Source {
    fn line(&mut self) -> io::Result<Option<String>> {
        match self {
            Source::Terminal { editor, prompt } => match editor.readline(prompt) {
                Ok(line) => Ok(Some(line.trim().to_owned())),
                Err(ReadlineError::Eof | ReadlineError::Interrupted) => Ok(None),
                Err(error) => Err(io::Error::other(error)),
            },
            Source::Pipe(pipe) => read_line(pipe),
        }
    }
}

pub(crate) fn read_line(pipe: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    let got = pipe.take(MAX_LINE + 1).read_until(b'\n', &mut line)?;
    if got as u64 > MAX_LINE {
        return Err(io::Error::other("a line of the input is longer than 1 MiB"));
    }
    let wrong = |_| io::Error::other("a line of the input is not UTF-8 text");
    let line = String::from_utf8(line).map_err(wrong)?;
    Ok((got > 0).then(|| line.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_a_pipe_needs_no_new_line() {
        let mut pipe = &b"echo a \r\nquit now"[..];
        assert_eq!(read_line(&mut pipe).unwrap().as_deref(), Some("echo a"));
        assert_eq!(read_line(&mut pipe).unwrap().as_deref(), Some("quit now"));
        assert_eq!(read_line(&mut pipe).unwrap(), None);
    }

    #[test]
    fn a_line_without_an_end_is_refused_before_it_fills_the_memory() {
        let error = read_line(&mut io::BufReader::new(io::repeat(b'x'))).unwrap_err();
        assert!(error.to_string().contains("1 MiB"), "{error}");
    }
}
