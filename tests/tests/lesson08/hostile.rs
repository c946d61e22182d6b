//! What somebody with bad intentions, or with bad luck, may do: nothing outside the root is
//! touched, nothing half gets a name, and the next client is served.

use std::fs::{self, File};
use std::io::Write;
use std::net::{Shutdown, SocketAddr};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use e2e::{Finished, Program, Server, Signal, binary, socket};
use serde_json::{Value, json};

use crate::proxy::{Direction, Proxy};
use crate::{Place, RawClient, assert_done, assert_failed, assert_same, client, get, noise, put};

/// Names that lead elsewhere, or would if they were taken apart in another way.
const NAMES: [&str; 17] = [
    ".",
    "..",
    "/",
    "//",
    "./hello",
    "hello/",
    "/hello",
    "folder//hello",
    "folder/./hello",
    "folder/../hello",
    "../outside/secret",
    "folder/../../outside/secret",
    "folder/../../../../../../../../../../etc/passwd",
    "/etc/passwd",
    "//etc/passwd",
    ".hello.part",
    "folder/.hidden.part/x",
];

/// Names that Windows cannot hold, that no terminal should see, or that Unix hides. This system holds them.
const ODD_NAMES: [&str; 14] = [
    "..\\outside\\secret",
    "\\\\host\\share\\x",
    "C:\\x",
    "C:x",
    "Screenshot 19:20:29.png",
    "hello::$DATA",
    "aux.txt",
    "hello.",
    "...",
    ".gitignore",
    "hello\n",
    "\x1b[2J",
    "\x7f",
    "\u{9b}31m",
];

/// A root with a file and a folder, links that lead out of it, and something outside.
fn bait() -> Place {
    let place = Place::new();
    place.file("outside/secret", b"nobody's business");
    place.file("root/hello", b"hello");
    place.file("root/folder/hello", b"hello");
    let [root, outside] = ["root", "outside"].map(|name| place.path(name));
    symlink(outside.join("secret"), root.join("to a file")).unwrap();
    symlink("../outside/secret", root.join("folder/to a file")).unwrap();
    symlink(outside.join("new"), root.join("to nothing")).unwrap();
    symlink("../outside", root.join("to a folder")).unwrap();
    symlink("/", root.join("to the root")).unwrap();
    place
}

#[track_caller]
fn assert_refused(answer: &Value, name: &str, statuses: &[&str]) {
    let status = answer["status"].as_str().unwrap_or("none");
    assert!(statuses.contains(&status), "{name:?}: {answer}");
    assert!(answer["message"].is_string(), "{name:?}: {answer}");
}

#[test]
fn a_client_that_is_given_such_a_name_says_so_and_touches_nothing() {
    let place = bait();
    let hello = place.file("local/sent", b"hello");
    let server = place.server(&[]);
    let before = place.everything();
    let (hello, local) = (hello.to_str().unwrap(), place.path("local"));
    let local = local.to_str().unwrap();
    for name in NAMES {
        let get = client(server.address, &["get", name, "--into", local]).finish();
        let into = client(server.address, &["put", hello, "--into", name]).finish();
        for client in [get, into] {
            assert_eq!(client.status, Some(1), "{name:?}");
            assert!(!client.stderr.is_empty());
            let said = client.stdout.chars().chain(client.stderr.chars());
            let control = said.filter(|&c| c != '\n').find(|c| c.is_control());
            assert_eq!(control, None, "{name:?} was printed as it is");
        }
    }
    place.assert_untouched(&before);
    let log = server.stop();
    let control = log.stdout.chars().find(|&c| c != '\n' && c.is_control());
    assert_eq!(control, None, "the server printed a name as it came");
}

