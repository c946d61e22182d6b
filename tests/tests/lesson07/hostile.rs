//! Whatever a client sends ends its own film, takes no memory, and leaves the server to the next.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::time::Duration;

use e2e::benchmark::Usage;
use e2e::{Server, has_opencv, socket};
use serde_json::json;

use crate::film::{self, DIALECTS, header, message, pictures, with_size};

/// How many streams are spoilt, in each dialect.
const SPOILT: u64 = 48;

/// Three frames as a client sends them, in the tutorial's dialect as one that waits for no `ok`.
fn stream(dialect: &[&str]) -> Vec<u8> {
    let frames = (1..).zip(pictures()).map(|(sequence, picture)| match dialect {
        [] => message(&header(sequence, picture), picture),
        _ => [format!("{}, ", picture.len()).as_bytes(), picture].concat(),
    });
    frames.collect::<Vec<_>>().concat()
}

/// A stream of frames that has been cut, or lied in, or of which some bytes are others. A seed
/// spoils it in one way only.
fn spoilt(dialect: &[&str], seed: u64) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut bytes = stream(dialect);
    match seed % 4 {
        0 => bytes.truncate(random.usize(..bytes.len())),
        1 => {
            let picture = with_size(&pictures()[0], random.u16(..), random.u16(..));
            bytes = message(&header(1, &picture), &picture);
        }
        // The header, or the number, is at the start.
        2 => (0..8).for_each(|_| bytes[random.usize(..20)] = random.u8(..)),
        _ => (0..999).for_each(|_| {
            let at = random.usize(..bytes.len());
            bytes[at] = random.u8(..);
        }),
    }
    bytes
}

#[test]
fn spoilt_frames_end_their_own_film_and_the_next_client_is_served() {
    if !has_opencv() {
        return;
    }
    for dialect in DIALECTS {
        let server = film::server(dialect);
        for seed in 0..SPOILT {
            let mut client = socket::connect(server.address);
            let address = client.local_addr().unwrap();
            // The server may have had enough before it has read everything.
            _ = client.write_all(&spoilt(dialect, seed));
            _ = client.shutdown(Shutdown::Write);
            socket::receive_to_end(&mut client);
            let ended = format!("{address} closed");
            server.wait_until(&format!("the end of seed {seed}"), |log, _| {
                log.lines().any(|line| {
                    line.starts_with(&ended) || line.starts_with(&format!("{address} reset"))
                })
            });
        }
        film::assert_serves(&server, dialect);
        let server = server.stop();
        assert_eq!((server.status, server.stderr.as_str()), (Some(0), ""));
    }
}

/// Sends this, and the server ends the stream although the client would go on.
#[track_caller]
fn assert_ended(server: &Server, bytes: &[u8], reason: &str) {
    let mut client = socket::connect(server.address);
    let address = client.local_addr().unwrap();
    _ = client.write_all(bytes);
    socket::receive_to_end(&mut client);
    let line = server.wait_for_line(&format!("{address} closed: "));
    assert!(line.contains(reason), "no {reason:?} in {line:?}");
}

/// The most memory that a server has had when it has shown a whole film, in KiB.
#[track_caller]
fn used(server: &Server, dialect: &[&str]) -> u64 {
    film::assert_serves(server, dialect);
    server.wait_for_line(" closed by client");
    Usage::of(server.id()).peak
}

#[test]
fn a_frame_that_is_too_large_is_refused_before_it_takes_memory() {
    if !has_opencv() {
        return;
    }
    // Whoever waits for what such a length promises waits longer than this test does.
    let server = film::server(&["--message-timeout", "1h", "--idle-timeout", "1h"]);
    let before = used(&server, &[]);
    let [picture, ..] = pictures();
    let with = |field: &str, value: u64| {
        let mut header = header(1, picture);
        header[field] = json!(value);
        message(&header, b"")
    };
    // 2 GiB of header, of frame; and 65500 times 65500 pixels, which would be 12 GB, in a few KiB.
    assert_ended(&server, b"\xff\xff\xff\x7f", "");
    assert_ended(&server, b"\xff\xff\xff\xff", "");
    assert_ended(&server, &with("size", 1 << 31), "above the limit");
    assert_ended(&server, &with("size", u64::MAX), "above the limit");
    let bomb = with_size(picture, 65500, 65500);
    let mut lies = header(1, &bomb);
    assert_ended(&server, &message(&lies, &bomb), "");
    lies["width"] = json!(65500);
    lies["height"] = json!(65500);
    assert_ended(&server, &message(&lies, &bomb), "--max-pixels");
    let grown = Usage::of(server.id()).peak.saturating_sub(before);
    assert!(grown < 4096, "the server has grown by {grown} KiB");
    film::assert_serves(&server, &[]);
}

