//! Lesson 08 as processes: files of any size arrive as they were, whole or not at all, and an
//! interrupted transfer goes on where it stopped.
//!
//! `kills.rs` ends either side in the middle of a transfer, `hostile.rs` is everything that
//! somebody with bad intentions or with bad luck may do, and `proxy.rs` is a proxy that can be stopped.
// Programs are stopped, suspended and looked at by signals and /proc here, of which Windows has neither.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

mod hostile;
mod kills;
mod proxy;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::{FileExt, MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use e2e::benchmark::Usage;
use e2e::{Finished, Program, Server, binary, socket};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::proxy::{Direction, Proxy};

/// The most memory that either side may ever have, in KiB.
const MEMORY: u64 = 32 * 1024;

/// How long a client may take for very large files.
const TRANSFER_TIMEOUT: Duration = Duration::from_secs(240);

/// A folder with the server's root, a folder on the client's side, and things that are none of
/// anybody's business.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Place {
        let place = Place { folder: tempfile::tempdir().unwrap() };
        ["root", "local", "outside"].iter().for_each(|name| {
            fs::create_dir(place.path(name)).unwrap();
        });
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file with this content, long unchanged.
    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_500_000_000)).unwrap();
        path
    }

    fn server(&self, options: &[&str]) -> Server {
        let root = self.path("root");
        let root = ["--root", root.to_str().unwrap()];
        Server::lesson("lesson08-server", &[&root, options].concat())
    }

    /// A client that gets `names` into the folder `local`.
    fn get(&self, server: SocketAddr, names: &[&str], options: &[&str]) -> Program {
        let local = self.path("local");
        let into = ["--into", local.to_str().unwrap()];
        client(server, &[&["get"], names, &into, options].concat())
    }

    /// A client that puts these files of the folder `local`.
    fn put(&self, server: SocketAddr, names: &[&str], options: &[&str]) -> Program {
        let files: Vec<String> =
            names.iter().map(|name| self.path("local").join(name).display().to_string()).collect();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        client(server, &[&["put"], &files[..], options].concat())
    }

    /// Every path in these folders, with what it holds or is.
    fn everything(&self) -> BTreeMap<PathBuf, String> {
        let mut found = BTreeMap::new();
        look_into(self.folder.path(), &mut found);
        found
    }

    /// Nothing is there that was not there before, nothing is gone, and nothing is changed.
    #[track_caller]
    fn assert_untouched(&self, before: &BTreeMap<PathBuf, String>) {
        let after = self.everything();
        let new = |path: &&PathBuf| after.get(*path) != before.get(*path);
        let touched: Vec<&PathBuf> = after.keys().chain(before.keys()).filter(new).collect();
        assert!(touched.is_empty(), "touched: {touched:?}");
    }

    /// The names in a folder are these, in order.
    #[track_caller]
    fn assert_holds(&self, folder: &str, names: &[&str]) {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut there: Vec<OsString> = entries.map(|entry| entry.unwrap().file_name()).collect();
        there.sort();
        assert_eq!(there, names);
    }
}

fn look_into(folder: &Path, found: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        let mut what = format!("{:?}", metadata.file_type());
        if metadata.is_dir() {
            look_into(&path, found);
        } else if metadata.is_file() {
            what +=
                &format!(" of {}: {}", metadata.mtime(), wire::md5_hex(&fs::read(&path).unwrap()));
        }
        found.insert(path, what);
    }
}

fn client(server: SocketAddr, args: &[&str]) -> Program {
    Program::client("lesson08-client", server, args)
}

/// Bytes without a pattern, the same for the same seed.
fn noise(seed: u64, size: usize) -> Vec<u8> {
    // A prime number of them, repeated: no two pieces of a transfer are alike.
    let mut period = vec![0; 1_000_003.min(size)];
    fastrand::Rng::with_seed(seed).fill(&mut period);
    let mut bytes = period.repeat(size / 1_000_003 + 1);
    bytes.truncate(size);
    bytes
}

impl Direction {
    /// The folder from which a file goes this direction, and the one in which it arrives.
    fn folders(self) -> [&'static str; 2] {
        if self == Direction::Up { ["local", "root"] } else { ["root", "local"] }
    }

