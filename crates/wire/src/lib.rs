//! What travels between the programs of this project: frames, JSON headers, digests and text
//! encodings. This crate knows bytes, [`Read`](std::io::Read) and [`Write`](std::io::Write); it
//! never sees a socket, a thread or a terminal.
//!
//! TCP carries a stream of bytes, not messages. Whoever wants messages has to say where each one
//! ends, and here that is a length in front of each:
//!
//! ```text
//! frame      ┌────────────┬───────────────┐   length: i32, little-endian
//!            │ length (4) │ payload       │   (Python's struct 'i' on x86)
//!            └────────────┴───────────────┘
//! message    ┌────────────┬─────────────┬──────────────┐
//!            │ length (4) │ JSON header │ body         │   the header says how long
//!            └────────────┴─────────────┴──────────────┘   the body is
//! ```
//!
//! * [`frame`]: the frame, as functions over `Read` and `Write`.
//! * [`framing`]: any other way to say where a message ends, and the sans-I/O [`Decoder`] for all.
//! * [`message`]: a frame that holds a JSON [`Header`], then the body that it announces.
//! * [`json`]: JSON as Python's `json.dumps` writes it, byte for byte.
//! * [`text`]: text in UTF-8, GBK and others, also when a read cuts a character in two.
//! * [`digest`]: MD5, for finding damage.
//! * [`error`]: what can be wrong with a stream, and at which byte.
//!
//! Two promises hold everywhere. A length is checked against a limit before it is believed, and
//! memory grows with what has arrived, never with what a length claims. What is written, length
//! and payload together, goes out in one `write` call.
//!
//! ```
//! let mut sent = Vec::new();
//! wire::write_frame(&mut sent, b"hello")?;
//! wire::write_frame(&mut sent, b"world")?;
//! assert_eq!(sent, b"\x05\0\0\0hello\x05\0\0\0world");
//!
//! let mut arriving = sent.as_slice();
//! assert_eq!(wire::read_frame(&mut arriving, wire::DEFAULT_LIMIT)?, Some(b"hello".to_vec()));
//! assert_eq!(wire::read_frame(&mut arriving, wire::DEFAULT_LIMIT)?, Some(b"world".to_vec()));
//! assert_eq!(wire::read_frame(&mut arriving, wire::DEFAULT_LIMIT)?, None);
//! # Ok::<(), wire::Error>(())
//! ```

pub mod digest;
pub mod error;
pub mod frame;
pub mod framing;
pub mod json;
pub mod message;
mod read;
pub mod text;

pub use digest::{Md5, md5_hex, md5_of};
pub use error::{Error, LengthFault, Result};
pub use frame::{
    DEFAULT_LIMIT, LENGTH_BYTES, decode_length, encode, encode_length, read_frame, write_frame,
};
pub use framing::Framing;
pub use framing::decoder::Decoder;
pub use framing::digits::{Digits, Padding};
pub use framing::length::{ByteOrder, LengthField};
pub use framing::mark::Mark;
pub use framing::pair::FramingPair;
pub use framing::reader::FrameReader;
pub use framing::unknown::{UnknownFraming, UnknownReason};
pub use json::to_python_string;
pub use message::{Header, encode_header, parse_header, read_body, read_header, write_message};
pub use text::{Encoding, TextDecoder, UnknownEncoding};
