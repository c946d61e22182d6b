//! Topic `nonsense`: what nobody means is refused, and ends nothing but its own connection.

use language::text;
use rust_i18n::t;
use serde_json::json;
use wire::Framing;

use super::cuts::length_bytes;
use super::serving::{STUCK, asked, has_answers, is_command, request, still_serves};
use crate::carrier::{Carrier, TOTAL_SIZE, headed, json_header};
use crate::client::Client;
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::messages::{ends_after_browser, ends_connection};
use crate::probe::{Probe, client, server};
use crate::server::Server;
use crate::setting::{Service, Setting};
use crate::show;

/// As much as a server should not wait for the end of, in bytes.
const ENDLESS: usize = 40 << 20;
/// What a web page has a server run, if that can be done.
const MARK: &str = "from-a-page";

/// What a client may not say.
pub(crate) fn of_servers() -> Vec<Probe> {
    vec![
        server(
            "nonsense/negative-length",
            "A negative length ends the connection, and nothing else.",
            |s| refuses(s, Lie::Negative),
        )
        .when(|s| lies_in_requests(s, Lie::Negative)),
        server("nonsense/long-length", "A length that nobody means is refused at once.", |s| {
            claims_much(s)
        })
        .when(|s| lies_in_requests(s, Lie::Long)),
        server(
            "nonsense/length-below-itself",
            "A length that is less than its own size is refused.",
            |s| refuses(s, Lie::BelowItself),
        )
        .when(|s| lies_in_requests(s, Lie::BelowItself)),
        server("nonsense/no-number", "A length that is no number is refused.", |s| {
            refuses(s, Lie::NoNumber)
        })
        .when(|s| lies_in_requests(s, Lie::NoNumber)),
        server("nonsense/no-json", "A header that is no JSON is refused.", |s| {
            refuses(s, Lie::NoJson)
        })
        .when(|s| lies_in_requests(s, Lie::NoJson)),
        server("nonsense/no-size", "A header without its size is refused.", |s| {
            refuses(s, Lie::NoSize)
        })
        .when(|s| lies_in_requests(s, Lie::NoSize)),
        server("nonsense/negative-size", "A header with a negative size is refused.", |s| {
            refuses(s, Lie::NegativeSize)
        })
        .when(|s| lies_in_requests(s, Lie::NegativeSize)),
        server("nonsense/wrong-hash", "A message whose hash is wrong is refused.", wrong_hash)
            .when(|s| has_answers(s) && s.speech().request() == HASHED),
        server("nonsense/no-end", "A message without an end is refused.", no_end)
            .when(|s| has_answers(s) && has_mark(&s.speech().request())),
        server("nonsense/browser", "A browser that calls by mistake does no harm.", |s| {
            ends_after_browser(s, STUCK)?;
            still_serves(s)
        })
        .when(has_answers),
        server("nonsense/web-page", "A web page cannot have a command run.", web_page)
            .when(is_command),
    ]
}

/// What a server may not say.
pub(crate) fn of_clients() -> Vec<Probe> {
    vec![
        client("nonsense/negative-length", "A negative length is refused.", |c| {
            says(c, Lie::Negative)
        })
        .when(|s| lies_in_answers(s, Lie::Negative)),
        client("nonsense/long-length", "A length that nobody means is refused at once.", |c| {
            says(c, Lie::Long)
        })
        .when(|s| lies_in_answers(s, Lie::Long)),
        client("nonsense/no-number", "A length that is no number is refused.", |c| {
            says(c, Lie::NoNumber)
        })
        .when(|s| lies_in_answers(s, Lie::NoNumber)),
        client("nonsense/no-json", "A header that is no JSON is refused.", |c| {
            says(c, Lie::NoJson)
        })
        .when(|s| lies_in_answers(s, Lie::NoJson)),
        client("nonsense/no-size", "A header without its size is refused.", |c| {
            says(c, Lie::NoSize)
        })
        .when(|s| lies_in_answers(s, Lie::NoSize)),
        client("nonsense/wrong-hash", "An answer whose hash is wrong is refused.", |c| {
            let json = json_header(true, 3, &wire::md5_hex(b"something else"));
            says_bytes(c, &[&headed(&json)[..], b"hi\n"].concat())
        })
        .when(|s| has_answers(s) && s.speech().answer() == HASHED),
    ]
}

const HASHED: Carrier = Carrier::Headed { hashed: true };

/// What can be wrong with what stands in front of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lie {
    Negative,
    Long,
    BelowItself,
    NoNumber,
    NoJson,
    NoSize,
    NegativeSize,
}

