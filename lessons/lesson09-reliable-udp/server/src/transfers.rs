//! Many transfers at once, through one socket: which packet belongs to which, and how each one ends.
//!
//! A file has no name until it is whole and has the right MD5, so that whatever ends this program leaves
//! nothing behind.
//!
//! When Done is lost the sender repeats its End. So how a transfer ended is kept for a while, and said
//! again: that is what TIME_WAIT is in TCP.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Instant;

use console::{Log, ServerLog};
use endpoint::{Datagram, Limits};
use lesson09_shared::offer::{Accept, End, IdleTimeout, Offer};
use lesson09_shared::packet::{Kind, Packet};
use partial::{Error, Folder, Name, Quota, Tally, Unnamed, Usage};

use crate::receiver::{Receiver, Verdict};

/// For how many idle timeouts it is kept how a transfer ended. After one of them its sender has given up
/// to ask for the last answer; what it said then may come later still.
const TIME_WAIT_IDLE_TIMEOUTS: u32 = 2;

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
    folder: &'a Folder,
    max_size: u64,
    tally: Tally,
    limits: &'a Limits,
    log: &'a ServerLog,
    under_way: HashMap<TransferId, Transfer<'a>>,
    /// How the others ended.
    finished: HashMap<TransferId, Finished>,
}

/// The sender's address, and the number that it gave to this one of its transfers.
type TransferId = (SocketAddr, u64);

/// `Err` says why the file was refused.
type Outcome = Result<(), String>;

/// A transfer that has ended.
struct Finished {
    outcome: Outcome,
    kept_until: Instant,
}

