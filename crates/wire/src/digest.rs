//! MD5 (RFC 1321), as 32 lower-case hexadecimal digits.
//!
//! It finds accidental damage. Against someone who means harm it is worthless: two contents with
//! the same MD5 are made in seconds (RFC 6151).

use std::io::{self, ErrorKind, Read, Write};

use md5::Digest;

/// The most bytes that are read in one call, to be hashed.
const READ_SIZE: usize = 64 * 1024;

/// The MD5 of bytes that come one piece after the other.
///
/// ```
/// let mut md5 = wire::Md5::new();
/// md5.update(b"hello ");
/// md5.update(b"world");
/// assert_eq!(md5.finish(), "5eb63bbbe01eeed093cb22bb8f5acdc3");
/// ```
///
/// As a [`Write`] it takes all it is given and never fails, so [`io::copy`] can feed it.
#[derive(Debug, Clone, Default)]
pub struct Md5(md5::Md5);

impl Md5 {
    /// The MD5 of no bytes so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `bytes` at the end.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The MD5 of all bytes that were added: 32 lower-case hexadecimal digits.
    pub fn finish(self) -> String {
        let bytes: [u8; 16] = self.0.finalize().into();
        format!("{:032x}", u128::from_be_bytes(bytes))
    }
}

impl Write for Md5 {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The MD5 of the next `length` bytes of `reader`, to which more may be added. Before each 64 KiB
/// `goes_on` is asked: to hash a large file takes many seconds.
///
/// # Errors
/// `UnexpectedEof` if there are fewer bytes; the reader's error; `Other` when `goes_on` says no.
pub fn md5_of(reader: &mut impl Read, length: u64, goes_on: &dyn Fn() -> bool) -> io::Result<Md5> {
    let (mut md5, mut piece) = (Md5::new(), vec![0; READ_SIZE]);
    let mut rest = reader.take(length);
    while rest.limit() > 0 {
        if !goes_on() {
            return Err(io::Error::other("given up"));
        }
        match rest.read(&mut piece) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(got) => md5.update(piece.get(..got).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(md5)
}

/// The MD5 of `bytes`: 32 lower-case hexadecimal digits.
pub fn md5_hex(bytes: &[u8]) -> String {
    let mut md5 = Md5::new();
    md5.update(bytes);
    md5.finish()
}