#[test]
fn names_that_this_system_can_hold_are_kept_and_no_terminal_sees_them_as_they_are() {
    let place = Place::new();
    let server = place.server(&[]);
    for name in ODD_NAMES {
        let sent = place.file(&format!("local/{name}"), name.as_bytes());
        let put = place.put(server.address, &[name], &[]).finish();
        fs::remove_file(sent).unwrap();
        let list = client(server.address, &["list"]).finish();
        let get = place.get(server.address, &[name], &[]).finish();
        for client in [put, list, get] {
            assert_done(&client);
            let control = client.stdout.chars().find(|&c| c != '\n' && c.is_control());
            assert_eq!(control, None, "{name:?} was printed as it is");
        }
        for folder in ["root", "local"] {
            assert_eq!(fs::read(place.path(folder).join(name)).unwrap(), name.as_bytes());
        }
    }
    place.assert_holds("outside", &[]);
    let log = server.stop();
    let control = log.stdout.chars().find(|&c| c != '\n' && c.is_control());
    assert_eq!(control, None, "the server printed a name as it came");
}

#[test]
fn hashing_for_a_client_that_has_gone_stops() {
    let place = Place::new();
    // It takes no room on the disk, and minutes to hash.
    File::create(place.path("root/huge")).unwrap().set_len(1 << 38).unwrap();
    let server = place.server(&["--dialect", "tutorial"]);
    let mut client = RawClient::call(server.address);
    let peer = client.stream.local_addr().unwrap();
    client.send(b"huge");
    drop(client);
    server.wait_for_line(&format!("{peer} get \"huge\": refused: given up"));
}

#[test]
fn a_put_that_is_refused_leaves_no_folder_behind() {
    let place = Place::new();
    let server = place.server(&["--max-size", "4"]);
    let mut raw = RawClient::call(server.address);
    assert_refused(&raw.ask(&put("new/folder/file", 5)), "too long", &["too-large"]);
    raw.assert_served();
    // This one is begun, and nothing comes of it.
    raw.ask(&put("new/folder/file", 4));
    drop(raw);
    server.stop();
    place.assert_holds("root", &[]);
}

#[test]
fn what_is_no_file_is_not_sent_and_not_waited_for() {
    let place = Place::new();
    fs::create_dir(place.path("root/folder")).unwrap();
    for folder in ["root", "local"] {
        let pipe = place.path(folder).join("pipe");
        assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
    }
    let server = place.server(&[]);
    let mut raw = RawClient::call(server.address);
    for (name, status) in
        [("folder", "not-a-file"), ("pipe", "not-a-file"), ("missing", "no-such-file")]
    {
        assert_refused(&raw.ask(&get(name)), name, &[status]);
        assert_failed(&place.get(server.address, &[name], &[]).finish(), name);
    }
    assert_failed(&place.put(server.address, &["pipe"], &[]).finish(), "pipe");
    assert_failed(&place.put(server.address, &["."], &[]).finish(), "local");
    raw.assert_served();
    place.assert_holds("local", &["pipe"]);
    place.assert_holds("root", &["folder", "pipe"]);
}

#[test]
fn what_the_server_does_not_want_is_refused_before_it_is_sent() {
    let place = Place::new();
    place.file("root/old", b"old");
    place.file("local/old", b"new");
    place.file("local/large", &[7; 1025]);
    place.file("local/small", &[7; 1024]);

    let server = place.server(&["--max-size", "1KiB"]);
    let proxy = Proxy::to(server.address);
    assert_failed(&place.put(proxy.address, &["old"], &[]).finish(), "--force");
    assert_failed(&place.put(proxy.address, &["large"], &[]).finish(), "--max-size");
    assert!(proxy.passed(Direction::Up) < 1000, "the file was sent all the same");
    let mut raw = RawClient::call(server.address);
    assert_refused(&raw.ask(&put("old", 3)), "old", &["exists"]);
    for size in [1025, 1 << 32, i64::MAX as u64, u64::MAX] {
        assert_refused(&raw.ask(&put("large", size)), "large", &["too-large"]);
    }
    assert_done(&place.put(server.address, &["small"], &[]).finish());
    assert_done(&place.put(server.address, &["old"], &["--force"]).finish());
    assert_eq!(fs::read(place.path("root/old")).unwrap(), b"new");

    let server = place.server(&["--read-only"]);
    assert_failed(&place.put(server.address, &["large"], &[]).finish(), "--read-only");
    let mut raw = RawClient::call(server.address);
    assert_refused(&raw.ask(&put("large", 3)), "large", &["read-only"]);
    raw.assert_served();
    place.assert_holds("root", &["old", "small"]);
}

