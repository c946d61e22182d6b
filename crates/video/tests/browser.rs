//! The page, over plain HTTP.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails with the line that unwraps; so do its helpers"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use video::{Browser, Jpeg, MAX_CONNECTIONS, Site};

/// Long enough for a busy machine, and never waited for if all is well.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A page that was opened by this name.
fn open(host: &str) -> Browser {
    Browser::open(&site(SocketAddr::from(([127, 0, 0, 1], 0)), host)).unwrap()
}

fn site(address: SocketAddr, host: &str) -> Site {
    let page = "<img src=/stream>".to_owned();
    Site {
        address,
        host: host.to_owned(),
        page,
        figures: Arc::new(|| "{\"on\": false}".to_owned()),
    }
}

/// What passes for a JPEG on the way to a viewer: the browser does not look into it.
fn picture(first: u8, length: usize) -> Arc<Jpeg> {
    let mut bytes = vec![0; length];
    bytes[0] = first;
    Arc::new(Jpeg { width: 16, height: 16, bytes })
}

/// Sends a request as it stands.
fn send(browser: &Browser, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(browser.address()).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

/// The whole answer to a request.
fn ask(browser: &Browser, request: &str) -> (String, Vec<u8>) {
    let mut answer = Vec::new();
    send(browser, request).read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|end| end == b"\r\n\r\n").unwrap();
    (String::from_utf8(answer[..end].to_vec()).unwrap(), answer[end + 4..].to_vec())
}

