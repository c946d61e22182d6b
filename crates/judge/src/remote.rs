//! How a remote command and its answer travel: lessons 02, 03 and 05.
//!
//! ```text
//! none       echo hi                                             hi\n
//! struct     07 00 00 00 echo hi                                 03 00 00 00 hi\n
//! json       length {"filename":…,"total_size":7,"hash":…} …     the same for the answer
//! announce   7\n, recv_ready, echo hi                            3\n, recv_ready, hi\n
//! ```
//!
//! In the tutorial's dialect a command travels as it is, digits have no end, and the hash of the
//! JSON is a constant.

use serde_json::Value;

use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::setting::{Dialect, Header, Setting};
use crate::show;
use crate::stream::ProbeStream;

/// The longest answer that any probe expects, twice over: more would be a wrong length.
const MAX_ANSWER: usize = 4 << 20;
/// The digits of 18 places fit in 64 bits, and no length has more.
const MOST_DIGITS: usize = 18;

/// Whether a command has its length in front, so that it can be cut and joined.
pub(crate) fn is_framed(setting: &Setting) -> bool {
    setting.header != Header::None && setting.dialect == Dialect::Ours
}

/// Sends a command and expects its answer.
pub(crate) fn ask(
    stream: &mut ProbeStream,
    setting: &Setting,
    command: &str,
    answer: &str,
) -> Outcome {
    send_command(stream, setting, command.as_bytes())?;
    expect_answer(stream, setting, answer.as_bytes())
}

/// Sends a command, with one call where there is no handshake.
pub(crate) fn send_command(stream: &mut ProbeStream, setting: &Setting, command: &[u8]) -> Outcome {
    match is_framed(setting) && setting.header == Header::Announce {
        true => announce(stream, setting, command),
        false => {
            stream.send(&command_bytes(setting, command));
            Ok(())
        }
    }
}

/// A command as it travels where there is no handshake.
pub(crate) fn command_bytes(setting: &Setting, command: &[u8]) -> Vec<u8> {
    match is_framed(setting) {
        true => framed(setting, command),
        false => command.to_vec(),
    }
}

/// A message as it travels where there is no handshake.
pub(crate) fn framed(setting: &Setting, message: &[u8]) -> Vec<u8> {
    match setting.header {
        Header::None | Header::Announce => message.to_vec(),
        Header::Struct => [&length(message.len()), message].concat(),
        Header::Json => {
            let json = json_header(setting, message.len(), &wire::md5_hex(message));
            [&length(json.len()), json.as_bytes(), message].concat()
        }
    }
}

/// The 4 bytes of a length.
pub(crate) fn length(length: usize) -> [u8; 4] {
    i32::try_from(length).unwrap_or(i32::MAX).to_le_bytes()
}

