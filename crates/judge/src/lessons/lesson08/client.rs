//! What a client of files has to do. Above all: what a server says, a file appears under its name only
//! when it is whole and its MD5 is right.

use std::thread;
use std::time::{Duration, Instant};

use language::text;
use rust_i18n::t;
use serde_json::json;

use super::speech::{
    because, body_header, content, digest, file_bytes, get_bytes, refusal_bytes, tutorial_header,
};
use crate::client::{AcceptedClient, Client};
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::messages::{
    self, ONE_RECV_FOR_ALL, ONE_RECV_FOR_THE_HEADER, ONE_RECV_FOR_THE_LENGTH, framed, only, ours,
};
use crate::probe::{Probe, client};
use crate::probes::client_ends;
use crate::setting::{Dialect, Setting};
use crate::show;
use crate::stream::ProbeStream;

/// How often the folder is looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(5);
/// Who sends nothing for so long waits for the word.
const WAITS: Duration = Duration::from_millis(300);

/// The probes of a client.
pub(super) fn probes() -> Vec<Probe> {
    let both = vec![
        client("answers/file", "A file that is asked for is kept under its name.", |c| {
            gets(c, &content(3000))
        }),
        client("files/several", "Each name that is typed is asked for, and kept.", gets_several),
        client("sizes/empty-file", "An empty file is a file.", |c| {
            gets(c, b"").hint_any(text!(
                "A file of length 0 is a file like any other: there is nothing to receive, and it \
                 is made all the same."
            ))
        }),
        client("sizes/file-of-3-mb", "A file of 3 MB is kept as it was sent.", |c| {
            gets(c, &content(3_000_000))
        }),
        client("names/other-alphabet", "A name in another alphabet goes out as UTF-8.", |c| {
            exchange(c, "你好.txt", b"hi\n")
        }),
        client(
            "files/not-there",
            "A file that the server has not is none, and no more.",
            not_there,
        ),
        client("files/exists", "A file that is here already is not replaced.", keeps_old),
        client("answers/after-300-ms", "An answer that takes 300 ms is waited for.", slow_answer),
        client("ends/input", "When the input ends, the client hangs up and ends.", input_ends),
        client(
            "ends/nobody-listens",
            "Where nobody listens, the client says so and ends.",
            nobody_listens,
        ),
        client("cuts/length-after-1-byte", "A length may be cut after its first byte.", |c| {
            cut(c, 1)
        }),
        client("cuts/length-after-2-bytes", "A length may be cut after its second byte.", |c| {
            cut(c, 2)
        }),
        client("cuts/length-after-3-bytes", "A length may be cut after its third byte.", |c| {
            cut(c, 3)
        }),
        client("cuts/length-alone", "A length may arrive alone, before its header.", |c| cut(c, 4)),
        client("cuts/json-header", "A JSON header may arrive in two pieces.", |c| {
            cut(c, c.random(6, 40))
        }),
        client("cuts/file", "A file may arrive in pieces.", in_pieces),
        client("cuts/byte-by-byte", "All that is sent may arrive byte by byte.", byte_by_byte),
        client("files/wrong-md5", "A file whose MD5 is wrong does not get its name.", wrong_md5),
        client("ends/inside-a-file", "A file that breaks off does not get its name.", |c| {
            breaks_off(c, ProbeStream::close)
        }),
        client("ends/reset-inside-a-file", "A file that is reset does not get its name.", |c| {
            breaks_off(c, ProbeStream::reset)
        }),
        client("ends/server-closes", "When the server hangs up, the client notices.", |c| {
            hangs_up(c, ProbeStream::close)
        }),
        client("ends/server-resets", "When the server resets, the client notices.", |c| {
            hangs_up(c, ProbeStream::reset)
        }),
        client(
            "ends/inside-a-length",
            "When the server ends inside a length, it is noticed.",
            |c| {
                hangs_up(c, |mut stream| {
                    stream.send(b"\x20\0");
                    stream.wait_until_taken();
                    stream.close();
                })
            },
        ),
        client("nonsense/negative-length", "A negative length is refused.", |c| {
            says(c, &(-1_i32).to_le_bytes())
        }),
        client("nonsense/long-length", "A length of 2 GiB is refused at once.", |c| {
            says(c, &i32::MAX.to_le_bytes())
        }),
        client("nonsense/no-json", "A header that is no JSON is refused.", |c| {
            says(c, &framed(r#"{"lenth": 3, "file_size""#, b""))
        }),
        client("nonsense/no-fields", "A header without its fields is refused.", |c| {
            says(c, &framed(r#"{"mtime": 3}"#, b""))
        }),
        client("nonsense/negative-size", "A negative size is refused.", negative_size),
    ];
    let in_ours = vec![
        client("answers/list", "The server's list is shown.", lists),
        client("answers/put", "A file is put, with its size and its MD5.", puts),
        client("files/put-refused", "A put that is refused sends no byte.", put_is_refused),
        client("files/without-md5", "A file without its last words is not kept.", without_md5),
        client("files/changed", "A file that was changed meanwhile is not kept.", changed),
        client("nonsense/sizes", "Sizes that do not add up are refused.", |c| {
            does_not_add_up(c, &framed(&header(9, 0, 3), b"hi\n"))
        }),
        client("resume/from-too-far", "A file that begins behind what is here is refused.", |c| {
            does_not_add_up(c, &framed(&header(9, 6, 3), b"hi\n"))
        }),
    ];
    [both, only(ours, in_ours)].concat()
}

const ENDLESS: &str = text!(
    "The client waits, or turns in a loop, for bytes that cannot come any more. An empty recv is \
     the end of the stream: stop there, and say so."
);

const NO_NAME: &str = text!(
    "There is a file under the name, and it is not the one that was asked for: who looks takes it \
     for whole. Write to another name, compare length and MD5, and rename only then."
);

const NOT_KEPT: &str = text!(
    "The whole file was sent, and its MD5. Does the client wait for more, such as the end of the \
     connection? Or does it find another MD5? It is that of the bytes as they come, in 32 \
     hexadecimal digits, in lower case."
);

const TOO_MUCH: &str = text!(
    "These are the bytes of the file, and more: what follows them in the stream was taken for a \
     part of it. Receive at most as many bytes as are still missing."
);

const TOO_LITTLE: &str = text!(
    "This is only how the file begins. Receive until as many bytes are there as the header says, \
     and close the file: what was written may still be in a buffer of the program."
);

const BELIEVES: &str = text!(
    "The client believes this, and waits for what cannot come. Check what a peer says before it \
     is used: a length is not below 0 and not above a limit, and a header has its fields. Then \
     close the connection, and say so."
);

/// The name that is asked for where it does not matter.
const NAME: &str = "judge.bin";

/// Starts the client, types that it is to get the file, and waits for the request.
fn asked<'a>(client: &'a Client, name: &str) -> Result<AcceptedClient<'a>, Failure> {
    let mut accepted = client.start()?;
    ask_for(client, &mut accepted.stream, name)?;
    Ok(accepted)
}

/// Types that the file is to be got, and waits for the request.
fn ask_for(client: &Client, stream: &mut ProbeStream, name: &str) -> Outcome {
    client.types(&format!("get {name}"));
    expect_request(stream, client.setting(), name)
}

const NO_LINE: &str = text!(
    "The client sends nothing, or less. Does it read its lines from standard input, such as `get \
     NAME`?"
);

fn expect_request(stream: &mut ProbeStream, setting: &Setting, name: &str) -> Outcome {
    if setting.dialect == Dialect::Ours {
        let expected =
            t!("a header with \"do\":\"get\",\"name\":%{name}", name = json!(name)).into_owned();
        let message = messages::receive(stream, &expected).hint(FailureKind::Timeout, NO_LINE)?;
        let is_it = message.text_of("do") == Some("get") && message.text_of("name") == Some(name);
        return if is_it { Ok(()) } else { Err(message.is_not(&expected)) };
    }
    let expected = String::from_utf8_lossy(&get_bytes(setting, name)).into_owned();
    let came = stream.receive_some(&show::line(&expected)).hint(FailureKind::Timeout, NO_LINE)?;
    // The tutorial's client takes the whole line for the name, so that `get ` is a part of it.
    match came.strip_prefix(b"get ").unwrap_or(&came) == expected.as_bytes() {
        true => Ok(()),
        false => {
            Err(Failure::new(FailureKind::Mismatch, show::line(&expected), show::bytes(&came)))
                .hint_any(text!("The name goes out as it was typed, in UTF-8, without a new line."))
        }
    }
}

/// Waits until the file is there, whole.
fn keeps(client: &Client, name: &str, bytes: &[u8]) -> Outcome {
    let (folder, deadline) = (client.folder()?, client.record().deadline_after(bytes.len()));
    loop {
        // Looked at before: what it has kept before it ended is found.
        let has_ended = client.has_ended();
        let found = folder.find(name);
        if found.as_deref() == Some(bytes) {
            client.record().add(None, text!("the folder holds"), show::line(name));
            return Ok(());
        }
        if has_ended || Instant::now() > deadline {
            let expected = t!(
                "a file %{name} with %{bytes}",
                name = show::line(name),
                bytes = show::bytes(bytes)
            )
            .into_owned();
            let (kind, actual) = match found {
                None if has_ended => (FailureKind::Closed, text!("no such file").to_owned()),
                None => (FailureKind::Timeout, text!("no such file").to_owned()),
                Some(found) => (
                    FailureKind::Mismatch,
                    t!("one with %{bytes}", bytes = show::bytes(&found)).into_owned(),
                ),
            };
            return Err(Failure::new(kind, expected, actual));
        }
        thread::sleep(POLL_INTERVAL);
    }
}

/// There is no file of this name.
fn keeps_nothing(client: &Client, name: &str) -> Outcome {
    match client.folder()?.find(name) {
        None => Ok(()),
        Some(found) => {
            let expected = t!("no file %{name}", name = show::line(name)).into_owned();
            let actual = t!("one with %{bytes}", bytes = show::bytes(&found)).into_owned();
            Err(Failure::new(FailureKind::Mismatch, expected, actual)).hint_any(NO_NAME)
        }
    }
}

/// After `leave`, which ends the connection, the client finds out.
fn finds_out(client: &Client, accepted: AcceptedClient<'_>, leave: fn(ProbeStream)) -> Outcome {
    client_ends::finds_out_at_its_prompt(client, accepted, leave, ENDLESS)
}

fn gets(client: &Client, bytes: &[u8]) -> Outcome {
    exchange(client, NAME, bytes)
}

fn exchange(client: &Client, name: &str, bytes: &[u8]) -> Outcome {
    let mut accepted = asked(client, name)?;
    accepted.stream.send(&file_bytes(client.setting(), bytes));
    keeps(client, name, bytes).explain(|_| kept_otherwise(client, name, bytes))
}

/// What is wrong with the file that the client has kept in place of these bytes, if that can be told.
fn kept_otherwise(client: &Client, name: &str, bytes: &[u8]) -> Option<String> {
    let hint = match client.folder().ok()?.find(name) {
        None if client.has_ended() || bytes.is_empty() => return None,
        None => NOT_KEPT,
        Some(found) if found.starts_with(bytes) => TOO_MUCH,
        Some(found) if bytes.starts_with(&found) => TOO_LITTLE,
        Some(_) => return None,
    };
    Some(hint.to_owned())
}

fn gets_several(client: &Client) -> Outcome {
    let mut accepted = client.start()?;
    for (name, length) in [("one.bin", 100), ("two.bin", 5000), ("three.bin", 1)] {
        let bytes = content(length);
        ask_for(client, &mut accepted.stream, name).hint(
            FailureKind::Closed,
            text!("After the first file the client hangs up, or has ended."),
        )?;
        accepted.stream.send(&file_bytes(client.setting(), &bytes));
        keeps(client, name, &bytes)?;
    }
    Ok(())
}

fn not_there(client: &Client) -> Outcome {
    let setting = client.setting();
    let mut accepted = asked(client, "judge-none.bin")?;
    accepted.stream.send(&refusal_bytes(setting, "no-such-file", "the judge has no such file"));
    ask_for(client, &mut accepted.stream, NAME)
        .hint_any(text!("A file that is not there ends nothing: the next line is asked for."))?;
    accepted.stream.send(&file_bytes(setting, b"hi\n"));
    keeps(client, NAME, b"hi\n")?;
    keeps_nothing(client, "judge-none.bin")
}

fn keeps_old(client: &Client) -> Outcome {
    let setting = client.setting();
    client.record().add(None, text!("lay into the folder"), show::line("judge-old.bin"));
    // The tutorial's client puts a word before the name.
    let names = ["judge-old.bin", "cpoy_get judge-old.bin"];
    names.iter().try_for_each(|name| client.folder()?.lay(name, b"old"))?;
    let mut accepted = client.start()?;
    client.types("get judge-old.bin");
    client.types(&format!("get {NAME}"));
    // It may ask for it, and look later.
    let mut next = next_name(&mut accepted.stream, setting)?;
    if next.ends_with("judge-old.bin") {
        accepted.stream.send(&file_bytes(setting, b"new"));
        next = next_name(&mut accepted.stream, setting)?;
    }
    if !next.ends_with(NAME) {
        return Err(Failure::new(
            FailureKind::Mismatch,
            text!("a request for the next file"),
            show::line(&next),
        ));
    }
    names.iter().try_for_each(|name| keeps(client, name, b"old")).hint_any(text!(
        "The file that was here is lost, and nobody was asked. If there is one of that name, \
         refuse."
    ))
}

/// The name that the client asks for next.
fn next_name(stream: &mut ProbeStream, setting: &Setting) -> Result<String, Failure> {
    let expected = text!("a request for a file");
    match setting.dialect {
        Dialect::Ours => {
            let message = messages::receive(stream, expected)?;
            Ok(message.text_of("name").unwrap_or_default().to_owned())
        }
        Dialect::Tutorial => {
            Ok(String::from_utf8_lossy(&stream.receive_some(expected)?).into_owned())
        }
    }
}

fn lists(client: &Client) -> Outcome {
    let list = json!([
        { "name": "judge-first.txt", "size": 3, "modified": 1_763_700_000 },
        { "name": "judge-folder", "folder": true, "size": 0 },
    ])
    .to_string();
    let header = format!(r#"{{"status":"ok","size":{}}}"#, list.len());
    let mut accepted = client.start()?;
    // Once for each name: in which order they are shown is the client's own business.
    for name in ["judge-first.txt", "judge-folder"] {
        client.types("list");
        let expected = text!("a header with \"do\":\"list\"");
        let message = messages::receive(&mut accepted.stream, expected)
            .hint(FailureKind::Timeout, NO_LINE)?;
        if message.text_of("do") != Some("list") {
            return Err(message.is_not(expected));
        }
        accepted.stream.send(&framed(&header, list.as_bytes()));
        client.shows(name)?;
    }
    Ok(())
}

/// Types that a file of the folder is to be put, and waits for the request, which has no `force`.
fn begins_to_put<'a>(client: &'a Client, bytes: &[u8]) -> Result<AcceptedClient<'a>, Failure> {
    let folder = client.folder()?;
    client.record().add(None, text!("lay into the folder"), show::line(NAME));
    folder.lay(NAME, bytes)?;
    let mut accepted = client.start()?;
    client.types(&format!("put {}", folder.path().join(NAME).display()));
    let size = bytes.len() as u64;
    let expected = t!(
        "a header with \"do\":\"put\",\"name\":\"%{name}\",\"file_size\":%{size}",
        name = NAME,
        size = size
    )
    .into_owned();
    let message =
        messages::receive(&mut accepted.stream, &expected).hint(FailureKind::Timeout, NO_LINE)?;
    let words = ["do", "name"].map(|field| message.text_of(field));
    match words == [Some("put"), Some(NAME)] && message.number("file_size") == Some(size) {
        true => Ok(accepted),
        false => Err(message.is_not(&expected)).hint_any(text!(
            "The name is that of the file alone, without the folders that lead to it here, and \
             its size is in bytes."
        )),
    }
}

fn puts(client: &Client) -> Outcome {
    let bytes = content(3000);
    let mut accepted = begins_to_put(client, &bytes)?;
    let sent_at_once = |failure: Failure| {
        // How much of it has come so far is not the same twice.
        let expected = text!("nothing more, before the server's ok").to_owned();
        Failure { expected, actual: text!("what follows, without waiting").to_owned(), ..failure }
    };
    accepted.stream.expect_silence_for(WAITS).map_err(sent_at_once).hint_any(text!(
        "The bytes are sent before the server has said that it wants them. Wait for its ok."
    ))?;
    accepted.stream.send(&framed(r#"{"status":"ok","size":0}"#, b""));
    let expected = text!("a header with \"from\":0,\"size\":3000, and the bytes of the file");
    let message = messages::receive(&mut accepted.stream, expected)?;
    if message.number("from") != Some(0) || message.body != bytes {
        return Err(message.is_not(expected));
    }
    let md5 = wire::md5_hex(&bytes);
    let expected =
        t!("a message with \"status\":\"ok\",\"md5\":\"%{md5}\"", md5 = md5).into_owned();
    let message = messages::receive(&mut accepted.stream, &expected).hint(
        FailureKind::Timeout,
        text!("Behind the bytes comes one message more, with the MD5 of the file."),
    )?;
    if message.text_of("md5") != Some(&md5) {
        return Err(message.is_not(&expected));
    }
    accepted.stream.send(&framed(r#"{"status":"ok","size":0}"#, b""));
    // It goes on with the next line.
    ask_for(client, &mut accepted.stream, "judge-none.bin")
}

fn put_is_refused(client: &Client) -> Outcome {
    let mut accepted = begins_to_put(client, b"hi\n")?;
    accepted.stream.send(&refusal_bytes(client.setting(), "exists", "the judge has one already"));
    ask_for(client, &mut accepted.stream, "judge-none.bin").hint_any(text!(
        "A refusal ends nothing: no byte of the file is sent, and the next line is."
    ))
}

fn slow_answer(client: &Client) -> Outcome {
    let mut accepted = asked(client, NAME)?;
    accepted.stream.pause(Duration::from_millis(300));
    accepted.stream.send(&file_bytes(client.setting(), b"hi\n"));
    keeps(client, NAME, b"hi\n")
}

fn input_ends(client: &Client) -> Outcome {
    let mut accepted = asked(client, NAME)?;
    accepted.stream.send(&file_bytes(client.setting(), b"hi\n"));
    keeps(client, NAME, b"hi\n")?;
    client.ends_input();
    accepted
        .stream
        .expect_gone()
        .hint_any(text!("At the end of its input the client should hang up."))?;
    // A client may half-close, and wait for the server's end.
    accepted.stream.close();
    client.ends().map(drop)
}

fn nobody_listens(client: &Client) -> Outcome {
    client.start_in_vain()?;
    client.ends_input();
    client_ends::gives_up(client)
}

/// The file comes in two pieces, the first of which has so many bytes.
fn cut(client: &Client, first: usize) -> Outcome {
    let mut accepted = asked(client, NAME)?;
    accepted.stream.send_cut(&file_bytes(client.setting(), b"hi\n"), first);
    let hint = match first {
        1..=3 => ONE_RECV_FOR_THE_LENGTH,
        4 => {
            text!(
                "The length arrived alone, and the header after it: one recv is expected to give \
                 both."
            )
        }
        _ => ONE_RECV_FOR_THE_HEADER,
    };
    keeps(client, NAME, b"hi\n").hint_any(hint)
}

fn in_pieces(client: &Client) -> Outcome {
    let bytes = content(5000);
    let mut accepted = asked(client, NAME)?;
    let all = file_bytes(client.setting(), &bytes);
    let (start, rest) = all.split_at(client.random(300, 2000));
    let (middle, end) = rest.split_at(client.random(100, 2000));
    accepted.stream.send_in_pieces(&[start, middle, end]);
    keeps(client, NAME, &bytes).hint_any(text!(
        "Each recv gives a piece of the file: receive until all of its bytes are there."
    ))
}

fn byte_by_byte(client: &Client) -> Outcome {
    let mut accepted = asked(client, NAME)?;
    accepted.stream.send_byte_by_byte(&file_bytes(client.setting(), b"hi\n"));
    keeps(client, NAME, b"hi\n").hint_any(ONE_RECV_FOR_ALL)
}

fn wrong_md5(client: &Client) -> Outcome {
    let setting = client.setting();
    let mut accepted = asked(client, NAME)?;
    let wrong = wire::md5_hex(b"something else");
    let bytes = match setting.dialect {
        Dialect::Ours => [framed(&body_header(3, 0), b"hi\n"), digest(&wrong)].concat(),
        Dialect::Tutorial => [&tutorial_header(3, &wrong)[..], b"hi\n"].concat(),
    };
    accepted.stream.send(&bytes);
    accepted.stream.wait_until_taken();
    finds_out(client, accepted, ProbeStream::close)?;
    because(
        keeps_nothing(client, NAME),
        text!(
            "The MD5 that the server says is not that of the bytes that came. Compare the two, which \
             is what it is sent for, and where they differ keep nothing under the name."
        ),
    )
}

fn breaks_off(client: &Client, leave: fn(ProbeStream)) -> Outcome {
    let bytes = content(5000);
    let mut accepted = asked(client, NAME)?;
    let all = file_bytes(client.setting(), &bytes);
    accepted.stream.send(all.get(..2000).unwrap_or(&all));
    accepted.stream.wait_until_taken();
    finds_out(client, accepted, leave)?;
    keeps_nothing(client, NAME)
}

fn without_md5(client: &Client) -> Outcome {
    let mut accepted = asked(client, NAME)?;
    accepted.stream.send(&framed(&body_header(3, 0), b"hi\n"));
    accepted.stream.wait_until_taken();
    finds_out(client, accepted, ProbeStream::close)?;
    because(
        keeps_nothing(client, NAME),
        text!(
            "The message behind the bytes, with their MD5, has not come: so nobody knows whether \
             they are right. Give the file its name only after that message."
        ),
    )
}

fn changed(client: &Client) -> Outcome {
    let mut accepted = asked(client, NAME)?;
    let words = refusal_bytes(client.setting(), "changed", "the file was changed");
    accepted.stream.send(&[framed(&body_header(3, 0), b"\0\0\0"), words].concat());
    accepted.stream.wait_until_taken();
    finds_out(client, accepted, ProbeStream::close)?;
    keeps_nothing(client, NAME)
}

/// A header whose numbers need not fit.
fn header(file_size: u64, from: u64, size: u64) -> String {
    format!(r#"{{"status":"ok","file_size":{file_size},"from":{from},"size":{size}}}"#)
}

fn hangs_up(client: &Client, leave: fn(ProbeStream)) -> Outcome {
    let accepted = asked(client, NAME)?;
    finds_out(client, accepted, leave)?;
    keeps_nothing(client, NAME)
}

/// After such an answer the client hangs up: it cannot know where the next one begins.
fn says(client: &Client, answer: &[u8]) -> Outcome {
    let mut accepted = asked(client, NAME)?;
    accepted.stream.send(answer);
    accepted.stream.expect_gone().hint(FailureKind::Timeout, BELIEVES)?;
    keeps_nothing(client, NAME)
}

/// The same of a message that ends where its `size` says, so that the client may as well refuse the file
/// and go on.
fn does_not_add_up(client: &Client, answer: &[u8]) -> Outcome {
    let mut accepted = asked(client, NAME)?;
    accepted.stream.send(answer);
    client.types("get next.bin");
    match next_name(&mut accepted.stream, client.setting()) {
        Err(failure) if failure.kind != FailureKind::Closed => {
            Err(failure).hint(FailureKind::Timeout, BELIEVES)
        }
        _ => keeps_nothing(client, NAME),
    }
}

fn negative_size(client: &Client) -> Outcome {
    match client.setting().dialect {
        Dialect::Ours => {
            let header = r#"{"status":"ok","file_size":-3,"from":0,"size":-3}"#;
            says(client, &framed(header, b""))
        }
        Dialect::Tutorial => {
            let header = r#"{"lenth": -3, "md5": "", "size(MB)": 0.0}"#;
            says(client, &framed(header, b""))
        }
    }
}
