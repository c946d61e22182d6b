//! `--receive DIR`: files that arrive in numbered packets, from many senders at once.
//!
//! `receiver.rs` is one transfer; here are the folder, the one socket for all, and the ends. A file is
//! written without a name (on Linux: O_TMPFILE, open(2)), so that whatever ends this program leaves
//! nothing behind. It gets its name when it is whole and has the right MD5.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use cap_tempfile::TempFile;
use console::{Log, ServerLog};
use endpoint::{Datagram, Datagrams, Policy};

use crate::packet::{End, Kind, Offer, Packet, check_name};
use crate::receiver::{Receiver, Verdict};

/// How long the last word to a transfer is kept, to be said again if it was lost: longer than a
/// sender waits for it.
const REMEMBERED: Duration = Duration::from_secs(120);

/// Once so many last words are kept, refusals no longer are: they cost nobody anything, and would
/// fill our memory. A Done costs its sender a whole file, and is always kept.
const WORDS: usize = 1024;

/// How many transfers there may be at once. Each can have more than a megabyte of early packets kept.
const AT_ONCE: usize = 64;

/// The pause between two looks for transfers that have gone silent.
const LOOK: Duration = Duration::from_secs(1);

/// How many bytes of datagrams the kernel is asked to keep while we write to the disk. Linux gives
/// twice as much as is asked for, but no more than `net.core.rmem_max`; what does not fit is lost.
pub const KEPT: usize = 2 * 1024 * 1024;

/// Room for any packet.
const BUFFER: usize = 2048;

/// Opens the folder for the files, and makes it if it is missing. No name leads out of it: a
/// [`Dir`] takes no `..`, no absolute name, and no symbolic link to elsewhere.
///
/// # Errors
/// When it cannot be made or opened.
pub fn open(folder: &Path) -> io::Result<Dir> {
    Dir::create_ambient_dir_all(folder, ambient_authority())?;
    Dir::open_ambient_dir(folder, ambient_authority())
}

/// Takes files of up to `max_size` bytes into `folder`, until Ctrl-C. What is under way then is
/// given up, and its senders find nobody there.
///
/// # Errors
/// When the socket itself fails. What goes wrong with a file ends that transfer only.
pub fn serve(
    socket: &Datagrams,
    folder: &Dir,
    max_size: u64,
    policy: &Policy,
    server_log: &ServerLog,
) -> io::Result<()> {
    let mut desk =
        Desk { folder, max_size, policy, server_log, open: HashMap::new(), over: HashMap::new() };
    let (mut buffer, mut looked) = ([0; BUFFER], Instant::now());
    while !policy.stop.is_requested() {
        if let Some(datagram) = socket.recv_from(&mut buffer, Some(LOOK))? {
            let answer = desk.take(Instant::now(), &datagram);
            // If it cannot be sent, it is lost, and the sender asks again.
            _ = answer.map(|answer| socket.send_to(&answer, datagram.from));
        }
        if looked.elapsed() >= LOOK {
            // As of the last look: what has come in while this program was stopped, or waited for the
            // disk, is read before anyone counts as silent.
            desk.give_up_silent(looked);
            looked = Instant::now();
        }
    }
    Ok(())
}

/// Who sends, and which of its transfers this is.
type Key = (SocketAddr, u64);

/// All transfers, as the server sees them.
struct Desk<'a> {
    folder: &'a Dir,
    max_size: u64,
    policy: &'a Policy,
    server_log: &'a ServerLog,
    open: HashMap<Key, Reception<'a>>,
    /// How those that are over ended, and when: what their last word is.
    over: HashMap<Key, (Result<(), String>, Instant)>,
}

/// A transfer under way.
struct Reception<'a> {
    receiver: Receiver,
    offer: Offer,
    file: TempFile<'a>,
    log: Log,
}

