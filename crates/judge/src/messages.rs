//! How messages travel in lessons 07 and 08: a JSON header with its length in front, then as many bytes
//! as the header's `size` says.
//!
//! ```text
//! 18 00 00 00  {"status":"ok","size":3}  hi\n
//! ```

use language::text;
use rust_i18n::t;
use serde_json::Value;

use crate::carrier;
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::misframed::misframed;
use crate::probe::Probe;
use crate::server::Server;
use crate::setting::{Dialect, Setting};
use crate::show;
use crate::stream::ProbeStream;

/// No header that a probe waits for is longer, in bytes.
const MAX_HEADER: usize = 64 * 1024;
/// No body that a probe waits for is longer, in bytes.
const MAX_BODY: u64 = 16 << 20;

/// A message that has come.
#[derive(Debug)]
pub(crate) struct Message {
    /// Its header as it came, for a report.
    pub(crate) text: String,
    /// The fields of its header.
    pub(crate) fields: Value,
    /// The bytes behind it.
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// A field that is text.
    pub(crate) fn text_of(&self, field: &str) -> Option<&str> {
        self.fields.get(field)?.as_str()
    }

    /// A field that is a whole number, not below 0.
    pub(crate) fn number(&self, field: &str) -> Option<u64> {
        self.fields.get(field)?.as_u64()
    }

    /// Fails with this message in the place of what was `expected`.
    pub(crate) fn is_not(&self, expected: &str) -> Failure {
        Failure::new(
            FailureKind::Mismatch,
            expected,
            t!("the header %{header}", header = show::line(&self.text)).into_owned(),
        )
    }
}

/// Whether this project's dialect is spoken: messages with a header, unless --framing says otherwise.
pub(crate) fn ours(setting: &Setting) -> bool {
    setting.dialect == Dialect::Ours && setting.framing.is_none()
}

/// Whether the tutorial's dialect is spoken.
pub(crate) fn tutorial(setting: &Setting) -> bool {
    setting.dialect == Dialect::Tutorial && setting.framing.is_none()
}

/// These probes, for programs that speak so.
pub(crate) fn only(condition: fn(&Setting) -> bool, probes: Vec<Probe>) -> Vec<Probe> {
    probes.into_iter().map(|probe| probe.default_condition(condition)).collect()
}

/// A message as it travels.
pub(crate) fn framed(header: &str, body: &[u8]) -> Vec<u8> {
    [&carrier::length(header.len()), header.as_bytes(), body].concat()
}

/// Waits for a message; `what` it should be is for the report.
pub(crate) fn receive(stream: &mut ProbeStream, what: &str) -> Result<Message, Failure> {
    let message = receive_header(stream, what)?;
    let size = message.number("size").unwrap_or_default();
    let too_large = || {
        Failure::new(
            FailureKind::Mismatch,
            what,
            t!("a header that announces %{size} bytes", size = size).into_owned(),
        )
    };
    let count = usize::try_from(size).ok().filter(|_| size <= MAX_BODY).ok_or_else(too_large)?;
    if count == 0 {
        return Ok(message);
    }
    let body = stream
        .receive(
            count,
            &t!(
                "%{count} bytes behind %{header}",
                count = count,
                header = show::line(&message.text)
            ),
        )
        .hint(
            FailureKind::Timeout,
            text!(
                "The header's `size` announces more bytes than follow. It counts the bytes behind \
                 the header, and the header is not among them."
            ),
        )?;
    Ok(Message { body, ..message })
}

