//! A sender, a receiver, two links with faults between them, and a clock that jumps to what comes next.

use std::collections::BTreeSet;
use std::io::Read;
use std::time::{Duration, Instant};

use fault::datagram::Link;
use lesson09_client::SendStats;
use lesson09_client::sender::{Outcome, Sender};
use lesson09_server::receiver::{Receiver, Verdict};
use lesson09_shared::offer::{Accept, End, IdleTimeout, Offer};
use lesson09_shared::packet::{Kind, MAX_PAYLOAD, Packet, RECEIVE_WINDOW};

pub(crate) const TRANSFER: u64 = 0x0807_0605_0403_0201;
pub(crate) const MS: Duration = Duration::from_millis(1);

/// Tries fail in long rows when half of them fail, and a test is not to depend on luck.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(600);

/// The faults that the lesson promises to withstand.
pub(crate) const BAD: &str = "loss=30% duplicate=10% reorder=10%";

/// So many seeds where the long runs are asked for (`scripts/test --full`), and one where not.
pub(crate) fn seeds(full: u64) -> std::ops::Range<u64> {
    0..if std::env::var_os("FULL_TESTS").is_some_and(|value| value == "1") { full } else { 1 }
}

/// One transfer, and all that it depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trial<'a> {
    pub(crate) size: usize,
    pub(crate) window: usize,
    /// The same in both directions.
    pub(crate) faults: &'a str,
    pub(crate) seed: u64,
}