/// The JSON before a message of so many bytes.
pub(crate) fn json_header(setting: &Setting, total_size: usize, hash: &str) -> String {
    match setting.dialect {
        Dialect::Ours => {
            format!(r#"{{"filename":"a.txt","total_size":{total_size},"hash":"{hash}"}}"#)
        }
        Dialect::Tutorial => format!(
            r#"{{"filename": "a.txt", "total_size": {total_size}, "hash": "xasf123213123"}}"#
        ),
    }
}

/// Sends an answer to a client.
pub(crate) fn send_answer(stream: &mut ProbeStream, setting: &Setting, answer: &[u8]) -> Outcome {
    if setting.header == Header::Announce {
        return announce(stream, setting, answer);
    }
    stream.send(&framed(setting, answer));
    Ok(())
}

/// The digits of a length, with the new line that ends them in our dialect.
pub(crate) fn digits(setting: &Setting, length: usize) -> String {
    match setting.dialect {
        Dialect::Ours => format!("{length}\n"),
        Dialect::Tutorial => length.to_string(),
    }
}

/// Says the length, waits for the word, and sends the message.
fn announce(stream: &mut ProbeStream, setting: &Setting, message: &[u8]) -> Outcome {
    announce_length(stream, setting, message.len())?;
    stream.send(message);
    Ok(())
}

/// Says the length, and waits for the word.
pub(crate) fn announce_length(
    stream: &mut ProbeStream,
    setting: &Setting,
    length: usize,
) -> Outcome {
    stream.send(digits(setting, length).as_bytes());
    stream.expect(READY).hint_any(
        "After the announced length the receiver says recv_ready, 10 bytes, and only then the \
         message is sent.",
    )
}

/// What the receiver of an announced length says.
pub(crate) const READY: &[u8] = b"recv_ready";

/// Waits for an answer, and compares it.
pub(crate) fn expect_answer(stream: &mut ProbeStream, setting: &Setting, answer: &[u8]) -> Outcome {
    if setting.header == Header::None {
        return stream.expect(answer);
    }
    let named = |answer: &[u8]| match answer {
        [] => "an empty answer".to_owned(),
        answer => format!("the answer {}", show::bytes(answer)),
    };
    let came = receive(stream, setting, Some(answer))?;
    match came == answer {
        true => Ok(()),
        false => Err(Failure::new(FailureKind::Mismatch, named(answer), named(&came))),
    }
}

/// Waits for an answer, whatever it is. Not for one without a length.
pub(crate) fn receive_answer(
    stream: &mut ProbeStream,
    setting: &Setting,
) -> Result<Vec<u8>, Failure> {
    receive(stream, setting, None)
}

/// Waits for a command of a client.
pub(crate) fn expect_command(
    stream: &mut ProbeStream,
    setting: &Setting,
    command: &str,
) -> Outcome {
    let command = command.as_bytes();
    if !is_framed(setting) {
        return stream.expect(command).hint(FailureKind::Timeout, NO_LINE).hint(
            FailureKind::Mismatch,
            "The line is sent as it was typed, in UTF-8, without a new line.",
        );
    }
    let came = receive(stream, setting, Some(command)).hint(FailureKind::Timeout, NO_LINE)?;
    if came == command {
        return Ok(());
    }
    let (wanted, actual) = (show::bytes(command), show::bytes(&came));
    Err(Failure::new(FailureKind::Mismatch, wanted, actual))
        .hint_any("The line is sent as it was typed, in UTF-8, without a new line.")
}

const NO_LINE: &str =
    "The client sends nothing, or less. Does it read its lines from standard input?";

/// Takes one message with the header of the setting. If it is known what it should be, that tells
/// what is wrong with another length.
fn receive(
    stream: &mut ProbeStream,
    setting: &Setting,
    known: Option<&[u8]>,
) -> Result<Vec<u8>, Failure> {
    match setting.header {
        Header::None => stream.receive_some("a message"),
        Header::Struct => receive_struct(stream, known),
        Header::Json => receive_json(stream, setting, known),
        Header::Announce => receive_announced(stream, setting),
    }
}

fn receive_struct(stream: &mut ProbeStream, known: Option<&[u8]>) -> Result<Vec<u8>, Failure> {
    let wanted = match known {
        Some(message) => format!("{} (a length, then the message)", show_framed(message)),
        None => "4 bytes of length, then the message".to_owned(),
    };
    let length = receive_length(stream, &wanted, known)?;
    receive_body(stream, length, &wanted, known)
}

fn show_framed(message: &[u8]) -> String {
    show::bytes(&[&length(message.len()), message].concat())
}

/// Takes the 4 bytes of a length, and doubts them.
fn receive_length(
    stream: &mut ProbeStream,
    wanted: &str,
    known: Option<&[u8]>,
) -> Result<usize, Failure> {
    let received = stream.receive(4, wanted);
    let arrived = stream.arrived();
    let bytes = received.explain(|_| {
        let is_text = !arrived.is_empty() && known.is_some_and(|known| known.starts_with(arrived));
        is_text.then(|| NO_LENGTH.to_owned())
    })?;
    let bytes: [u8; 4] = bytes.try_into().unwrap_or_default();
    let said = i32::from_le_bytes(bytes);
    match usize::try_from(said) {
        Ok(length) if length <= MAX_ANSWER => Ok(length),
        _ => {
            let rest = stream.rest();
            let actual = show::bytes(&[&bytes[..], &rest].concat());
            let actual = format!("{actual}; read as a length, the first 4 bytes say {said}");
            Err(Failure::new(FailureKind::Mismatch, wanted, actual))
                .hint_any(explain_bad_length(bytes, known))
        }
    }
}

const NO_LENGTH: &str = "These bytes are text: no length is sent before the message. Send \
                         struct.pack('<i', len(message)) first.";

/// What 4 bytes are that cannot be a length.
pub(crate) fn explain_bad_length(bytes: [u8; 4], known: Option<&[u8]>) -> &'static str {
    let swapped = u32::from_be_bytes(bytes) as usize;
    let is_swapped = match known {
        Some(known) => swapped == known.len(),
        None => swapped <= MAX_ANSWER,
    };
    let is_text = known.is_some_and(|known| known.starts_with(&bytes))
        || bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t'));
    let first_two = u16::from_le_bytes([bytes[0], bytes[1]]);
    let is_short = known.is_some_and(|known| {
        usize::from(first_two) == known.len() && known.starts_with(&bytes[2..])
    });
    let is_digits = bytes[0].is_ascii_digit() && !known.is_some_and(|it| it.starts_with(&bytes));
    if is_short {
        "The length is sent with 2 bytes, and should have 4. In Python that is 'h' where it should be \
         '<i'."
    } else if is_digits {
        "The length is sent as text, in digits, and should be a number of 4 bytes. In Python that is \
         struct.pack('<i', n)."
    } else if is_swapped {
        "The length has its bytes in the wrong order: big-endian, where this protocol is \
         little-endian. In Python that is struct.pack('<i', n), and not '>i' or '!i'."
    } else if is_text {
        NO_LENGTH
    } else {
        "These 4 bytes are no length: the program has lost its place in the stream, or sends \
         another header."
    }
}