#[test]
fn in_the_tutorials_dialect_a_bad_number_is_refused_before_it_takes_memory() {
    if !has_opencv() {
        return;
    }
    let dialect = DIALECTS[1];
    let options = [dialect, &["--message-timeout", "1h", "--idle-timeout", "1h"]].concat();
    let server = film::server(&options);
    let before = used(&server, dialect);
    let digits = [&[b'9'; 1000][..], b", "].concat();
    for number in [&b"2147483647, "[..], &digits, b"abc, ", b"0, ", b"-1, ", b", ", b"\xff\xfe, "] {
        let mut client = socket::send(server.address, &[number]);
        assert_eq!(socket::receive_to_end(&mut client), b"", "ok to {}", number.escape_ascii());
        server.wait_for_line(&format!("{} closed: ", client.local_addr().unwrap()));
    }
    let grown = Usage::of(server.id()).peak.saturating_sub(before);
    assert!(grown < 4096, "the server has grown by {grown} KiB");

    // The size is right, and it is no picture: the first ok comes, and the second does not.
    let mut client = socket::send(server.address, &[b"10, "]);
    assert_eq!(socket::receive(&mut client, 2), b"ok");
    client.write_all(b"no picture").unwrap();
    assert_eq!(socket::receive_to_end(&mut client), b"");
    film::assert_serves(&server, dialect);
}

#[test]
fn a_frame_that_comes_byte_by_byte_has_one_deadline_for_all_of_it() {
    if !has_opencv() {
        return;
    }
    for dialect in DIALECTS {
        let server = film::server(&[dialect, &["--message-timeout", "300ms"]].concat());
        let mut client = socket::connect(server.address);
        let mut bytes = stream(dialect);
        if !dialect.is_empty() {
            // The picture's time begins when its number has been answered.
            let number: Vec<u8> =
                bytes.drain(..=bytes.iter().position(|&b| b == b' ').unwrap()).collect();
            assert_eq!(socket::exchange(&mut client, &number, 2), b"ok");
        }
        client.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
        // Half a minute's worth, and the server has had enough before.
        let mut drip = bytes.chunks(1).take(3000);
        let ended = drip.any(|byte| client.write_all(byte).is_err() || is_at_end(&mut client));
        assert!(ended, "{dialect:?}: each byte has prolonged the wait");
        server.wait_for_line("closed: a message began and did not end within 300ms");
        film::assert_serves(&server, dialect);
    }
}

/// Waits for as long as the stream's time-out says, and whether the stream has ended meanwhile.
fn is_at_end(stream: &mut impl Read) -> bool {
    match stream.read(&mut [0; 64]) {
        Ok(got) => got == 0,
        Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

#[test]
fn a_client_that_says_nothing_does_not_keep_the_next_one_out() {
    if !has_opencv() {
        return;
    }
    for dialect in DIALECTS {
        let server = film::server(&[dialect, &["--idle-timeout", "100ms"]].concat());
        let _silent = socket::connect(server.address);
        film::assert_serves(&server, dialect);
        server.wait_for_line(" closed: silent for 100ms (--idle-timeout)");
    }
}

#[test]
fn a_browser_on_the_frames_port_is_sent_away() {
    if !has_opencv() {
        return;
    }
    for dialect in DIALECTS {
        let server = film::server(dialect);
        for request in ["GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "POST / HTTP/1.1\r\n\r\n12, "]
        {
            let mut client = socket::send(server.address, &[request.as_bytes()]);
            assert_eq!(socket::receive_to_end(&mut client), b"");
            let address = client.local_addr().unwrap();
            let line = server.wait_for_line(&format!("{address} closed: "));
            assert!(line.contains("browser") || line.contains("HTTP"), "{line}");
        }
        film::assert_serves(&server, dialect);
    }
}
