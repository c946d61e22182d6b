//! What goes wrong with a file, in the protocol's words.

use partial::Error;

use crate::protocol::{Refusal, Status};

impl Refusal {
    /// A refusal, by its name and in a sentence.
    pub fn new(status: Status, message: impl Into<String>) -> Refusal {
        Refusal { status, message: message.into() }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        let status = match error {
            Error::Name(_) | Error::Outside | Error::Denied(_) => Status::NotAllowed,
            Error::NotFound => Status::NoSuchFile,
            Error::NotAFile => Status::NotAFile,
            Error::Exists => Status::Exists,
            Error::Busy => Status::Busy,
            Error::TooMany => Status::TooLarge,
            Error::Full(_) => Status::DiskFull,
            _ => Status::Failed,
        };
        Refusal::new(status, error.to_string())
    }
}
