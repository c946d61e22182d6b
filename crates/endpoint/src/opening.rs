//! The first bytes of a connection: a browser is turned away before anything is done for it.

use std::io;

/// What a method's name may have at most, in bytes, where commands are run: no program has a longer name
/// (NAME_MAX, limits.h), and so nobody has to be taken for a browser who asks for one.
const MAX_METHOD: usize = 255;

/// How long the part of a request's target may be that came in one recv, in bytes, where commands are run.
/// In a recv of 1,024 bytes, after a method that is not too long, a target that goes on has at least so many.
const MAX_TARGET: usize = 1024 - 1 - MAX_METHOD;

/// How many bytes of a connection are looked at, in whatever pieces they come.
const MAX_OPENING: usize = 64 << 10;

/// The methods that are known by name (RFC 9110, 9; RFC 5789), all with what browsers send by themselves.
const METHODS: [&[u8]; 9] =
    [b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"CONNECT", b"OPTIONS", b"TRACE", b"PATCH"];

/// The peer speaks another protocol than the lesson's, as a browser does. Any web page can make one post to
/// a local port, so nothing is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ForeignProtocol {
    /// An HTTP request line.
    #[error("the peer speaks HTTP, as a browser does; this is no web server, so nothing was run")]
    Http,
    /// The preface of HTTP/2 (RFC 9113, 3.4).
    #[error("the peer speaks HTTP/2, as a browser does; this is no web server, so nothing was run")]
    Http2,
    /// A ClientHello (RFC 8446, 4.1.2).
    #[error(
        "the peer speaks TLS, as a browser does for https; this is no web server, so nothing was run"
    )]
    Tls,
    /// A first word that is too long for a command's name, but not for the method of an HTTP request.
    #[error(
        "the peer's first word has more than {MAX_METHOD} bytes, as no program's name has; it may be the \
         method of a browser's request, so nothing was run"
    )]
    LongMethod,
    /// A path or an address as the second word that is too long for a command, but not for the target of
    /// an HTTP request.
    #[error(
        "the peer's second word has {MAX_TARGET} bytes and more, and goes on; it may be the target of a \
         browser's request, so nothing was run"
    )]
    LongTarget,
}

impl From<ForeignProtocol> for io::Error {
    fn from(protocol: ForeignProtocol) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, protocol)
    }
}

/// Watches a connection's first bytes, however they are cut, for a request line of HTTP and for TLS.
///
/// A request line is a method, a target and a version, with spaces between (RFC 9112, 3). The method may be
/// any word: a page may choose the name of a command, such as `echo`, once the name of its own host leads
/// to this machine (DNS rebinding), for then the browser takes this server for the page's own, and sends no
/// preflight request (CORS). And whatever stands before it: a line that ends with a version of HTTP and CRLF is
/// taken for a request too.
#[derive(Debug, Clone, Default)]
pub struct Opening {
    stage: Stage,
    /// Whether the lesson runs what it is sent.
    runs_commands: bool,
    /// How many bytes have been looked at.
    seen: usize,
    /// How many of them belong to the present word, and came with the last call of `check`.
    word: usize,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    /// Nothing yet, but empty lines and spaces, which many a server skips (RFC 9112, 2.2).
    #[default]
    Blank,
    Method(Method),
    Target(Method, Target),
    /// `HTTP/`, and how much of it has come.
    Version(Method, usize),
    /// Some other line, as long as its end may still be a version, of which so much has come.
    Line(usize),
    /// So many bytes of a TLS record that holds a ClientHello.
    Record(usize),
    /// It is something else, whatever follows.
    Settled,
}

/// A method's first bytes: enough to know each of [`METHODS`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Method {
    start: [u8; 8],
    length: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    /// The spaces before it.
    Awaited,
    /// A path, `*`, or an address with `://`: the beginning of any request's target.
    Any,
    /// Something else, such as a host and a port. So much of `://` has come at its end.
    Word(usize),
}

impl Opening {
    /// Watches what is sent to a lesson that runs commands. There a word that is too long for a command is
    /// refused while it may still become a method, or a target: for what has come of it would be run
    /// before the rest is seen.
    pub fn of_commands() -> Opening {
        Opening { runs_commands: true, ..Opening::default() }
    }

    /// Looks at the next bytes of the connection.
    ///
    /// # Errors
    /// `InvalidData` with a [`ForeignProtocol`].
    pub fn check(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.word = 0;
        for &byte in bytes {
            if self.stage == Stage::Settled {
                return Ok(());
            }
            self.stage = self.after(byte)?;
        }
        self.seen += bytes.len();
        match self.stage {
            Stage::Target(method, target)
                if self.runs_commands
                    && self.word >= MAX_TARGET
                    && is_of_request(method, target) =>
            {
                return Err(ForeignProtocol::LongTarget.into());
            }
            _ if self.seen > MAX_OPENING => self.stage = Stage::Settled,
            _ => {}
        }
        Ok(())
    }

    /// Whether commands are run here, and it is not known yet what the first bytes are. Then what has come
    /// already should be looked at before they are handed on.
    pub(crate) fn should_look_ahead(&self) -> bool {
        self.runs_commands && !matches!(self.stage, Stage::Blank | Stage::Settled)
    }

