//! The conversation over bytes: what it answers, what it refuses, and what it leaves in its root.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod changes;
mod cuts;
mod refusals;
mod serving;
mod tutorial;

use std::fmt::Display;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

use lesson08_server::{Error, Outcome, Store, TransferObserver, converse};
use lesson08_shared::protocol::{Content, Digest, Done, Entry, HEADER_LIMIT, Message, Offset};
use lesson08_shared::protocol::{Prefix, Put, Ready, Refusal, Reply, Request};
use partial::Folder;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use trace::Observer;

/// What a client says, and what it is answered.
#[derive(Debug, Default)]
struct Script<'a> {
    says: &'a [u8],
    /// How many bytes one read gives at most.
    at_most: usize,
    heard: Vec<u8>,
}

impl Read for Script<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(self.at_most);
        self.says.read(&mut buffer[..length])
    }
}

impl Write for Script<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.heard.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An observer that ignores everything.
struct Ignore;

impl TransferObserver for Ignore {
    fn answered(&mut self, _: &Request, _: &Result<Outcome, Error>, _: Duration) {}
    fn note(&mut self, _: &dyn Display) {}
    fn closed(self, _: Result<(), Error>) {}
}

impl Observer for Ignore {
    fn received(&mut self, _: &[u8]) {}
    fn sent(&mut self, _: &[u8]) {}
}

fn root() -> (TempDir, Store) {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::open(place.path()).unwrap();
    (place, Store { folder, read_only: false, max_size: 1 << 20, max_message: 1 << 16 })
}

/// What the server answers to `says`, and how the conversation ends.
fn answers(store: &Store, says: &[u8]) -> (Vec<u8>, Result<(), Error>) {
    let mut stream = Script { says, at_most: usize::MAX, heard: Vec::new() };
    let outcome = converse(&mut stream, store, &mut Ignore);
    (stream.heard, outcome)
}

/// The same, for a conversation that the client ends.
fn heard(store: &Store, says: &[u8]) -> Vec<u8> {
    let (heard, outcome) = answers(store, says);
    outcome.unwrap();
    heard
}

/// A header as it is on the wire, and what follows it.
fn framed(json: &str, body: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    wire::encode(json.as_bytes(), &mut bytes).unwrap();
    bytes.extend_from_slice(body.as_bytes());
    bytes
}

fn message<T: Serialize + DeserializeOwned>(fields: T, size: u64) -> Vec<u8> {
    wire::encode_header(&Message { fields, size }).unwrap()
}

fn get(name: &str, have: Option<Prefix>) -> Vec<u8> {
    message(Request::Get { name: name.to_owned(), have }, 0)
}

fn list(name: &str) -> Vec<u8> {
    message(Request::List { name: name.to_owned() }, 0)
}

fn ask_to_put(name: &str, file_size: usize, force: bool, resume: bool) -> Vec<u8> {
    let file_size = file_size as u64;
    let name = name.to_owned();
    let modified = Some(1_763_700_000);
    message(Request::Put(Put { name, file_size, modified, force, resume }), 0)
}

fn digest(of: &[u8]) -> Vec<u8> {
    message(Reply::ok(Digest { md5: wire::md5_hex(of) }), 0)
}

/// All that a client says to put a file that is not there yet.
fn put(name: &str, bytes: &[u8]) -> Vec<u8> {
    let body = message(Offset { from: 0 }, bytes.len() as u64);
    [&ask_to_put(name, bytes.len(), false, false), &body, bytes, &digest(bytes)].concat()
}

/// The next of the server's words, and how many bytes follow it.
fn reply<T: Serialize + DeserializeOwned>(heard: &mut &[u8]) -> (Result<T, Refusal>, u64) {
    let message: Message<Reply<T>> = wire::read_header(heard, HEADER_LIMIT).unwrap().unwrap();
    (message.fields.into_result(), message.size)
}

/// The file that a get is answered with.
fn file(heard: &mut &[u8]) -> Result<(Content, Vec<u8>, String), Refusal> {
    let (body, size) = reply::<Content>(heard);
    let body = body?;
    let bytes = wire::read_body(heard, size, usize::MAX).unwrap();
    let (digest, _) = reply::<Digest>(heard);
    Ok((body, bytes, digest?.md5))
}

/// All files below `folder`, with their contents, `.part` included.
fn everything(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in folder.read_dir().unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => found.extend(
                everything(&entry.path()).into_iter().map(|(n, b)| (format!("{name}/{n}"), b)),
            ),
            false => found.push((name, std::fs::read(entry.path()).unwrap())),
        }
    }
    found.sort();
    found
}

