//! Takes a file from a client, and gives it its name when it is whole and has the right MD5.
//!
//! What becomes of the bytes of a put that does not come to its end: one that stops, because a
//! cable or a program does, is kept in `.NAME.part` for `--resume`; one that is refused is removed,
//! because what is wrong with it does not get right by going on.

use std::io::{Read, Write};

use partial::{Name, Partial};
use wire::Md5;

use crate::journal::Witness;
use crate::protocol::{Digest, Done, From, HEADER_LIMIT, Have, Message, Ready, Refusal};
use crate::protocol::{Reply, Status};
use crate::transfer::{self, receive_file};
use crate::{Outcome, Store, Trouble, next, say};

/// What a client wants to have kept.
pub(crate) struct Put<'a> {
    pub(crate) name: &'a str,
    pub(crate) file_size: u64,
    pub(crate) modified: Option<i64>,
    pub(crate) force: bool,
    pub(crate) resume: bool,
}

impl Put<'_> {
    pub(crate) fn run(
        &self,
        stream: &mut (impl Read + Write),
        store: &Store,
        witness: &mut impl Witness,
    ) -> Result<Outcome, Trouble> {
        let mut partial = self.admit(store)?;
        let (have, md5) =
            self.look_at(&mut partial, &|| witness.goes_on()).map_err(partial::Error::from)?;
        let length = have.as_ref().map_or(0, |have| have.length);
        say(stream, Reply::ok(Ready { have }))?;
        witness.sent(&[]);

        let (from, size) = match self.begin(stream, &mut partial, length) {
            Ok(place) => place,
            Err(trouble) => return Err(given_up(partial, trouble)),
        };
        let md5 = if from == 0 { Md5::new() } else { md5 };
        match receive(stream, &mut partial, size, md5, witness) {
            Ok(()) => partial.publish(self.force, self.modified)?,
            Err(trouble) => return Err(given_up(partial, trouble)),
        }
        say(stream, Reply::ok(Done {}))?;
        Ok(Outcome::Moved { bytes: size, from })
    }

    /// Whether the file is wanted at all: said before a byte of it is sent.
    fn admit(&self, store: &Store) -> Result<Partial, Trouble> {
        if store.read_only {
            return Err(Refusal::new(Status::ReadOnly, "this server takes no files").into());
        }
        let name: Name = self.name.parse()?;
        if self.file_size > store.max_size {
            let most = store.max_size;
            let message = format!("it has {} bytes, and {most} are taken", self.file_size);
            return Err(Refusal::new(Status::TooLarge, message).into());
        }
        if !self.force && store.folder.holds(&name) {
            return Err(partial::Error::Exists.into());
        }
        Ok(store.folder.receive(&name, self.resume)?)
    }

    /// What an earlier put has left, if it can be the beginning of this file.
    fn look_at(
        &self,
        partial: &mut Partial,
        goes_on: &dyn Fn() -> bool,
    ) -> std::io::Result<(Option<Have>, Md5)> {
        let length = partial.length();
        if length == 0 || length > self.file_size {
            return Ok((None, Md5::new()));
        }
        let md5 = partial.md5(goes_on)?;
        Ok((Some(Have { length, md5: md5.clone().finish() }), md5))
    }

    /// Where the bytes begin and how many come, from what the client says before them.
    fn begin(
        &self,
        stream: &mut impl Read,
        partial: &mut Partial,
        have: u64,
    ) -> Result<(u64, u64), Trouble> {
        let header = wire::read_header::<Message<From>>(stream, HEADER_LIMIT)?;
        let Message { what: From { from }, size } = header.ok_or_else(ended)?;
        if (from != 0 && from != have) || from.checked_add(size) != Some(self.file_size) {
            let message = format!(
                "{size} bytes from {from} on are not the rest of the {} announced",
                self.file_size
            );
            return Err(Trouble::InTheMiddle(Refusal::new(Status::Failed, message)));
        }
        partial.start_at(from).map_err(in_the_middle)?;
        Ok((from, size))
    }
}

/// Receives the bytes, and the MD5 that the client sends behind them.
fn receive(
    stream: &mut impl Read,
    partial: &mut Partial,
    size: u64,
    md5: Md5,
    witness: &mut impl Witness,
) -> Result<(), Trouble> {
    let actual = match receive_file(stream, partial, size, md5, witness, &mut |_| ()) {
        Ok(md5) => md5,
        Err(transfer::Error::Stream(error)) => return Err(error.into()),
        Err(transfer::Error::File(error)) => return Err(in_the_middle(error)),
    };
    let reply = next::<Reply<Digest>>(stream)?.ok_or_else(ended)?;
    witness.received(&[]);
    let Digest { md5: announced } = reply.into_result()?;
    if announced.eq_ignore_ascii_case(&actual) {
        return Ok(());
    }
    let message = format!("the MD5 of what arrived is {actual}; nothing of it was kept");
    Err(Refusal::new(Status::ChecksumMismatch, message).into())
}

/// Keeps what has come if the connection is what failed, and only then.
fn given_up(partial: Partial, trouble: Trouble) -> Trouble {
    use wire::Error::{EndInBody, EndInHeader, Io};
    match trouble {
        Trouble::Stream(Io(_) | EndInBody { .. } | EndInHeader { .. }) => drop(partial),
        _ => partial.discard(),
    }
    trouble
}

/// The client has left where a message was to come.
fn ended() -> wire::Error {
    wire::Error::EndInHeader { got: 0, at: 0 }
}

fn in_the_middle(error: std::io::Error) -> Trouble {
    Trouble::InTheMiddle(partial::Error::from(error).into())
}
