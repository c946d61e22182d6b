//! The view in a browser.

use std::fs;
use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use browser::chromium;
use e2e::benchmark::Usage;
use e2e::{Finished, Program, Server, has_opencv, socket};

use crate::film::{self, pictures};

/// A server that shows in the browser, and the address of its page.
#[track_caller]
fn server(options: &[&str]) -> (Server, SocketAddr) {
    let view = ["--view", "browser", "--http", "0"];
    let server = Server::lesson("lesson07-server", &[&view[..], options].concat());
    let page = page(&server);
    (server, page)
}

/// Where a server says that its page is.
#[track_caller]
pub(crate) fn page(server: &Program) -> SocketAddr {
    let line = server.wait_for_line("showing on http://");
    let (_, url) = line.split_once("http://").unwrap();
    url.trim_end_matches('/').parse().unwrap_or_else(|_| panic!("no address in {line:?}"))
}

/// Asks for a page, and waits for nothing.
#[track_caller]
pub(crate) fn get(page: SocketAddr, path: &str) -> TcpStream {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {page}\r\nConnection: close\r\n\r\n");
    socket::send(page, &[request.as_bytes()])
}

/// Reads until so many pictures have begun.
#[track_caller]
fn watch(viewer: &mut TcpStream, mut count: usize) {
    let mut bytes = Vec::new();
    let mut piece = [0; 65536];
    while count > 0 {
        let got = viewer.read(&mut piece).unwrap();
        assert!(got > 0, "the stream has ended, and {count} pictures have not come");
        bytes.extend_from_slice(&piece[..got]);
        // The start of a JPEG. The two bytes that are kept may be the start of the next.
        count =
            count.saturating_sub(bytes.windows(3).filter(|start| start == b"\xff\xd8\xff").count());
        bytes.drain(..bytes.len() - 2);
    }
}

#[test]
fn viewers_that_read_nothing_hold_up_nobody_and_take_no_memory() {
    if !has_opencv() {
        return;
    }
    let (server, page) = server(&["--idle-timeout", "1h"]);
    let mut client = socket::connect(server.address);
    let [picture, ..] = pictures();
    let picture = film::with_comments(picture, 1);
    film::assert_confirmed(&mut client, 1, &picture);
    let mut viewer = get(page, "/stream");
    let _idle = [(); 4].map(|()| get(page, "/stream"));
    watch(&mut viewer, 1);
    let before = Usage::of(server.id()).peak;
    // More than a socket holds for those who do not read, and it holds it in the kernel.
    for sequence in 2..=64 {
        film::assert_confirmed(&mut client, sequence, &picture);
        watch(&mut viewer, 1);
    }
    let grown = Usage::of(server.id()).peak.saturating_sub(before);
    assert!(grown < 16 * 1024, "the server has grown by {grown} KiB");
    // The page itself is still there for whoever asks now.
    let page = String::from_utf8(socket::receive_to_end(&mut get(page, "/"))).unwrap();
    assert!(page.contains("200 OK") && page.contains("/stream"), "{page}");
}

#[test]
fn a_browser_shows_the_newest_frame_and_the_figures() {
    let Some(chromium) = chromium() else {
        eprintln!("not run: Chromium is missing; scripts/setup --browser installs it");
        return;
    };
    if !has_opencv() {
        return;
    }
    let (server, page) = server(&["--idle-timeout", "1h"]);
    let stream = format!("http://{page}/stream");
    let nothing = shown(&chromium, &stream, &[]);
    let mut client = socket::connect(server.address);
    let [one, two, _] = pictures();
    film::assert_confirmed(&mut client, 1, one);
    // No frame comes after this one, and it is to be seen all the same.
    let first = shown(&chromium, &stream, &[&nothing]);
    film::assert_confirmed(&mut client, 2, two);
    shown(&chromium, &stream, &[&nothing, &first]);

    let [width, height] = film::SIZE;
    let words = [">live<".to_owned(), format!("{width} × {height}")];
    let page = format!("http://{page}/");
    (0..TRIES)
        .map(|_| run(&chromium, "--dump-dom", &page).stdout.clone())
        .find(|dom| words.iter().all(|word| dom.contains(word)))
        .unwrap_or_else(|| panic!("the page never says {words:?}"));
}

/// How often a browser is started anew that does not yet show what it should. It shows what it has
/// got after a second, and on a busy machine that may be nothing.
const TRIES: usize = 20;

/// What Chromium shows at this address, as a PNG, once it shows something else than these, and the
/// same twice.
#[track_caller]
fn shown(chromium: &Path, url: &str, others: &[&Vec<u8>]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("picture.png");
    let option = format!("--screenshot={}", file.display());
    let mut before = Vec::new();
    for _ in 0..TRIES {
        let browser = run(chromium, &option, url);
        let picture =
            fs::read(&file).unwrap_or_else(|error| panic!("no screenshot: {error}\n{}", *browser));
        if picture == before && !others.contains(&&picture) {
            return picture;
        }
        before = picture;
    }
    panic!("after {} frames the browser shows what it showed before them", others.len());
}

/// Runs Chromium for about a second.
fn run(chromium: &Path, option: &str, url: &str) -> Finished {
    let profile = tempfile::tempdir().unwrap();
    let mut command = Command::new(chromium);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"]);
    command.args(["--no-first-run", "--disable-background-networking", "--hide-scrollbars"]);
    command.args(["--disable-component-update", "--disable-sync", "--window-size=800,600"]);
    command.arg(format!("--user-data-dir={}", profile.path().display()));
    // What it leaves behind when it is killed goes with the profile.
    command.env("TMPDIR", profile.path());
    command.args(["--timeout=1000", option, url]);
    Program::start(command).finish_within(Duration::from_secs(120))
}
