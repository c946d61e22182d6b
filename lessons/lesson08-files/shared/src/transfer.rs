//! How the bytes of a file go from one end to the other.
//!
//! A file of any size takes the memory of a few buffers. Both ends hash what passes, so the file is
//! read once, the first byte leaves at once, and the MD5 is known when the last byte has passed. That
//! is why the MD5 follows the bytes: in a header before them, the file would have to be read twice.

use std::io::{self, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::thread;

use crossbeam_channel::bounded;
use trace::Observer;
use wire::Md5;

/// How many bytes are read and hashed at once. With fewer, threads and programs that take turns
/// spend more of their time on that; with more, they take turns too rarely.
const BUFFER_SIZE: usize = 256 * 1024;

/// How many buffers a receiver has: one to fill, the others to be hashed meanwhile.
const BUFFERS: usize = 5;

/// After how many bytes of a file the deadline of a message begins anew (`--message-timeout`).
pub const DEADLINE_CHUNK: usize = 64 * 1024;

/// Why a file did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The connection failed.
    #[error(transparent)]
    Stream(#[from] wire::Error),
    /// The file could not be written. What has not been received of it is still on its way.
    #[error("cannot write the file: {0}")]
    File(#[source] io::Error),
}

/// Sends the bytes of `file` at these offsets, and returns the MD5 of the file up to there; `md5` is
/// that of the bytes before. After each buffer `should_continue` is told the offset that has been reached, and
/// says whether to go on. `None` if it returned false, or if the file could not be read to its end:
/// then zeros were sent for the bytes that were missing.
///
/// # Errors
/// When the connection breaks, or the peer does not read in time.
pub fn send_file<S: Write>(
    stream: &mut BufWriter<S>,
    file: &mut (impl Read + Seek),
    Range { start: mut position, end }: Range<u64>,
    mut md5: Md5,
    observer: &mut impl Observer,
    should_continue: &mut dyn FnMut(&S, u64) -> bool,
) -> wire::Result<Option<String>> {
    let mut buffer = vec![0; BUFFER_SIZE];
    let mut is_complete = file.seek(SeekFrom::Start(position)).is_ok();
    while position < end {
        let piece = start_of(&mut buffer, end - position);
        is_complete = is_complete && file.read_exact(piece).is_ok();
        if !is_complete {
            // The peer counts on as many bytes as were announced, to find the next message.
            piece.fill(0);
        }
        for chunk in piece.chunks(DEADLINE_CHUNK) {
            stream.write_all(chunk)?;
            observer.advanced();
        }
        // While the kernel and the peer are busy with them.
        md5.update(piece);
        position += piece.len() as u64;
        if !should_continue(stream.get_ref(), position) {
            return Ok(None);
        }
    }
    Ok(is_complete.then(|| md5.finish()))
}

/// Receives the bytes of a file at these offsets into `file`, and returns the MD5 of the whole file;
/// `md5` is that of the bytes before. `progress` is told each offset that has been reached.
///
/// Hashing takes longer than receiving and writing together, and a second thread does it meanwhile.
/// The sender does without: its hashing goes on while the kernel still has bytes to send.
///
/// # Errors
/// When the connection breaks, ends too early, or takes too long; when the file cannot be written.
pub fn receive_file(
    stream: &mut impl Read,
    file: &mut impl Write,
    Range { start, end }: Range<u64>,
    mut md5: Md5,
    observer: &mut impl Observer,
    progress: &mut dyn FnMut(u64),
) -> Result<String, Error> {
    let (to_hash, filled) = bounded::<(Vec<u8>, usize)>(BUFFERS);
    let (hashed, free) = bounded(BUFFERS);
    (0..BUFFERS).for_each(|_| _ = hashed.send(vec![0; BUFFER_SIZE]));
    thread::scope(|scope| {
        let hash = move || {
            for (mut buffer, length) in filled {
                md5.update(start_of(&mut buffer, length as u64));
                _ = hashed.send(buffer);
            }
            md5.finish()
        };
        let hasher = thread::Builder::new().spawn_scoped(scope, hash).map_err(Error::File)?;
        let mut position = start;
        while position < end {
            // Waits for the hashing when it is behind by all buffers; fails only if that is gone.
            let Ok(mut buffer) = free.recv() else { break };
            let came = receive_some(stream, start_of(&mut buffer, end - position))?;
            if came.is_empty() {
                let (got, expected) = (position - start, end - start);
                return Err(wire::Error::EndInBody { got, expected, at: got }.into());
            }
            file.write_all(came).map_err(Error::File)?;
            let length = came.len();
            _ = to_hash.send((buffer, length));
            let chunks_before = position / DEADLINE_CHUNK as u64;
            position += length as u64;
            // A peer that sends one byte at a time does not get new time for each.
            if position / DEADLINE_CHUNK as u64 > chunks_before {
                observer.advanced();
            }
            progress(position);
        }
        drop(to_hash);
        hasher.join().map_err(|_| Error::File(io::Error::other("it could not be hashed")))
    })
}

/// The part of the buffer that is needed when `left` bytes are to come.
fn start_of(buffer: &mut [u8], left: u64) -> &mut [u8] {
    let length = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
    buffer.get_mut(..length).unwrap_or_default()
}

/// Receives what there is, which is nothing only when the stream has ended.
fn receive_some<'a>(stream: &mut impl Read, buffer: &'a mut [u8]) -> wire::Result<&'a [u8]> {
    loop {
        match stream.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            length => return Ok(start_of(buffer, length? as u64)),
        }
    }
}
