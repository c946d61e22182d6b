//! The lines of standard input, whether a person types them or a pipe holds them.

use std::io::{self, BufRead, IsTerminal, Read, StdinLock};

use language::text;
use rust_i18n::t;
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{
    Cmd, CompletionType, ConditionalEventHandler, Config, Editor, Event, EventContext,
    EventHandler, KeyEvent, Movement, RepeatCount,
};

use crate::completion::{Helper, Offer};
use crate::explain::in_language;
use crate::say::say;

/// The most bytes that a line from a pipe may have.
const MAX_LINE: u64 = 1024 * 1024;

/// What the keys and words do that every prompt has.
const KEYS: &str = text!(
    "
  help, ?              show this
  exit, quit, Ctrl-D   leave
  Ctrl-C               drop what is typed; with nothing typed, leave
  Up, Down             the lines that were typed before"
);

/// The lines of standard input, white space at both ends removed, until the input ends or a line
/// says `quit`.
///
/// At a terminal there is a prompt with history, which says at its start what may be typed. There
/// `exit` ends the lines too, `help` and `?` are answered, and Ctrl-C drops what is typed; if that is
/// nothing, it ends the lines. From a pipe every line but `quit` is handed on.
pub struct Lines {
    source: Source,
    blank: bool,
    ended: bool,
}

enum Source {
    Terminal(Box<Terminal>),
    Pipe(StdinLock<'static>),
}

struct Terminal {
    editor: Editor<Helper, MemHistory>,
    prompt: String,
    /// What may be typed.
    what: String,
    /// Whether `help` and `?` are the program's own to answer.
    hands_on_help: bool,
}

/// What becomes of a line that was typed at a terminal.
#[derive(Debug, PartialEq, Eq)]
enum Typed {
    End,
    Help,
    Line,
}

/// The lines of standard input; `prompt` is shown at a terminal, and in front of the first one what may be
/// typed, such as `a line for the server to answer`.
///
/// Blank lines are left out: over TCP an empty message sends no byte, so the server would not
/// answer, and the client would wait. [`Lines::with_blank`] keeps them.
///
/// # Errors
/// When the terminal cannot be set up.
pub fn lines(prompt: &str, what: &str) -> io::Result<Lines> {
    let source = if io::stdin().is_terminal() {
        if io::stdout().is_terminal() {
            say(t!("Type %{what}; help says more, exit ends.", what = in_language(what)));
        }
        let (prompt, what) = (prompt.to_owned(), what.to_owned());
        let terminal = Terminal { editor: editor()?, prompt, what, hands_on_help: false };
        Source::Terminal(Box::new(terminal))
    } else {
        Source::Pipe(io::stdin().lock())
    };
    Ok(Lines { source, blank: false, ended: false })
}

fn editor() -> io::Result<Editor<Helper, MemHistory>> {
    let config =
        Config::builder().auto_add_history(true).completion_type(CompletionType::List).build();
    let mut editor = Editor::with_history(config, MemHistory::new()).map_err(io::Error::other)?;
    let drop_line = EventHandler::Conditional(Box::new(DropLine));
    editor.bind_sequence(KeyEvent::ctrl('C'), drop_line);
    Ok(editor)
}

/// What Ctrl-C does: it empties the line, as in a shell. An empty one it leaves to rustyline, which ends
/// the lines.
struct DropLine;

impl ConditionalEventHandler for DropLine {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, line: &EventContext<'_>) -> Option<Cmd> {
        (!line.line().is_empty()).then_some(Cmd::Kill(Movement::WholeBuffer))
    }
}

impl Lines {
    /// Hands on blank lines too: a datagram may be empty.
    #[must_use]
    pub fn with_blank(mut self) -> Lines {
        self.blank = true;
        self
    }

    /// Hands on `help` and `?` too, for a program that has words of its own, and has Tab complete what
    /// `offer` offers.
    #[must_use]
    pub fn with_words(mut self, offer: Offer) -> Lines {
        if let Source::Terminal(terminal) = &mut self.source {
            terminal.hands_on_help = true;
            terminal.editor.set_helper(Some(Helper::new(offer)));
        }
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
            Source::Terminal(terminal) => terminal.line(),
            Source::Pipe(pipe) => read_line(pipe),
        }
    }
}

impl Terminal {
    fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            let line = match self.editor.readline(&self.prompt) {
                Ok(line) => line.trim().to_owned(),
                Err(ReadlineError::Eof | ReadlineError::Interrupted) => return Ok(None),
                Err(error) => return Err(io::Error::other(error)),
            };
            match typed(&line) {
                Typed::End => return Ok(None),
                Typed::Help if !self.hands_on_help => say(format_args!(
                    "{}{}",
                    t!("Type %{what}.", what = in_language(&self.what)),
                    t!(KEYS)
                )),
                Typed::Help | Typed::Line => return Ok(Some(line)),
            }
        }
    }
}

fn typed(line: &str) -> Typed {
    match line {
        "exit" | "quit" => Typed::End,
        "help" | "?" => Typed::Help,
        _ => Typed::Line,
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
    fn a_word_of_the_prompt_is_one_only_if_it_stands_alone() {
        let lines = ["exit", "quit", "help", "?", "exit now", "Help", ""];
        use Typed::{End, Help, Line};
        assert_eq!(lines.map(typed), [End, End, Help, Help, Line, Line, Line]);
    }

    #[test]
    fn a_line_without_an_end_is_refused_before_it_fills_the_memory() {
        let error = read_line(&mut io::BufReader::new(io::repeat(b'x'))).unwrap_err();
        assert!(error.to_string().contains("1 MiB"), "{error}");
    }
}