#[test]
fn an_http_request_is_not_answered() {
    let place = Place::new();
    let server = place.server(&[]);
    let mut browser = socket::send(server.address, &[b"POST / HTTP/1.1\r\n\r\nhello"]);
    assert_eq!(socket::receive_to_end(&mut browser), b"");
    server.wait_for_line("an HTTP request");
    RawClient::call(server.address).assert_served();
}

/// A put of which only the first half has been sent.
fn half_a_put(server: &Server, name: &str, bytes: &[u8]) -> RawClient {
    let mut raw = RawClient::call(server.address);
    assert_eq!(raw.ask(&put(name, bytes.len() as u64))["status"], "ok");
    raw.send_message(&json!({"from": 0, "size": bytes.len()}));
    raw.send(&bytes[..bytes.len() / 2]);
    raw
}

#[test]
fn a_put_that_stops_leaves_no_file_and_can_be_resumed() {
    let place = Place::new();
    let server = place.server(&[]);
    let bytes = noise(1, 200_000);
    place.file("local/half", &bytes);
    for end in [Shutdown::Write, Shutdown::Both] {
        let raw = half_a_put(&server, "half", &bytes);
        raw.stream.shutdown(end).unwrap();
        server.wait_for_line(&format!("{} closed", raw.stream.local_addr().unwrap()));
        assert!(!place.path("root/half").exists());
    }
    let proxy = Proxy::to(server.address);
    let client = place.put(proxy.address, &["half"], &["--resume"]).finish();
    assert_done(&client);
    assert!(proxy.passed(Direction::Up) < 102_000, "{} bytes", proxy.passed(Direction::Up));
    assert_same(&place.path("root/half"), &place.path("local/half"));
    place.assert_holds("root", &["half"]);
}

#[test]
fn a_client_that_stalls_is_ended_and_disturbs_no_other() {
    let place = Place::new();
    place.file("root/big", &noise(1, 40_000_000));
    let server = place.server(&["--message-timeout", "1s"]);
    let mut sender = half_a_put(&server, "half", &[7; 200_000]);
    let mut reader = RawClient::call(server.address);
    reader.send_message(&get("big"));
    assert_done(&place.get(server.address, &["big"], &[]).finish());
    for client in [&mut sender, &mut reader] {
        let address = client.stream.local_addr().unwrap();
        let line = server.wait_for_line(&format!("{address} closed: "));
        assert!(line.contains("within 1s"), "{line}");
    }
    assert!(!place.path("root/half").exists());
    RawClient::call(server.address).assert_served();
}

// A full disk.

/// A server below whose root no more than so many KiB can be kept, and whether there can be one.
fn on_a_small_disk(place: &Place) -> Option<Server> {
    // The mount is the server's own, and gone with it.
    let mut command = Command::new("unshare");
    command.args(["--mount", "--map-root-user", "sh", "-c"]);
    command.arg(
        "mount -t tmpfs -o size=2m tmpfs \"$1\" || exit 99; exec \"$0\" --listen 0 --root \"$1\"",
    );
    command.arg(binary("lesson08-server").get_program()).arg(place.path("root"));
    let mut probe = Command::new("unshare");
    probe
        .args(["--mount", "--map-root-user", "mount", "-t", "tmpfs", "tmpfs"])
        .arg(place.path("root"));
    let may = probe.output().is_ok_and(|probe| probe.status.success());
    may.then(|| Server::start(command))
}

