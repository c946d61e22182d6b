//! An error in one line: what was tried, why it failed, and what to do next.

use std::io::{self, ErrorKind};

use endpoint::{Error, Expired, ForeignProtocol, Role, as_io, chain, is_expired};
use humantime::format_duration;
use language::{Language, text};
use rust_i18n::t;
use trace::text::escape_controls;

/// An error in one line, with its causes, and with what to do next where that can be known.
pub fn explain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut words = vec![describe(error)];
    for cause in chain(error).skip(1) {
        // Many an error repeats its cause, in the words of `Display`, which name no option.
        let (plain, full) = (cause.to_string(), describe(cause));
        if words.iter().any(|said| said.contains(&full)) {
            continue;
        }
        match words.iter_mut().find(|said| is_expired(cause) && said.contains(&plain)) {
            Some(said) => *said = said.replace(&plain, &full),
            None => words.push(full),
        }
    }
    // An error may repeat what a peer has sent, as serde's `unknown variant` does.
    let words: Vec<_> = words.iter().map(|said| in_language(&escape_controls(said))).collect();
    let (because, and) = match language::spoken() {
        Language::English => (": ", "; "),
        Language::Chinese => ("：", "；"),
    };
    let words = words.join(because);
    match chain(error).find_map(hint) {
        Some(hint) => format!("{words}{and}{}", in_language(&hint)),
        None => words,
    }
}

/// What systems say, as the standard library passes it on: its catalogue has these texts.
#[expect(
    dead_code,
    reason = "each is found by `in_language`, and named here for the catalogue's test"
)]
const OF_SYSTEMS: [&str; 13] = [
    text!("failed to lookup address information: {}"),
    text!("Connection refused (os error {})"),
    text!("Connection reset by peer (os error {})"),
    text!("Connection timed out (os error {})"),
    text!("connection timed out"),
    text!("Address already in use (os error {})"),
    text!("Cannot assign requested address (os error {})"),
    text!("Permission denied (os error {})"),
    text!("No such file or directory (os error {})"),
    text!("Broken pipe (os error {})"),
    text!("Network is unreachable (os error {})"),
    text!("No route to host (os error {})"),
    text!("Too many open files (os error {})"),
];

/// What `wire` puts behind a length that is really text: a part of an error, and so no error's own text.
#[expect(
    dead_code,
    reason = "found by `in_language` as a value, and named for the catalogue's test"
)]
const AS_TEXT: &str = text!("; as text it is \"{}\"");

/// Words that an error has made, in the reader's language as far as that is known.
pub(crate) fn in_language(english: &str) -> String {
    if let Some(other) = language::find(english) {
        return other;
    }
    // Advice may stand behind an error; then each of the two is a text.
    for (at, _) in english.match_indices([';', ':']) {
        let (error, advice) = english.split_at(at);
        if let (Some(error), Some(advice)) = (language::find(error), language::find(advice)) {
            return error + &advice;
        }
    }
    match english.split_once("; ") {
        Some((first, rest)) if language::spoken() == Language::Chinese => {
            format!("{}；{}", in_language(first), in_language(rest))
        }
        _ => joined(english).unwrap_or_else(|| english.to_owned()),
    }
}

/// An error with its cause behind a colon, where each of the two is a text.
fn joined(english: &str) -> Option<String> {
    english.match_indices(": ").find_map(|(at, colon)| {
        let (error, cause) = (&english[..at], &english[at + colon.len()..]);
        Some(format!("{}：{}", language::find(error)?, language::find(cause)?))
    })
}

/// One error in words, without its causes; a wait in vain is named with the option that makes it
/// longer.
pub fn describe(error: &(dyn std::error::Error + 'static)) -> String {
    let io = as_io(error);
    let inner = io.and_then(|error| error.get_ref());
    match inner.and_then(|inner| inner.downcast_ref()).or(error.downcast_ref()) {
        Some(&expired) => describe_expired(expired),
        // What the standard library says of a stream that ended too early is about its own buffer.
        None if io.is_some_and(is_early_end) => {
            let what = text!("the peer ended the stream in the middle of a message");
            format!("{what}; {WRONG_PEER_HINT}")
        }
        None => error.to_string(),
    }
}

fn is_early_end(error: &io::Error) -> bool {
    error.kind() == ErrorKind::UnexpectedEof && error.raw_os_error().is_none()
}

fn describe_expired(expired: Expired) -> String {
    let (what, time, option) = match expired {
        Expired::Idle(time) => (text!("silent for {} ({})"), time, "--idle-timeout"),
        Expired::Answer(time) => (text!("nothing came for {} ({})"), time, "--timeout"),
        Expired::Message(time, role) => {
            (text!("a message began and did not end within {} ({})"), time, message_option(role))
        }
        Expired::Send(time, role) => {
            (text!("the peer did not take a message within {} ({})"), time, message_option(role))
        }
    };
    what.replacen("{}", &format_duration(time).to_string(), 1).replacen("{}", option, 1)
}

/// The option that says how long one message may take.
fn message_option(role: Role) -> &'static str {
    match role {
        Role::Server => "--message-timeout",
        Role::Client => "--timeout",
    }
}

