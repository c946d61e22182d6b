//! As much HTTP as a page with a film needs: one request, one answer, and a limit on everything.
//!
//! The usual small libraries read a request for as long as it comes, and write to a viewer for as
//! long as it takes. Here a request's head has an end (an empty line), a limit and a deadline, and so
//! has every write.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// How long a request may be, in bytes. Browsers send about 1 KiB.
const MAX_HEAD: usize = 8 * 1024;
/// How long a request, an answer or a JPEG may take from its first byte to its last.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long what a client still sends is read when it has its answer.
const LINGER_TIMEOUT: Duration = Duration::from_secs(1);
/// The head of each part of the stream, in front of each JPEG, and so between two. No JPEG contains
/// it, and it need not be secret.
const BOUNDARY: &str = "--frame\r\nContent-Type: image/jpeg\r\n\r\n";

/// The header fields of every answer. The browser is to keep nothing, to take a type for what it is,
/// and to let no other site's page have the answer.
const COMMON_FIELDS: &str = "Cache-Control: no-store\r\n\
                      X-Content-Type-Options: nosniff\r\n\
                      Cross-Origin-Resource-Policy: same-origin\r\n\
                      Content-Security-Policy: default-src 'none'; img-src 'self'; \
                      connect-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
                      frame-ancestors 'none'\r\n\
                      Connection: close\r\n";

/// A request, as far as it matters here.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// The path, without the query that may follow behind a question mark.
    pub(super) path: String,
    pub(super) host: Option<String>,
}

/// The status of an answer (RFC 9110, 15).
#[derive(Debug, Clone, Copy)]
pub(super) enum Status {
    Ok,
    BadRequest,
    NotFound,
    NotAllowed,
    Misdirected,
    Unavailable,
}

/// A connection, on which one request is answered.
#[derive(Debug)]
pub(super) struct Exchange {
    stream: TcpStream,
}

impl Status {
    fn line(self) -> &'static str {
        match self {
            Status::Ok => "200 OK",
            Status::BadRequest => "400 Bad Request",
            Status::NotFound => "404 Not Found",
            Status::NotAllowed => "405 Method Not Allowed\r\nAllow: GET",
            Status::Misdirected => "421 Misdirected Request",
            Status::Unavailable => "503 Service Unavailable",
        }
    }
}

impl Exchange {
    pub(super) fn new(stream: TcpStream) -> Exchange {
        Exchange { stream }
    }

    /// Receives the head of a request. A body, if there is one, is left alone.
    ///
    /// # Errors
    /// `InvalidData` for what is no request or too long; when none comes in time.
    pub(super) fn receive(&mut self) -> io::Result<Request> {
        let deadline = Instant::now() + TIMEOUT;
        let mut head = Vec::new();
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            let mut piece = [0; 1024];
            self.stream.set_read_timeout(Some(left(deadline)?))?;
            let got = self.stream.read(&mut piece)?;
            head.extend_from_slice(piece.get(..got).unwrap_or_default());
            if got == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if head.len() > MAX_HEAD {
                return Err(ErrorKind::InvalidData.into());
            }
        }
        parse(&head).ok_or_else(|| ErrorKind::InvalidData.into())
    }

    /// Sends one answer, and ends the connection.
    pub(super) fn answer(mut self, status: Status, kind: &str, body: &[u8]) -> io::Result<()> {
        let bytes = whole(status, kind, body);
        self.write_within(&bytes)?;
        self.stream.shutdown(Shutdown::Write)?;
        // To close while a request is still coming in would reset the connection, and the answer
        // could be lost with it (RFC 9112, 9.6).
        let deadline = Instant::now() + LINGER_TIMEOUT;
        while let Ok(wait) = left(deadline) {
            self.stream.set_read_timeout(Some(wait))?;
            if self.stream.read(&mut [0; 1024])? == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Sends an answer of one line of text, and ends the connection.
    pub(super) fn answer_in_words(self, status: Status, line: &str) -> io::Result<()> {
        self.answer(status, "text/plain", format!("{line}\n").as_bytes())
    }

    /// Begins an answer that is one JPEG after the other.
    pub(super) fn begin_stream(&mut self) -> io::Result<()> {
        // A JPEG is one write, and the next one may be long in coming.
        self.stream.set_nodelay(true)?;
        let kind = "Content-Type: multipart/x-mixed-replace; boundary=frame\r\n";
        self.write_within(
            format!("HTTP/1.1 200 OK\r\n{COMMON_FIELDS}{kind}\r\n{BOUNDARY}").as_bytes(),
        )
    }

    /// Sends the next JPEG.
    pub(super) fn part(&mut self, jpeg: &[u8]) -> io::Result<()> {
        // Chromium shows a part when it has read the head of the next one. So that head comes at
        // once, and without a length: how long the next JPEG will be, nobody knows yet.
        self.write_within(&[jpeg, b"\r\n", BOUNDARY.as_bytes()].concat())
    }

    /// Whether the client has gone. A client has nothing more to say, so what can be read is the end
    /// of the stream.
    pub(super) fn is_gone(&self) -> bool {
        if self.stream.set_nonblocking(true).is_err() {
            return true;
        }
        let ahead = self.stream.peek(&mut [0]);
        let waits = ahead.is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
        !waits || self.stream.set_nonblocking(false).is_err()
    }

    /// Writes all of it, within one deadline that is not restarted by each byte that is taken.
    fn write_within(&mut self, bytes: &[u8]) -> io::Result<()> {
        let deadline = Instant::now() + TIMEOUT;
        let mut rest = bytes;
        while !rest.is_empty() {
            self.stream.set_write_timeout(Some(left(deadline)?))?;
            let taken = self.stream.write(rest)?;
            rest = rest.get(taken..).unwrap_or_default();
            if taken == 0 {
                return Err(ErrorKind::WriteZero.into());
            }
        }
        Ok(())
    }
}

/// Turns a client away for whom there is no room.
pub(super) fn refuse(mut stream: TcpStream) {
    let answer = whole(Status::Unavailable, "text/plain", b"too many viewers\n");
    if stream.set_nonblocking(true).is_ok() {
        // The client may have gone already.
        _ = stream.write(&answer);
    }
}

fn whole(status: Status, kind: &str, body: &[u8]) -> Vec<u8> {
    let (line, length) = (status.line(), body.len());
    let head = format!(
        "HTTP/1.1 {line}\r\n{COMMON_FIELDS}Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// A request line is a method, a target and a version; lines with a name, a colon and a value
/// follow (RFC 9112, 3 and 5).
fn parse(head: &[u8]) -> Option<Request> {
    let mut lines = std::str::from_utf8(head).ok()?.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    if !version.starts_with("HTTP/1.") || words.next().is_some() {
        return None;
    }
    let path = target.split('?').next()?;
    let mut hosts = lines.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("host").then(|| value.trim().to_owned())
    });
    let host = hosts.next();
    // With two of them, two readers could take a different one each.
    if hosts.next().is_some() {
        return None;
    }
    Some(Request { method: method.to_owned(), path: path.to_owned(), host })
}

/// How long until `deadline`.
fn left(deadline: Instant) -> io::Result<Duration> {
    match deadline.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(ErrorKind::TimedOut.into()),
        left => Ok(left),
    }
}