#[test]
fn the_bytes_are_those_that_the_protocol_promises() {
    let (_place, store) = root();
    let says = [
        framed(r#"{"do":"put","name":"a b.txt","file_size":3,"modified":1763700000,"size":0}"#, ""),
        framed(r#"{"from":0,"size":3}"#, "hi\n"),
        framed(r#"{"status":"ok","md5":"764efa883dda1e11db47671c4a3bbd9e","size":0}"#, ""),
        framed(r#"{"do":"get","name":"a b.txt","size":0}"#, ""),
    ];
    let expected = [
        framed(r#"{"status":"ok","size":0}"#, ""),
        framed(r#"{"status":"ok","size":0}"#, ""),
        framed(r#"{"status":"ok","file_size":3,"modified":1763700000,"from":0,"size":3}"#, "hi\n"),
        framed(r#"{"status":"ok","md5":"764efa883dda1e11db47671c4a3bbd9e","size":0}"#, ""),
    ];
    let heard = heard(&store, &says.concat());
    assert_eq!(String::from_utf8_lossy(&heard), String::from_utf8_lossy(&expected.concat()));
}

#[test]
fn files_of_every_size_arrive_identical_in_both_directions() {
    let (place, store) = root();
    for size in [0, 1, 1023, 1024, 1025, 65_535, 65_536, 65_537, 262_143, 262_144, 262_145, 600_000]
    {
        let bytes: Vec<u8> = (0..size).map(|i: u32| (i % 251) as u8).collect();
        let name = format!("部分/a {size}.bin");
        let says = [put(&name, &bytes), get(&name, None)].concat();
        let heard = heard(&store, &says);
        let mut heard = heard.as_slice();
        reply::<Ready>(&mut heard).0.unwrap();
        reply::<Done>(&mut heard).0.unwrap();
        let (body, came, md5) = file(&mut heard).unwrap();
        assert_eq!((body.file_size, body.from), (u64::from(size), 0));
        assert_eq!(body.modified, Some(1_763_700_000));
        assert!(came == bytes, "{size} bytes did not come back as they went");
        assert_eq!(md5, wire::md5_hex(&bytes));
        assert!(std::fs::read(place.path().join(&name)).unwrap() == bytes, "{size}");
    }
}

#[test]
fn a_list_names_files_and_folders_with_their_sizes() {
    let (_place, store) = root();
    let says = [put("b", b"12"), put("a/c", b"123"), list(""), list("a")].concat();
    let heard = heard(&store, &says);
    let mut heard = heard.as_slice();
    for _ in 0..4 {
        reply::<Done>(&mut heard).0.unwrap();
    }
    let mut entries = || -> Vec<Entry> {
        let (done, size) = reply::<Done>(&mut heard);
        done.unwrap();
        serde_json::from_slice(&wire::read_body(&mut heard, size, 1 << 16).unwrap()).unwrap()
    };
    let top = entries();
    let shown: Vec<_> = top.iter().map(|e| (e.name.as_str(), e.folder, e.size)).collect();
    assert_eq!(shown, [("a", true, 0), ("b", false, 2)]);
    let within = entries();
    let shown: Vec<_> = within.iter().map(|e| (e.name.as_str(), e.size, e.modified)).collect();
    assert_eq!(shown, [("c", 3, Some(1_763_700_000))]);
}

#[test]
fn a_get_goes_on_behind_what_the_client_has_if_that_is_the_same() {
    let (_place, store) = root();
    heard(&store, &put("x", b"hello world"));
    let has = |bytes: &[u8]| Prefix { length: bytes.len() as u64, md5: wire::md5_hex(bytes) };
    for (has, from) in [
        (has(b"hello "), 6),
        (has(b"hello world"), 11),
        (has(b""), 0),
        (has(b"HELLO "), 0),
        (has(b"hello world and more"), 0),
        (Prefix { length: u64::MAX, md5: String::new() }, 0),
    ] {
        let heard = heard(&store, &get("x", Some(has.clone())));
        let (body, bytes, md5) = file(&mut heard.as_slice()).unwrap();
        assert_eq!(body.from, from, "{has:?}");
        assert_eq!(bytes, &b"hello world"[usize::try_from(from).unwrap()..]);
        assert_eq!(md5, wire::md5_hex(b"hello world"), "of the whole file");
    }
}

#[test]
fn a_put_that_was_cut_off_goes_on_where_it_stopped() {
    let (place, store) = root();
    let begin = [ask_to_put("x", 11, false, false), message(Offset { from: 0 }, 11)].concat();
    let (_, outcome) = answers(&store, &[begin.as_slice(), b"hello "].concat());
    outcome.unwrap_err();
    assert_eq!(everything(place.path()), [(".x.part".to_owned(), b"hello ".to_vec())]);

    // What the client says depends on what it is told; here it is known.
    let rest = message(Offset { from: 6 }, 5);
    let ask = ask_to_put("x", 11, false, true);
    let heard =
        heard(&store, &[&ask, &rest, b"world".as_slice(), &digest(b"hello world")].concat());
    let mut heard = heard.as_slice();
    let ready = reply::<Ready>(&mut heard).0.unwrap();
    assert_eq!(ready.have, Some(Prefix { length: 6, md5: wire::md5_hex(b"hello ") }));
    reply::<Done>(&mut heard).0.unwrap();
    assert_eq!(everything(place.path()), [("x".to_owned(), b"hello world".to_vec())]);
}

#[test]
fn a_client_may_begin_afresh_although_it_could_resume() {
    let (place, store) = root();
    std::fs::write(place.path().join(".x.part"), "another beginning").unwrap();
    let ask = ask_to_put("x", 40, false, true);
    let bytes = [b'y'; 40];
    let body = message(Offset { from: 0 }, 40);
    heard(&store, &[&ask, &body, bytes.as_slice(), &digest(&bytes)].concat());
    assert_eq!(everything(place.path()), [("x".to_owned(), bytes.to_vec())]);
}
