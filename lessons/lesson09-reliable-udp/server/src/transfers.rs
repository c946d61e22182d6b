//! Many transfers at once, through one socket: which packet belongs to which, and how each one ends.
//!
//! A file is written without a name (on Linux: O_TMPFILE, open(2)), so that whatever ends this program
//! leaves nothing behind. The file gets its name when it is whole and has the right MD5.
//!
//! When Done is lost the sender repeats its End. So how a transfer ended is kept for a while, and said
//! again: that is what TIME_WAIT is in TCP.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use cap_std::fs::Dir;
use cap_tempfile::TempFile;
use console::{Log, ServerLog};
use endpoint::{Datagram, Limits};
use lesson09_shared::offer::{Accept, End, IdleTimeout, Offer, check_name};
use lesson09_shared::packet::{Kind, Packet};

use crate::receiver::{Receiver, Verdict};

/// How long it is kept how a transfer ended: longer than a sender waits for the last answer.
const TIME_WAIT: Duration = Duration::from_secs(120);

/// How many ended transfers may be kept before refusals no longer are: those cost nobody anything, and
/// would fill our memory. A Done costs its sender a whole file, and is always kept.
const MAX_FINISHED: usize = 1024;

/// How many transfers there may be at once. Each can keep more than a megabyte of packets that came
/// out of order.
const MAX_TRANSFERS: usize = 64;

const EXISTS: &str =
    "there is a file of this name already; move it away, or send under another name";

/// All transfers of this server.
pub(crate) struct Transfers<'a> {
    folder: &'a Dir,
    max_size: u64,
    limits: &'a Limits,
    log: &'a ServerLog,
    /// The payload of every Accept.
    accept: Vec<u8>,
    under_way: HashMap<TransferId, Transfer<'a>>,
    /// How and when the others ended.
    finished: HashMap<TransferId, (Outcome, Instant)>,
}

/// The sender's address, and the number that it gave to this one of its transfers.
type TransferId = (SocketAddr, u64);

/// `Err` says why the file was refused.
type Outcome = Result<(), String>;

/// A transfer under way.
struct Transfer<'a> {
    receiver: Receiver,
    offer: Offer,
    file: TempFile<'a>,
    log: Log,
}

/// What a packet has done to its transfer.
enum Progress {
    GoesOn(Vec<u8>),
    Verified,
    Failed(String),
}