impl Trial<'_> {
    pub(crate) fn run(self) -> Ended {
        self.run_with(|_| true)
    }

    pub(crate) fn run_with(self, meddle: impl FnMut(&mut Vec<u8>) -> bool) -> Ended {
        self.run_slowly(Duration::ZERO, meddle)
    }

    /// The receiver takes a datagram, and then no other one for as long as it `rests`. `meddle`
    /// gets each datagram, of either direction, before a link does; if it returns false none of
    /// them gets it.
    pub(crate) fn run_slowly(
        self,
        rests: Duration,
        mut meddle: impl FnMut(&mut Vec<u8>) -> bool,
    ) -> Ended {
        let offer = offer("a.txt", self.size as u64);
        self.simulate(&offer, rests, |_, datagram| meddle(datagram))
    }

    /// The same for this offer. What is sent while `is_down` says so is lost; times are since the start.
    pub(crate) fn run_offered(self, offer: &Offer, is_down: impl Fn(Duration) -> bool) -> Ended {
        self.simulate(offer, Duration::ZERO, |at, _| !is_down(at))
    }

    fn simulate(
        self,
        offer: &Offer,
        rests: Duration,
        mut meddle: impl FnMut(Duration, &mut Vec<u8>) -> bool,
    ) -> Ended {
        let faults: Vec<_> = self.faults.split(' ').filter(|fault| !fault.is_empty()).collect();
        let faults: Vec<_> = faults.iter().map(|fault| fault.parse().unwrap()).collect();
        let [mut there, mut back] = [1, 2].map(|way| Link::new(&faults, self.seed ^ way));
        let file = file(self.size);
        let mut source = file.as_slice();
        let mut server = Server::default();
        let start = Instant::now();
        let mut now = start;
        let mut sender = Sender::new(now, TRANSFER, offer, self.window);
        let mut send = |link: &mut Link<()>, now: Instant, mut datagram: Vec<u8>| {
            let is_let_through = meddle(now - start, &mut datagram);
            let fate = if is_let_through { link.push(now, &datagram, ()) } else { Vec::new() };
            let is_lost = !is_let_through || fate.contains(&"is lost".to_owned());
            (usize::from(!is_lost), usize::from(fate.contains(&"is held back for 5 ms".to_owned())))
        };
        let (mut sent, mut in_links, mut held_back) = (Vec::new(), 0_usize, 0);
        let (mut most, mut awake) = ((0, 0), now);
        let mut longest_silence = Duration::ZERO;
        while sender.outcome().is_none() {
            for datagram in all_of(&mut sender, now, &mut source) {
                sent.push((now - start, datagram.clone()));
                let (passed_on, held) = send(&mut there, now, datagram);
                (in_links, held_back) = (in_links + passed_on, held_back + held);
            }
            most = (most.0.max(sender.in_flight()), most.1.max(in_links));
            let heard = if awake <= now { there.pop(now) } else { None };
            if let Some((datagram, ())) = heard {
                awake = now + rests;
                let silent_since = server.receiver.as_ref().map(Receiver::last_progress);
                let silence = silent_since.map_or(Duration::ZERO, |since| now - since);
                longest_silence = longest_silence.max(silence);
                let answer = server.answer(now, &datagram);
                let answers = answer.map_or(0, |answer| send(&mut back, now, answer).0);
                in_links = (in_links + answers).saturating_sub(1);
            } else if let Some((datagram, ())) = back.pop(now) {
                in_links = in_links.saturating_sub(1);
                sender.received(now, &datagram);
            } else if let Some(deadline) = sender.deadline() {
                assert!(deadline > now, "it has nothing to send, and asks to be asked at once");
                let heard = there.due().map(|due| due.max(awake));
                now = [heard, back.due()].into_iter().flatten().fold(deadline, Instant::min);
            }
        }
        Ended {
            outcome: sender.outcome().unwrap().clone(),
            arrived: server.file,
            took: now - start,
            stats: sender.stats(),
            sent,
            in_flight: most.0,
            in_links: most.1,
            held_back,
            longest_silence,
        }
    }

    /// Runs it, and sees that the file has arrived.
    pub(crate) fn arrives(self) -> Ended {
        self.arrives_slowly(Duration::ZERO)
    }

    pub(crate) fn arrives_slowly(self, rests: Duration) -> Ended {
        let ended = self.run_slowly(rests, |_| true);
        let Ended { stats, sent, .. } = &ended;
        assert_eq!(ended.outcome, Outcome::Done, "{self:?}: {stats:?}");
        assert!(ended.arrived == file(self.size), "{self:?}: another file has arrived");
        assert!(ended.in_flight <= self.window, "{self:?}: {} on their way", ended.in_flight);
        let packets: Vec<_> = sent.iter().map(|(_, sent)| Packet::decode(sent).unwrap()).collect();
        let transmissions = packets.iter().map(|packet| packet.transmission);
        assert!(transmissions.eq(0..sent.len() as u64), "{self:?}: not a new number for each");
        let packets = packets.iter().map(|packet| Packet { transmission: 0, ..*packet }.encode());
        let distinct = packets.collect::<BTreeSet<_>>().len();
        let counted = [sent.len(), sent.len() - distinct];
        let said = [stats.packets, stats.retransmissions];
        assert_eq!(said.map(|count| count as usize), counted, "{self:?}: packets, again");
        ended
    }
}

/// What became of a trial.
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    pub(crate) arrived: Vec<u8>,
    pub(crate) took: Duration,
    pub(crate) stats: SendStats,
    /// What the sender sent, and when.
    pub(crate) sent: Vec<(Duration, Vec<u8>)>,
    /// How many packets were on their way at most, as the sender says.
    pub(crate) in_flight: usize,
    /// How many datagrams were in the two links at most; known where nothing is sent twice by them.
    pub(crate) in_links: usize,
    /// How many of those that the sender sent were held back.
    pub(crate) held_back: usize,
    /// For how long at most nothing new came to the receiver.
    pub(crate) longest_silence: Duration,
}

/// What a server does around its receiver.
#[derive(Default)]
pub(crate) struct Server {
    pub(crate) receiver: Option<Receiver>,
    pub(crate) file: Vec<u8>,
}

