//! Why a request was not run, each reason with its own words for the peer.

use std::io;

/// Why there is no [`Output`](crate::Output).
///
/// Each message is one line of printable text. What the peer wrote is escaped in it and cut to 60
/// characters, so that a request cannot paint on the terminal that shows the answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request is empty, or holds only white space or a comment.
    #[error("the request is empty")]
    Empty,

    /// The third and the fourth byte of the request are NUL, as in the length that precedes a short
    /// message in length-prefixed framing.
    #[error(
        "the request begins with a 4-byte length, {length}: \
         does only the client send lengths, as lesson03 does without --dialect tutorial?"
    )]
    LengthPrefix {
        /// The first four bytes, read as a little-endian number.
        length: u32,
    },

    /// The request is not text in UTF-8.
    #[error("the request is not UTF-8: byte {at} begins no character")]
    NotUtf8 {
        /// Where the first wrong byte is, counted from 0.
        at: usize,
    },

    /// The request holds a control character other than a tab (and, for a shell, a new line).
    #[error(
        "a command may not hold the control character `{}`, which is byte {at} of the request",
        character.escape_debug()
    )]
    ControlCharacter {
        /// The character.
        character: char,
        /// Where it is, in bytes, counted from 0.
        at: usize,
    },

    /// A quote is opened and never closed, or a backslash has nothing after it.
    #[error("a quote is never closed, or a backslash is the last character")]
    Unbalanced,

    /// The request asks for something that only a shell does.
    #[error(
        "no shell here: `{character}` is not understood \
         (put it in single quotes to mean itself, or start the server with --shell to allow that)"
    )]
    ShellSyntax {
        /// The first character that a shell would act upon.
        character: char,
    },

    /// The first word is no program that may be run.
    #[error(
        "`{}` is not on the allow-list ({}); the server's --allow names others",
        shown(program),
        allowed.join(" ")
    )]
    NotAllowed {
        /// The first word of the request.
        program: String,
        /// The programs that may be run.
        allowed: Vec<String>,
    },

    /// The program may be run, but not with this argument.
    #[error("`{program}` takes only {accepted} here, not `{}`: {reason}", shown(argument))]
    Argument {
        /// The program.
        program: String,
        /// The first argument that is refused.
        argument: String,
        /// The arguments that the program may be given, in words.
        accepted: &'static str,
        /// What other arguments could do.
        reason: &'static str,
    },

    /// The program could not be started.
    #[error("cannot start `{}`", shown(program))]
    Start {
        /// The program.
        program: String,
        /// What the system said.
        source: io::Error,
    },

    /// The program was started, but its output could not be read; it was ended.
    #[error("cannot read what `{}` prints", shown(program))]
    Read {
        /// The program.
        program: String,
        /// What the system said.
        source: io::Error,
    },
}

/// The most characters of a peer's text that an error shows.
const MAX_SHOWN: usize = 60;

/// A peer's text, safe to print: escaped, and cut to [`MAX_SHOWN`] characters.
fn shown(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars() {
        let escaped = character.escape_debug();
        if shown.chars().count() + escaped.len() > MAX_SHOWN {
            shown.push('…');
            break;
        }
        shown.extend(escaped);
    }
    shown
}