/// What to do next, where that follows from this error.
fn hint(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    match error.downcast_ref::<Error>() {
        Some(Error::Bind { address, source }) => return bind_hint(address.port(), source.kind()),
        Some(Error::Connect { source, .. }) => return connect_hint(source).map(str::to_owned),
        Some(Error::Resolve { .. }) => {
            return Some(
                text!("is the name right? Write host:port, or a port of this machine").to_owned(),
            );
        }
        Some(Error::NotLoopback { .. }) => {
            return Some(
                text!("listen on 127.0.0.1, or add --expose if that is what you want").to_owned(),
            );
        }
        _ => {}
    }
    match (as_io(error), error.downcast_ref::<wire::Error>()) {
        (Some(error), _) => io_hint(error).map(str::to_owned),
        (None, Some(error)) => reversed_hint(error).or_else(|| wire_hint(error).map(str::to_owned)),
        (None, None) => None,
    }
}

fn io_hint(error: &io::Error) -> Option<&'static str> {
    match error.get_ref() {
        Some(inner) if inner.is::<ForeignProtocol>() => {
            Some(text!("if you meant to test it, use the lesson's client"))
        }
        Some(inner) => match inner.downcast_ref::<Expired>() {
            // A client chose its server, perhaps the wrong one. A server did not choose its clients.
            Some(Expired::Answer(_) | Expired::Message(_, Role::Client)) => Some(WRONG_PEER_HINT),
            _ => None,
        },
        // EMSGSIZE on Linux, on macOS and the BSDs, and on Windows.
        None if matches!(error.raw_os_error(), Some(90 | 40 | 10040)) => {
            Some(text!("a datagram has at most 65,507 bytes over IPv4"))
        }
        None if error.kind() == ErrorKind::ConnectionReset => Some(text!(
            "the peer closed before it had read all that was sent to it: it left, or did not \
             understand. Both ends need the same service, --header and --dialect"
        )),
        None => None,
    }
}

/// A hint for a client whose server answers nothing, or nothing that makes sense.
pub const WRONG_PEER_HINT: &str = text!(
    "is it the right lesson? Both ends need the same service and --header, and a tutorial program needs \
     --dialect tutorial"
);

/// The lengths of all lessons have their lowest byte first. One that came with its highest first is
/// above the limit, or negative.
fn reversed_hint(error: &wire::Error) -> Option<String> {
    let reversed = error.length_reversed()?;
    let otherwise = match error {
        wire::Error::TooLarge { .. } => {
            t!(". If it is meant to be that long, raise --max-message")
        }
        _ => "".into(),
    };
    let hint = t!(
        "the other way round it is %{reversed}: is the peer big-endian? Here the lowest byte comes first, \
         Python's '<i'",
        reversed = reversed
    );
    Some(format!("{hint}{otherwise}"))
}

fn wire_hint(error: &wire::Error) -> Option<&'static str> {
    match error {
        wire::Error::TooLarge { .. } if error.length_as_text().is_some_and(is_http) => {
            Some(text!("so an HTTP request begins: is it a browser? This is no web server"))
        }
        wire::Error::TooLarge { .. } if error.length_as_text().is_some() => Some(text!(
            "this peer sends no length: is it lesson02, another service or --header, or a tutorial \
             program? Then add --dialect tutorial"
        )),
        wire::Error::TooLarge { .. } | wire::Error::BodyTooLarge { .. } => {
            Some(text!("if it is meant to be that long, raise --max-message"))
        }
        wire::Error::NegativeLength { .. }
        | wire::Error::NotJson { .. }
        | wire::Error::MissingField { .. } => Some(WRONG_PEER_HINT),
        wire::Error::WrongDigest { .. } => Some(text!(
            "it was damaged on its way, or the digest is made up, as the tutorial's is: then add \
             --dialect tutorial"
        )),
        _ => None,
    }
}

/// Whether these 4 letters begin a request with a method that browsers use (RFC 9110, 9.1).
fn is_http(letters: String) -> bool {
    ["GET ", "HEAD", "POST", "OPTI", "PUT ", "DELE"].contains(&letters.as_str())
}

/// That nobody listens there is said by [`crate::run`], which knows the server's name.
fn connect_hint(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        ErrorKind::TimedOut => Some(text!(
            "nothing came back: is the address right, is that machine on, and does a firewall let \
             calls in?"
        )),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => Some(text!(
            "no way leads there: is the address right, and is this machine in that network?"
        )),
        _ => None,
    }
}

fn bind_hint(port: u16, kind: ErrorKind) -> Option<String> {
    match kind {
        ErrorKind::AddrInUse => Some(port_is_taken(port)),
        ErrorKind::AddrNotAvailable => Some(
            text!("no interface of this machine has that address; 127.0.0.1 is always there").into(),
        ),
        // Windows reserves ranges of ports, low and high, and refuses them to everybody (WSAEACCES).
        ErrorKind::PermissionDenied if cfg!(windows) => Some(
            text!(
                "Windows may have reserved that port: look with `netsh int ipv4 show excludedportrange \
                 tcp`. Or take a free port with --listen 0"
            )
                .into(),
        ),
        // On Unix, ports below 1024 are for root (ip(7), ip_unprivileged_port_start).
        ErrorKind::PermissionDenied => Some(text!("take a port above 1023, or --listen 0").into()),
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
    // On Windows a port is free as soon as nobody listens any more.
    let hint = match cfg!(windows) {
        true => t!(
            "another program listens there, perhaps this one in another terminal: look with `%{look}`. Or \
             take a free port with --listen 0",
            look = look
        ),
        false => t!(
            "another program listens there, perhaps this one in another terminal: look with `%{look}`. If \
             nobody does, one that did hung up first, and the port is free in a minute (TIME_WAIT). Or take a \
             free port with --listen 0",
            look = look
        ),
    };
    hint.into_owned()
}
