//! How the bytes of a file go from one end to the other. This file is the same at both ends.
//!
//! A piece at a time: a file of any size takes the memory of one piece. Each piece is hashed as it
//! goes by, at both ends, so the file is read once, the first byte leaves at once, and the MD5 is
//! known when the last one has passed. That is why the MD5 stands behind the bytes, and not in the
//! header before them, for which the file would have to be read twice.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::SystemTime;

use crossbeam_channel::{Receiver, Sender, bounded};
use partial::Partial;
use trace::Observer;
use wire::Md5;

/// How many bytes are read and hashed at once. With fewer, the threads and the programs that take
/// turns spend more of their time on that; with more, they take turns too rarely.
const PIECE: usize = 256 * 1024;

/// How many bytes may take as long as a message may take.
pub const PART: usize = 64 * 1024;

/// How many pieces may have been written and not hashed yet.
const AHEAD: usize = 4;

/// A file to send, and what it was like when it was announced.
#[derive(Debug)]
pub struct Source {
    file: File,
    length: u64,
    modified: Option<SystemTime>,
}

/// What became of the bytes that were announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// They went out, and this is the MD5 of the whole file.
    Whole(String),
    /// As many went out as were announced, but the file changed meanwhile, or could not be read:
    /// where bytes were missing they are zeros. It is to be said behind them.
    Changed,
    /// Not all of them went out, because the peer has something to say.
    Stopped,
}

/// Why a file did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The connection.
    #[error(transparent)]
    Stream(#[from] wire::Error),
    /// The file here; what has come of the stream is of no use any more.
    #[error("cannot write the file: {0}")]
    File(#[source] io::Error),
}

impl Source {
    /// A regular file, as it is now.
    ///
    /// # Errors
    /// When its length cannot be had.
    pub fn new(file: File) -> io::Result<Source> {
        let metadata = file.metadata()?;
        Ok(Source { file, length: metadata.len(), modified: metadata.modified().ok() })
    }

    /// How many bytes it has.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// When it was changed last, in seconds since 1970.
    pub fn modified(&self) -> Option<i64> {
        self.modified.and_then(partial::seconds)
    }

    /// The MD5 of its first `length` bytes, to go on with: they are read for it, as long as `goes_on`
    /// says so.
    ///
    /// # Errors
    /// `UnexpectedEof` if it has fewer; when it cannot be read, or is not to go on.
    pub fn md5_of_first(&mut self, length: u64, goes_on: &dyn Fn() -> bool) -> io::Result<Md5> {
        self.file.rewind()?;
        wire::md5_of(&mut self.file, length, goes_on)
    }

    fn is_unchanged(&self) -> bool {
        let now = self.file.metadata();
        now.is_ok_and(|now| now.len() == self.length && now.modified().ok() == self.modified)
    }
}

/// Sends the bytes of `source` from `from` to its end. `md5` is that of the bytes before. Calls
/// `moved` after each piece with its length; it says whether to go on.
///
/// # Errors
/// When the connection breaks, or the peer does not read in time.
pub fn send_file(
    stream: &mut impl Write,
    source: &mut Source,
    from: u64,
    mut md5: Md5,
    observer: &mut impl Observer,
    moved: &mut dyn FnMut(u64) -> bool,
) -> wire::Result<Sent> {
    let mut buffer = vec![0; PIECE];
    let mut left = source.length.saturating_sub(from);
    let mut whole = source.file.seek(SeekFrom::Start(from)).is_ok();
    while left > 0 {
        let piece = start(&mut buffer, left);
        whole = whole && source.file.read_exact(piece).is_ok();
        if !whole {
            // The peer counts on as many bytes as were announced, to find the next message.
            piece.fill(0);
        }
        for part in piece.chunks(PART) {
            stream.write_all(part)?;
            observer.advanced();
        }
        // While the kernel and the peer are busy with them.
        md5.update(piece);
        left = left.saturating_sub(piece.len() as u64);
        if !moved(piece.len() as u64) {
            return Ok(Sent::Stopped);
        }
    }
    Ok(if whole && source.is_unchanged() { Sent::Whole(md5.finish()) } else { Sent::Changed })
}

/// Receives `size` bytes into `partial`, behind what is there, whose MD5 is `md5`, and gives the
/// MD5 of all of it. Calls `moved` after each piece with its length.
///
/// Hashing takes longer than receiving and writing together, and a second thread does it meanwhile.
/// The sender does without: its hashing goes on while the kernel still has bytes to send.
///
/// # Errors
/// When the connection breaks, ends too early, or takes too long; when the file cannot be written.
pub fn receive_file(
    stream: &mut impl Read,
    partial: &mut Partial,
    size: u64,
    md5: Md5,
    observer: &mut impl Observer,
    moved: &mut dyn FnMut(u64),
) -> Result<String, Error> {
    thread::scope(|scope| {
        let hasher = Hasher::start(scope, md5).map_err(Error::File)?;
        let (mut left, mut since) = (size, 0);
        while left > 0 {
            let mut buffer = hasher.buffer();
            let room = start(&mut buffer, left);
            let came = read_some(stream, room).map_err(wire::Error::Io)?;
            if came.is_empty() {
                let got = size - left;
                return Err(wire::Error::EndInBody { got, expected: size, at: got }.into());
            }
            partial.write_all(came).map_err(Error::File)?;
            let length = came.len() as u64;
            hasher.hash(buffer, length);
            left = left.saturating_sub(length);
            since += length;
            if since >= PART as u64 {
                // Only now: whoever sends one byte at a time does not get new time for each.
                observer.advanced();
                since = 0;
            }
            moved(length);
        }
        hasher.finish().ok_or_else(|| Error::File(io::Error::other("it could not be hashed")))
    })
}

/// Hashes in a thread of its own what is handed to it, and hands the buffers back.
struct Hasher<'scope> {
    pieces: Sender<(Vec<u8>, u64)>,
    free: Receiver<Vec<u8>>,
    thread: ScopedJoinHandle<'scope, String>,
}

