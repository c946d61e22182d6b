//! MD5 (RFC 1321), as 32 lower-case hexadecimal digits.
//!
//! It finds accidental damage. Against someone who means harm it is worthless: two contents with
//! the same MD5 are made in seconds (RFC 6151).

use std::io::{self, Write};

use md5::Digest;

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
    /// The MD5 of nothing so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `bytes` at the end.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The MD5 of all that came: 32 lower-case hexadecimal digits.
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

/// The MD5 of `bytes`: 32 lower-case hexadecimal digits.
pub fn md5_hex(bytes: &[u8]) -> String {
    let mut md5 = Md5::new();
    md5.update(bytes);
    md5.finish()
}