impl<'a> Transfers<'a> {
    pub(crate) fn new(
        folder: &'a Dir,
        max_size: u64,
        limits: &'a Limits,
        log: &'a ServerLog,
    ) -> io::Result<Transfers<'a>> {
        let idle_timeout = IdleTimeout::new(limits.message_timeout);
        Ok(Transfers {
            folder,
            max_size,
            limits,
            log,
            accept: serde_json::to_vec(&Accept { idle_timeout })?,
            under_way: HashMap::new(),
            finished: HashMap::new(),
        })
    }

    /// Takes a datagram, and gives the one to answer with.
    pub(crate) fn answer(&mut self, now: Instant, datagram: &Datagram<'_>) -> Option<Vec<u8>> {
        let Some(packet) = Packet::decode(datagram.bytes) else {
            let log = self.log.datagrams(datagram.from);
            log.note(format_args!("sent {} bytes that are no intact packet", datagram.length));
            return None;
        };
        let id = (datagram.from, packet.transfer);
        if self.under_way.contains_key(&id) {
            return self.go_on(now, id, &packet);
        }
        match (self.finished.get(&id), packet.kind) {
            // Our last answer was lost.
            (Some((outcome, _)), Kind::Offer | Kind::Data | Kind::End) => {
                Some(last_answer(&packet, outcome))
            }
            (None, Kind::Offer) => Some(self.begin(now, id, &packet)),
            (None, Kind::Data | Kind::End) => {
                Some(refused(&packet, "this server knows nothing of this transfer"))
            }
            _ => None,
        }
    }

    /// Takes a packet of a transfer that is under way.
    fn go_on(&mut self, now: Instant, id: TransferId, packet: &Packet<'_>) -> Option<Vec<u8>> {
        let transfer = self.under_way.get_mut(&id)?;
        let progress = match packet.kind {
            // Our Accept was lost.
            Kind::Offer => Progress::GoesOn(packet.answer(Kind::Accept, 0, &self.accept)),
            Kind::Data => transfer.data(now, packet),
            Kind::End => transfer.end(now, packet)?,
            Kind::Abort => {
                let why = String::from_utf8_lossy(packet.payload);
                transfer.log.note(format_args!("gave up {:?}: {why:?}", transfer.offer.name));
                self.under_way.remove(&id);
                return None;
            }
            Kind::Accept | Kind::Ack | Kind::Done | Kind::Refused => return None,
        };
        let outcome = match progress {
            Progress::GoesOn(answer) => return Some(answer),
            Progress::Verified => self.keep_file(id)?,
            Progress::Failed(why) => Err(why),
        };
        self.under_way.remove(&id);
        let answer = last_answer(packet, &outcome);
        // A refusal that is lost and was not kept is said in other words to the repeated End.
        if outcome.is_ok() || self.finished.len() < MAX_FINISHED {
            self.finished.insert(id, (outcome, now));
        }
        Some(answer)
    }

    /// Accepts an offer, or says why not. A refusal is not kept: to the same offer it is the same
    /// again, and nobody can fill our memory with them.
    fn begin(&mut self, now: Instant, id: TransferId, packet: &Packet<'_>) -> Vec<u8> {
        let log = self.log.datagrams(id.0);
        match self.admit(packet.payload) {
            Ok((offer, file)) => {
                log.note(format_args!("offers {:?}, {} bytes", offer.name, offer.size));
                let receiver = Receiver::new(now, &offer);
                self.under_way.insert(id, Transfer { receiver, offer, file, log });
                packet.answer(Kind::Accept, 0, &self.accept)
            }
            Err(why) => {
                log.note(format_args!("refused: {why}"));
                refused(packet, &why)
            }
        }
    }

    fn admit(&self, payload: &[u8]) -> Result<(Offer, TempFile<'a>), String> {
        let offer: Offer = serde_json::from_slice(payload).map_err(|e| e.to_string())?;
        check_name(&offer.name).map_err(|error| error.to_string())?;
        if offer.size > self.max_size {
            return Err(format!("{} bytes are more than --max-size {}", offer.size, self.max_size));
        }
        // A write beyond that would end this program, and not only the transfer (SIGXFSZ, signal(7)).
        let most = partial::largest_file();
        if offer.size > most {
            return Err(format!("{} bytes are more than ulimit -f allows: {most}", offer.size));
        }
        if self.under_way.len() >= self.limits.max_connections.min(MAX_TRANSFERS) {
            return Err(format!("busy: {} transfers are under way", self.under_way.len()));
        }
        if self.exists(&offer.name) {
            return Err(EXISTS.to_owned());
        }
        let file = TempFile::new(self.folder);
        let file = file.map_err(|error| format!("the server cannot make a file: {error}"))?;
        Ok((offer, file))
    }

    /// Whether the name is taken, be it by a link that leads nowhere.
    fn exists(&self, name: &str) -> bool {
        self.folder.symlink_metadata(name).is_ok()
    }

    /// Gives a whole and verified file its name, or says why not. No other function names a file.
    fn keep_file(&mut self, id: TransferId) -> Option<Outcome> {
        let Transfer { offer, file, log, .. } = self.under_way.remove(&id)?;
        if self.exists(&offer.name) {
            log.note(format_args!("refused {:?}: {EXISTS}", offer.name));
            return Some(Err(EXISTS.to_owned()));
        }
        // What has a name is on the disk: after a power cut there is a whole file, or none.
        Some(match file.as_file().sync_all().and_then(|()| file.replace(&offer.name)) {
            Ok(()) => {
                log.note(format_args!("sent {:?}, {} bytes, verified", offer.name, offer.size));
                Ok(())
            }
            Err(error) => {
                log.note(format_args!("cannot keep {:?}: {error}", offer.name));
                Err(format!("the server cannot keep the file: {error}"))
            }
        })
    }

    /// Ends the transfers whose sender was not heard for `--message-timeout`, and forgets the ends
    /// that nobody will ask for any more.
    pub(crate) fn give_up_silent(&mut self, now: Instant) {
        let timeout = self.limits.message_timeout;
        self.under_way.retain(|_, Transfer { receiver, offer, log, .. }| {
            let is_silent = now.duration_since(receiver.last_received()) >= timeout;
            if is_silent {
                let name = &offer.name;
                log.note(format_args!(
                    "silent for {timeout:?} (--message-timeout): gave up {name:?}"
                ));
            }
            !is_silent
        });
        self.finished.retain(|_, (_, ended)| now.duration_since(*ended) < TIME_WAIT);
    }
}

impl Transfer<'_> {
    fn data(&mut self, now: Instant, packet: &Packet<'_>) -> Progress {
        match self.receiver.data(now, packet, self.file.as_file_mut()) {
            Ok(ack) => Progress::GoesOn(ack),
            Err(error) => {
                self.log.note(format_args!("cannot write: {error}"));
                Progress::Failed(format!("the server cannot write the file: {error}"))
            }
        }
    }

    /// `None` for an End that says no MD5: it is as good as lost.
    fn end(&mut self, now: Instant, packet: &Packet<'_>) -> Option<Progress> {
        let end: End = serde_json::from_slice(packet.payload).ok()?;
        Some(match self.receiver.end(now, &end.md5) {
            Verdict::Verified => Progress::Verified,
            Verdict::Incomplete => Progress::GoesOn(self.receiver.ack(packet)),
            Verdict::WrongDigest { announced, actual } => {
                let why = format!("the MD5 of what arrived is {actual}, not {announced}");
                self.log.note(format_args!("refused: {why:?}"));
                Progress::Failed(why)
            }
        })
    }
}

fn refused(packet: &Packet<'_>, why: &str) -> Vec<u8> {
    packet.answer(Kind::Refused, 0, why.as_bytes())
}

fn last_answer(packet: &Packet<'_>, outcome: &Outcome) -> Vec<u8> {
    match outcome {
        Ok(()) => packet.answer(Kind::Done, 0, b""),
        Err(why) => refused(packet, why),
    }
}