    /// A client that moves a file this direction.
    fn transfer(self, place: &Place, server: SocketAddr, name: &str, options: &[&str]) -> Program {
        match self {
            Direction::Up => place.put(server, &[name], options),
            Direction::Down => place.get(server, &[name], options),
        }
    }
}

#[track_caller]
fn assert_done(client: &Finished) {
    assert_eq!((client.status, client.stderr.as_str()), (Some(0), ""));
}

/// The client has ended with status 1, and said this.
#[track_caller]
fn assert_failed(client: &Finished, words: &str) {
    assert_eq!(client.status, Some(1));
    assert!(client.stderr.contains(words), "no {words:?} in {:?}", client.stderr);
}

/// Two files are the same, however long they are.
#[track_caller]
fn assert_same(one: &Path, other: &Path) {
    let mut files = [one, other].map(|path| File::open(path).unwrap());
    let mut pieces = [vec![0; 1 << 20], vec![0; 1 << 20]];
    loop {
        let got = [0, 1].map(|end| files[end].read(&mut pieces[end]).unwrap());
        let [one, other] = [0, 1].map(|end| &pieces[end][..got[end]]);
        assert!(one == other, "the files differ");
        if one.is_empty() {
            return;
        }
    }
}

/// A client without a library, which may send whatever a test likes.
struct RawClient {
    stream: TcpStream,
}

impl RawClient {
    #[track_caller]
    fn call(server: SocketAddr) -> RawClient {
        RawClient { stream: socket::connect(server) }
    }

    #[track_caller]
    fn send_message(&mut self, message: &Value) {
        self.send(&socket::frame(message.to_string().as_bytes()));
    }

    #[track_caller]
    fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// The next word of the server's, or null if it has hung up.
    #[track_caller]
    fn receive(&mut self) -> Value {
        let Ok(length) = socket::receive(&mut self.stream, 4).try_into() else {
            return Value::Null;
        };
        let json = socket::receive(&mut self.stream, u32::from_le_bytes(length) as usize);
        serde_json::from_slice(&json).unwrap()
    }

    #[track_caller]
    fn ask(&mut self, message: &Value) -> Value {
        self.send_message(message);
        self.receive()
    }

    /// The server is as well as before.
    #[track_caller]
    fn assert_served(&mut self) {
        let answer = self.ask(&json!({"do": "list", "name": "", "size": 0}));
        assert_eq!(answer["status"], "ok", "{answer}");
        let size = answer["size"].as_u64().unwrap() as usize;
        assert_eq!(socket::receive(&mut self.stream, size).len(), size);
    }
}

fn put(name: &str, size: u64) -> Value {
    json!({"do": "put", "name": name, "file_size": size, "size": 0})
}

fn get(name: &str) -> Value {
    json!({"do": "get", "name": name, "size": 0})
}

const SIZES: [usize; 7] = [0, 1, 1024, 65_535, 65_536, 65_537, 100_000_000];

#[test]
fn files_of_any_size_arrive_as_they_were_both_ways() {
    let place = Place::new();
    let server = place.server(&[]);
    let names = SIZES.map(|size| format!("{size} bytes"));
    let names = names.each_ref().map(String::as_str);
    for (name, size) in names.iter().zip(SIZES) {
        place.file(&format!("local/{name}"), &noise(size as u64, size));
    }
    assert_done(&place.put(server.address, &names, &[]).finish_within(TRANSFER_TIMEOUT));
    fs::rename(place.path("local"), place.path("sent")).unwrap();
    assert_done(&place.get(server.address, &names, &[]).finish_within(TRANSFER_TIMEOUT));
    for name in names {
        let [sent, kept, got] =
            ["sent", "root", "local"].map(|folder| place.path(folder).join(name));
        for arrived in [kept, got] {
            assert_same(&sent, &arrived);
            assert_eq!(fs::metadata(&arrived).unwrap().mtime(), 1_500_000_000, "{name}");
        }
    }
    let mut names = names;
    names.sort_unstable();
    ["root", "local"].iter().for_each(|folder| place.assert_holds(folder, &names));
}