impl<'a> Desk<'a> {
    /// Takes a datagram, and gives the one to answer with.
    fn take(&mut self, now: Instant, datagram: &Datagram<'_>) -> Option<Vec<u8>> {
        let Some(packet) = Packet::decode(datagram.bytes) else {
            let log = self.server_log.datagrams(datagram.from);
            log.note(format_args!("sent {} bytes that are no intact packet", datagram.length));
            return None;
        };
        let key = (datagram.from, packet.transfer);
        let Some(reception) = self.open.get_mut(&key) else {
            return match (self.over.get(&key), packet.kind) {
                // Our last word was lost.
                (Some((outcome, _)), Kind::Offer | Kind::Data | Kind::End) => {
                    Some(last_word(&packet, outcome))
                }
                (None, Kind::Offer) => Some(self.begin(now, key, &packet)),
                (None, Kind::Data | Kind::End) => {
                    Some(refused(&packet, "this server knows nothing of this transfer"))
                }
                _ => None,
            };
        };
        let outcome = match packet.kind {
            // Our Accept was lost.
            Kind::Offer => return Some(packet.answer(Kind::Accept, 0, b"")),
            Kind::Data => {
                let file = reception.file.as_file_mut();
                match reception.receiver.data(now, &packet, file) {
                    Ok(ack) => return Some(ack),
                    Err(error) => {
                        reception.log.note(format_args!("cannot write: {error}"));
                        Err(format!("the server cannot write the file: {error}"))
                    }
                }
            }
            Kind::End => {
                let end: End = serde_json::from_slice(packet.payload).ok()?;
                match reception.receiver.end(now, &end.md5) {
                    Verdict::Incomplete => return Some(reception.receiver.ack(&packet)),
                    Verdict::WrongDigest { announced, actual } => {
                        let why = format!("the MD5 of what arrived is {actual}, not {announced}");
                        reception.log.note(format_args!("refused: {why:?}"));
                        Err(why)
                    }
                    // The only place where a file gets its name, and it consumes the transfer.
                    Verdict::Verified => self.finish(key)?,
                }
            }
            Kind::Abort => {
                let why = String::from_utf8_lossy(packet.payload);
                reception.log.note(format_args!("gave up {:?}: {why:?}", reception.offer.name));
                self.open.remove(&key);
                return None;
            }
            Kind::Accept | Kind::Ack | Kind::Done | Kind::Refused => return None,
        };
        self.open.remove(&key);
        let word = last_word(&packet, &outcome);
        // If a refusal is lost and was not kept, the repeated End is still refused, in other words.
        if outcome.is_ok() || self.over.len() < WORDS {
            self.over.insert(key, (outcome, now));
        }
        Some(word)
    }

    /// Accepts an offer, or says why not. A refusal is not remembered: to the same offer it is the
    /// same again, and nobody can fill our memory with them.
    fn begin(&mut self, now: Instant, key: Key, packet: &Packet<'_>) -> Vec<u8> {
        let log = self.server_log.datagrams(key.0);
        match self.admit(packet.payload) {
            Ok((offer, file)) => {
                log.note(format_args!("offers {:?}, {} bytes", offer.name, offer.size));
                let receiver = Receiver::new(now, &offer);
                self.open.insert(key, Reception { receiver, offer, file, log });
                packet.answer(Kind::Accept, 0, b"")
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
        if self.open.len() >= self.policy.limits.max_connections.min(AT_ONCE) {
            return Err(format!("busy: {} transfers are under way", self.open.len()));
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

    /// Gives a whole and verified file its name, or says why not.
    fn finish(&mut self, key: Key) -> Option<Result<(), String>> {
        let Reception { offer, file, log, .. } = self.open.remove(&key)?;
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

    fn give_up_silent(&mut self, now: Instant) {
        let patience = self.policy.limits.message_timeout;
        self.open.retain(|_, Reception { receiver, offer, log, .. }| {
            let silent = now.duration_since(receiver.heard()) >= patience;
            if silent {
                let name = &offer.name;
                log.note(format_args!(
                    "silent for {patience:?} (--message-timeout): gave up {name:?}"
                ));
            }
            !silent
        });
        self.over.retain(|_, (_, said)| now.duration_since(*said) < REMEMBERED);
    }
}

const EXISTS: &str =
    "there is a file of this name already; move it away, or send under another name";

fn refused(packet: &Packet<'_>, why: &str) -> Vec<u8> {
    packet.answer(Kind::Refused, 0, why.as_bytes())
}

fn last_word(packet: &Packet<'_>, outcome: &Result<(), String>) -> Vec<u8> {
    match outcome {
        Ok(()) => packet.answer(Kind::Done, 0, b""),
        Err(why) => refused(packet, why),
    }
}
