//! What is said about files, in both dialects: this project's messages, and the tutorial's name, header
//! and bytes.

use language::text;
use rust_i18n::t;
use serde_json::{Value, json};

use crate::carrier;
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::messages::{self, Message, framed};
use crate::misframed::misframed;
use crate::server::Server;
use crate::setting::{Dialect, Setting};
use crate::show;
use crate::stream::ProbeStream;

/// When every file of the judge's was changed last, in seconds since 1970.
const MODIFIED: i64 = 1_763_700_000;
/// No header of the tutorial's is longer, in bytes.
const MAX_HEADER: i32 = 64 * 1024;

/// Bytes that no two places of a file share, and that are no text.
pub(super) fn content(length: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(8);
    std::iter::repeat_with(|| random.u8(..)).take(length).collect()
}

/// A request for a file, as it travels.
pub(super) fn get_bytes(setting: &Setting, name: &str) -> Vec<u8> {
    match setting.dialect {
        Dialect::Ours => framed(&format!(r#"{{"do":"get","name":{},"size":0}}"#, json!(name)), b""),
        Dialect::Tutorial => name.as_bytes().to_vec(),
    }
}

/// A request to keep a file, as it travels.
pub(super) fn put_bytes(name: &str, file_size: u64, force: bool, resume: bool) -> Vec<u8> {
    let header = format!(
        r#"{{"do":"put","name":{},"file_size":{file_size},"modified":{MODIFIED},"force":{force},"resume":{resume},"size":0}}"#,
        json!(name)
    );
    framed(&header, b"")
}

/// The bytes of a file from this place on, as a client sends them, with the MD5 of the whole.
pub(super) fn rest_of_put(bytes: &[u8], from: usize) -> Vec<u8> {
    let rest = bytes.get(from..).unwrap_or_default();
    let header = format!(r#"{{"from":{from},"size":{}}}"#, rest.len());
    [framed(&header, rest), digest(&wire::md5_hex(bytes))].concat()
}

/// The words behind the bytes of a file.
pub(super) fn digest(md5: &str) -> Vec<u8> {
    framed(&format!(r#"{{"status":"ok","md5":"{md5}","size":0}}"#), b"")
}

/// A file as a server sends it.
pub(super) fn file_bytes(setting: &Setting, bytes: &[u8]) -> Vec<u8> {
    let md5 = wire::md5_hex(bytes);
    match setting.dialect {
        Dialect::Ours => [framed(&body_header(bytes.len(), 0), bytes), digest(&md5)].concat(),
        Dialect::Tutorial => [&tutorial_header(bytes.len(), &md5)[..], bytes].concat(),
    }
}

/// The header before the bytes of a file, from this place on.
pub(super) fn body_header(file_size: usize, from: usize) -> String {
    let size = file_size.saturating_sub(from);
    format!(
        r#"{{"status":"ok","file_size":{file_size},"modified":{MODIFIED},"from":{from},"size":{size}}}"#
    )
}

/// The tutorial's header of a file, in its spelling.
pub(super) fn tutorial_header(length: usize, md5: &str) -> Vec<u8> {
    let header = format!(r#"{{"lenth": {length}, "md5": "{md5}", "size(MB)": 0.0}}"#);
    framed(&header, b"")
}

/// What a server says that has no such file.
pub(super) fn refusal_bytes(setting: &Setting, status: &str, words: &str) -> Vec<u8> {
    let header = match setting.dialect {
        Dialect::Ours => {
            format!(r#"{{"status":"{status}","message":{},"size":0}}"#, json!(words))
        }
        Dialect::Tutorial => "{}".to_owned(),
    };
    framed(&header, b"")
}

/// The failure, with this hint in the place of the one that it has.
pub(super) fn because(outcome: Outcome, hint: &str) -> Outcome {
    outcome.map_err(|failure| Failure { hint: Some(hint.to_owned()), ..failure })
}

/// Waits for a message of a server, whatever its status.
pub(super) fn reply(stream: &mut ProbeStream, wanted: &str) -> Result<Message, Failure> {
    let message = messages::receive(stream, wanted)?;
    match message.text_of("status") {
        Some(_) => Ok(message),
        None => Err(message.is_not(wanted)).hint_any(text!(
            "Every word of the server has a `status`: \"ok\", or the name of what is wrong."
        )),
    }
}

/// Waits for a message with this status.
pub(super) fn status(stream: &mut ProbeStream, wanted: &str) -> Result<Message, Failure> {
    let expected = t!("a message with \"status\":\"%{wanted}\"", wanted = wanted).into_owned();
    let message = reply(stream, &expected)?;
    match message.text_of("status") == Some(wanted) {
        true => Ok(message),
        false => Err(message.is_not(&expected)),
    }
}

/// Waits for a message that says no.
pub(super) fn refusal(stream: &mut ProbeStream) -> Outcome {
    let expected = text!("a message whose status is not \"ok\"");
    // Without the body: if it is sent all the same, it may be somebody's.
    let message = messages::receive_header(stream, expected)?;
    match message.text_of("status") {
        Some("ok") | None => Err(message.is_not(expected)),
        Some(_) => Ok(()),
    }
}

/// Lets the server have this file: by a put, or in its folder where the dialect has none.
pub(super) fn keep(server: &Server, stream: &mut ProbeStream, name: &str, bytes: &[u8]) -> Outcome {
    match server.setting().dialect {
        Dialect::Ours => put(stream, name, bytes, true),
        Dialect::Tutorial => {
            server.record().add(None, text!("lay into the folder"), show::line(name));
            let none = || {
                Failure::new(
                    FailureKind::NotStarted,
                    text!("the folder of the server's files"),
                    text!("none"),
                )
            };
            server.folder().ok_or_else(none)?.lay(name, bytes)
        }
    }
}

/// Puts a file, which is expected to be taken.
pub(super) fn put(stream: &mut ProbeStream, name: &str, bytes: &[u8], force: bool) -> Outcome {
    stream.send(&put_bytes(name, bytes.len() as u64, force, false));
    status(stream, "ok").map(drop).hint(
        FailureKind::Timeout,
        text!(
            "The answer to a put comes before its bytes: the client waits for it, and sends \
             nothing."
        ),
    )?;
    stream.send(&rest_of_put(bytes, 0));
    stream.await_answer_to(bytes.len());
    status(stream, "ok").map(drop).hint(
        FailureKind::Timeout,
        text!(
            "Behind the bytes of a file comes one message more, with the MD5. When that is right \
             and the file has its name, the server says ok."
        ),
    )
}

/// Asks for a file, and expects exactly these bytes and their MD5.
pub(super) fn get(
    stream: &mut ProbeStream,
    setting: &Setting,
    name: &str,
    bytes: &[u8],
) -> Outcome {
    stream.send(&get_bytes(setting, name));
    // It may read all of the file before it sends the first byte.
    stream.await_answer_to(bytes.len());
    receive_file(stream, setting, bytes)
}

/// Waits for a file.
pub(super) fn receive_file(stream: &mut ProbeStream, setting: &Setting, bytes: &[u8]) -> Outcome {
    match setting.dialect {
        Dialect::Ours => receive_our_file(stream, bytes),
        Dialect::Tutorial => receive_tutorial_file(stream, bytes),
    }
}

fn receive_our_file(stream: &mut ProbeStream, bytes: &[u8]) -> Outcome {
    let message = status(stream, "ok")?;
    let size = bytes.len() as u64;
    let fits = ["file_size", "size"].map(|field| message.number(field)) == [Some(size); 2];
    if !fits || message.number("from") != Some(0) {
        let expected =
            t!("a header with \"file_size\":%{size},\"from\":0,\"size\":%{size}", size = size)
                .into_owned();
        return Err(message.is_not(&expected))
            .hint_any(text!("The header before a file says how long it is, in bytes."));
    }
    same_bytes(bytes, &message.body)?;
    same_md5(stream, bytes)
}

/// Expects the words behind a file, with its MD5.
pub(super) fn same_md5(stream: &mut ProbeStream, bytes: &[u8]) -> Outcome {
    let message = status(stream, "ok").hint(
        FailureKind::Timeout,
        text!(
            "All bytes of the file have come, and nothing behind them. There comes one message \
             more, with the MD5 of the file."
        ),
    )?;
    let md5 = wire::md5_hex(bytes);
    if message.text_of("md5") == Some(&md5) {
        return Ok(());
    }
    Err(message.is_not(&t!("a message with \"md5\":\"%{md5}\"", md5 = md5))).hint_any(text!(
        "The MD5 is that of all bytes of the file, as 32 hexadecimal digits in lower case; it \
             comes behind the bytes."
    ))
}

fn receive_tutorial_file(stream: &mut ProbeStream, bytes: &[u8]) -> Outcome {
    let length = bytes.len();
    let md5 = wire::md5_hex(bytes);
    let expected = t!(
        "4 bytes of length, {\"lenth\": %{length}, \"md5\": \"%{md5}\", …}",
        length = length,
        md5 = md5
    )
    .into_owned();
    let json = receive_tutorial_header(stream, &expected)?;
    let header: Value = serde_json::from_slice(&json).unwrap_or_default();
    let said = header.get("lenth").and_then(Value::as_u64);
    let same =
        said == Some(length as u64) && header.get("md5").and_then(Value::as_str) == Some(&md5);
    if !same {
        return Err(Failure::new(FailureKind::Mismatch, expected, show::bytes(&json)))
            .explain(|_| names_its_length_otherwise(&header, length))
            .hint_any(text!(
                "The header of a file has its length in bytes as `lenth`, and its MD5 as `md5`; \
                 `{}` says that there is no such file."
            ));
    }
    let body = stream.receive(length, &t!("%{length} bytes of file", length = length))?;
    same_bytes(bytes, &body)
}

/// What a server does otherwise whose header has a file's length in another field than the tutorial's.
fn names_its_length_otherwise(header: &Value, length: usize) -> Option<String> {
    let fields = header.as_object().filter(|fields| !fields.contains_key("lenth"))?;
    let (field, _) = fields.iter().find(|(_, value)| value.as_u64() == Some(length as u64))?;
    let names = messages::names_of(header)?;
    Some(t!(
        "The header's fields are %{names}: the length of the file stands in %{field}, and here it \
         is `lenth` (the tutorial's spelling), beside `md5`. To try the server as it is: judge \
         any --framing 'none,json:<i:%{field}' --send NAME --expect TEXT, with the name and the \
         text of a file that it has", names = names, field = field).into_owned())
}

/// Waits for the tutorial's header, which has no `size`.
pub(super) fn receive_tutorial_header(
    stream: &mut ProbeStream,
    expected: &str,
) -> Result<Vec<u8>, Failure> {
    let length: [u8; 4] = stream.receive(4, expected)?.try_into().unwrap_or_default();
    let said = i32::from_le_bytes(length);
    let count = usize::try_from(said).ok().filter(|_| said <= MAX_HEADER);
    let Some(count) = count else {
        let actual = show::bytes(&[&length[..], &stream.rest()].concat());
        return Err(Failure::new(FailureKind::Mismatch, expected, actual))
            .explain(|_| misframed(&wire::Framing::FRAME, None, &length))
            .hint_any(carrier::NO_LENGTH);
    };
    stream.receive(count, expected)
}

fn same_bytes(bytes: &[u8], came: &[u8]) -> Outcome {
    if came == bytes {
        return Ok(());
    }
    let at = bytes.iter().zip(came).position(|(a, b)| a != b).unwrap_or(0);
    let actual =
        t!("%{bytes}, which differ from byte %{at} on", bytes = show::bytes(came), at = at)
            .into_owned();
    Err(Failure::new(FailureKind::Mismatch, show::bytes(bytes), actual)).hint_any(text!(
        "A file is bytes, and they come back as they are: open it in binary mode, and decode \
         nothing."
    ))
}

/// Asks for something that is not to be had, and expects a no; then the connection can be used on.
pub(super) fn is_refused(stream: &mut ProbeStream, setting: &Setting, name: &str) -> Outcome {
    stream.send(&get_bytes(setting, name));
    match setting.dialect {
        Dialect::Ours => refusal(stream),
        Dialect::Tutorial => {
            let expected = "02 00 00 00 \"{}\"";
            let json = receive_tutorial_header(stream, expected)?;
            match json.trim_ascii() == b"{}" {
                true => Ok(()),
                false => Err(Failure::new(FailureKind::Mismatch, expected, show::bytes(&json))),
            }
        }
    }
}