#[test]
fn a_sparse_file_longer_than_memory_may_be_arrives_as_it_was_both_ways() {
    let place = Place::new();
    let server = place.server(&[]);
    let file = File::create(place.path("local").join("sparse")).unwrap();
    file.set_len(SPARSE).unwrap();
    for at in [0, SPARSE / 3, SPARSE - 5] {
        file.write_all_at(b"here!", at).unwrap();
    }
    assert_done(&place.put(server.address, &["sparse"], &[]).finish_within(TRANSFER_TIMEOUT));
    fs::rename(place.path("local"), place.path("sent")).unwrap();
    assert_done(&place.get(server.address, &["sparse"], &[]).finish_within(TRANSFER_TIMEOUT));
    let [sent, root, local] =
        ["sent", "root", "local"].map(|folder| place.path(folder).join("sparse"));
    assert_same(&sent, &root);
    assert_same(&sent, &local);
    let peak = Usage::of(server.id()).peak;
    assert!(peak < MEMORY, "the server has had {peak} KiB");
}

/// 600 MiB: the benchmark does it with 5 GiB.
const SPARSE: u64 = 600 << 20;

#[test]
fn neither_side_takes_32_mebibytes_for_100_megabytes() {
    let place = Place::new();
    let server = place.server(&[]);
    let mut command = binary("lesson08-client");
    command.args(["--connect", &server.address.to_string()]).current_dir(place.path("local"));
    let mut client = Program::start(command);
    for (name, seed, from) in [("get", 1, "root"), ("put", 2, "local")] {
        let bytes = noise(seed, 100_000_000);
        place.file(&format!("{from}/{name}.bin"), &bytes);
        client.type_text(&format!("{name} {name}.bin\n"));
        client.wait_for_line(&wire::md5_hex(&bytes));
        for (side, id) in [("client", client.id()), ("server", server.id())] {
            let peak = Usage::of(id).peak;
            assert!(peak < MEMORY, "{name}: the {side} has had {peak} KiB");
        }
    }
    assert_done(&client.input("").finish());
}

/// Leaves these bytes where an interrupted transfer of `name` would have left its own.
fn begun(place: &Place, folder: &str, name: &str, bytes: &[u8]) {
    place.file(&format!("{folder}/.{name}.part"), bytes);
}

#[test]
fn what_has_come_before_is_gone_on_with_only_if_the_file_begins_like_that() {
    let place = Place::new();
    let server = place.server(&[]);
    let bytes = noise(1, 300_000);
    let other = noise(2, 200_000);
    let longer = noise(1, 300_001);
    for (begin, words) in [
        (&bytes[..200_000], ", from byte 200000 "),
        (&bytes[..], ", from byte 300000 "),
        (&other[..], ", afresh: "),
        (&longer[..], ""),
        (&[], ""),
    ] {
        for direction in [Direction::Down, Direction::Up] {
            let [from, to] = direction.folders();
            place.file(&format!("{from}/a.bin"), &bytes);
            begun(&place, to, "a.bin", begin);
            let proxy = Proxy::to(server.address);
            let client = direction.transfer(&place, proxy.address, "a.bin", &["--resume"]);
            let client = client.finish();
            assert_done(&client);
            assert!(client.stdout.contains(words), "no {words:?} in {:?}", client.stdout);
            assert!(fs::read(place.path(to).join("a.bin")).unwrap() == bytes);
            place.assert_holds(to, &["a.bin"]);
            let goes_on = words.starts_with(", from byte");
            let missing = if goes_on { bytes.len() - begin.len() } else { bytes.len() };
            let passed = proxy.passed(direction);
            assert!(passed < missing as u64 + 1000, "{passed} bytes for {missing}");
            for end in ["root", "local"] {
                fs::remove_file(place.path(end).join("a.bin")).unwrap();
            }
        }
    }
}

#[test]
fn without_resume_what_has_come_before_is_thrown_away() {
    let place = Place::new();
    let server = place.server(&[]);
    place.file("root/got", b"hello");
    place.file("local/put", b"hello");
    begun(&place, "local", "got", b"hel");
    begun(&place, "root", "put", b"hel");
    let proxy = Proxy::to(server.address);
    assert_done(&place.get(proxy.address, &["got"], &[]).finish());
    assert_done(&place.put(proxy.address, &["put"], &[]).finish());
    for file in ["root/put", "local/got"] {
        assert_eq!(fs::read(place.path(file)).unwrap(), b"hello");
    }
    ["root", "local"].iter().for_each(|folder| place.assert_holds(folder, &["got", "put"]));
}

