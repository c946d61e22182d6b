//! Files to send, folders to receive them in, and the programs that do it.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use e2e::{Finished, Program, Server};
use tempfile::TempDir;

/// What the server says of a name that is taken.
pub(crate) const EXISTS: &str =
    "there is a file of this name already; move it away, or send under another name";

/// The faults that the lesson promises to withstand.
pub(crate) const BAD: [&str; 6] =
    ["--fault", "loss=30%", "--fault", "duplicate=10%", "--fault", "reorder=10%"];

/// Numbers that look random, and are the same each time: SplitMix64.
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    pub(crate) fn bytes(&mut self, size: usize) -> Vec<u8> {
        let mut bytes = vec![0; size];
        for (chunk, number) in bytes.chunks_mut(8).zip(self) {
            chunk.copy_from_slice(&number.to_le_bytes()[..chunk.len()]);
        }
        bytes
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next().unwrap() % end as u64) as usize
    }
}

impl Iterator for Noise {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Some(mixed ^ (mixed >> 31))
    }
}

/// A folder for what is sent, and one for what is received.
pub(crate) struct Folders {
    pub(crate) root: TempDir,
}

impl Folders {
    pub(crate) fn new() -> Folders {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("sent")).unwrap();
        fs::create_dir(root.path().join("received")).unwrap();
        Folders { root }
    }

    /// A file to be sent.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.root.path().join("sent").join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn received(&self) -> PathBuf {
        self.root.path().join("received")
    }

    /// What is in the folder for what is received.
    pub(crate) fn arrived(&self) -> BTreeSet<String> {
        listing(&self.received())
    }

    pub(crate) fn server(&self, options: &[&str]) -> Server {
        let received = self.received();
        let receive = ["--root", received.to_str().unwrap()];
        Server::lesson("lesson09-server", &[&receive, options].concat())
    }

    #[track_caller]
    pub(crate) fn assert_arrived(&self, names: &[&str]) {
        let expected: BTreeSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(self.arrived(), expected);
    }
}

pub(crate) fn listing(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

pub(crate) fn send(server: SocketAddr, file: &Path, options: &[&str]) -> Program {
    let task = ["send", file.to_str().unwrap()];
    Program::client("lesson09-client", server, &[&task, options].concat())
}

#[track_caller]
pub(crate) fn assert_sent(client: &Finished) {
    assert!(client.stdout.starts_with("sent and verified in "), "{:?}", client.stdout);
    assert_eq!(client.status, Some(0));
}

/// The client has ended with status 1 and these words, after what `--trace` may have written.
#[track_caller]
pub(crate) fn assert_failed(client: &Finished, words: &str) {
    assert_eq!((client.status, client.stdout.as_str()), (Some(1), ""));
    let last = client.stderr.lines().last().unwrap();
    assert_eq!(last, format!("lesson09-client: {words}"));
    let other = client.stderr.lines().find(|line| !line.starts_with("  ") && *line != last);
    assert_eq!(other, None, "it says more than one line");
}

/// How many files without a name the server holds open: proc(5).
pub(crate) fn unnamed(server: &Server) -> usize {
    let descriptors = fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap();
    let targets = descriptors.filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
    targets.filter(|target| target.to_string_lossy().ends_with(" (deleted)")).count()
}