/// A server that may not write more than so much into one file.
fn with_short_files(place: &Place) -> Server {
    let mut command = Command::new("sh");
    // Of 512 bytes each in some shells, and of 1024 in others.
    command.args(["-c", "ulimit -f 2048; exec \"$0\" --listen 0 --root \"$1\""]);
    command.arg(binary("lesson08-server").get_program()).arg(place.path("root"));
    Server::start(command)
}

#[test]
fn a_full_disk_is_named_and_leaves_nothing_behind() {
    let place = Place::new();
    place.file("local/large", &noise(1, 20_000_000));
    place.file("local/small", &noise(2, 100_000));
    let short = with_short_files(&place);
    let small_disk = on_a_small_disk(&place);
    if small_disk.is_none() {
        println!("no file system may be mounted here: only the limit of the process was tried");
    }
    for server in [short].into_iter().chain(small_disk) {
        let proxy = Proxy::to(server.address);
        let client = place.put(proxy.address, &["large", "small"], &[]).finish();
        assert_failed(&client, "disk");
        // The client has stopped when the server refused, and not at the end of the file.
        assert!(proxy.passed(Direction::Up) < 19_000_000, "{} bytes", proxy.passed(Direction::Up));
        // What the server sees as its root.
        let root = Path::new("/proc").join(server.id().to_string()).join("root");
        let root = root.join(place.path("root").strip_prefix("/").unwrap());
        assert_same(&root.join("small"), &place.path("local/small"));
        let names: Vec<_> = fs::read_dir(root).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, ["small"]);
        RawClient::call(server.address).assert_served();
        fs::remove_file(place.path("root/small")).ok();
    }
}

#[test]
fn a_full_disk_at_the_client_is_named_and_leaves_no_file() {
    let place = Place::new();
    place.file("root/large", &noise(1, 20_000_000));
    let server = place.server(&[]);
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -f 2048; exec \"$0\" \"$@\""]);
    command.arg(binary("lesson08-client").get_program());
    command.args(["--connect", &server.address.to_string(), "get", "large"]);
    command.current_dir(place.path("local"));
    assert_failed(&Program::start(command).finish(), "large");
    assert!(!place.path("local/large").exists());
    RawClient::call(server.address).assert_served();
}

// A file that changes while it is sent.

/// More than the kernel keeps between the two ends.
const LONG: usize = 40_000_000;

#[test]
fn a_file_that_changes_while_it_is_sent_does_not_arrive() {
    for direction in [Direction::Up, Direction::Down] {
        for change in [grow, shrink, empty, rewrite] {
            let place = Place::new();
            let [from, to] = direction.folders();
            let file = place.file(&format!("{from}/long"), &noise(1, LONG));
            let server = place.server(&[]);
            let proxy = Proxy::stopping(server.address, direction, 1_000_000);
            let client = direction.transfer(&place, proxy.address, "long", &["--retries", "0"]);
            proxy.wait();
            change(&file);
            proxy.go_on();
            assert_failed(&client.finish(), "changed");
            place.assert_holds(to, &[]);
            RawClient::call(server.address).assert_served();
        }
    }
}

fn grow(file: &Path) {
    File::options().append(true).open(file).unwrap().write_all(b"more").unwrap();
}

fn shrink(file: &Path) {
    File::options().write(true).open(file).unwrap().set_len(LONG as u64 - 1).unwrap();
}

fn empty(file: &Path) {
    File::options().write(true).open(file).unwrap().set_len(0).unwrap();
}

fn rewrite(file: &Path) {
    File::options().write(true).open(file).unwrap().write_all(b"other").unwrap();
}

// Ctrl-C.