#[test]
fn names_with_spaces_and_in_any_script_are_listed_and_found_in_their_folders() {
    let place = Place::new();
    let server = place.server(&[]);
    let names = ["a b.txt", "汉字.txt", "'quoted' \"twice\" $(reboot)", "-x", "ñandú"];
    for name in names {
        place.file(&format!("local/{name}"), name.as_bytes());
    }
    let into = ["--into", "some folder/下面"];
    assert_done(&place.put(server.address, &names, &into).finish());
    let listed = client(server.address, &["list", "some folder/下面"]).finish();
    assert_done(&listed);
    assert_eq!(listed.stdout.lines().count(), names.len());
    let top = client(server.address, &["list"]).finish();
    assert!(top.stdout.ends_with("  some folder/\n"), "{:?}", top.stdout);
    fs::rename(place.path("local"), place.path("sent")).unwrap();
    for name in names {
        assert!(listed.stdout.contains(&format!("  {name}\n")), "{:?}", listed.stdout);
        let wanted = format!("some folder/下面/{name}");
        assert_done(&place.get(server.address, &[&wanted], &[]).finish());
        assert_same(&place.path("sent").join(name), &place.path("local").join(name));
    }
}

#[test]
fn a_folder_is_put_with_all_that_is_in_it_and_may_have_another_name_there() {
    let place = Place::new();
    let server = place.server(&[]);
    let names = ["notes/a.txt", "notes/.hidden", "notes/deep/下面/b", "notes/deep/c"];
    names.iter().for_each(|name| _ = place.file(&format!("local/{name}"), name.as_bytes()));
    fs::create_dir(place.path("local/notes/empty")).unwrap();
    symlink("..", place.path("local/notes/deep/up")).unwrap();
    let as_it_is = place.put(server.address, &["notes"], &["--into", "kept"]).finish();
    let renamed = place.put(server.address, &["notes"], &["--as", "2026/old"]).finish();
    let one = place.put(server.address, &["notes/a.txt"], &["--as", "b/c.txt"]).finish();
    for client in [&as_it_is, &renamed] {
        assert_eq!(client.status, Some(0), "{}", client.stderr);
        assert!(client.stderr.contains("is a link to a folder"), "{}", client.stderr);
    }
    assert_done(&one);
    for name in names {
        let below = name.strip_prefix("notes/").unwrap();
        for there in [format!("root/kept/{name}"), format!("root/2026/old/{below}")] {
            assert_same(&place.path("local").join(name), &place.path(&there));
        }
    }
    assert_same(&place.path("local/notes/a.txt"), &place.path("root/b/c.txt"));
    place.assert_holds("root/kept/notes", &[".hidden", "a.txt", "deep"]);
    let got = place.get(server.address, &["b/c.txt"], &["--as", "d.txt"]).finish();
    assert_done(&got);
    assert_same(&place.path("local/notes/a.txt"), &place.path("local/d.txt"));
    let empty = place.put(server.address, &["notes/empty"], &[]).finish();
    assert_failed(&empty, "there is no file to put");
}

#[test]
fn a_file_that_is_longer_than_the_client_takes_is_not_got() {
    for dialect in ["ours", "tutorial"] {
        let place = Place::new();
        place.file("root/long", b"twelve bytes");
        let server = place.server(&["--dialect", dialect]);
        let options = ["--max-size", "11", "--dialect", dialect];
        let client = place.get(server.address, &["long"], &options).finish();
        assert_failed(&client, "it has 12 bytes, and 11 are taken here; --max-size says how many");
        place.assert_holds("local", &[]);
    }
}

#[test]
fn a_connection_that_breaks_is_made_again_and_the_transfer_goes_on_where_it_stopped() {
    for direction in [Direction::Down, Direction::Up] {
        let place = Place::new();
        let [from, to] = direction.folders();
        place.file(&format!("{from}/big"), &noise(1, 3_000_000));
        let server = place.server(&[]);
        let proxy = Proxy::stopping(server.address, direction, 1_000_000);
        let client = direction.transfer(&place, proxy.address, "big", &[]);
        proxy.wait();
        proxy.hang_up();
        let client = client.finish();
        assert_eq!(client.status, Some(0));
        assert!(client.stderr.contains("trying again in "), "{:?}", client.stderr);
        let passed = proxy.passed(direction);
        assert!(passed < 3_000_000 + 4000, "{passed} bytes");
        assert_same(&place.path("root/big"), &place.path("local/big"));
        place.assert_holds(to, &["big"]);
    }
}