/// Waits for the header of a message, and leaves its body where it is.
pub(crate) fn receive_header(stream: &mut ProbeStream, what: &str) -> Result<Message, Failure> {
    let length = stream.receive(4, what)?;
    let length: [u8; 4] = length.try_into().unwrap_or_default();
    let said = i32::from_le_bytes(length);
    let Some(count) = usize::try_from(said).ok().filter(|&count| count <= MAX_HEADER) else {
        let actual = show::bytes(&[&length[..], &stream.rest()].concat());
        let actual = t!(
            "%{actual}; read as a length, the first 4 bytes say %{said}",
            actual = actual,
            said = said
        )
        .into_owned();
        return Err(Failure::new(FailureKind::Mismatch, what, actual))
            .explain(|_| misframed(&wire::Framing::FRAME, None, &length))
            .hint_any(carrier::NO_LENGTH);
    };
    let json = stream.receive(count, what).hint(
        FailureKind::Timeout,
        text!("The 4 bytes of the length announce a longer JSON header than the one that follows."),
    )?;
    let text = String::from_utf8_lossy(&json).into_owned();
    let fields: Value = serde_json::from_slice(&json).unwrap_or_default();
    if fields.get("size").is_some_and(Value::is_u64) {
        return Ok(Message { text, fields, body: Vec::new() });
    }
    let actual = match json.is_empty() {
        true => text!("a length of 0, and so no header").to_owned(),
        false => show::bytes(&json),
    };
    Err(Failure::new(FailureKind::Mismatch, what, actual))
        .explain(|_| has_other_fields(&fields))
        .hint_any(text!(
            "Behind the 4 bytes of the length stands a JSON object, and among its fields is \
             `size`: how many bytes follow it. It is there also when none do."
        ))
}

/// What is to be said of a header whose fields are others.
fn has_other_fields(fields: &Value) -> Option<String> {
    let names = names_of(fields)?;
    Some(match names.is_empty() {
        true => text!(
            "The header is {}: so say the tutorial's programs that there is no such file. Theirs \
             are other messages: --dialect tutorial."
        )
        .to_owned(),
        false => t!(
            "The header's fields are %{names}, and `size` is not among them: how many bytes \
             follow the header. It is there also when none do.",
            names = names
        )
        .into_owned(),
    })
}

/// The names of a header's fields, for a person.
pub(crate) fn names_of(fields: &Value) -> Option<String> {
    let names: Vec<&str> = fields.as_object()?.keys().map(String::as_str).collect();
    Some(names.join(", "))
}

/// Sends a server what it cannot understand, and expects that it ends the connection, whatever else it
/// says before; `why` it should is the hint.
pub(crate) fn ends_connection(server: &Server, bytes: &[u8], why: &str) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(bytes);
    stream.expect_gone_at_last().map(drop).hint(FailureKind::Timeout, why)
}

/// A browser calls, and expects that the connection ends; `stuck` says why it may not.
pub(crate) fn ends_after_browser(server: &Server, stuck: &str) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stream.half_close();
    stream.expect_gone_at_last().map(drop).hint(FailureKind::Timeout, stuck)
}

/// Why a connection should end there.
pub(crate) const NO_NEXT: &str = text!(
    "Nobody can say where the next message begins. Check what a peer says before it is used: a \
     length is not below 0 and not above a limit, and a header has the fields that it should \
     have. If not, close this connection."
);

/// The next client connects and is served, as `ask` finds out; `stuck` says why the server may be silent,
/// and `ended` why it may have ended.
pub(crate) fn serves_next(
    server: &Server,
    stuck: &str,
    ended: &str,
    ask: impl FnOnce(&mut ProbeStream) -> Outcome,
) -> Outcome {
    let asked = server.next_client(ask).hint(FailureKind::Timeout, stuck);
    asked.explain(|failure| match failure.kind {
        FailureKind::Closed if server.runs_on(failure) => Some(RUNS_ON.to_owned()),
        FailureKind::Closed | FailureKind::Refused => Some(ended.to_owned()),
        _ => None,
    })
}

const RUNS_ON: &str = text!(
    "The server runs on, and ends the connection of the next client before it is served: \
     something of the client before is left, such as a socket, a lock or a variable that is \
     shared."
);

/// Why a length that was cut is misread.
pub(crate) const ONE_RECV_FOR_THE_LENGTH: &str = text!(
    "The 4-byte length is read with one recv, and it got fewer. recv(4) returns at most 4 bytes, \
     and at least one: call it until 4 are there."
);

/// Why a JSON header that was cut is misread.
pub(crate) const ONE_RECV_FOR_THE_HEADER: &str = text!(
    "The JSON header is read with one recv, and it got the first piece. Call recv until as many \
     bytes are there as the length says."
);

/// Why a message that came byte by byte is misread.
pub(crate) const ONE_RECV_FOR_ALL: &str = text!(
    "One recv is taken for a whole length, header or body, and each recv gave one byte. Call it \
     until all of the bytes are there."
);
