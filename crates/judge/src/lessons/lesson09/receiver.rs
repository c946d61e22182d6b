//! The judge as a receiver, and as the network between the sender under test and itself.

use std::collections::{BTreeMap, BTreeSet};

use language::text;
use rust_i18n::t;
use serde_json::json;

use super::packet::{self, Kind, Packet, packets, piece};
use crate::client::Client;
use crate::datagrams::Datagrams;
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::show;

/// The file that the client is to send.
pub(super) const FILE: &str = "judge.bin";
const AGAIN: &str = text!(
    "A packet that is not answered is lost, or its answer is: send it again, when nothing new has \
     come for some time."
);

/// What the network does to a packet of the sender's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It arrives, and so does its answer.
    Arrives,
    /// It is lost.
    Lost,
    /// It arrives, and its answer is lost.
    AnswerLost,
    /// It arrives, and its answer comes three times.
    AnswerTripled,
    /// It arrives, and its answer comes behind that to the next packet.
    AnswerLate,
}

/// A packet of the sender's, as its network sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) kind: Kind,
    pub(super) number: u32,
    /// How often the same kind and number have come before.
    pub(super) times: usize,
}

/// One transfer of the client's.
pub(super) struct Receiver<'a> {
    client: &'a Client,
    pub(super) datagrams: Datagrams<'a>,
    bytes: Vec<u8>,
    /// The Offer, once it has come.
    offer: Option<Packet>,
    arrived: BTreeSet<u32>,
    /// How often each kind and number have come.
    seen: BTreeMap<(u8, u32), usize>,
    transmissions: BTreeSet<u64>,
    /// How long both ends are to wait for each other, in milliseconds, if that is less than was offered.
    pub(super) idle_timeout: u64,
    /// Whether an Accept was sent.
    is_accepted: bool,
    /// The answer that is held back.
    late: Option<Packet>,
}