const COUNTS_ITSELF: &str =
    "The length counts its own 4 bytes too. It should count only what follows it.";

/// Takes as many bytes as the length says.
fn receive_body(
    stream: &mut ProbeStream,
    length: usize,
    wanted: &str,
    known: Option<&[u8]>,
) -> Result<Vec<u8>, Failure> {
    let counts_itself = known.is_some_and(|known| known.len() + 4 == length);
    let body =
        stream.receive(length, wanted).explain(|_| counts_itself.then(|| COUNTS_ITSELF.into()));
    let body = body.hint(
        FailureKind::Timeout,
        "The length announces more bytes than are sent. If send may take less than all, use \
         sendall; and count bytes, not characters.",
    )?;
    let Some(known) = known.filter(|&known| known != body) else { return Ok(body) };
    let characters = String::from_utf8_lossy(known).chars().count();
    let hint = if !body.is_empty() && body.iter().take(4).all(|&byte| byte == 0) {
        "After the 4 bytes of the length come zeros: the length is sent with 8 bytes. In Python \
         that is 'q' where it should be '<i'."
    } else if length == characters && characters != known.len() {
        "The length counts characters, and should count bytes: take len() after encode()."
    } else if body.starts_with(b"b'") || body.starts_with(b"b\"") {
        "This is how Python shows bytes. Send the bytes themselves, without str() or repr()."
    } else if counts_itself {
        COUNTS_ITSELF
    } else {
        return Ok(body);
    };
    let actual = format!("the length {length}, then {}", show::bytes(&body));
    Err(Failure::new(FailureKind::Mismatch, wanted, actual)).hint_any(hint)
}

fn receive_json(
    stream: &mut ProbeStream,
    setting: &Setting,
    known: Option<&[u8]>,
) -> Result<Vec<u8>, Failure> {
    let wanted = "4 bytes of length, a JSON header, then the message";
    let length = receive_length(stream, wanted, None)?;
    let json = stream.receive(length, wanted)?;
    let fail = |hint: &str| {
        Err(Failure::new(
            FailureKind::Mismatch,
            wanted,
            format!("the header {}", show::bytes(&json)),
        ))
        .hint_any(hint)
    };
    let Ok(header) = serde_json::from_slice::<Value>(&json) else {
        return fail("This is no JSON. The length in front of the header counts the header only.");
    };
    let Some(size) = header.get("total_size").and_then(Value::as_u64) else {
        return fail(
            "The header has no total_size: an integer, the number of bytes that follow it.",
        );
    };
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if size > MAX_ANSWER {
        return fail("total_size is more than any answer has here.");
    }
    let body = receive_body(stream, size, wanted, known)?;
    let hash = wire::md5_hex(&body);
    if setting.dialect == Dialect::Ours && header.get("hash").and_then(Value::as_str) != Some(&hash)
    {
        return fail(
            "hash should be the MD5 of the message, as 32 lower-case hexadecimal digits. (A \
             constant is the tutorial's: --dialect tutorial.)",
        );
    }
    Ok(body)
}

fn receive_announced(stream: &mut ProbeStream, setting: &Setting) -> Result<Vec<u8>, Failure> {
    let wanted = "a length in digits";
    let digits = match setting.dialect {
        Dialect::Tutorial => stream.receive_some(wanted)?,
        Dialect::Ours => stream.receive_line(MOST_DIGITS + 1, wanted)?,
    };
    let length = std::str::from_utf8(&digits).ok().and_then(|digits| digits.trim().parse().ok());
    let Some(length) = length.filter(|&length| length <= MAX_ANSWER) else {
        return Err(Failure::new(FailureKind::Mismatch, wanted, show::bytes(&digits))).hint_any(
            "The length is said in decimal digits, ended by a new line, before the message.",
        );
    };
    stream.send(READY);
    if length == 0 && setting.dialect == Dialect::Tutorial {
        // No byte will say that the word was taken, and the next command must not be glued to it.
        stream.wait_until_taken();
    }
    receive_body(stream, length, "as many bytes as announced", None)
}
