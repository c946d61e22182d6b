//! What a server of files has to do.

use std::time::{Duration, Instant};

use language::text;
use rust_i18n::t;
use serde_json::json;

use super::speech::{
    because, content, digest, get, get_bytes, is_refused, keep, put, put_bytes, receive_file,
    refusal, reply, rest_of_put, same_md5, status,
};
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::folder::{Files, Folder, SECRET};
use crate::messages::{
    Message, NO_NEXT, ONE_RECV_FOR_ALL, ONE_RECV_FOR_THE_LENGTH, ends_after_browser,
    ends_connection, framed, only, ours, serves_next, tutorial,
};
use crate::probe::{Probe, server};
use crate::server::Server;
use crate::setting::{Dialect, Setting};
use crate::show;
use crate::stream::ProbeStream;

/// The probes of a server.
pub(super) fn probes() -> Vec<Probe> {
    let both = vec![
        server("answers/file", "A file that is asked for is sent.", sends),
        server(
            "files/not-there",
            "A file that there is not is refused, and no more.",
            no_such_file,
        ),
        server("files/several", "One connection carries file after file.", several),
        server(
            "crowds/next-client",
            "After a client has had a file, the next is served.",
            next_client,
        ),
        server("sizes/empty-file", "An empty file is a file.", |s| gives_back(s, "judge-empty", 0)),
        server("sizes/file-of-3-mb", "A file of 3 MB comes back as it was.", |s| {
            gives_back(s, "judge-large", 3_000_000)
        }),
        server("names/other-alphabet", "A name may hold spaces and other alphabets.", |s| {
            gives_back(s, "judge 你好 a b", 9)
        }),
        server("names/in-a-folder", "A name may lead into a folder.", |s| {
            gives_back(s, "judge/inner/file", 9)
        }),
        server("names/folder", "A folder is no file: it is refused.", folder_is_refused),
        server("sizes/slow-reader", "A client that reads slowly gets the whole file.", slow_reader),
        server("answers/after-a-pause", "A client may be silent before it asks.", idle),
        server("ends/half-close", "After a half-close the connection ends in order.", half_close),
        server("ends/without-a-word", "A client that leaves without a word does no harm.", |s| {
            s.connect()?.close();
            still_serves(s)
        }),
        server(
            "ends/after-a-refusal",
            "A client that leaves after a refusal does no harm.",
            leaves_after_refusal,
        ),
        server("ends/inside-a-file", "A client that leaves in mid file does no harm.", |s| {
            leaves_in_mid_get(s, ProbeStream::close)
        }),
        server("ends/reset-inside-a-file", "A client that resets in mid file does no harm.", |s| {
            leaves_in_mid_get(s, ProbeStream::reset)
        }),
        server("nonsense/web-page", "A web page gets no file.", browser),
        server("names/parent-folder", "A name cannot climb out of the folder with `..`.", |s| {
            hostile(s, &climbing(s, 0))
        }),
        server(
            "names/parent-of-inner-folder",
            "A name cannot climb out from inside a folder.",
            climbs_from_inside,
        ),
        server("names/absolute", "An absolute name is refused.", |s| {
            hostile_shown(s, &outside(s), text!("the absolute name of a file outside"))
        }),
        server("names/dot", "The name `.` is refused, and ends nothing.", |s| hostile(s, ".")),
        server("names/nul", "A name with a NUL is refused, and ends nothing.", |s| {
            hostile(s, "judge\0name")
        }),
        server("names/no-utf-8", "A name that is no UTF-8 does no harm.", no_utf8).when(tutorial),
        server("names/link", "A symbolic link that leads out is not followed.", link)
            .when(|setting| cfg!(unix) && setting.files != Files::Elsewhere),
    ];
    let in_ours = vec![
        server("answers/list", "The names in the folder can be listed.", lists),
        server(
            "files/put-is-listed",
            "A file that was put is listed, with its size.",
            lists_what_was_put,
        ),
        server("files/exists", "A file that is there already is not replaced.", exists),
        server("files/force", "With `force`, a file is replaced.", replaces),
        server("crowds/two", "Two clients are served at the same time.", at_the_same_time),
        server("crowds/two-puts", "Of two puts of one name at once, one is told `busy`.", busy),
        server("crowds/five-at-once", "Five clients that call at once are all served.", five),
        server("cuts/length", "A length may be cut anywhere.", |s| cut(s, s.random(1, 4))),
        server("cuts/byte-by-byte", "A request may arrive byte by byte.", byte_by_byte),
        server("cuts/file", "The bytes of a file may come in pieces.", body_cut),
        server("joins/two-requests", "Two requests that arrive together are both answered.", glued),
        server(
            "joins/file-and-request",
            "A file may come in one piece with what is around it.",
            all_at_once,
        ),
        server("resume/get", "A get goes on behind what the client has.", get_goes_on),
        server(
            "resume/get-of-another-file",
            "A get begins anew if the client has something else.",
            get_begins_anew,
        ),
        server("resume/put", "A put that broke off can go on where it stopped.", put_goes_on),
        server("ends/inside-a-put", "A put that breaks off leaves no file under its name.", |s| {
            leaves_in_mid_put(s, "judge-closed", ProbeStream::close)
        }),
        server(
            "ends/reset-inside-a-put",
            "A put that is reset leaves no file under its name.",
            |s| leaves_in_mid_put(s, "judge-reset", ProbeStream::reset),
        ),
        server(
            "ends/inside-a-length",
            "A client that leaves inside a length does no harm.",
            leaves_in_length,
        ),
        server("files/wrong-md5", "A file whose MD5 is wrong gets no name.", wrong_md5),
        server("files/damaged", "A damaged file does not replace a whole one.", damaged_keeps_old),
        server("nonsense/sizes", "Sizes that do not add up end a put, and no more.", wrong_sizes),
        server("sizes/file-of-8-eib", "8 EiB are refused before they are sent.", far_too_large),
        server("nonsense/negative-length", "A negative length ends the connection only.", |s| {
            nonsense(s, &(-1_i32).to_le_bytes())
        }),
        server("nonsense/long-length", "A length of 2 GiB is refused at once.", claims_much),
        server("nonsense/no-json", "A request that is no JSON ends the connection only.", |s| {
            nonsense(s, &framed(r#"{"do":"get","name":"#, b""))
        }),
        server("nonsense/no-do", "A request without `do` ends the connection at most.", without_do),
        server("nonsense/negative-size", "A negative `size` ends the connection only.", |s| {
            nonsense(s, &framed(r#"{"do":"list","name":"","size":-5}"#, b""))
        }),
        server("names/empty", "An empty name is refused, and ends nothing.", |s| hostile(s, "")),
        server("names/long", "A name of 5,000 letters is refused, and ends nothing.", |s| {
            hostile(s, &"long".repeat(1250))
        }),
        server("names/put-to-parent-folder", "A put cannot climb out of the folder.", |s| {
            hostile_put(s, "../judge-outside")
        }),
        server("names/put-absolute", "A put with an absolute name is refused.", |s| {
            hostile_put(s, "/tmp/judge-outside")
        }),
        server("names/list-parent-folder", "A list cannot climb out of the folder.", list_outside),
    ];
    [both, only(ours, in_ours)].concat()
}

/// A file that every system has and that is none of the server's business.
const OF_THE_SYSTEM: &str = if cfg!(windows) { "/Windows/win.ini" } else { "/etc/passwd" };

/// The absolute name of a file outside the server's folder: the judge's own, if it has made the folder.
fn outside(server: &Server) -> String {
    let secret = server.folder().and_then(Folder::secret);
    let secret = secret.and_then(|path| path.to_str().map(str::to_owned));
    secret.unwrap_or_else(|| OF_THE_SYSTEM.to_owned())
}

/// The name of a file outside the server's folder, seen from so many folders below that.
fn climbing(server: &Server, depth: usize) -> String {
    match server.folder().and_then(Folder::secret) {
        Some(_) => format!("{}{SECRET}", "../".repeat(depth + 1)),
        // As many as lead to the root from anywhere; there `..` is the root itself.
        None => format!("{}{}", "../".repeat(20), OF_THE_SYSTEM.trim_start_matches('/')),
    }
}

const NEXT_CLIENT: &str = text!(
    "A client's end must end nothing but its own conversation. Catch the errors of recv, send and \
     of files, close that connection, and go on with accept."
);

const STUCK: &str = text!(
    "The server is still busy with a client that has gone. Look for the end of the stream at each \
     recv, and for an error at each send; there, close the connection."
);

const ENDLESS_READ: &str = text!(
    "The server has sent the file, and answers nobody any more. Either its loop around the file \
     does not end (at the end of the file read() gives an empty piece: leave the loop there), or \
     nothing leads back to recv and accept."
);

/// A request that every server can answer, whatever its files are.
fn plain_request(stream: &mut ProbeStream, setting: &Setting) -> Outcome {
    match setting.dialect {
        Dialect::Ours => list(stream, "").map(drop),
        Dialect::Tutorial => is_refused(stream, setting, "judge-none"),
    }
}

/// The next client connects and is served.
fn still_serves(server: &Server) -> Outcome {
    still_serves_or(server, STUCK, NEXT_CLIENT)
}

/// The same; `stuck` says why the server may be silent, and `ended` why it may have ended.
fn still_serves_or(server: &Server, stuck: &str, ended: &str) -> Outcome {
    serves_next(server, stuck, ended, |stream| plain_request(stream, server.setting()))
}

fn list(stream: &mut ProbeStream, name: &str) -> Result<Vec<serde_json::Value>, Failure> {
    stream.send(&framed(&format!(r#"{{"do":"list","name":{},"size":0}}"#, json!(name)), b""));
    let message = status(stream, "ok")?;
    serde_json::from_slice(&message.body).map_err(|_| {
        let (expected, actual) =
            (text!("a JSON list behind the header"), show::bytes(&message.body));
        Failure::new(FailureKind::Mismatch, expected, actual)
    })
}

fn sends(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    let bytes = b"hi\n";
    keep(server, &mut stream, "judge-file", bytes)
        .hint(FailureKind::Closed, text!("The server hangs up instead of answering a put."))
        .hint(
            FailureKind::Timeout,
            text!("The server takes the connection and says nothing to a put."),
        )?;
    get(&mut stream, server.setting(), "judge-file", bytes)
        .hint(
            FailureKind::Timeout,
            text!("The server takes the request and says nothing, or not all of it."),
        )
        .hint(FailureKind::Closed, text!("The server hangs up instead of sending the file."))
}

fn lists(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    list(&mut stream, "").map(drop)
}

fn lists_what_was_put(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    put(&mut stream, "judge-listed", &content(77), true)?;
    let entries = list(&mut stream, "")?;
    let is_it = |entry: &&serde_json::Value| entry.get("name") == Some(&json!("judge-listed"));
    let expected = text!("an entry with \"name\":\"judge-listed\" and \"size\":77");
    let entry = entries.iter().find(is_it).ok_or_else(|| {
        Failure::new(
            FailureKind::Mismatch,
            expected,
            t!("%{count} other entries", count = entries.len()).into_owned(),
        )
    })?;
    match entry.get("size") == Some(&json!(77)) {
        true => Ok(()),
        false => Err(Failure::new(FailureKind::Mismatch, expected, entry.to_string())),
    }
}

fn no_such_file(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    match server.setting().dialect {
        Dialect::Ours => {
            stream.send(&get_bytes(server.setting(), "judge-none"));
            status(&mut stream, "no-such-file").map(drop)?;
        }
        Dialect::Tutorial => is_refused(&mut stream, server.setting(), "judge-none")?,
    }
    plain_request(&mut stream, server.setting())
        .hint_any(text!("A file that is not there ends nothing: the client may ask for another."))
}

fn several(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    let (one, two) = (content(100), content(2000));
    keep(server, &mut stream, "judge-one", &one)?;
    keep(server, &mut stream, "judge-two", &two)?;
    let setting = server.setting();
    get(&mut stream, setting, "judge-one", &one)?;
    [("judge-two", &two), ("judge-one", &one)]
        .iter()
        .try_for_each(|(name, bytes)| get(&mut stream, setting, name, bytes))
        .hint(FailureKind::Timeout, ENDLESS_READ)
        .hint(
            FailureKind::Closed,
            text!("The server closes after the first file. Receive in a loop."),
        )
}

fn next_client(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    keep(server, &mut stream, "judge-file", b"hi\n")?;
    get(&mut stream, server.setting(), "judge-file", b"hi\n")?;
    stream.close();
    still_serves_or(server, ENDLESS_READ, NEXT_CLIENT)
}

fn gives_back(server: &Server, name: &str, length: usize) -> Outcome {
    let bytes = content(length);
    let mut stream = server.connect()?;
    keep(server, &mut stream, name, &bytes)?;
    let came = get(&mut stream, server.setting(), name, &bytes);
    match length {
        0 => came.hint(
            FailureKind::Timeout,
            text!(
                "To a file of length 0 belongs all that belongs to another: its header, and its \
                 MD5, which is d41d8cd98f00b204e9800998ecf8427e."
            ),
        ),
        _ if came.as_ref().is_err_and(|failure| failure.kind == FailureKind::Mismatch) => because(
            came,
            text!(
                "A file is bytes, and they come back as they are: open it in binary mode, and \
                 decode nothing. Its length is that of its bytes."
            ),
        ),
        // Of a server that is only slow nothing has come.
        _ => came.explain(|failure| {
            failure.is_begun.then(|| {
                text!(
                    "Less is sent than was announced. send may take less than all of what it is \
                     given: use sendall, until the file ends."
                )
                .to_owned()
            })
        }),
    }
}

fn folder_is_refused(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    keep(server, &mut stream, "judge/inner/file", b"hi\n")?;
    is_refused(&mut stream, server.setting(), "judge/inner").hint_any(text!(
        "There is something of that name, but it is no file: opening it fails, or reading it. \
         Look whether it is a file before anything is sent, and catch the error."
    ))?;
    plain_request(&mut stream, server.setting()).hint_any(NEXT_CLIENT)
}

fn exists(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    put(&mut stream, "judge-old", b"old", true)?;
    stream.send(&put_bytes("judge-old", 3, false, false));
    status(&mut stream, "exists").map(drop).hint(
        FailureKind::Mismatch,
        text!(
            "There is a file of that name, and the put has no `force`: without it nothing is \
             replaced."
        ),
    )?;
    because(
        get(&mut stream, server.setting(), "judge-old", b"old"),
        text!("The put was refused, and the old file is gone or another all the same."),
    )
}

fn replaces(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    put(&mut stream, "judge-replaced", &content(500), true)?;
    put(&mut stream, "judge-replaced", b"new", true)?;
    because(
        get(&mut stream, server.setting(), "judge-replaced", b"new"),
        text!("The new file takes the place of the old one, and nothing of that is left."),
    )
}

fn slow_reader(server: &Server) -> Outcome {
    let bytes = content(3_000_000);
    let mut stream = server.connect()?;
    keep(server, &mut stream, "judge-large", &bytes)?;
    stream.send(&get_bytes(server.setting(), "judge-large"));
    stream.pause(Duration::from_millis(300));
    receive_file(&mut stream, server.setting(), &bytes).hint_any(text!(
        "While the client does not read, the server's send has to wait. Without sendall, or with \
         a socket that does not block, the rest of the file is lost."
    ))
}

fn idle(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.pause(Duration::from_millis(300));
    plain_request(&mut stream, server.setting()).hint(
        FailureKind::Closed,
        text!("The server gives a client less than 300 ms to ask for something."),
    )
}

fn at_the_same_time(server: &Server) -> Outcome {
    let mut first = server.connect()?;
    plain_request(&mut first, server.setting())?;
    let mut second = server.connect()?;
    plain_request(&mut second, server.setting()).hint(FailureKind::Timeout, ONE_AT_A_TIME)?;
    plain_request(&mut first, server.setting())
}

const ONE_AT_A_TIME: &str = text!(
    "While one client is connected, the server serves no other. A file may take long: start a \
     thread for each client."
);

fn busy(server: &Server) -> Outcome {
    let mut first = server.connect()?;
    let mut second = server.connect()?;
    first.send(&put_bytes("judge-busy", 5, true, false));
    status(&mut first, "ok")?;
    second.send(&put_bytes("judge-busy", 6, true, false));
    status(&mut second, "busy").map(drop).hint(FailureKind::Timeout, ONE_AT_A_TIME).hint_any(
        text!(
            "Two clients send a file of one name at the same time, and their bytes must not meet: \
             keep the file under way for one of them, and tell the other that it is busy."
        ),
    )?;
    first.send(&rest_of_put(b"first", 0));
    status(&mut first, "ok")?;
    get(&mut second, server.setting(), "judge-busy", b"first")
}

fn cut(server: &Server, first: usize) -> Outcome {
    let mut stream = server.connect()?;
    stream.send_cut(&get_bytes(server.setting(), "judge-none"), first);
    status(&mut stream, "no-such-file").map(drop).hint_any(ONE_RECV_FOR_THE_LENGTH)
}

fn byte_by_byte(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send_byte_by_byte(&get_bytes(server.setting(), "judge-none"));
    status(&mut stream, "no-such-file").map(drop).hint_any(ONE_RECV_FOR_ALL)
}

fn glued(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(&get_bytes(server.setting(), "judge-none").repeat(2));
    status(&mut stream, "no-such-file")?;
    status(&mut stream, "no-such-file").map(drop).hint_any(text!(
        "The server answers the first of two requests that arrive together, and loses the second. \
         Take from the stream what the length says, and leave the rest for the next turn."
    ))
}

fn body_cut(server: &Server) -> Outcome {
    let bytes = content(5000);
    let mut stream = server.connect()?;
    stream.send(&put_bytes("judge-cut", 5000, true, false));
    status(&mut stream, "ok")?;
    let rest = rest_of_put(&bytes, 0);
    stream.send_cut(&rest, server.random(200, 4000));
    status(&mut stream, "ok").map(drop).hint_any(text!(
        "The server takes one recv for the whole file, and it got the first piece. Receive until \
         as many bytes are there as the header's `size` says."
    ))?;
    get(&mut stream, server.setting(), "judge-cut", &bytes)
}

fn all_at_once(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(&put_bytes("judge-glued", 3, true, false));
    status(&mut stream, "ok")?;
    // The next request comes with the end of the file.
    let next = get_bytes(server.setting(), "judge-none");
    stream.send(&[rest_of_put(b"hi\n", 0), next].concat());
    status(&mut stream, "ok").and_then(|_| status(&mut stream, "no-such-file")).map(drop).hint_any(
        text!(
            "What follows the bytes of the file in the stream is no part of it: receive at most \
             as many bytes as are still missing."
        ),
    )
}

fn get_goes_on(server: &Server) -> Outcome {
    let bytes = content(10_000);
    let mut stream = server.connect()?;
    put(&mut stream, "judge-resumed", &bytes, true)?;
    let rest = bytes.get(4000..).unwrap_or_default();
    let message = ask_for_rest(&mut stream, 4000, &wire::md5_hex(&content(4000)))?;
    if (message.number("from"), &message.body[..]) != (Some(4000), rest) {
        let expected = text!("a header with \"from\":4000,\"size\":6000, and these bytes");
        return Err(message.is_not(expected)).hint_any(text!(
            "The client has the first 4,000 bytes, and their MD5 is right: only the rest is sent."
        ));
    }
    because(
        same_md5(&mut stream, &bytes),
        text!("The MD5 is that of the whole file, not of the rest."),
    )
}

fn get_begins_anew(server: &Server) -> Outcome {
    let bytes = content(10_000);
    let mut stream = server.connect()?;
    put(&mut stream, "judge-resumed", &bytes, true)?;
    let message = ask_for_rest(&mut stream, 4000, &wire::md5_hex(b"something else"))?;
    if (message.number("from"), &message.body) != (Some(0), &bytes) {
        return Err(message.is_not(text!("a header with \"from\":0,\"size\":10000"))).hint_any(
            text!(
                "What the client has is not how this file begins: compare the MD5 of its first \
                 bytes, and if it differs, begin at 0."
            ),
        );
    }
    same_md5(&mut stream, &bytes)
}

fn ask_for_rest(stream: &mut ProbeStream, length: usize, md5: &str) -> Result<Message, Failure> {
    let have = format!(r#"{{"length":{length},"md5":"{md5}"}}"#);
    let request = format!(r#"{{"do":"get","name":"judge-resumed","have":{have},"size":0}}"#);
    stream.send(&framed(&request, b""));
    status(stream, "ok")
}

fn put_goes_on(server: &Server) -> Outcome {
    const SENT: usize = 600_000;
    let bytes = content(1_000_000);
    let mut stream = server.connect()?;
    stream.send(&put_bytes("judge-broken", bytes.len() as u64, true, false));
    status(&mut stream, "ok")?;
    stream.send(begun(&rest_of_put(&bytes, 0), SENT));
    stream.wait_until_taken();
    stream.close();
    let mut stream = server.connect()?;
    let message = ask_to_resume(server, &mut stream, bytes.len() as u64)?;
    let have = message.fields.get("have").cloned().unwrap_or_default();
    let length = have.get("length").and_then(serde_json::Value::as_u64).unwrap_or_default();
    let from = usize::try_from(length).unwrap_or(usize::MAX);
    let there = bytes.get(..from).unwrap_or_default();
    if from == 0 || have.get("md5") != Some(&json!(wire::md5_hex(there))) {
        let expected =
            text!("a message with `have`: how many of the bytes are there, and their MD5");
        return Err(message.is_not(expected)).hint_any(text!(
            "A put that breaks off can be resumed: what has come is kept under another name, and \
             when the next put has `resume`, the server says how long that is, and its MD5."
        ));
    }
    stream.send(&rest_of_put(&bytes, from));
    status(&mut stream, "ok").map(drop).hint(
        FailureKind::Mismatch,
        text!("The MD5 is that of the whole file: what was there already goes into it as well."),
    )?;
    get(&mut stream, server.setting(), "judge-broken", &bytes)
}

/// Asks to go on with a put, again and again while the server has not yet noticed that the client
/// before is gone.
fn ask_to_resume(
    server: &Server,
    stream: &mut ProbeStream,
    length: u64,
) -> Result<Message, Failure> {
    let deadline = server.record().deadline();
    let request = put_bytes("judge-broken", length, true, true);
    server.record().add(None, text!("ask to resume, until the server is not busy"), "");
    server.record().quietly(|| {
        loop {
            stream.send(&request);
            let message = reply(stream, text!("a message with \"status\":\"ok\""))?;
            match message.text_of("status") {
                Some("busy") if Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Some("ok") => return Ok(message),
                _ => return Err(message.is_not(text!("a message with \"status\":\"ok\""))),
            }
        }
    })
}

/// The first bytes of them.
fn begun(bytes: &[u8], count: usize) -> &[u8] {
    bytes.get(..count).unwrap_or(bytes)
}

fn half_close(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    plain_request(&mut stream, server.setting())?;
    stream.half_close();
    stream
        .expect_end()
        .hint(
            FailureKind::Excess,
            text!(
                "The server takes an empty recv for a request, and answers it. An empty recv is \
                 the end of the stream: leave the loop there."
            ),
        )
        .hint(
            FailureKind::Timeout,
            text!(
                "The server does not notice the end of the stream, or does not close its side: \
                 after an empty recv, close the connection."
            ),
        )
        .hint_any(text!(
            "An empty recv is the end of the stream, and no name: leave the loop there, and close \
             in order."
        ))
}

fn leaves_after_refusal(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    is_refused(&mut stream, server.setting(), "judge-none")?;
    stream.close();
    // Where a name has no length, the end of the stream looks like an empty one.
    let ended = match tutorial(server.setting()) {
        true => {
            text!(
                "The end of the stream is an empty recv, and here it was taken for a request: an \
                 empty name is that of the folder, and to open that is an error. Look for the end \
                 before anything else."
            )
        }
        false => NEXT_CLIENT,
    };
    still_serves_or(server, STUCK, ended)
}

fn leaves_in_mid_get(server: &Server, leave: fn(ProbeStream)) -> Outcome {
    let mut stream = server.connect()?;
    keep(server, &mut stream, "judge-large", &content(3_000_000))?;
    stream.send(&get_bytes(server.setting(), "judge-large"));
    stream.receive(20, text!("the beginning of a file"))?;
    leave(stream);
    still_serves(server)
}

fn leaves_in_mid_put(server: &Server, name: &str, leave: fn(ProbeStream)) -> Outcome {
    let bytes = content(100_000);
    let mut stream = server.connect()?;
    stream.send(&put_bytes(name, 100_000, true, false));
    status(&mut stream, "ok")?;
    stream.send(begun(&rest_of_put(&bytes, 0), 50_000));
    stream.wait_until_taken();
    leave(stream);
    still_serves(server)?;
    not_there(&mut server.connect()?, server.setting(), name)
}

/// Expects that there is no file of this name.
fn not_there(stream: &mut ProbeStream, setting: &Setting, name: &str) -> Outcome {
    is_refused(stream, setting, name).hint_any(text!(
        "There is a file under the name, and it is not the one that was sent. Write to another \
         name, and rename when all of it is there and its MD5 is right."
    ))
}

fn leaves_in_length(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(b"\x20\0");
    stream.wait_until_taken();
    stream.close();
    still_serves(server)
}

fn five(server: &Server) -> Outcome {
    let connect = |_| server.connect();
    let mut streams = (0..5).map(connect).collect::<Result<Vec<_>, _>>()?;
    for stream in &mut streams {
        stream.send(&get_bytes(server.setting(), "judge-none"));
    }
    // All of them stay connected until the last has its answer.
    streams.iter_mut().try_for_each(|stream| {
        let answer = status(stream, "no-such-file").map(drop);
        answer
            .hint(FailureKind::Timeout, text!("Each client needs a thread of its own."))
            .hint_any(NEXT_CLIENT)
    })
}

fn wrong_md5(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    damaged(&mut stream, "judge-damaged")?;
    not_there(&mut stream, server.setting(), "judge-damaged")
}

/// Puts a file with the MD5 of another.
fn damaged(stream: &mut ProbeStream, name: &str) -> Outcome {
    stream.send(&put_bytes(name, 7, true, false));
    status(stream, "ok")?;
    stream.send(
        &[framed(r#"{"from":0,"size":7}"#, b"damaged"), digest(&wire::md5_hex(b"correct"))]
            .concat(),
    );
    status(stream, "checksum-mismatch").map(drop).hint(
        FailureKind::Mismatch,
        text!(
            "The MD5 behind the bytes is not that of the bytes. Hash what has arrived, and \
             compare: that is what it is sent for."
        ),
    )
}

fn damaged_keeps_old(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    put(&mut stream, "judge-precious", b"precious", true)?;
    damaged(&mut stream, "judge-precious")?;
    because(
        get(&mut stream, server.setting(), "judge-precious", b"precious"),
        text!(
            "The old file was opened for writing, and is lost. Write to another name, and rename \
             when all of it is there and its MD5 is right."
        ),
    )
}

fn wrong_sizes(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(&put_bytes("judge-lying", 10, true, false));
    status(&mut stream, "ok")?;
    stream.send(
        &[framed(r#"{"from":0,"size":4}"#, b"four"), digest(&wire::md5_hex(b"four"))].concat(),
    );
    // It may say so, or hang up without a word.
    let came = stream.receive(4, text!("a refusal, or the end")).map(drop);
    if came.as_ref().is_err_and(|failure| failure.kind == FailureKind::Timeout) {
        return came.hint_any(text!(
            "The put announced 10 bytes, and its header 4. The server waits for the rest: compare \
             the two before the first byte."
        ));
    }
    stream.close();
    still_serves(server)?;
    not_there(&mut server.connect()?, server.setting(), "judge-lying")
}

fn far_too_large(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(&put_bytes("judge-too-large", i64::MAX as u64, true, false));
    refusal(&mut stream).hint(
        FailureKind::Mismatch,
        text!(
            "The server says that 9,223,372,036,854,775,807 bytes may come. Compare what is \
             announced with a limit before the first of them."
        ),
    )?;
    plain_request(&mut stream, server.setting())
}

/// What cannot be understood ends the connection, and the next client is served.
fn nonsense(server: &Server, bytes: &[u8]) -> Outcome {
    nonsense_because(server, bytes, NO_NEXT)
}

/// The same; `hint` says why.
fn nonsense_because(server: &Server, bytes: &[u8], hint: &str) -> Outcome {
    ends_connection(server, bytes, hint)?;
    still_serves(server)
}

/// The message ends where its `size` says, so the server may as well refuse it and go on.
fn without_do(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(&framed(r#"{"name":"a","size":0}"#, b""));
    let goes_on = refusal(&mut stream).and_then(|()| plain_request(&mut stream, server.setting()));
    match goes_on {
        Err(failure) if failure.kind != FailureKind::Closed => {
            Err(failure).hint(FailureKind::Timeout, NO_NEXT)
        }
        _ => still_serves(server),
    }
}

fn claims_much(server: &Server) -> Outcome {
    nonsense_because(
        server,
        &i32::MAX.to_le_bytes(),
        text!(
            "The server believes that 2,147,483,647 bytes of JSON will come, and waits for them. \
             Check a length against a limit, and close the connection."
        ),
    )
}

fn browser(server: &Server) -> Outcome {
    ends_after_browser(server, STUCK)?;
    still_serves(server)
}

const FOLLOWED: &str = text!(
    "The name leads out of the folder, and the server follows it: whoever can connect reads any \
     file of this machine. Refuse absolute names and `..`, or resolve the path (os.path.realpath) \
     and look whether the folder is still among its parents (os.path.commonpath): `files-secret` \
     begins like `files`, and lies beside it."
);

/// A name that is none, or not one of the server's: it is refused, and the client may ask on.
fn hostile(server: &Server, name: &str) -> Outcome {
    hostile_shown(server, name, &show::line(name))
}

/// The same, with what the report says of the name.
fn hostile_shown(server: &Server, name: &str, shown: &str) -> Outcome {
    let mut stream = server.connect()?;
    stream.note(text!("ask for"), shown.to_owned());
    stream
        .quietly(|stream| is_refused(stream, server.setting(), name))
        .explain(|failure| {
            let leads_out = name.contains("..") || name.starts_with('/');
            let followed = leads_out && failure.kind == FailureKind::Mismatch;
            followed.then(|| FOLLOWED.to_owned())
        })
        .hint(
            FailureKind::Mismatch,
            text!("This is the name of no file, and the answer is no refusal."),
        )
        .hint(
            FailureKind::Closed,
            text!(
                "The name is no file's, and to open it has raised an error. A name may be \
                 anything: catch the error, and refuse the name."
            ),
        )?;
    plain_request(&mut stream, server.setting())
        .hint_any(text!("A name that is refused ends nothing: the client may ask for another."))
}

fn climbs_from_inside(server: &Server) -> Outcome {
    // So that the folder is there.
    keep(server, &mut server.connect()?, "judge/inner/file", b"hi\n")?;
    hostile(server, &format!("judge/inner/{}", climbing(server, 2)))
}

fn no_utf8(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(b"judge\xff\xfe");
    stream.wait_until_taken();
    stream.close();
    still_serves_or(
        server,
        STUCK,
        text!(
            "The name was decoded, and it is no text in UTF-8. Catch the error, and refuse the \
             name."
        ),
    )
}

fn link(server: &Server) -> Outcome {
    let none = || {
        Failure::new(
            FailureKind::NotStarted,
            text!("the folder of the server's files"),
            text!("none"),
        )
    };
    server.record().add(None, text!("lay into the folder a link that leads out"), "\"judge-link\"");
    server.folder().ok_or_else(none)?.lay_link("judge-link", &outside(server))?;
    let mut stream = server.connect()?;
    is_refused(&mut stream, server.setting(), "judge-link").hint(
        FailureKind::Mismatch,
        text!(
            "The name is a symbolic link, and leads out of the folder. Resolve the path \
             (os.path.realpath), and look whether the folder is still among its parents \
             (os.path.commonpath)."
        ),
    )
}

fn hostile_put(server: &Server, name: &str) -> Outcome {
    let mut stream = server.connect()?;
    // Without its bytes, so that nothing of it is kept even if it is not refused.
    stream.send(&put_bytes(name, 5, false, false));
    refusal(&mut stream).hint(
        FailureKind::Mismatch,
        text!(
            "The name leads out of the folder, and the server would write there: whoever can \
             connect replaces any file of this machine."
        ),
    )?;
    plain_request(&mut stream, server.setting()).hint_any(NEXT_CLIENT)
}

fn list_outside(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(&framed(r#"{"do":"list","name":"..","size":0}"#, b""));
    refusal(&mut stream).hint(
        FailureKind::Mismatch,
        text!(
            "The server lists the folder above its own. What holds for a file's name holds for a \
             folder's."
        ),
    )?;
    plain_request(&mut stream, server.setting()).hint_any(NEXT_CLIENT)
}