    /// Where one more byte leads.
    fn after(&mut self, byte: u8) -> Result<Stage, ForeignProtocol> {
        const VERSION: &[u8] = b"HTTP/";

        let is_space = matches!(byte, b' ' | b'\t' | b'\x0b' | b'\x0c');
        match self.stage {
            Stage::Blank if is_space || matches!(byte, b'\r' | b'\n') => Ok(Stage::Blank),
            Stage::Blank if byte == CLIENT_HELLO[0].0 => Ok(Stage::Record(1)),
            Stage::Blank => self.in_method(Method::default(), byte),
            Stage::Method(method) if is_space => Ok(Stage::Target(method, Target::Awaited)),
            Stage::Method(method) => self.in_method(method, byte),
            Stage::Target(_, Target::Awaited) if is_space => Ok(self.stage),
            Stage::Target(method, target) if is_space => Ok(match is_of_request(method, target) {
                true => Stage::Version(method, 0),
                false => in_line(0, byte),
            }),
            Stage::Target(method, target) => self.in_target(method, target, byte),
            Stage::Version(_, 0) if is_space => Ok(self.stage),
            Stage::Version(method, came) if VERSION.get(came) == Some(&byte) => {
                match came + 1 < VERSION.len() {
                    true => Ok(Stage::Version(method, came + 1)),
                    false if method.is(b"PRI") => Err(ForeignProtocol::Http2),
                    false => Err(ForeignProtocol::Http),
                }
            }
            Stage::Record(came) => match CLIENT_HELLO.get(came) {
                Some((low, high)) if (*low..=*high).contains(&byte) => {
                    match came + 1 < CLIENT_HELLO.len() {
                        true => Ok(Stage::Record(came + 1)),
                        false => Err(ForeignProtocol::Tls),
                    }
                }
                _ => Ok(Stage::Settled),
            },
            Stage::Line(came) if came + 1 == LINE_END.len() && byte == b'\r' => {
                Err(ForeignProtocol::Http)
            }
            Stage::Line(came) => Ok(in_line(came, byte)),
            Stage::Version(..) => Ok(in_line(0, byte)),
            Stage::Settled => Ok(Stage::Settled),
        }
    }

    fn in_method(&mut self, mut method: Method, byte: u8) -> Result<Stage, ForeignProtocol> {
        if !is_token(byte) {
            return Ok(in_line(0, byte));
        }
        self.word += 1;
        if self.runs_commands && self.word > MAX_METHOD {
            return Err(ForeignProtocol::LongMethod);
        }
        if let Some(place) = method.start.get_mut(method.length) {
            *place = byte;
        }
        method.length += 1;
        Ok(Stage::Method(method))
    }

    fn in_target(
        &mut self,
        method: Method,
        target: Target,
        byte: u8,
    ) -> Result<Stage, ForeignProtocol> {
        const SCHEME_END: &[u8] = b"://";

        if byte.is_ascii_control() {
            // The line ends without a version.
            return Ok(Stage::Settled);
        }
        let target = match target {
            Target::Awaited => {
                self.word = 0;
                if matches!(byte, b'/' | b'*') { Target::Any } else { Target::Word(0) }
            }
            Target::Word(came) if SCHEME_END.get(came) == Some(&byte) => {
                if came + 1 < SCHEME_END.len() { Target::Word(came + 1) } else { Target::Any }
            }
            Target::Word(_) => Target::Word(usize::from(byte == SCHEME_END[0])),
            Target::Any => Target::Any,
        };
        self.word += 1;
        // The oldest requests have no version (HTTP/0.9), and a browser's method is in capitals.
        match target == Target::Any && METHODS.iter().any(|known| method.is(known)) {
            true => Err(ForeignProtocol::Http),
            false => Ok(Stage::Target(method, target)),
        }
    }
}

/// The first bytes of a TLS record with a ClientHello, each from the lowest value to the highest: handshake,
/// version 3.x, a length of at most 2^14 and a little, and the kind of message (RFC 8446, 5.1 and 4).
const CLIENT_HELLO: [(u8, u8); 6] = [(22, 22), (3, 3), (0, 4), (0, 65), (0, 255), (1, 1)];

/// How a request line ends; a `1` stands for any digit.
const LINE_END: &[u8] = b" HTTP/1.1\r";

/// One more byte of a line of which so much of [`LINE_END`] has come.
fn in_line(came: usize, byte: u8) -> Stage {
    if byte.is_ascii_control() && byte != b'\t' {
        return Stage::Settled;
    }
    match LINE_END.get(came) {
        Some(b'1') if byte.is_ascii_digit() => Stage::Line(came + 1),
        Some(expected) if *expected == byte => Stage::Line(came + 1),
        _ => Stage::Line(usize::from(byte == b' ')),
    }
}

/// Whether this may be a request's line if a version follows. What a known method asks for may be named in
/// any way, as with `CONNECT example.org:443`.
fn is_of_request(method: Method, target: Target) -> bool {
    match target {
        Target::Awaited => false,
        Target::Any => true,
        Target::Word(_) => METHODS.iter().any(|known| method.is_in_any_case(known)),
    }
}

/// Whether a method's name may contain this character (RFC 9110, 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

impl Method {
    fn is(&self, name: &[u8]) -> bool {
        self.start.get(..self.length) == Some(name)
    }

    fn is_in_any_case(&self, name: &[u8]) -> bool {
        self.start.get(..self.length).is_some_and(|start| start.eq_ignore_ascii_case(name))
    }
}