impl<'a> Receiver<'a> {
    /// Lays a file of so many bytes into the folder, starts the client, and waits for its Offer.
    pub(super) fn start(client: &'a Client, length: usize) -> Result<Receiver<'a>, Failure> {
        let mut random = fastrand::Rng::with_seed(9);
        let bytes: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(length).collect();
        client.record().add(
            None,
            text!("lay into the folder"),
            t!("%{file}, %{length} bytes", file = FILE, length = length).into_owned(),
        );
        client.folder()?.lay(FILE, &bytes)?;
        let datagrams = client.start_with_datagrams()?;
        Ok(Receiver {
            client,
            datagrams,
            bytes,
            offer: None,
            arrived: BTreeSet::new(),
            seen: BTreeMap::new(),
            transmissions: BTreeSet::new(),
            idle_timeout: u64::MAX,
            is_accepted: false,
            late: None,
        })
    }

    /// Waits for a packet of the transfer: it is a right one.
    pub(super) fn hear(&mut self, wanted: &str) -> Result<Packet, Failure> {
        let datagram = self.datagrams.receive_at_last_as(wanted, packet::shown)?;
        let failed = |actual: String| Failure::new(FailureKind::Mismatch, wanted, actual);
        let packet = Packet::decode(&datagram)
            .or_else(|why| Err(failed(show::bytes(&datagram))).hint_any(why))?;
        let is_same = self.offer.as_ref().is_none_or(|offer| offer.transfer == packet.transfer);
        if !is_same {
            let actual =
                t!("%{packet} with another transfer number", packet = packet.shown()).into_owned();
            return Err(failed(actual)).hint_any(text!(
                "All packets of one file have the same transfer number, which is another one for \
                 the next file."
            ));
        }
        if !self.transmissions.insert(packet.transmission) {
            let actual =
                t!("%{packet} with a transmission number of before", packet = packet.shown())
                    .into_owned();
            return Err(failed(actual)).hint_any(text!(
                "Each packet that is sent has a transmission number of its own, from 0 on, also \
                 one that is sent again: so its answer says which of them has arrived."
            ));
        }
        self.check(&packet)
            .map_err(|(actual, why)| Failure { hint: Some(why.to_owned()), ..failed(actual) })?;
        if packet.kind == Kind::Offer {
            self.offer.get_or_insert_with(|| packet.clone());
        }
        Ok(packet)
    }

    /// Whether this can come from a sender of the file; or what is wrong, and why.
    fn check(&self, packet: &Packet) -> Result<(), (String, &'static str)> {
        let wrong = |why| Err((packet.shown(), why));
        match packet.kind {
            Kind::Offer => {
                let is_right = packet.field("name") == json!(FILE)
                    && packet.field("size") == json!(self.bytes.len())
                    && packet.idle_timeout().is_some();
                let offer = || show::bytes(&packet.payload);
                if is_right { Ok(()) } else { Err((offer(), OFFER)) }
            }
            _ if self.offer.is_none() => {
                wrong(text!("A transfer begins with an Offer, and goes on when that is accepted."))
            }
            Kind::Data | Kind::End if !self.is_accepted => wrong(text!(
                "Nothing goes out before the Offer is accepted: perhaps it is refused."
            )),
            Kind::Data if packet.payload != piece(&self.bytes, packet.number) => wrong(text!(
                "Data 0 holds the first 1200 bytes of the file, Data 1 the next, and the last one \
                 what is left; a file that ends with a full one has none behind it."
            )),
            Kind::Data if packet.payload.is_empty() => {
                wrong(text!("There is no such Data in this file."))
            }
            Kind::Data if packet.number >= self.expected() + packet::WINDOW => wrong(text!(
                "A sender goes no further than 1024 packets ahead of the oldest one that is \
                 missing: the receiver keeps no more."
            )),
            Kind::End if packet.number != packets(self.bytes.len()) => {
                wrong(text!("The number of an End is how many Data there are."))
            }
            Kind::End if packet.field("md5") != json!(wire::md5_hex(&self.bytes)) => wrong(text!(
                "An End has the MD5 of the whole file, as 32 hexadecimal digits in small letters."
            )),
            Kind::End if self.expected() < packets(self.bytes.len()) => {
                wrong(text!("An End says that all Data are acknowledged, and they are not."))
            }
            Kind::Data | Kind::End => Ok(()),
            _ => wrong(text!("This is said by a receiver, or by a sender that gives up.")),
        }
    }

    /// The lowest number that is missing.
    fn expected(&self) -> u32 {
        (0..).find(|number| !self.arrived.contains(number)).unwrap_or_default()
    }

    /// Sends a packet as an answer to this one.
    pub(super) fn answer(&mut self, packet: &Packet, kind: Kind, number: u32, payload: &[u8]) {
        let answer = Packet { kind, number, payload: payload.to_vec(), ..packet.clone() };
        self.datagrams.send_as(&answer.encode(), answer.shown());
    }

    /// What a right receiver answers to this packet.
    fn right_answer(&mut self, packet: &Packet) -> Packet {
        let (kind, number, payload) = match packet.kind {
            Kind::Data => {
                self.arrived.insert(packet.number);
                let expected = self.expected();
                let has = self.arrived.range(expected..).copied();
                (Kind::Ack, expected, packet::bitmap(expected, has))
            }
            Kind::End => (Kind::Done, 0, Vec::new()),
            _ => (
                Kind::Accept,
                0,
                json!({ "max_idle_timeout_ms": self.agreed_timeout() }).to_string().into_bytes(),
            ),
        };
        Packet { kind, number, payload, ..packet.clone() }
    }

    /// Waits for the packet that is to come next, or one of before.
    fn next(&mut self) -> Result<Packet, Failure> {
        let wanted = match self.offer {
            None => "Offer",
            Some(_) if self.expected() < packets(self.bytes.len()) => "Data",
            Some(_) => "End",
        };
        let packet = self.hear(wanted).hint(FailureKind::Timeout, AGAIN).hint(
            FailureKind::Closed,
            text!(
                "The client has ended, and its file is not sent: that it is, Done says. What is \
                 lost before has to be sent again."
            ),
        )?;
        // What goes on may take its time.
        self.client.record().renew();
        Ok(packet)
    }

    /// Receives up to the first packet of this kind, which is not answered.
    pub(super) fn receives_up_to(&mut self, kind: Kind) -> Result<Packet, Failure> {
        loop {
            let packet = self.next()?;
            if packet.kind == kind {
                return Ok(packet);
            }
            let answer = self.right_answer(&packet);
            self.send(&answer);
        }
    }

    /// Receives the file, over a network that does to each packet what `network` says, until Done is
    /// said. Then the client ends, and says by its status that all is well.
    pub(super) fn receives_all(&mut self, mut network: impl FnMut(Seen) -> Fate) -> Outcome {
        let record = self.client.record().clone();
        loop {
            let packet = self.next()?;
            let times = self.seen.entry((packet.kind as u8, packet.number)).or_default();
            let seen = Seen { kind: packet.kind, number: packet.number, times: *times };
            *times += 1;
            let fate = network(seen);
            if fate == Fate::Lost {
                record.add(None, text!("which is lost"), "");
                continue;
            }
            let answer = self.right_answer(&packet);
            let late = self.late.take();
            match fate {
                Fate::AnswerLost => {
                    record.add(None, text!("whose answer is lost:"), answer.shown())
                }
                Fate::AnswerTripled => (0..3).for_each(|_| self.send(&answer)),
                Fate::AnswerLate => {
                    record.add(None, text!("whose answer comes late:"), answer.shown());
                    self.late = Some(answer.clone());
                }
                Fate::Arrives | Fate::Lost => self.send(&answer),
            }
            if let Some(late) = late {
                self.send(&late);
            }
            if answer.kind == Kind::Done && fate != Fate::AnswerLost {
                return self.client_ends_well();
            }
        }
    }

    fn send(&mut self, answer: &Packet) {
        self.is_accepted |= answer.kind == Kind::Accept;
        self.datagrams.send_as(&answer.encode(), answer.shown());
    }

    fn client_ends_well(&mut self) -> Outcome {
        let ending = self.client.ends().hint(
            FailureKind::Timeout,
            text!("Done was said: the file is verified, and there is no more to do."),
        )?;
        match ending.is_success {
            true => Ok(()),
            false => Err(Failure::new(FailureKind::Mismatch, text!("exit status 0"), ending.how))
                .hint_any(text!(
                    "The file was sent and verified, and the status says that it was not."
                )),
        }
    }

    /// How long both ends wait for each other, in milliseconds.
    pub(super) fn agreed_timeout(&self) -> u64 {
        let offered = self.offer.as_ref().and_then(Packet::idle_timeout);
        offered.map_or(self.idle_timeout, |offered| offered.min(self.idle_timeout))
    }
}

const OFFER: &str = text!(
    "An Offer is JSON: {\"name\":\"judge.bin\",\"size\":3000,\"max_idle_timeout_ms\":60000}. The \
     name is that of the file, without the folders that lead to it, the size is in bytes, and the \
     time from 1 to 3600000."
);
