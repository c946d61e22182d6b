//! The first bytes of a connection: a browser is turned away before anything is done for it.

use std::io;

/// A browser has called. Any web page can make one post to a local port, so nothing is answered.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the peer speaks HTTP, as a browser does; this is no web server, so nothing was run")]
pub struct HttpRequest;

impl From<HttpRequest> for io::Error {
    fn from(request: HttpRequest) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, request)
    }
}

/// Watches a connection's first bytes, however they are cut, for an HTTP request line.
#[derive(Debug, Default)]
pub struct Opening {
    /// The first bytes, as long as they may still become a request line.
    start: Vec<u8>,
    settled: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Undecided,
    NotHttp,
    Http,
}

impl Opening {
    /// Looks at the next bytes of the connection.
    ///
    /// # Errors
    /// `InvalidData`, with a sentence about browsers, when the connection began with a request line.
    pub fn check(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.settled {
            return Ok(());
        }
        let first = self.start.is_empty();
        match self.push(bytes) {
            // A browser sends the head of a request in one write.
            _ if first && is_of_any_method(bytes) => Err(HttpRequest.into()),
            Verdict::Undecided => Ok(()),
            Verdict::NotHttp => {
                // A server may have thousands of connections, so the bytes are given back.
                *self = Opening { start: Vec::new(), settled: true };
                Ok(())
            }
            Verdict::Http => Err(HttpRequest.into()),
        }
    }

    /// A request line is a method, a space, and a target: a path, `*`, or an address (RFC 9112, 3).
    fn push(&mut self, bytes: &[u8]) -> Verdict {
        const METHODS: [&str; 9] =
            ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
        const TARGETS: [&str; 4] = [" /", " *", " http://", " https://"];
        const MAX_START: usize = "OPTIONS https://".len();

        let room = MAX_START - self.start.len().min(MAX_START);
        self.start.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        let mut verdict = Verdict::NotHttp;
        for (method, target) in METHODS.iter().flat_map(|m| TARGETS.map(|target| (m, target))) {
            let line = [method.as_bytes(), target.as_bytes()].concat();
            if self.start.starts_with(&line) {
                return Verdict::Http;
            }
            if line.starts_with(&self.start) {
                verdict = Verdict::Undecided;
            }
        }
        verdict
    }
}

/// Whether these bytes begin with a request line of any method at all.
///
/// A page may use a method that is the name of a command, such as `echo`, once the name of its own host
/// leads to this machine (DNS rebinding): then the browser takes this server for the page's own, and
/// sends no preflight request (CORS).
fn is_of_any_method(bytes: &[u8]) -> bool {
    // A path of so many bytes may be cut before the ` HTTP/` behind it, and no command needs one.
    const LONG_PATH: usize = 512;

    let Some(space) = bytes.iter().position(|&byte| byte == b' ') else { return false };
    let (method, target) = bytes.split_at(space);
    let Some(target) = target.strip_prefix(b" ").filter(|_| method.iter().all(is_token)) else {
        return false;
    };
    let length = target.iter().position(u8::is_ascii_whitespace).unwrap_or(target.len());
    target.starts_with(b"/")
        && (length >= LONG_PATH || target.split_at(length).1.starts_with(b" HTTP/"))
}

/// Whether a method's name may contain this character (RFC 9110, 5.6.2).
fn is_token(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte)
}
