//! Lesson 08's server, sent anything: whatever it sends are whole messages, and nothing happens beside its folder.

use std::fmt::Display;
use std::fs;
use std::path::Path;
use std::time::Duration;

use lesson08_server::{Error, Outcome, Store, TransferObserver};
use lesson08_shared::protocol::Request;
use partial::Folder;
use serde_json::Value;
use tempfile::TempDir;
use trace::Observer;
use wire::Framing;

use crate::choices::Choices;
use crate::pieces::Script;

pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let place = place();
    let root = place.path().join("root");
    fs::create_dir(&root).unwrap();
    fs::write(root.join("a.txt"), b"hello").unwrap();
    fs::write(place.path().join("secret"), b"secret").unwrap();
    let mut script = Script::new(choices.0.get(4..).unwrap_or_default(), &mut choices);

    _ = lesson08_server::converse(&mut script, &store(&root), &mut Ignore);

    check_messages(&script.sent);
    let mut beside: Vec<_> =
        fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    beside.sort();
    assert_eq!(beside, ["root", "secret"], "something happened beside the root");
    assert_eq!(fs::read(place.path().join("secret")).unwrap(), b"secret");
}

/// A folder of its own, in memory where there is such a place: each run begins with the same nothing.
pub(crate) fn place() -> TempDir {
    let memory = Path::new("/dev/shm");
    match memory.is_dir() {
        true => tempfile::tempdir_in(memory).unwrap(),
        false => tempfile::tempdir().unwrap(),
    }
}

pub(crate) fn store(root: &Path) -> Store {
    let folder = Folder::open(root).unwrap();
    Store { folder, read_only: false, max_size: 100_000, max_message: 10_000 }
}

/// Every message is a JSON header with its length in front, and the body that it announces.
fn check_messages(mut sent: &[u8]) {
    while let Some(header) = Framing::FRAME.read(&mut sent, 1 << 16).expect("a header is cut") {
        let header: Value = serde_json::from_slice(&header).expect("a header is no JSON");
        let size =
            header.get("size").and_then(Value::as_u64).expect("a header has no size") as usize;
        sent = sent.get(size..).expect("a body is cut");
    }
}

/// Is told, and does nothing.
pub(crate) struct Ignore;

impl Observer for Ignore {
    fn received(&mut self, _: &[u8]) {}
    fn sent(&mut self, _: &[u8]) {}
}

impl TransferObserver for Ignore {
    fn answered(&mut self, _: &Request, _: &Result<Outcome, Error>, _: Duration) {}
    fn note(&mut self, _: &dyn Display) {}
    fn closed(self, _: Result<(), Error>) {}
}