impl Server {
    pub(crate) fn answer(&mut self, now: Instant, datagram: &[u8]) -> Option<Vec<u8>> {
        let packet = Packet::decode(datagram)?;
        if let Kind::Offer = packet.kind {
            let offer: Offer = serde_json::from_slice(packet.payload).unwrap();
            self.receiver.get_or_insert_with(|| Receiver::new(now, &offer));
            return Some(packet.answer(Kind::Accept, 0, &accept(offer.idle_timeout.get())));
        }
        let receiver = self.receiver.as_mut()?;
        match packet.kind {
            Kind::Data => Some(receiver.data(now, &packet, &mut self.file).unwrap()),
            Kind::End => {
                let end: End = serde_json::from_slice(packet.payload).unwrap();
                Some(match receiver.end(&end.md5) {
                    Verdict::Verified => packet.answer(Kind::Done, 0, b""),
                    Verdict::WrongDigest { actual, .. } => {
                        packet.answer(Kind::Refused, 0, actual.as_bytes())
                    }
                    Verdict::Incomplete => receiver.ack(&packet),
                })
            }
            _ => None,
        }
    }
}

/// What answers a transmission.
pub(crate) fn answer(transmission: u64, kind: Kind, number: u32, payload: &[u8]) -> Vec<u8> {
    Packet { transfer: TRANSFER, transmission, number, kind, payload }.encode()
}

/// Bytes of which no two packets are alike.
pub(crate) fn file(size: usize) -> Vec<u8> {
    (0_u32..)
        .flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes())
        .take(size)
        .collect()
}

/// The offer of a file of that size.
pub(crate) fn offer(name: &str, size: u64) -> Offer {
    Offer { name: name.to_owned(), size, idle_timeout: IdleTimeout::new(IDLE_TIMEOUT) }
}

/// The payload of an Accept.
pub(crate) fn accept(timeout: Duration) -> Vec<u8> {
    serde_json::to_vec(&Accept { idle_timeout: IdleTimeout::new(timeout) }).unwrap()
}

pub(crate) fn sender(now: Instant, size: usize, window: usize) -> Sender {
    Sender::new(now, TRANSFER, &offer("a.txt", size as u64), window)
}

pub(crate) fn all_of(sender: &mut Sender, now: Instant, source: &mut impl Read) -> Vec<Vec<u8>> {
    let datagrams = std::iter::from_fn(|| sender.poll(now, source).unwrap());
    let datagrams: Vec<_> = datagrams.take(10_000).collect();
    assert!(datagrams.len() < 10_000, "it does not stop sending");
    datagrams
}

/// What a datagram is, in words: `Data 3`, or `Ack 1 has 2 3`.
pub(crate) fn name(datagram: &[u8]) -> String {
    let packet = Packet::decode(datagram).unwrap();
    let behind = packet.number..packet.number.saturating_add(2 * RECEIVE_WINDOW);
    match packet.kind {
        Kind::Data => format!("Data {}", packet.number),
        Kind::Ack => {
            let early = behind.filter(|number| packet.acknowledges(*number));
            let early: String = early.map(|number| format!(" {number}")).collect();
            let has = if early.is_empty() { "" } else { " has" };
            format!("Ack {}{has}{early}", packet.number)
        }
        kind => format!("{kind:?}"),
    }
}

pub(crate) fn names(datagrams: &[Vec<u8>]) -> Vec<String> {
    datagrams.iter().map(|datagram| name(datagram)).collect()
}

/// How many packets the Data of a file of that size make.
pub(crate) fn packets(size: usize) -> u64 {
    size.div_ceil(MAX_PAYLOAD) as u64
}

/// A sender that has sent as much of the file as its window lets it; what that is; and a server.
pub(crate) fn under_way(
    file: &mut &[u8],
    window: usize,
) -> (Instant, Sender, Vec<Vec<u8>>, Server) {
    let now = Instant::now();
    let (mut sender, mut server) = (sender(now, file.len(), window), Server::default());
    let offer = all_of(&mut sender, now, file).concat();
    sender.received(now, &server.answer(now, &offer).unwrap());
    let data = all_of(&mut sender, now, file);
    (now, sender, data, server)
}
