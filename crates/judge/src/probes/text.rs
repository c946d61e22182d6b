//! Topic `text`: letters of other alphabets, and bytes that are no text.

use language::text;
use wire::Framing;

use super::serving::{asked, exchange, has_answers, has_second, is_command, is_echo, still_serves};
use crate::carrier::Carrier;
use crate::client::Client;
use crate::failure::{FailureKind, Hint, Outcome};
use crate::probe::{Probe, client, server};
use crate::server::Server;
use crate::setting::Setting;

/// Bytes that are no text in any usual encoding.
const NO_TEXT: &[u8] = b"\xff\xfe\x80";

/// What a server does with text.
pub(crate) fn of_servers() -> Vec<Probe> {
    vec![
        server("text/other-alphabets", "Letters of other alphabets come back unchanged.", |s| {
            let speech = s.setting().speech();
            let word =
                if is_command(s.setting()) { "grüße, 你好" } else { "grüße, 你好 abc" };
            speech
                .ask(&mut s.connect()?, &speech.of_word(word))
                .hint(FailureKind::Mismatch, match is_command(s.setting()) {
                    true => {
                        text!(
                            "A command is UTF-8, and so is what it prints here. Its length counts \
                             bytes, not characters.")
                    }
                    false => CHANGED,
                })
                .hint(FailureKind::Closed, DECODED)
        })
        .when(|s| s.speech().has_words()),
        server("text/any-bytes", "Bytes that are no text come back unchanged.", |s| {
            let speech = s.setting().speech();
            // No byte of an end mark that people use is among them.
            speech
                .ask(&mut s.connect()?, &speech.of_bytes(b"\x01\x02\xff\xfe\x80a\xc3("))
                .hint(FailureKind::Mismatch, CHANGED)
                .hint(FailureKind::Closed, DECODED)
        })
        .when(|s| is_echo(s) && carries_any_bytes(s)),
        server("text/no-text-ends-nothing", "A request that is no text ends nothing.", no_text)
            .when(has_answers),
    ]
}

/// What a client does with text.
pub(crate) fn of_clients() -> Vec<Probe> {
    vec![
        client(
            "text/other-alphabets",
            "Text in other alphabets goes out as it is, and is shown.",
            |c| exchange(c, &mut c.start()?.stream, 0, "grüße, 你好"),
        )
        .when(|s| s.speech().has_words()),
        client(
            "text/answer-is-no-text",
            "An answer that is no text does not end the client.",
            answer_is_no_text,
        )
        .when(has_second),
    ]
}

const CHANGED: &str = text!(
    "Upper-case the bytes, and only the letters a to z: text methods also change or refuse what \
     is no such letter."
);

const DECODED: &str = text!(
    "The server decodes what it has received, and what came is no text in its encoding. Bytes \
     need no decoding to be sent back."
);

/// Whatever becomes of the client that sends this, the next one is served.
fn no_text(server: &Server) -> Outcome {
    let speech = server.setting().speech();
    let request = if speech.is_command() { [b"echo ", NO_TEXT].concat() } else { NO_TEXT.to_vec() };
    let mut stream = server.connect()?;
    speech.request().send(&mut stream, &request)?;
    // Any answer will do, and so will an end.
    _ = stream.expect_silence();
    stream.close();
    still_serves(server).hint_any(text!(
        "What a client sends may be anything, also no text: catch the error of decoding."
    ))
}

fn answer_is_no_text(client: &Client) -> Outcome {
    let speech = client.setting().speech();
    let mut accepted = asked(client, "no-text")?;
    let answer = match speech.is_stream() {
        // As long as the request, by which alone a client can know its end.
        true => {
            NO_TEXT.iter().copied().cycle().take(speech.of_word("no-text").answer.len()).collect()
        }
        false if speech.is_command() => [NO_TEXT, b"\n"].concat(),
        false => NO_TEXT.to_vec(),
    };
    speech.answer().send(&mut accepted.stream, &answer)?;
    let next = speech.exchange(1, "again");
    client.types(&next.line);
    speech.expect_request(&mut accepted.stream, &next).hint(
        FailureKind::Closed,
        text!(
            "The client decodes what came, and it is no text. What a peer sends may be anything: \
             decode with a replacement (in Python errors=\"replace\")."
        ),
    )
}

/// Nothing in how requests travel makes them text.
fn carries_any_bytes(setting: &Setting) -> bool {
    matches!(setting.speech().request(), Carrier::Framed(Framing::None | Framing::Length(_)))
}
