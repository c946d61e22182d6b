//! The messages of lesson 08.
//!
//! Every message is a JSON header with its length in front (`wire::message`), and `size` in the
//! header is the length of the body that follows. Every message of the server has a `status`.
//!
//! ```text
//! client                                            server
//! {"do":"list","name":"","size":0}              ──▶
//!                                               ◀── {"status":"ok","size":64}  64 bytes of JSON
//!
//! {"do":"get","name":"a b.txt","size":0}        ──▶
//!                                               ◀── {"status":"ok","file_size":3,
//!                                                    "modified":1763700000,
//!                                                    "from":0,"size":3}  hi\n
//!                                               ◀── {"status":"ok","md5":"764efa88…","size":0}
//!
//! {"do":"put","name":"a b.txt","file_size":3,
//!  "modified":1763700000,"force":false,
//!  "resume":false,"size":0}                     ──▶
//!                                               ◀── {"status":"ok","size":0}       go on!
//! {"from":0,"size":3}  hi\n                     ──▶
//! {"status":"ok","md5":"764efa88…","size":0}    ──▶
//!                                               ◀── {"status":"ok","size":0}       it has its name
//! ```
//!
//! The MD5 follows the bytes, so the sender reads the file once, and hashes it on the way. A file
//! that changes meanwhile is padded to the size that was announced, and followed by
//! `{"status":"changed"}`: so both ends know where the next message begins. To resume, the receiver
//! says what it has ([`Prefix`]): if the file begins like that, only the rest is sent.

use std::fmt;
use std::io::Write;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use trace::Observer;
use wire::Header;

/// The longest JSON header that either end accepts, in bytes.
pub const HEADER_LIMIT: usize = 64 * 1024;

/// The header of every message.
#[derive(Debug, Serialize, Deserialize)]
pub struct Message<T> {
    /// The other fields of the JSON.
    #[serde(flatten)]
    pub fields: T,
    /// The length of the body that follows, in bytes.
    pub size: u64,
}

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub enum Request {
    /// The names in a folder; answered by [`Done`] with a JSON list of [`Entry`] as its body.
    List {
        /// The folder; the empty name is the server's root.
        name: String,
    },
    /// A file; answered by [`Content`] with the bytes as its body, and a [`Digest`].
    Get {
        /// The name, with `/` between folders.
        name: String,
        /// What the client has of it already.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        have: Option<Prefix>,
    },
    /// To keep a file; answered by [`Ready`], and when it is complete by [`Done`].
    Put(Put),
}

/// A file that is offered to the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Put {
    /// The name, with `/` between folders.
    pub name: String,
    /// The length in bytes.
    pub file_size: u64,
    /// When it was last modified, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<i64>,
    /// Replace a file of that name.
    #[serde(default)]
    pub force: bool,
    /// Go on where an earlier put has stopped.
    #[serde(default)]
    pub resume: bool,
}

/// An answer to a request, or the end of a file: `fields` if all is well.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reply<T> {
    /// What became of it.
    pub status: Status,
    /// The same in a sentence, unless it is `ok`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The other fields of a reply that is `ok`.
    #[serde(flatten)]
    pub fields: Option<T>,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The request was done.
    Ok,
    /// There is no file or folder of that name.
    NoSuchFile,
    /// The name is that of a folder, a device or another thing that has no end.
    NotAFile,
    /// There is a file of that name, and `force` was not given.
    Exists,
    /// The file, or the list, is longer than the receiver takes.
    TooLarge,
    /// The server keeps no files.
    ReadOnly,
    /// The name leads out of the root, or is none.
    NotAllowed,
    /// No space is left for it.
    DiskFull,
    /// What arrived is not what was sent.
    ChecksumMismatch,
    /// The file was changed while it was sent.
    Changed,
    /// Somebody else is sending a file of that name, or all places for clients are taken.
    Busy,
    /// Anything else; the message says what.
    #[serde(other)]
    Failed,
}

/// The first bytes of a file, which the receiver has already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prefix {
    /// How many bytes.
    pub length: u64,
    /// The MD5 of these bytes, 32 hexadecimal digits in lower case.
    pub md5: String,
}

/// Announces the bytes of a file, in answer to a get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The length of the whole file in bytes; those from `from` on follow.
    pub file_size: u64,
    /// When it was last modified, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<i64>,
    /// The offset of the first byte that follows: 0, or the length of the receiver's prefix.
    pub from: u64,
}

/// The answer to a put: the bytes may come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// What the server has of the file already, if it was asked to resume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub have: Option<Prefix>,
}

/// Announces the bytes of a file that is put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offset {
    /// The offset of the first byte that follows: 0, or the length of the receiver's prefix.
    pub from: u64,
}

/// Follows the bytes of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// The MD5 of the whole file, 32 hexadecimal digits in lower case.
    pub md5: String,
}

/// No other fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {}

/// An entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The name, without the folder's.
    pub name: String,
    /// Whether it is a folder itself.
    #[serde(default)]
    pub folder: bool,
    /// The length of the file in bytes; 0 for a folder.
    pub size: u64,
    /// When it was last modified, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<i64>,
}

/// Why a request was not done: a status for the program, and a sentence for the person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status}: {message}")]
pub struct Refusal {
    /// Never `ok`.
    pub status: Status,
    /// The sentence.
    pub message: String,
}

/// Sends a message without a body, and tells `observer`.
///
/// # Errors
/// When the stream cannot be written to.
pub fn send<T: Serialize + DeserializeOwned>(
    stream: &mut impl Write,
    fields: T,
    observer: &mut impl Observer,
) -> wire::Result<()> {
    let header = wire::encode_header(&Message { fields, size: 0 })?;
    stream.write_all(&header)?;
    stream.flush()?;
    observer.sent(&header);
    Ok(())
}

impl<T: Serialize + DeserializeOwned> Header for Message<T> {
    const SIZE_FIELD: &'static str = "size";

    fn body_length(&self) -> u64 {
        self.size
    }
}

impl<T> Reply<T> {
    /// The reply of a request that was done.
    pub fn ok(fields: T) -> Reply<T> {
        Reply { status: Status::Ok, message: String::new(), fields: Some(fields) }
    }

    /// The reply of a request that was not done.
    pub fn refused(Refusal { status, message }: Refusal) -> Reply<T> {
        Reply { status, message, fields: None }
    }

    /// The fields of a reply that is `ok`.
    ///
    /// # Errors
    /// The refusal, if it is one; `failed` for an `ok` that lacks a field.
    pub fn into_result(self) -> Result<T, Refusal> {
        match (self.status, self.fields) {
            (Status::Ok, Some(fields)) => Ok(fields),
            (Status::Ok, None) => Err(Refusal::new(Status::Failed, "`ok` came without its fields")),
            (status, _) => Err(Refusal::new(status, self.message)),
        }
    }
}

impl Refusal {
    /// A refusal, by its status and in a sentence.
    pub fn new(status: Status, message: impl Into<String>) -> Refusal {
        Refusal { status, message: message.into() }
    }
}

impl fmt::Display for Status {
    /// As it stands in the JSON, such as `no-such-file`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