fn get(browser: &Browser, path: &str) -> (String, Vec<u8>) {
    ask(browser, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
}

/// A viewer of `/stream`.
struct Viewer(BufReader<TcpStream>);

impl Viewer {
    /// Opens the stream and reads its head, up to the first boundary.
    fn new(browser: &Browser) -> Viewer {
        let stream = send(browser, "GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let mut viewer = Viewer(BufReader::new(stream));
        assert_eq!(viewer.line(), "HTTP/1.1 200 OK");
        let mut type_seen = false;
        loop {
            let line = viewer.line();
            type_seen |= line == "Content-Type: multipart/x-mixed-replace; boundary=frame";
            if line.is_empty() {
                break;
            }
        }
        assert!(type_seen, "no type that a browser would understand");
        assert_eq!(viewer.line(), "--frame");
        assert_eq!(viewer.line(), "Content-Type: image/jpeg");
        assert_eq!(viewer.line(), "");
        viewer
    }

    /// The next JPEG. Behind it comes the head of the one after it.
    fn next(&mut self) -> Vec<u8> {
        let head = b"\r\n--frame\r\nContent-Type: image/jpeg\r\n\r\n";
        let (mut jpeg, mut byte) = (Vec::new(), [0]);
        while !jpeg.ends_with(head) {
            self.0.read_exact(&mut byte).unwrap();
            jpeg.push(byte[0]);
        }
        jpeg.truncate(jpeg.len() - head.len());
        jpeg
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.strip_suffix("\r\n").unwrap_or_else(|| panic!("no whole line: {line:?}")).to_owned()
    }
}

/// Waits until `done`, and fails with `what` if it takes too long.
fn wait_until(what: &str, done: impl Fn() -> bool) {
    let given_up = Instant::now() + TIMEOUT;
    while !done() {
        assert!(Instant::now() < given_up, "{what}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn the_page_comes_with_the_order_to_ask_nobody_else_for_anything() {
    let (head, body) = get(&open("127.0.0.1"), "/");
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert!(head.contains("default-src 'none'"), "{head}");
    assert_eq!(body, b"<img src=/stream>");
}

#[test]
fn the_newest_frame_and_the_figures_can_be_had_alone() {
    let browser = open("127.0.0.1");
    assert!(get(&browser, "/frame.jpg").0.starts_with("HTTP/1.1 404"));
    let picture = picture(1, 100);
    browser.show(&picture);
    let (head, body) = get(&browser, "/frame.jpg?now");
    assert!(head.contains("Content-Type: image/jpeg"), "{head}");
    assert_eq!(body, picture.bytes);
    assert_eq!(get(&browser, "/figures").1, b"{\"on\": false}");
}

#[test]
fn every_viewer_sees_the_newest_frame_whenever_it_comes() {
    let browser = open("127.0.0.1");
    let frames = [1, 2, 3].map(|first| picture(first, 100));
    browser.show(&frames[0]);
    let mut viewers: Vec<_> = (0..5).map(|_| Viewer::new(&browser)).collect();
    for viewer in &mut viewers {
        assert_eq!(viewer.next(), frames[0].bytes, "the frame from before it came");
    }
    for frame in &frames[1..] {
        browser.show(frame);
        for viewer in &mut viewers {
            assert_eq!(viewer.next(), frame.bytes);
        }
    }
}

#[test]
fn a_viewer_that_never_reads_holds_up_nobody_and_is_given_up() {
    let browser = open("127.0.0.1");
    let _deaf = send(&browser, "GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
    wait_until("the deaf viewer was not taken in", || browser.connections() == 1);
    let mut viewer = Viewer::new(&browser);
    // Far more than the kernel's buffers hold.
    for number in 0..200 {
        browser.show(&picture(number, 512 * 1024));
        assert_eq!(viewer.next()[0], number);
    }
    wait_until("the deaf viewer was not given up", || browser.connections() == 1);
}

#[test]
fn viewers_that_have_gone_are_noticed_although_no_frames_come() {
    let browser = open("127.0.0.1");
    let viewers: Vec<_> = (0..3).map(|_| Viewer::new(&browser)).collect();
    assert_eq!(browser.connections(), 3);
    drop(viewers);
    wait_until("their threads are still there", || browser.connections() == 0);
}

#[test]
fn one_viewer_too_many_is_told_so_and_the_others_stay() {
    let browser = open("127.0.0.1");
    let mut viewers: Vec<_> = (0..MAX_CONNECTIONS).map(|_| Viewer::new(&browser)).collect();
    let mut answer = Vec::new();
    // The request may never be read; then the connection is reset behind the answer.
    _ = TcpStream::connect(browser.address()).unwrap().read_to_end(&mut answer);
    assert!(answer.starts_with(b"HTTP/1.1 503"), "{}", String::from_utf8_lossy(&answer));
    browser.show(&picture(1, 100));
    for viewer in &mut viewers {
        viewer.next();
    }
}

#[test]
fn a_request_by_a_name_that_is_not_this_servers_gets_nothing() {
    let browser = open("camera.example:8087");
    for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", ""]
    {
        let (head, _) = ask(&browser, &format!("GET /frame.jpg HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        assert!(head.starts_with("HTTP/1.1 421"), "{host}: {head}");
    }
    for host in ["localhost:8087", "LOCALHOST", "127.0.0.1", "[::1]:80", "camera.example", "::1"] {
        let (head, _) = ask(&browser, &format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        assert!(head.starts_with("HTTP/1.1 200"), "{host}: {head}");
    }
    assert!(
        ask(&browser, "GET / HTTP/1.1\r\n\r\n").0.starts_with("HTTP/1.1 421"),
        "without a name"
    );
}

#[test]
fn what_is_no_get_or_no_request_is_refused_in_words() {
    let browser = open("127.0.0.1");
    let body = "x".repeat(3000);
    for (request, status) in [
        (format!("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n{body}"), 405),
        ("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 405),
        ("GET /../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 404),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n".to_owned(), 400),
        ("hello\r\n\r\n".to_owned(), 400),
        (format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {}", "x".repeat(9000)), 400),
    ] {
        let (head, _) = ask(&browser, &request);
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{request:.40}: {head}");
    }
}

#[test]
fn an_address_that_is_taken_is_an_error() {
    let taken = open("127.0.0.1").address();
    let error = Browser::open(&site(taken, "127.0.0.1")).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
}
