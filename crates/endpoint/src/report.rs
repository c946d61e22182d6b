//! What a program says: its lines, and its last word.

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, error::ErrorKind as Clap};
use trace::text::harmless;

use crate::error::{as_io, chain};
use crate::opening::HttpRequest;
use crate::{Address, Error, Expired, Usage};

/// Runs a program: parses its command line, gives `--listen` or `--connect` its default of
/// 127.0.0.1 and `port`, and ends an error with one line on standard error.
///
/// Exit status: 0 fine, 1 failed while running, 2 wrong usage.
pub fn run<A>(port: u16, program: impl FnOnce(A) -> anyhow::Result<()>) -> ExitCode
where
    A: CommandFactory + FromArgMatches,
{
    let mut command = A::command();
    for option in ["listen", "connect"] {
        if command.get_arguments().any(|argument| argument.get_id() == option) {
            command = command.mut_arg(option, |argument| {
                argument
                    .required(false)
                    .default_value(format!("127.0.0.1:{port}"))
                    .value_parser(move |text: &str| Address::parse(text, port))
            });
        }
    }
    if command.has_subcommands() {
        // An option means the same before and after the word that says what to do.
        command = command.mut_args(|argument| match argument.is_positional() {
            true => argument,
            false => argument.global(true),
        });
    }
    let name = command.get_name().to_owned();
    let args = command.try_get_matches().and_then(|matches| A::from_arg_matches(&matches));
    let outcome = match args {
        Ok(args) => program(args),
        Err(error) => {
            let usage = !matches!(error.kind(), Clap::DisplayHelp | Clap::DisplayVersion);
            // Help that nobody reads is not an error of the program.
            _ = error.print();
            return ExitCode::from(if usage { 2 } else { 0 });
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let line = last_word(&name, &error);
            _ = writeln!(io::stderr(), "{line}");
            ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
        }
    }
}

/// Prints a line on standard output, at once. If nobody reads it any more, that is no error.
pub fn say(line: impl Display) {
    let mut out = io::stdout().lock();
    _ = writeln!(out, "{line}");
    _ = out.flush();
}

/// Prints a line on standard error, beside the lines that a program is for.
pub fn warn(line: impl Display) {
    _ = writeln!(io::stderr(), "{line}");
}

/// Prints a peer's text on standard output, and ends the line if the text does not.
///
/// At a terminal, control characters other than tab and new line are made visible: a server must
/// not be able to move its client's cursor.
pub fn say_text(text: &str) {
    let mut out = io::stdout().lock();
    let is_terminal = out.is_terminal();
    for character in text.chars() {
        _ = match character {
            '\n' | '\t' => write!(out, "{character}"),
            c if c.is_control() && is_terminal => write!(out, "{}", c.escape_debug()),
            c => write!(out, "{c}"),
        };
    }
    if !text.ends_with('\n') {
        _ = writeln!(out);
    }
    _ = out.flush();
}

/// An error in one line, with its causes, and with what to do next where that can be known.
pub fn explain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut words = in_words(error);
    for cause in chain(error).skip(1).map(in_words) {
        // Many an error repeats its cause in its own words.
        if !words.contains(&cause) {
            words = format!("{words}: {cause}");
        }
    }
    // An error may repeat what a peer has sent, as serde's `unknown variant` does.
    let words = harmless(&words);
    match chain(error).find_map(hint) {
        Some(hint) => format!("{words}; {hint}"),
        None => words,
    }
}

/// The standard library's word for a stream that ended too early is about its own buffer.
fn in_words(error: &(dyn std::error::Error + 'static)) -> String {
    match as_io(error) {
        Some(io) if io.kind() == ErrorKind::UnexpectedEof && io.raw_os_error().is_none() => {
            format!("the peer ended the stream in the middle of a message; {OTHER_WORDS}")
        }
        _ => error.to_string(),
    }
}

fn last_word(program: &str, error: &anyhow::Error) -> String {
    let words = explain(error.as_ref());
    let refused = chain(error.as_ref()).any(|error| match error.downcast_ref::<Error>() {
        Some(Error::Connect { source, .. }) => source.kind() == ErrorKind::ConnectionRefused,
        _ => false,
    });
    match refused {
        true => {
            let server = program.replace("client", "server");
            format!("{program}: {words}; no server is there: start it with `cargo run -p {server}`")
        }
        false => format!("{program}: {words}"),
    }
}

/// What to do about one error, where its cause can be told from it.
fn hint(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    match error.downcast_ref::<Error>() {
        Some(Error::Bind { address, source }) => return bind_hint(address.port(), source.kind()),
        Some(Error::Resolve { .. }) => {
            return Some(
                "is the name right? Write host:port, or a port of this machine".to_owned(),
            );
        }
        _ => {}
    }
    let hint = match (as_io(error), error.downcast_ref::<wire::Error>()) {
        (Some(error), _) => io_hint(error),
        (None, Some(error)) => wire_hint(error),
        (None, None) => None,
    };
    hint.map(str::to_owned)
}

fn io_hint(error: &io::Error) -> Option<&'static str> {
    match error.get_ref() {
        Some(inner) if inner.is::<HttpRequest>() => {
            Some("if you meant to test it, use the lesson's client")
        }
        Some(inner) => match inner.downcast_ref::<Expired>() {
            // A client chose its server, and may have chosen wrong; a server did not choose.
            Some(Expired::Answer(_) | Expired::Message(_, "--timeout")) => Some(OTHER_WORDS),
            _ => None,
        },
        // EMSGSIZE on Linux, on macOS and the BSDs, and on Windows.
        None if matches!(error.raw_os_error(), Some(90 | 40 | 10040)) => {
            Some("a datagram has at most 65,507 bytes over IPv4")
        }
        None if error.kind() == ErrorKind::ConnectionReset => Some(
            "the peer closed before it had read all that was sent to it: it left, or did not \
             understand. Both ends need the same service, --header and --dialect",
        ),
        None => None,
    }
}

