//! What the two ends of lesson 08 say to each other. This file is the same at both ends.
//!
//! Every message is a JSON header with its length in front (`wire::message`), and `size` in the
//! header says how many bytes follow it. Every word of the server's has a `status`.
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
//! The MD5 comes behind the bytes, because who sends a file reads it once: it is hashed on the way.
//! A file that changes meanwhile is padded to the size that was announced, and the words behind it
//! are `{"status":"changed"}`: so both ends know where the next message begins.
//!
//! To resume, the receiver says what it has ([`Have`]), and the sender begins behind it if its own
//! first bytes have the same MD5, or else at 0.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wire::Header;

/// How long a JSON header may be, in bytes.
pub const HEADER_LIMIT: usize = 64 * 1024;

/// The header of every message.
#[derive(Debug, Serialize, Deserialize)]
pub struct Message<T> {
    /// What it says.
    #[serde(flatten)]
    pub what: T,
    /// How many bytes follow it.
    pub size: u64,
}

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub enum Request {
    /// The names in a folder; answered by a JSON list of [`Entry`].
    List {
        /// The folder; the empty name is the server's root.
        name: String,
    },
    /// A file; answered by [`Body`], the bytes, and a [`Digest`].
    Get {
        /// Its name, with `/` between folders.
        name: String,
        /// What the client has of it already.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        have: Option<Have>,
    },
    /// To keep a file; answered by [`Ready`], and when it is complete by [`Done`].
    Put {
        /// Its name, with `/` between folders.
        name: String,
        /// How long it is.
        file_size: u64,
        /// When it was changed last, in seconds since 1970.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        modified: Option<i64>,
        /// Replace a file of that name.
        #[serde(default)]
        force: bool,
        /// Go on where an earlier put has stopped.
        #[serde(default)]
        resume: bool,
    },
}

/// A word in answer to a request, or behind the bytes of a file: `T` if all is well.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reply<T> {
    /// What became of it.
    pub status: Status,
    /// The same in a sentence, when it is not `ok`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// What else there is to say, when it is `ok`.
    #[serde(flatten)]
    pub what: Option<T>,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It was done.
    Ok,
    /// There is none of that name.
    NoSuchFile,
    /// The name is that of a folder, a device or another thing that has no end.
    NotAFile,
    /// There is one of that name, and nobody said that it may be replaced.
    Exists,
    /// It is longer than the receiver takes.
    TooLarge,
    /// Nothing is kept here.
    ReadOnly,
    /// The name leads out of the root, or is none.
    NotAllowed,
    /// No space is left for it.
    DiskFull,
    /// What arrived is not what was sent.
    ChecksumMismatch,
    /// It was changed while it was sent.
    Changed,
    /// Somebody else is sending a file of that name at this moment.
    Busy,
    /// Anything else; the message says what.
    #[serde(other)]
    Failed,
}

/// What there is of a file already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Have {
    /// How many of its first bytes.
    pub length: u64,
    /// Their MD5.
    pub md5: String,
}

/// Announces the bytes of a file, in answer to a get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// How long the whole file is. From `from` to here follows.
    pub file_size: u64,
    /// When it was changed last, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<i64>,
    /// Where the bytes begin that follow: 0, or the length that the receiver has.
    pub from: u64,
}

/// The answer to a put: the bytes may come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// What the server has of it already, if it was asked to resume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub have: Option<Have>,
}

/// Announces the bytes of a file that is put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct From {
    /// Where they begin: 0, or the length that the receiver has.
    pub from: u64,
}

/// Stands behind the bytes of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// The MD5 of the whole file, 32 hexadecimal digits in lower case.
    pub md5: String,
}

/// Nothing else to say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {}

/// One name in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The name, without the folder's.
    pub name: String,
    /// Whether it is a folder itself.
    #[serde(default)]
    pub folder: bool,
    /// How long the file is, in bytes.
    pub size: u64,
    /// When it was changed last, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<i64>,
}

/// A request that was not done, by its name and in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status}: {message}")]
pub struct Refusal {
    /// Its name.
    pub status: Status,
    /// The sentence.
    pub message: String,
}

impl<T> Message<T> {
    /// A message without a body.
    pub fn of(what: T) -> Message<T> {
        Message { what, size: 0 }
    }
}

impl<T: Serialize + DeserializeOwned> Header for Message<T> {
    const SIZE_FIELD: &'static str = "size";

    fn body_length(&self) -> u64 {
        self.size
    }
}

impl<T> Reply<T> {
    /// All is well.
    pub fn ok(what: T) -> Reply<T> {
        Reply { status: Status::Ok, message: String::new(), what: Some(what) }
    }

    /// It was not done.
    pub fn refused(refusal: Refusal) -> Reply<T> {
        Reply { status: refusal.status, message: refusal.message, what: None }
    }

    /// What there is to say.
    ///
    /// # Errors
    /// The refusal, if it is one; `failed` for an `ok` that lacks a field.
    pub fn into_result(self) -> Result<T, Refusal> {
        match (self.status, self.what) {
            (Status::Ok, Some(what)) => Ok(what),
            (Status::Ok, None) => Err(Refusal {
                status: Status::Failed,
                message: "the word `ok` came without what belongs to it".to_owned(),
            }),
            (status, _) => Err(Refusal { status, message: self.message }),
        }
    }
}

impl fmt::Display for Status {
    /// As it stands in the JSON, such as `no-such-file`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