/// A transfer under way.
struct Transfer<'a> {
    receiver: Receiver,
    name: Name,
    size: u64,
    file: Unnamed<'a>,
    /// How long both ends go on although nothing new comes.
    idle_timeout: IdleTimeout,
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
        folder: &'a Folder,
        max_size: u64,
        quota: Quota,
        limits: &'a Limits,
        log: &'a ServerLog,
    ) -> Result<Transfers<'a>, Error> {
        let tally = Tally::new(Instant::now(), folder, quota)?;
        Ok(Transfers {
            folder,
            max_size,
            tally,
            limits,
            log,
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
            (Some(Finished { outcome, .. }), Kind::Offer | Kind::Data | Kind::End) => {
                Some(last_answer(&packet, outcome))
            }
            (None, Kind::Offer) => self.begin(now, id, &packet),
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
            Kind::Offer => Progress::GoesOn(transfer.accept(packet)?),
            Kind::Data => transfer.data(now, packet),
            Kind::End => transfer.end(packet)?,
            Kind::Abort => {
                let why = String::from_utf8_lossy(packet.payload);
                transfer.log.note(format_args!("gave up {:?}: {why:?}", transfer.name()));
                self.under_way.remove(&id);
                return None;
            }
            Kind::Accept | Kind::Ack | Kind::Done | Kind::Refused => return None,
        };
        let (outcome, idle_timeout) = match progress {
            Progress::GoesOn(answer) => return Some(answer),
            Progress::Verified => self.keep_file(id)?,
            Progress::Failed(why) => (Err(why), self.under_way.remove(&id)?.idle_timeout),
        };
        let answer = last_answer(packet, &outcome);
        // A refusal that is lost and was not kept is said in other words to the repeated End.
        if outcome.is_ok() || self.finished.len() < MAX_FINISHED {
            let kept_until = now + idle_timeout.get() * TIME_WAIT_IDLE_TIMEOUTS;
            self.finished.insert(id, Finished { outcome, kept_until });
        }
        Some(answer)
    }

    /// Accepts an offer, or says why not. A refusal is not kept: to the same offer it is the same
    /// again, and nobody can fill our memory with them.
    fn begin(&mut self, now: Instant, id: TransferId, packet: &Packet<'_>) -> Option<Vec<u8>> {
        let log = self.log.datagrams(id.0);
        match self.admit(now, id.0, packet.payload) {
            Ok(transfer) => {
                log.note(format_args!("offers {:?}, {} bytes", transfer.name(), transfer.size));
                let accept = transfer.accept(packet);
                self.under_way.insert(id, transfer);
                accept
            }
            Err(why) => {
                log.note(format_args!("refused: {why}"));
                Some(refused(packet, &why))
            }
        }
    }

    fn admit(
        &mut self,
        now: Instant,
        from: SocketAddr,
        payload: &[u8],
    ) -> Result<Transfer<'a>, String> {
        let offer: Offer = serde_json::from_slice(payload).map_err(|e| e.to_string())?;
        let (size, max_size) = (offer.size, self.max_size);
        let name = Name::plain(&offer.name).map_err(|e| format!("that is no file name: {e}"))?;
        if size > max_size {
            return Err(format!("{size} bytes are more than --max-size {max_size}"));
        }
        // A write beyond that would end this program, and not only the transfer (SIGXFSZ, signal(7)).
        let most = partial::largest_file();
        if size > most {
            return Err(format!("{size} bytes are more than ulimit -f allows: {most}"));
        }
        if self.under_way.len() >= self.limits.max_connections.min(MAX_TRANSFERS) {
            return Err(format!("busy: {} transfers are under way", self.under_way.len()));
        }
        if self.folder.holds(&name) {
            return Err(EXISTS.to_owned());
        }
        let sizes = self.under_way.values().map(|transfer| transfer.size);
        let bytes = sizes.fold(0, u64::saturating_add);
        let on_their_way = Usage { files: self.under_way.len() as u64, bytes };
        let room = self.tally.check(now, self.folder, on_their_way, size);
        room.map_err(|error| format!("{error} (--max-files, --max-total)"))?;
        let file = self.folder.receive_unnamed();
        let file = file.map_err(|error| format!("the server cannot make a file: {error}"))?;
        let receiver = Receiver::new(now, &offer);
        // The more patient end would only wait for one that has gone.
        let idle_timeout = offer.idle_timeout.min(IdleTimeout::new(self.limits.idle_timeout));
        let log = self.log.datagrams(from);
        Ok(Transfer { receiver, name, size, file, idle_timeout, log })
    }

    /// Gives a whole and verified file its name, or says why not. No other function names a file.
    fn keep_file(&mut self, id: TransferId) -> Option<(Outcome, IdleTimeout)> {
        let Transfer { name, size, file, idle_timeout, log, .. } = self.under_way.remove(&id)?;
        let outcome = match file.publish(&name) {
            Ok(()) => {
                self.tally.add(size);
                log.note(format_args!("sent {:?}, {size} bytes, verified", name.as_str()));
                Ok(())
            }
            Err(Error::Exists) => {
                log.note(format_args!("refused {:?}: {EXISTS}", name.as_str()));
                Err(EXISTS.to_owned())
            }
            Err(error) => {
                log.note(format_args!("cannot keep {:?}: {error}", name.as_str()));
                Err(format!("the server cannot keep the file: {error}"))
            }
        };
        Some((outcome, idle_timeout))
    }

    /// Ends the transfers in which nothing new has come for their idle timeout, and forgets the ends that
    /// nobody will ask for any more.
    pub(crate) fn give_up_silent(&mut self, now: Instant) {
        self.under_way.retain(|_, transfer| {
            let timeout = transfer.idle_timeout.get();
            let is_silent = now.duration_since(transfer.receiver.last_progress()) >= timeout;
            if is_silent {
                let name = transfer.name();
                transfer.log.note(format_args!("nothing new for {timeout:?}: gave up {name:?}"));
            }
            !is_silent
        });
        self.finished.retain(|_, finished| now < finished.kept_until);
    }
}

impl Transfer<'_> {
    fn name(&self) -> &str {
        self.name.as_str()
    }

    /// The answer to an Offer, also to one that comes again because the first answer was lost.
    fn accept(&self, packet: &Packet<'_>) -> Option<Vec<u8>> {
        let accept = Accept { idle_timeout: self.idle_timeout };
        Some(packet.answer(Kind::Accept, 0, &serde_json::to_vec(&accept).ok()?))
    }

    fn data(&mut self, now: Instant, packet: &Packet<'_>) -> Progress {
        match self.receiver.data(now, packet, &mut self.file) {
            Ok(ack) => Progress::GoesOn(ack),
            Err(error) => {
                self.log.note(format_args!("cannot write: {error}"));
                Progress::Failed(format!("the server cannot write the file: {error}"))
            }
        }
    }

    /// `None` for an End that says no MD5: it is as good as lost.
    fn end(&self, packet: &Packet<'_>) -> Option<Progress> {
        let end: End = serde_json::from_slice(packet.payload).ok()?;
        Some(match self.receiver.end(&end.md5) {
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
