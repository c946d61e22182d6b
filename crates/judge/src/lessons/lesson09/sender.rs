//! The judge as a sender, and as the network between it and the receiver under test.

use std::collections::BTreeSet;

use language::text;
use rust_i18n::t;
use serde_json::json;

use super::packet::{self, Kind, MAX_PAYLOAD, Packet, packets, piece};
use crate::datagrams::Datagrams;
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::folder::Files;
use crate::server::Server;
use crate::show;

/// How long a sender mostly offers to wait, in milliseconds.
const IDLE_TIMEOUT: u64 = 60_000;

const NUMBER: &str = text!(
    "An Ack names the number that is expected next: all before it have come. It is not the number \
     of the Data that it answers."
);

const BITS: &str = text!(
    "Behind the expected number an Ack has a bit for each later one that has come: the lowest bit \
     of the first byte for the number behind the expected one, and so on. What has come is kept, \
     and not sent again."
);

const TOO_MUCH: &str = text!(
    "The Ack says that something has come which has not, so the sender will never send it again. \
     Only an intact Data of this transfer, with a number of this file, in its right length, has \
     come."
);

const NO_ACK: &str = text!(
    "A Data is not acknowledged. Each is answered by an Ack, also one that has come before: \
     perhaps the Ack was lost."
);

/// One transfer to the server.
pub(super) struct Sender<'a> {
    server: &'a Server,
    pub(super) datagrams: Datagrams<'a>,
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    pub(super) transfer: u64,
    /// How long the sender says that it waits, in milliseconds.
    pub(super) idle_timeout: u64,
    /// How many packets were sent so far: the next one's transmission number.
    transmission: u64,
    /// The numbers of the Data that have reached the server.
    arrived: BTreeSet<u32>,
}

