//! To put a file on the server: ask whether it wants it, agree where to begin, send, and hear what
//! became of it.

use std::cell::Cell;
use std::io::{self, BufWriter, Read, Write};

use trace::Observer;
use wire::Md5;

use crate::compare::compare_with_there;
use crate::protocol::{Digest, Done, From, Have, Message, Ready, Refusal, Reply, Request, Status};
use crate::talk::{hear_alone, say};
use crate::transfer::{self, Sent};
use crate::{Error, LocalFile, Moved, Start};

/// Where to put a file, and what to do with what is there already.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Its name on the server.
    pub name: &'a str,
    /// Go on with what has come before, if that is how the file begins.
    pub resume: bool,
    /// Replace a file of that name.
    pub force: bool,
}

/// Puts a file on the server. `tell` is told how many bytes of how many have gone there. `has_word` says
/// whether the server has said something already: in the middle of a file that is a no.
///
/// # Errors
/// When the file is not under its name on the server: [`Error`] says why.
pub fn put<S: Read + Write>(
    stream: &mut S,
    file: &mut LocalFile,
    target: &Target<'_>,
    has_word: fn(&S) -> bool,
    observer: &mut impl Observer,
    tell: &mut dyn FnMut(u64, u64),
) -> Result<Moved, Error> {
    let Target { name, resume, force } = *target;
    let (size, modified) = (file.source.length(), file.source.modified());
    let request = Request::Put { name: name.to_owned(), file_size: size, modified, force, resume };
    say(stream, request, observer)?;
    let ready = match hear_alone::<Ready>(stream, observer) {
        Ok(ready) => ready,
        Err(Error::Refused(no)) if resume && no.status == Status::Exists => {
            return compare_with_there(stream, file, name, observer);
        }
        Err(error) => return Err(error),
    };
    let had = ready.have.as_ref().map_or(0, |have| have.length);
    let (from, begun) = agree(file, ready.have)?;
    let md5 = match send(stream, file, (from, begun), has_word, observer, tell) {
        Ok(md5) => md5,
        Err(error) => return Err(last_words(stream, observer, error)),
    };
    let done = hear_alone::<Done>(stream, observer);
    // The server's word about a file that we call changed is that it is changed.
    let md5 = md5.ok_or(Error::Changed)?;
    done.map_err(stopped)?;
    Ok(Moved { size, md5, start: Start::new(from, had) })
}

/// Sends a file from here on, the header before the bytes and the MD5 behind them, and gives the MD5.
/// `begun` is that of what is not sent. `None` if the file changed meanwhile, which the server knows then.
fn send<S: Write>(
    stream: &mut S,
    file: &mut LocalFile,
    (from, begun): (u64, Md5),
    has_word: fn(&S) -> bool,
    observer: &mut impl Observer,
    tell: &mut dyn FnMut(u64, u64),
) -> Result<Option<String>, Error> {
    let (size, mut position) = (file.source.length(), from);
    let has_spoken = Cell::new(false);
    // The header leaves with the first bytes, and the MD5 with the last. A small segment of their own
    // would hold up the next one until it is acknowledged (Nagle's algorithm), and the acknowledgement
    // waits for an answer to travel with: 40 ms on Linux.
    let listening = Listening { stream, has_word, has_spoken: &has_spoken };
    let mut stream = BufWriter::with_capacity(transfer::PART, listening);
    let header = Message { what: From { from }, size: size.saturating_sub(from) };
    stream.write_all(&wire::encode_header(&header)?)?;
    tell(position, size);
    let mut moved = |bytes| {
        position = position.saturating_add(bytes);
        tell(position, size);
        !has_spoken.get()
    };
    let source = &mut file.source;
    let (digest, md5) =
        match transfer::send_file(&mut stream, source, from, begun, observer, &mut moved)? {
            Sent::Whole(md5) => (Reply::ok(Digest { md5: md5.clone() }), Some(md5)),
            Sent::Changed => (Reply::refused(changed()), None),
            // It hangs up, once it has said why.
            Sent::Stopped => return Err(Error::Ended),
        };
    say(&mut stream, digest, observer)?;
    Ok(md5)
}

/// Where to begin, and the MD5 of what is before that: behind what the server has, if our file begins
/// with the same bytes, or else at the beginning.
fn agree(file: &mut LocalFile, have: Option<Have>) -> Result<(u64, Md5), Error> {
    let length = file.source.length();
    if let Some(have) = have.filter(|have| have.length <= length) {
        let md5 = file.md5_of_first(have.length)?;
        if md5.clone().finish() == have.md5 {
            return Ok((have.length, md5));
        }
    }
    Ok((0, Md5::new()))
}

/// What the server says when it takes no more; or else `error`, if it says nothing.
fn last_words(stream: &mut impl Read, observer: &mut impl Observer, error: Error) -> Error {
    // Behind a break there may be words still, but who was too slow to read is too slow to speak.
    if !matches!(error, Error::Ended | Error::Broken(_)) {
        return error;
    }
    match hear_alone::<Done>(stream, observer) {
        Err(Error::Refused(no)) => Error::Stopped(no),
        _ => error,
    }
}

/// A no in the middle of a put is the end of the connection.
fn stopped(error: Error) -> Error {
    match error {
        Error::Refused(no) => Error::Stopped(no),
        error => error,
    }
}

fn changed() -> Refusal {
    Refusal { status: Status::Changed, message: Error::Changed.to_string() }
}

/// Looks after each write whether the server has said something.
struct Listening<'a, S> {
    stream: &'a mut S,
    has_word: fn(&S) -> bool,
    has_spoken: &'a Cell<bool>,
}

impl<S: Write> Write for Listening<'_, S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.stream.write(bytes)?;
        self.has_spoken.set((self.has_word)(self.stream));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