impl<'scope> Hasher<'scope> {
    fn start(scope: &'scope Scope<'scope, '_>, mut md5: Md5) -> io::Result<Hasher<'scope>> {
        let (pieces, to_hash) = bounded::<(Vec<u8>, u64)>(AHEAD);
        let (hashed, free) = bounded(AHEAD);
        let thread = thread::Builder::new().spawn_scoped(scope, move || {
            for (mut buffer, length) in to_hash {
                md5.update(start(&mut buffer, length));
                // If there is no room, there are buffers enough.
                _ = hashed.try_send(buffer);
            }
            md5.finish()
        })?;
        Ok(Hasher { pieces, free, thread })
    }

    /// A buffer for the next piece.
    fn buffer(&self) -> Vec<u8> {
        self.free.try_recv().unwrap_or_else(|_| vec![0; PIECE])
    }

    /// Hashes as many bytes of the buffer. Waits when the hashing is behind by as many pieces as there
    /// may be.
    fn hash(&self, buffer: Vec<u8>, length: u64) {
        // The thread takes all that comes; if it is gone, `finish` says so.
        _ = self.pieces.send((buffer, length));
    }

    /// The MD5 of all of it.
    fn finish(self) -> Option<String> {
        drop(self.pieces);
        self.thread.join().ok()
    }
}

/// The part of the buffer that the next piece needs, when `left` bytes are to come.
fn start(buffer: &mut [u8], left: u64) -> &mut [u8] {
    let length = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
    buffer.get_mut(..length).unwrap_or_default()
}

/// Reads what there is, which is nothing only when the stream has ended.
fn read_some<'a>(stream: &mut impl Read, room: &'a mut [u8]) -> io::Result<&'a [u8]> {
    loop {
        match stream.read(room) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            length => return Ok(start(room, length? as u64)),
        }
    }
}
