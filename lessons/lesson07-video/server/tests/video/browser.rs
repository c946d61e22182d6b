//! The page, over plain HTTP.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use lesson07_server::figures::Figures;
use lesson07_server::view::browser::{Browser, MOST_CONNECTIONS};
use lesson07_server::view::{Site, View};

use super::*;

const PATIENCE: Duration = Duration::from_secs(30);

fn open(host: &str) -> Browser {
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let figures = Arc::new(Figures::new().unwrap());
    Browser::open(&Site { address, host: host.to_owned(), figures }).unwrap()
}

fn picture(sequence: u64, jpeg: Vec<u8>) -> Arc<Picture> {
    Arc::new(Picture { sequence, captured: None, size: (16, 16), jpeg })
}

/// Sends a request as it stands.
fn send(browser: &Browser, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(browser.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
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
    let given_up = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < given_up, "{what}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn the_page_is_whole_and_asks_nobody_else_for_anything() {
    let (head, body) = get(&open("127.0.0.1"), "/");
    let body = String::from_utf8(body).unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert!(head.contains("default-src 'none'"), "{head}");
    assert!(body.contains("src=\"/stream\""), "{body}");
    assert!(!body.contains("http://") && !body.contains("https://"), "{body}");
}

#[test]
fn the_newest_frame_and_the_figures_can_be_had_alone() {
    let mut browser = open("127.0.0.1");
    assert!(get(&browser, "/frame.jpg").0.starts_with("HTTP/1.1 404"));
    let jpeg = jpeg(16, 16, 3);
    browser.show(&picture(1, jpeg.clone())).unwrap();
    let (head, body) = get(&browser, "/frame.jpg?now");
    assert!(head.contains("Content-Type: image/jpeg"), "{head}");
    assert_eq!(body, jpeg);
    let figures: serde_json::Value = serde_json::from_slice(&get(&browser, "/figures").1).unwrap();
    assert_eq!(figures["on"], false, "{figures}");
    assert_eq!(figures["film"]["shown"], 0, "{figures}");
}

#[test]
fn every_viewer_sees_the_newest_frame_whenever_it_comes() {
    let mut browser = open("127.0.0.1");
    let frames: Vec<_> = (1..=3).map(|shade| jpeg(16, 16, shade * 60)).collect();
    browser.show(&picture(1, frames[0].clone())).unwrap();
    let mut viewers: Vec<_> = (0..5).map(|_| Viewer::new(&browser)).collect();
    for viewer in &mut viewers {
        assert_eq!(viewer.next(), frames[0], "the frame from before it came");
    }
    for frame in &frames[1..] {
        browser.show(&picture(2, frame.clone())).unwrap();
        for viewer in &mut viewers {
            assert_eq!(&viewer.next(), frame);
        }
    }
}

#[test]
fn a_viewer_that_never_reads_holds_up_nobody_and_is_given_up() {
    let mut browser = open("127.0.0.1");
    let _deaf = send(&browser, "GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
    wait_until("the deaf viewer was not taken in", || browser.connections() == 1);
    let mut viewer = Viewer::new(&browser);
    // Far more than the kernel's buffers hold.
    for number in 0..200 {
        let mut jpeg = vec![0; 512 * 1024];
        jpeg[0] = number;
        browser.show(&picture(number.into(), jpeg)).unwrap();
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
    let mut browser = open("127.0.0.1");
    let mut viewers: Vec<_> = (0..MOST_CONNECTIONS).map(|_| Viewer::new(&browser)).collect();
    let mut answer = Vec::new();
    // The request may never be read; then the connection is reset behind the answer.
    _ = TcpStream::connect(browser.address()).unwrap().read_to_end(&mut answer);
    assert!(answer.starts_with(b"HTTP/1.1 503"), "{}", String::from_utf8_lossy(&answer));
    browser.show(&picture(1, jpeg(16, 16, 3))).unwrap();
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
fn a_port_that_is_taken_is_said_with_the_way_out() {
    let browser = open("127.0.0.1");
    let figures = Arc::new(Figures::new().unwrap());
    let site = Site { address: browser.address(), host: String::new(), figures };
    let words = Browser::open(&site).unwrap_err().to_string();
    assert!(words.contains("cannot show on") && words.contains("--http 0"), "{words}");
}