fn lies_in_requests(setting: &Setting, lie: Lie) -> bool {
    has_answers(setting) && told(&setting.speech().request(), lie).is_some()
}

fn lies_in_answers(setting: &Setting, lie: Lie) -> bool {
    has_answers(setting) && told(&setting.speech().answer(), lie).is_some()
}

/// A message ends where a mark is, and may have none.
fn has_mark(carrier: &Carrier) -> bool {
    matches!(carrier, Carrier::Framed(Framing::Line | Framing::Until(_) | Framing::End))
}

/// The bytes of this lie; `None` where it cannot be told.
pub(crate) fn told(carrier: &Carrier, lie: Lie) -> Option<Vec<u8>> {
    let framing = match carrier {
        Carrier::Framed(framing) => framing,
        Carrier::Headed { .. } => return told_in_json(carrier, TOTAL_SIZE, lie),
        Carrier::Announced { ended: true } if lie == Lie::NoNumber => {
            return Some(b"many\n".to_vec());
        }
        Carrier::Announced { .. } => return None,
    };
    match (framing, lie) {
        (Framing::Length(length), Lie::Negative) if length.is_signed() => {
            Some(vec![0xff; length.width()])
        }
        // Two bytes cannot say more than a server may well take.
        (Framing::Length(length), Lie::Long) if length.width() >= 4 => {
            number(carrier, length.width(), i128::from(i32::MAX))
        }
        (Framing::Length(length), Lie::BelowItself) if length.counts_itself() => {
            Some(vec![0; length.width()])
        }
        (Framing::Digits(_), Lie::Negative | Lie::Long | Lie::NoNumber) => {
            let text = match lie {
                Lie::Negative => "-1",
                Lie::Long => "2147483647",
                _ => "many",
            };
            let head = carrier.encode(b"x");
            match head.get(..head.len() - 1)? {
                // Digits and an end mark.
                marked if !marked.ends_with(b" ") && marked.starts_with(b"1") => {
                    Some([text.as_bytes(), marked.get(1..)?].concat())
                }
                fixed => match lie {
                    // As long as the field is, and too long for it if that is less.
                    Lie::Long if fixed.len() < 8 => None,
                    Lie::Long => Some(vec![b'9'; fixed.len()]),
                    _ => Some(format!("{text:<width$}", width = fixed.len()).into_bytes())
                        .filter(|bytes| bytes.len() == fixed.len()),
                },
            }
        }
        (Framing::Json { length, .. }, Lie::Negative) if !length.is_signed() => None,
        (Framing::Json { field, .. }, lie) => told_in_json(carrier, field, lie),
        _ => None,
    }
}

/// The bytes of a lie in the JSON header, or in the length in front of it.
fn told_in_json(carrier: &Carrier, field: &str, lie: Lie) -> Option<Vec<u8>> {
    let width = length_bytes(carrier);
    let header = |text: String| {
        let mut bytes = number(carrier, width, text.len().try_into().ok()?)?;
        bytes.extend_from_slice(text.as_bytes());
        Some(bytes)
    };
    match lie {
        Lie::Negative => Some(vec![0xff; width]),
        Lie::Long if width >= 4 => number(carrier, width, i128::from(i32::MAX)),
        Lie::NoJson => header(format!("{{\"{field}\": ")),
        Lie::NoSize => header("{}".to_owned()),
        Lie::NegativeSize => {
            header(json!({ "filename": "a.txt", "hash": "", field: -7 }).to_string())
        }
        _ => None,
    }
}

/// This number in so many bytes, in the order of the carrier's length.
fn number(carrier: &Carrier, width: usize, number: i128) -> Option<Vec<u8>> {
    let bytes = number.to_le_bytes().get(..width)?.to_vec();
    // A short message has its length in the first byte or in the last.
    let is_little = carrier.encode(b"x").first() != Some(&0);
    Some(if is_little { bytes } else { bytes.into_iter().rev().collect() })
}

const CHECK: &str = text!(
    "Nobody can say where the next message begins. Check what a peer says before it is used: a \
     length is a number, not below 0 and not above a limit, and a header has the fields that it \
     should have. If not, close this connection."
);

/// The server ends the connection, and nothing else.
fn refuses(server: &Server, lie: Lie) -> Outcome {
    let bytes = told(&server.setting().speech().request(), lie).unwrap_or_default();
    ends_connection(server, &bytes, CHECK)?;
    still_serves(server).hint_any(text!(
        "The server has ended over what one client has said. Check each length before it is used: \
         not below 0, and not above a limit."
    ))
}