impl<'a> Sender<'a> {
    /// A transfer of so many bytes, from a socket of its own.
    pub(super) fn new(server: &'a Server, length: usize) -> Result<Sender<'a>, Failure> {
        // A server that runs already keeps what comes, also from the judge before.
        let datagrams = server.datagrams()?;
        let name = match server.setting().files {
            Files::Fresh => format!("judge-{}.bin", datagrams.number()),
            _ => format!("judge-{:016x}.bin", fastrand::u64(..)),
        };
        let mut random = fastrand::Rng::with_seed(9);
        Ok(Sender {
            server,
            datagrams,
            name,
            bytes: std::iter::repeat_with(|| random.u8(..)).take(length).collect(),
            transfer: fastrand::u64(..),
            idle_timeout: IDLE_TIMEOUT,
            transmission: 0,
            arrived: BTreeSet::new(),
        })
    }

    /// How many Data the file takes.
    pub(super) fn packets(&self) -> u32 {
        packets(self.bytes.len())
    }

    /// The next packet of this transfer.
    pub(super) fn packet(&mut self, kind: Kind, number: u32, payload: &[u8]) -> Packet {
        let (transfer, transmission) = (self.transfer, self.transmission);
        self.transmission += 1;
        Packet { transfer, transmission, number, kind, payload: payload.to_vec() }
    }

    /// Sends a packet, whatever it says.
    pub(super) fn say(&mut self, kind: Kind, number: u32, payload: &[u8]) {
        let packet = self.packet(kind, number, payload);
        self.datagrams.send_as(&packet.encode(), packet.shown());
    }

    /// Waits for a packet, of whatever transfer.
    pub(super) fn hear_any(&mut self, wanted: &str) -> Result<Packet, Failure> {
        let datagram = self.datagrams.receive_as(wanted, packet::shown)?;
        Packet::decode(&datagram).or_else(|why| {
            let shown = show::bytes(&datagram);
            Err(Failure::new(FailureKind::Mismatch, wanted, shown)).hint_any(why)
        })
    }

    /// Waits for an answer, which names a packet of this transfer.
    ///
    /// # Errors
    /// When none comes, or what is none.
    fn hear(&mut self, wanted: &str) -> Result<Packet, Failure> {
        let packet = self.hear_any(wanted)?;
        let failed = |actual: String| Failure::new(FailureKind::Mismatch, wanted, actual);
        if packet.transfer != self.transfer || packet.transmission >= self.transmission {
            return Err(failed(
                t!("%{packet}, of another transfer or transmission", packet = packet.shown())
                    .into_owned(),
            ))
            .hint_any(text!(
                "An answer repeats the transfer and the transmission of the packet that it \
                 answers: so the sender knows which one has arrived."
            ));
        }
        Ok(packet)
    }

    /// Waits for a packet that `is_it`. Answers to what was said before are left out.
    ///
    /// # Errors
    /// When another one comes, or none.
    pub(super) fn until(
        &mut self,
        wanted: &str,
        is_it: impl Fn(&Packet) -> bool,
    ) -> Result<Packet, Failure> {
        let mut last: Option<Packet> = None;
        loop {
            let packet = match self.hear(wanted) {
                Err(failure) => {
                    let Some(last) = last else { return Err(failure) };
                    let actual = t!(
                        "%{packet}, then %{actual}",
                        packet = last.shown(),
                        actual = t!(&failure.actual)
                    )
                    .into_owned();
                    return Err(Failure { actual, ..failure }).explain(|_| self.explain(&last));
                }
                Ok(packet) => packet,
            };
            if is_it(&packet) {
                return Ok(packet);
            }
            let is_earlier = match packet.kind {
                Kind::Accept => true,
                Kind::Ack => self.is_true(&packet),
                _ => false,
            };
            if !is_earlier {
                return Err(Failure::new(FailureKind::Mismatch, wanted, packet.shown()))
                    .explain(|_| self.explain(&packet));
            }
            last = Some(packet);
        }
    }

    /// Whether nothing is acknowledged that has not arrived.
    fn is_true(&self, ack: &Packet) -> bool {
        (0..ack.number).chain(ack.has()).all(|number| self.arrived.contains(&number))
    }

    /// Why this is not what was waited for.
    fn explain(&self, packet: &Packet) -> Option<String> {
        let expected = self.expected();
        let why = match packet.kind {
            Kind::Ack if !self.is_true(packet) => TOO_MUCH,
            Kind::Ack if packet.number == expected => BITS,
            Kind::Ack if packet.number + 1 == expected => NUMBER,
            Kind::Ack => {
                text!(
                    "The Ack says less than has come: what has come is kept, also out of order, \
                     and not sent again."
                )
            }
            Kind::Offer | Kind::Data | Kind::End | Kind::Abort => {
                text!("A receiver says Accept (1), Ack (3), Done (5) and Refused (6).")
            }
            Kind::Accept | Kind::Done | Kind::Refused => return None,
        };
        Some(why.to_owned())
    }

    /// Offers the file, and waits until that is accepted.
    pub(super) fn offer(&mut self) -> Outcome {
        self.say_offer();
        self.accepted()
    }

    pub(super) fn say_offer(&mut self) {
        let offer = json!({
            "name": self.name, "size": self.bytes.len(), "max_idle_timeout_ms": self.idle_timeout
        });
        self.say(Kind::Offer, 0, offer.to_string().as_bytes());
    }

    pub(super) fn accepted(&mut self) -> Outcome {
        let accept = self.until("Accept", |packet| packet.kind == Kind::Accept)?;
        match accept.idle_timeout() {
            Some(time) if time <= self.idle_timeout => Ok(()),
            _ => {
                let most = self.idle_timeout;
                let wanted =
                    t!("an Accept with max_idle_timeout_ms from 1 to %{most}", most = most)
                        .into_owned();
                let actual = show::bytes(&accept.payload);
                Err(Failure::new(FailureKind::Mismatch, wanted, actual)).hint_any(text!(
                    "An Accept says how long both ends go on although nothing new comes: as long \
                     as was offered, or less."
                ))
            }
        }
    }

    /// Sends these Data, one right after the other; they arrive.
    pub(super) fn data(&mut self, numbers: impl IntoIterator<Item = u32>) {
        for number in numbers {
            let payload = piece(&self.bytes, number).to_vec();
            self.say(Kind::Data, number, &payload);
            self.arrived.insert(number);
        }
    }

    /// The lowest number that has not arrived.
    fn expected(&self) -> u32 {
        (0..).find(|number| !self.arrived.contains(number)).unwrap_or_default()
    }

    /// Waits for the Ack that says all that has arrived, and no more.
    pub(super) fn acked(&mut self) -> Outcome {
        let expected = self.expected();
        let has: Vec<u32> = self.arrived.range(expected..).copied().collect();
        let wanted = Packet {
            transfer: 0,
            transmission: 0,
            number: expected,
            kind: Kind::Ack,
            payload: packet::bitmap(expected, has.iter().copied()),
        };
        let is_it = |packet: &Packet| {
            packet.kind == Kind::Ack && packet.number == expected && packet.has() == has
        };
        self.until(&wanted.shown(), is_it).hint(FailureKind::Timeout, NO_ACK).map(drop)
    }

    /// Sends these Data, and waits for the Ack that says so.
    pub(super) fn delivers(&mut self, numbers: impl IntoIterator<Item = u32>) -> Outcome {
        self.data(numbers);
        self.acked()
    }

    /// Sends the End of the file, with an MD5.
    pub(super) fn say_end(&mut self, md5: &str) {
        self.say(Kind::End, self.packets(), json!({ "md5": md5 }).to_string().as_bytes());
    }

    /// Ends the transfer, and waits until the file is verified; then it is there.
    pub(super) fn ends(&mut self) -> Outcome {
        self.say_end(&wire::md5_hex(&self.bytes));
        self.until("Done", |packet| packet.kind == Kind::Done)
            .hint(
                FailureKind::Timeout,
                text!(
                    "All Data have come, and the End is not answered. Done says that the file is \
                     whole and has the MD5 of the End; Refused says why not."
                ),
            )
            .map(drop)?;
        self.is_kept()
    }

    /// Sends these Data, each when the one before is acknowledged. Of many of them the steps are not shown.
    pub(super) fn delivers_in_turn(&mut self, numbers: &[u32]) -> Outcome {
        let record = self.server.record().clone();
        let mut deliver = || numbers.iter().try_for_each(|number| self.delivers([*number]));
        if numbers.len() <= MANY {
            return deliver();
        }
        record.add(
            None,
            t!("send %{count} Data, each acknowledged", count = numbers.len()).into_owned(),
            "",
        );
        record.quietly(deliver)?;
        record.renew();
        Ok(())
    }

    /// The whole transfer, over a network that does nothing to it.
    pub(super) fn sends_all(&mut self) -> Outcome {
        self.offer()?;
        self.delivers_in_turn(&(0..self.packets()).collect::<Vec<_>>())?;
        self.ends()
    }

    /// Waits until the transfer is refused.
    pub(super) fn is_refused(&mut self, wanted: &str) -> Outcome {
        let is_it = |packet: &Packet| matches!(packet.kind, Kind::Refused | Kind::Accept);
        match self.until(wanted, is_it)? {
            Packet { kind: Kind::Refused, .. } => Ok(()),
            packet => Err(Failure::new(FailureKind::Mismatch, wanted, packet.shown())),
        }
    }

    /// The file is under its name, as it was sent, if the judge sees the folder.
    fn is_kept(&self) -> Outcome {
        let Some(folder) = self.server.folder() else { return Ok(()) };
        let found = folder.read(&self.name);
        if found.as_ref() == Some(&self.bytes) {
            self.server.record().add(None, text!("the folder holds"), "the file");
            return Ok(());
        }
        let wanted =
            t!("a file of %{count} bytes under the offered name", count = self.bytes.len())
                .into_owned();
        let actual =
            found.as_ref().map_or(text!("no such file").to_owned(), |found| match found.len() {
                length if length == self.bytes.len() => {
                    t!("%{length} bytes that are others", length = length).into_owned()
                }
                length => t!("%{length} bytes", length = length).into_owned(),
            });
        Err(Failure::new(FailureKind::Mismatch, wanted, actual)).hint_any(text!(
            "Done was said, and the sender will forget the file. Say it when the file is whole, \
             verified, and under its name: each Data belongs at 1200 times its number."
        ))
    }

    /// Nothing is under the name.
    pub(super) fn is_not_kept(&self) -> Outcome {
        let Some(found) = self.server.folder().and_then(|folder| folder.read(&self.name)) else {
            return Ok(());
        };
        let actual = t!("one of %{count} bytes", count = found.len()).into_owned();
        Err(Failure::new(FailureKind::Mismatch, text!("no file under the name yet"), actual))
            .hint_any(text!(
                "There is a file under the name that is not whole, or not verified: who looks \
                 takes it for the one that was sent. Write to another name, and rename it when \
                 the MD5 is right."
            ))
    }
}

/// The steps of more packets than this say nothing to a reader.
const MANY: usize = 8;

/// The length of a file of so many packets, whose last one is not full.
pub(super) fn length(packets: usize) -> usize {
    (packets * MAX_PAYLOAD).saturating_sub(600)
}