#[test]
fn a_server_that_ctrl_c_ends_leaves_what_can_be_resumed() {
    for direction in [Direction::Up, Direction::Down] {
        let place = Place::new();
        let [from, to] = direction.folders();
        place.file(&format!("{from}/long"), &noise(1, LONG));
        let server = place.server(&[]);
        let proxy = Proxy::stopping(server.address, direction, 20_000_000);
        let client = direction.transfer(&place, proxy.address, "long", &["--retries", "0"]);
        proxy.wait();
        assert_eq!(server.stop().status, Some(0));
        drop(proxy);
        assert_eq!(client.finish().status, Some(1));
        place.assert_holds(to, &[".long.part"]);

        let server = place.server(&[]);
        let proxy = Proxy::to(server.address);
        assert_done(&direction.transfer(&place, proxy.address, "long", &["--resume"]).finish());
        assert!(proxy.passed(direction) < 21_100_000, "{} bytes", proxy.passed(direction));
        assert_same(&place.path("root/long"), &place.path("local/long"));
        place.assert_holds(to, &["long"]);
    }
}

#[test]
fn a_client_that_ctrl_c_ends_leaves_what_can_be_resumed() {
    let place = Place::new();
    place.file("root/long", &noise(1, LONG));
    let server = place.server(&[]);
    let proxy = Proxy::stopping(server.address, Direction::Down, 20_000_000);
    let client = place.get(proxy.address, &["long"], &[]);
    proxy.wait();
    client.signal(Signal::INT);
    assert_ne!(client.finish().status, Some(0));
    drop(proxy);
    place.assert_holds("local", &[".long.part"]);
    let proxy = Proxy::to(server.address);
    assert_done(&place.get(proxy.address, &["long"], &["--resume"]).finish());
    assert!(proxy.passed(Direction::Down) < LONG as u64, "it began afresh");
    place.assert_holds("local", &["long"]);
}

// Beginnings that are none.

fn run(name: &str, args: &[&str]) -> Finished {
    let mut command = binary(name);
    command.args(args);
    Program::start(command).input("").finish()
}

#[test]
fn what_does_not_go_together_is_wrong_usage() {
    for (program, args) in [
        ("server", &["--no-such-option"][..]),
        ("server", &["unasked"]),
        ("server", &["--dialect", "klingon"]),
        ("server", &["--max-size", "much"]),
        ("client", &["--no-such-option"]),
        ("client", &["fetch", "a"]),
        ("client", &["get"]),
        ("client", &["put"]),
        ("client", &["--dialect", "tutorial", "list"]),
        ("client", &["--dialect", "tutorial", "put", "a"]),
        ("client", &["put", "a", "b", "--as", "c"]),
        ("client", &["get", "a", "b", "--as", "c"]),
        ("client", &["get", "a", "--max-size", "much"]),
        ("server", &["--listen", "0.0.0.0:0"]),
    ] {
        let ended = run(&format!("lesson08-{program}"), args);
        assert_eq!(ended.status, Some(2), "{args:?}");
        assert!(!ended.stderr.is_empty() && ended.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn a_program_that_cannot_begin_says_why_in_one_line() {
    let place = Place::new();
    let root = place.path("root");
    let root = root.to_str().unwrap();
    let server = place.server(&[]);
    let address = server.address.to_string();
    // Bound, so that nobody else takes the port; not listening, so calls are refused.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let nobody = socket.local_addr().unwrap().as_socket().unwrap().to_string();
    let file = place.file("local/file", b"no folder");
    let file = file.to_str().unwrap();
    for (program, args, words) in [
        ("server", ["--root", root, "--listen", &address], "another program listens there"),
        ("server", ["--root", file, "--listen", "0"], "file"),
        ("client", ["--retries=0", "list", "--connect", &nobody], "`cargo run -p lesson08-server`"),
    ] {
        let ended = run(&format!("lesson08-{program}"), &args);
        assert_failed(&ended, words);
        assert_eq!(ended.stderr.lines().count(), 1, "{:?}", ended.stderr);
    }
}