fn claims_much(server: &Server) -> Outcome {
    let bytes = told(&server.setting().speech().request(), Lie::Long).unwrap_or_default();
    let before = server.peak_memory();
    let mut stream = server.connect()?;
    stream.send(&bytes);
    let refused = stream.expect_gone_at_last().map(drop);
    let grown =
        server.peak_memory().zip(before).map_or(0, |(now, before)| now.saturating_sub(before));
    let took = if grown >> 29 == 0 {
        "".into()
    } else {
        t!(" It has even asked the system for the memory.")
    };
    refused.hint(
        FailureKind::Timeout,
        &t!(
            "The server believes that so many bytes will come, and waits for them.%{took} A \
             length is only a claim: check it against a limit, and close the connection.",
            took = took
        ),
    )?;
    drop(stream);
    still_serves(server).hint_any(text!(
        "The server has ended over a length that nobody means. Check each length before it is used."
    ))
}

fn wrong_hash(server: &Server) -> Outcome {
    let command = b"seq 7 9";
    let json = json_header(true, command.len(), &wire::md5_hex(b"seq 1 9"));
    let mut stream = server.connect()?;
    stream.send(&[&headed(&json)[..], command].concat());
    let hint = text!(
        "The MD5 of what came is not the one in the header: it was damaged on its way. Do not run \
         it; close the connection."
    );
    let came = stream.expect_gone_at_last().hint(FailureKind::Timeout, hint)?;
    if came.windows(6).any(|window| window == b"7\n8\n9\n") {
        let actual = show::bytes(&came);
        return Err(Failure::new(FailureKind::Mismatch, text!("that it is not run"), actual))
            .hint_any(hint);
    }
    still_serves(server)
}

/// A client that never ends its message is cut off.
fn no_end(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    let sent = stream.send_until_full(&vec![b'x'; ENDLESS]);
    if sent < ENDLESS && stream.expect_gone_at_last().is_ok() {
        drop(stream);
        return still_serves(server);
    }
    // How much a slow server has taken by now is not the same twice.
    let actual = match sent {
        ENDLESS => {
            t!("it has taken %{size} MiB, and wants more", size = ENDLESS >> 20).into_owned()
        }
        _ => t!("it has taken a part of %{size} MiB, and has not closed", size = ENDLESS >> 20)
            .into_owned(),
    };
    Err(Failure::new(FailureKind::Timeout, text!("that the connection is closed"), actual))
        .hint_any(text!(
            "The server keeps all that comes until an end mark does, without a limit: one client \
             can fill its memory. Say how long a message may be, and close the connection when it \
             is longer."
        ))
}

/// A browser, which any web page can make call a port of this machine.
fn web_page(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stream.wait_until_taken();
    // What a page sends may begin a segment of its own.
    stream.send(&request(server, MARK));
    stream.half_close();
    let came = stream.expect_gone_at_last().hint(FailureKind::Timeout, STUCK)?;
    if came.windows(MARK.len()).any(|window| window == MARK.as_bytes()) {
        let actual = show::bytes(&came);
        return Err(Failure::new(FailureKind::Mismatch, text!("that no command is run"), actual))
            .hint_any(text!(
                "A web page can post to a port of this machine, and this server runs what it \
                 posts. Close a connection that begins like an HTTP request."
            ));
    }
    still_serves(server)
}

fn says(client: &Client, lie: Lie) -> Outcome {
    says_bytes(client, &told(&client.setting().speech().answer(), lie).unwrap_or_default())
}

/// After such an answer the client does not go on: it cannot know where the next one begins.
fn says_bytes(client: &Client, answer: &[u8]) -> Outcome {
    let mut accepted = asked(client, "hi")?;
    accepted.stream.send(answer);
    if client.setting().service != Service::Script {
        client.types(&client.setting().speech().exchange(1, "next").line);
    }
    accepted
        .stream
        .expect_gone()
        .hint(
            FailureKind::Excess,
            text!(
                "The client believes this, and goes on with the next command. Check what a peer \
                 says before it is used: a length is not below 0 and not above a limit. What \
                 follows nonsense is nonsense too: close the connection, and say so."
            ),
        )
        .hint(
            FailureKind::Timeout,
            text!(
                "The client believes this, and waits for what cannot come. Check what a peer says \
                 before it is used: a length is not below 0 and not above a limit. Then close the \
                 connection, and say so."
            ),
        )
}