/// The peer answers nothing, or nothing that makes sense.
pub const OTHER_WORDS: &str = "is it the right lesson? Both ends need the same service and --header, \
                               and a tutorial program needs --dialect tutorial";

fn wire_hint(error: &wire::Error) -> Option<&'static str> {
    match error {
        wire::Error::TooLarge { .. } if error.length_as_text().is_some_and(is_http) => {
            Some("so an HTTP request begins: is it a browser? This is no web server")
        }
        wire::Error::TooLarge { .. } if error.length_as_text().is_some() => Some(
            "this peer sends no length: is it lesson02, another service or --header, or a tutorial \
             program? Then add --dialect tutorial",
        ),
        wire::Error::TooLarge { .. } | wire::Error::BodyTooLarge { .. } => {
            Some("if it is meant to be that long, raise --max-message")
        }
        wire::Error::NegativeLength { .. }
        | wire::Error::NotJson { .. }
        | wire::Error::MissingField { .. } => Some(OTHER_WORDS),
        wire::Error::WrongDigest { .. } => Some(
            "it was damaged on its way, or the digest is made up, as the tutorial's is: then add \
             --dialect tutorial",
        ),
        _ => None,
    }
}

/// Whether these 4 letters are the first of a method that browsers use (RFC 9110, 9.1).
fn is_http(letters: String) -> bool {
    ["GET ", "HEAD", "POST", "OPTI", "PUT ", "DELE"].contains(&letters.as_str())
}

fn bind_hint(port: u16, kind: ErrorKind) -> Option<String> {
    match kind {
        ErrorKind::AddrInUse => Some(port_is_taken(port)),
        ErrorKind::AddrNotAvailable => {
            Some("no interface of this machine has that address; 127.0.0.1 is always there".into())
        }
        // Those below 1024 on Unix (ip(7), ip_unprivileged_port_start).
        ErrorKind::PermissionDenied => Some("take a port above 1023, or --listen 0".into()),
        _ => None,
    }
}

fn port_is_taken(port: u16) -> String {
    let look = if cfg!(windows) {
        format!("netstat -ano | findstr :{port}")
    } else if cfg!(target_os = "linux") {
        format!("ss -ltunp 'sport = :{port}'")
    } else {
        format!("lsof -nP -i:{port}")
    };
    format!(
        "another program listens there, perhaps this one in another terminal: look with `{look}`. \
         If nobody does, one that did hung up first, and the port is free in a minute (TIME_WAIT). \
         Or take a free port with --listen 0"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_cannot_be_had_is_told_with_what_to_do() {
        let bind = |kind: ErrorKind| Error::Bind {
            address: ([127, 0, 0, 1], 80).into(),
            source: kind.into(),
        };
        let resolve = Error::Resolve { host: "80x".to_owned(), source: ErrorKind::Other.into() };
        for (error, words) in [
            (bind(ErrorKind::AddrInUse), "in a minute (TIME_WAIT)"),
            (bind(ErrorKind::AddrNotAvailable), "no interface of this machine"),
            (bind(ErrorKind::PermissionDenied), "above 1023"),
            (resolve, "is the name right?"),
        ] {
            let said = explain(&error);
            assert!(said.contains(words) && said.lines().count() == 1, "{said}");
        }
    }

    #[test]
    fn what_a_peer_has_put_into_an_error_cannot_move_the_cursor_or_begin_a_line() {
        let error = io::Error::other("unknown variant `\x1b[2J\r\n\u{9b}\u{202e}汉`, expected `a`");
        assert_eq!(
            explain(&error),
            r"unknown variant `\u{1b}[2J\r\n\u{9b}\u{202e}汉`, expected `a`"
        );
    }
}
