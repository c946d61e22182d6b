//! A file arrives whole over a network that loses, doubles and reorders: the two halves of lesson
//! 04's transfer, in simulated time. Nothing here sleeps, opens a socket or depends on how fast a
//! machine is: datagrams go through two links with faults, and the clock jumps to what comes next.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::time::{Duration, Instant};

use fault::datagram::Link;
use lesson04_client::packet as client;
use lesson04_client::sender::{Outcome, Report, Sender};
use lesson04_server::packet::{End, Kind, MAGIC, Offer, PAYLOAD, Packet, ROOM, bitmap, check_name};
use lesson04_server::receiver::{Receiver, Verdict};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;

const TRANSFER: u64 = 0x0807_0605_0403_0201;
const MS: Duration = Duration::from_millis(1);

/// Tries fail in long rows when half of them fail, and a test is not to depend on luck.
const SILENCE: Duration = Duration::from_secs(600);

/// The faults that the lesson promises to withstand.
const BAD: &str = "loss=30% duplicate=10% reorder=10%";

/// One transfer, and all that it depends on.
#[derive(Debug, Clone, Copy)]
struct Trial<'a> {
    size: usize,
    window: usize,
    /// The same in both directions.
    faults: &'a str,
    seed: u64,
}

/// What became of it.
struct Ended {
    outcome: Outcome,
    arrived: Vec<u8>,
    took: Duration,
    report: Report,
    /// What the sender sent, and when.
    sent: Vec<(Duration, Vec<u8>)>,
    /// How many packets were on their way at most, as the sender says.
    in_flight: usize,
    /// How many datagrams were in the two links at most; known where nothing is sent twice by them.
    in_links: usize,
    /// How many of those that the sender sent were held back.
    held_back: usize,
}

/// What a server does around its receiver.
#[derive(Default)]
struct Server {
    receiver: Option<Receiver>,
    file: Vec<u8>,
}

impl Server {
    fn answer(&mut self, now: Instant, datagram: &[u8]) -> Option<Vec<u8>> {
        let packet = Packet::decode(datagram)?;
        if let Kind::Offer = packet.kind {
            let offer: Offer = serde_json::from_slice(packet.payload).unwrap();
            self.receiver.get_or_insert_with(|| Receiver::new(now, &offer));
            return Some(packet.answer(Kind::Accept, 0, b""));
        }
        let receiver = self.receiver.as_mut()?;
        match packet.kind {
            Kind::Data => Some(receiver.data(now, &packet, &mut self.file).unwrap()),
            Kind::End => {
                let end: End = serde_json::from_slice(packet.payload).unwrap();
                Some(match receiver.end(now, &end.md5) {
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
fn answer(transmission: u64, kind: Kind, number: u32, payload: &[u8]) -> Vec<u8> {
    Packet { transfer: TRANSFER, transmission, number, kind, payload }.encode()
}

/// Bytes of which no two packets are alike.
fn file(size: usize) -> Vec<u8> {
    (0_u32..)
        .flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes())
        .take(size)
        .collect()
}

fn sender(now: Instant, size: usize, window: usize) -> Sender {
    let offer = client::Offer { name: "a.txt".to_owned(), size: size as u64 };
    Sender::new(now, TRANSFER, &offer, window, SILENCE)
}

fn all_of(sender: &mut Sender, now: Instant, source: &mut impl Read) -> Vec<Vec<u8>> {
    let datagrams = std::iter::from_fn(|| sender.poll(now, source).unwrap());
    let datagrams: Vec<_> = datagrams.take(10_000).collect();
    assert!(datagrams.len() < 10_000, "it does not stop sending");
    datagrams
}

/// What a datagram is, in words: `Data 3`, or `Ack 1 has 2 3`.
fn name(datagram: &[u8]) -> String {
    let packet = Packet::decode(datagram).unwrap();
    let behind = packet.number..packet.number.saturating_add(2 * ROOM);
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

fn names(datagrams: &[Vec<u8>]) -> Vec<String> {
    datagrams.iter().map(|datagram| name(datagram)).collect()
}

impl Trial<'_> {
    fn run(self) -> Ended {
        self.run_with(|_| true)
    }

    fn run_with(self, meddle: impl FnMut(&mut Vec<u8>) -> bool) -> Ended {
        self.run_slowly(Duration::ZERO, meddle)
    }

    /// The receiver takes a datagram, and then no other one for as long as it `rests`. `meddle`
    /// gets each datagram, of either direction, before a link does; if it returns false none of
    /// them gets it.
    fn run_slowly(self, rests: Duration, mut meddle: impl FnMut(&mut Vec<u8>) -> bool) -> Ended {
        let faults: Vec<_> = self.faults.split(' ').filter(|fault| !fault.is_empty()).collect();
        let faults: Vec<_> = faults.iter().map(|fault| fault.parse().unwrap()).collect();
        let [mut there, mut back] = [1, 2].map(|way| Link::new(&faults, self.seed ^ way));
        let file = file(self.size);
        let mut source = file.as_slice();
        let mut server = Server::default();
        let start = Instant::now();
        let mut now = start;
        let mut sender = sender(now, self.size, self.window);
        let mut send = |link: &mut Link<()>, now, mut datagram: Vec<u8>| {
            let is_let_through = meddle(&mut datagram);
            let fate = if is_let_through { link.push(now, &datagram, ()) } else { Vec::new() };
            let is_lost = !is_let_through || fate.contains(&"is lost".to_owned());
            (usize::from(!is_lost), usize::from(fate.contains(&"is held back for 5 ms".to_owned())))
        };
        let (mut sent, mut in_links, mut held_back) = (Vec::new(), 0_usize, 0);
        let (mut most, mut awake) = ((0, 0), now);
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
            report: sender.report(),
            sent,
            in_flight: most.0,
            in_links: most.1,
            held_back,
        }
    }

    /// Runs it, and sees that the file has arrived.
    fn arrives(self) -> Ended {
        self.arrives_slowly(Duration::ZERO)
    }

    fn arrives_slowly(self, rests: Duration) -> Ended {
        let ended = self.run_slowly(rests, |_| true);
        let Ended { report, sent, .. } = &ended;
        assert_eq!(ended.outcome, Outcome::Done, "{self:?}: {report:?}");
        assert!(ended.arrived == file(self.size), "{self:?}: another file has arrived");
        assert!(ended.in_flight <= self.window, "{self:?}: {} on their way", ended.in_flight);
        let packets: Vec<_> = sent.iter().map(|(_, sent)| Packet::decode(sent).unwrap()).collect();
        let transmissions = packets.iter().map(|packet| packet.transmission);
        assert!(transmissions.eq(0..sent.len() as u64), "{self:?}: not a new number for each");
        let packets = packets.iter().map(|packet| Packet { transmission: 0, ..*packet }.encode());
        let distinct = packets.collect::<BTreeSet<_>>().len();
        let bytes = sent.iter().map(|(_, datagram)| datagram.len()).sum();
        let counted = [sent.len(), sent.len() - distinct, bytes];
        let said = [report.packets, report.again, report.bytes];
        assert_eq!(said.map(|count| count as usize), counted, "{self:?}: packets, again, bytes");
        ended
    }
}

/// How many packets the Data of a file of that size make.
fn packets(size: usize) -> u64 {
    size.div_ceil(PAYLOAD) as u64
}

#[test]
fn a_file_of_any_size_arrives_over_a_bad_network() {
    for size in [0, 1, 1199, 1200, 1201, 2400, 100_000] {
        for window in [1, 2, 64, 1024] {
            for seed in 0..16 {
                Trial { size, window, faults: BAD, seed }.arrives();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_file_arrives_whatever_the_faults_the_seed_the_size_and_the_window(
        [loss, duplicate, reorder] in [0..=30, 0..=10, 0..=10],
        delay in prop_oneof![Just("0s"), Just("1ms"), Just("20ms"), Just("1ms..30ms"), Just("1s")],
        seed: u64,
        size in prop_oneof![0_usize..10_000, Just(1 << 20)],
        window in prop_oneof![Just(1_usize), 2..80_usize, Just(1024), Just(5000)],
    ) {
        let faults =
            format!("loss={loss}% duplicate={duplicate}% reorder={reorder}% delay={delay}");
        Trial { size, window, faults: &faults, seed }.arrives();
    }
}

#[test]
fn without_faults_nothing_is_sent_twice_and_nothing_times_out() {
    for size in [0, 1, 1200, 1201, 1 << 20] {
        for window in [1, 2, 64, 1024] {
            for faults in ["", "delay=1ms", "delay=90ms"] {
                let trial = Trial { size, window, faults, seed: 0 };
                let report = trial.arrives().report;
                let expected = (packets(size) + 2, 0, 0);
                assert_eq!((report.packets, report.again, report.timeouts), expected, "{trial:?}");
            }
        }
    }
}

#[test]
fn no_more_packets_than_the_window_are_on_their_way() {
    for window in [1, 2, 64, 1024] {
        let trial = Trial { size: 2000 * PAYLOAD, window, faults: "delay=20ms", seed: 0 };
        let ended = trial.arrives();
        assert_eq!((ended.in_flight, ended.in_links), (window, window), "{trial:?}");
    }
    let none = Trial { size: 3000, window: 0, faults: "delay=20ms", seed: 0 }.run();
    assert_eq!((none.outcome, none.in_flight), (Outcome::Done, 1), "a window of 0");
    // What was answered twice leaves an answer on its way. A window of 1 waits for even that.
    for seed in 0..8 {
        let faults = "delay=1ms loss=30%";
        let trial = Trial { size: 300 * PAYLOAD, window: 1, faults, seed };
        assert_eq!(trial.arrives().in_links, 1, "{trial:?}");
    }
}

#[test]
fn however_wide_the_window_nothing_is_sent_further_ahead_than_the_receiver_has_room() {
    let size = 3000 * PAYLOAD;
    let trial = Trial { size, window: 5000, faults: "delay=20ms", seed: 0 };
    let mut is_first = true;
    // Data 0 is lost once: so nothing from 1024 on may be sent until it has been sent again.
    let ended = trial.run_with(|datagram| {
        let is_lost = is_first && name(datagram) == "Data 0";
        is_first &= !is_lost;
        !is_lost
    });
    assert!(ended.arrived == file(size));
    let names: Vec<String> = ended.sent.iter().map(|(_, datagram)| name(datagram)).collect();
    let place = |wanted: &str| names.iter().rposition(|name| name == wanted).unwrap();
    assert_eq!(place("Data 1023") + 1, place("Data 0"), "{:?}", &names[1020..1030]);
    assert_eq!(place("Data 0") + 1, place("Data 1024"), "{:?}", &names[1020..1030]);
}

#[test]
fn a_window_of_64_takes_34_round_trips_where_stop_and_wait_takes_2002() {
    let round_trips = |window| {
        let trial = Trial { size: 2000 * PAYLOAD, window, faults: "delay=20ms", seed: 0 };
        let ended = trial.arrives();
        assert_eq!(ended.report.smoothed_rtt, Some(40 * MS));
        println!("window {window}: {:?}", ended.took);
        ended.took.as_micros() as f64 / 40_000.0
    };
    // One for the Offer, one for the End, and between them 2,000, or 2,000 / 64 rounded up.
    assert_eq!((round_trips(1), round_trips(64)), (2002.0, 34.0));
}

#[test]
fn what_is_lost_is_sent_again_and_little_else() {
    for (faults, most) in [("loss=30% delay=500us", 50), (&format!("{BAD} delay=500us"), 65)] {
        for seed in 0..8 {
            let trial = Trial { size: 2000 * PAYLOAD, window: 64, faults, seed };
            let Ended { report, took, .. } = trial.arrives();
            let share = report.again * 100 / packets(trial.size);
            println!("{faults}: {share} % sent again, {} time-outs, {took:?}", report.timeouts);
            assert!((30..most).contains(&share), "{trial:?}: {share} % sent again, {report:?}");
        }
    }
}

#[test]
fn what_is_overtaken_is_sent_again_once_and_nothing_else_is() {
    let size = 4169 * PAYLOAD;
    for reorder in ["10%", "30%"] {
        // Round trips of 0.1 and of 10 ms. In the third row the first one takes 0.1 ms as well, and
        // when 64 packets wait for the receiver they take 6.4 ms, longer than what is held back.
        for (delay, rests) in [("50us", 0), ("5ms", 0), ("50us", 100)] {
            for seed in 0..4 {
                let faults = &format!("reorder={reorder} delay={delay}");
                let trial = Trial { size, window: 64, faults, seed };
                let ended = trial.arrives_slowly(Duration::from_micros(rests));
                let Ended { report, held_back, .. } = ended;
                println!("{faults}: {held_back} held back, {} sent again", report.again);
                assert!(held_back > 400, "{trial:?}: {held_back} held back");
                let again = report.again as usize;
                assert!(again <= held_back, "{trial:?}: {again} sent again, {held_back} held back");
                assert_eq!(report.timeouts, 0, "{trial:?}");
            }
        }
    }
}

#[test]
fn a_time_out_that_has_doubled_is_short_again_after_any_answer() {
    let took = |seed| {
        let faults = "loss=30% delay=500us";
        Trial { size: 300 * PAYLOAD, window: 1, faults, seed }.arrives().took
    };
    let took: Duration = (0..4).map(took).sum();
    println!("1,200 packets, one after the other: {took:?}");
    // 475 s when only those that are sent once are measured: then it stays doubled until one is
    // acknowledged at the first try, and every second try fails.
    assert!(took < Duration::from_secs(475 / 3), "{took:?}");
}

#[test]
fn an_answer_that_comes_twice_is_measured_once() {
    let file = file(20 * PAYLOAD);
    let mut source = file.as_slice();
    let (mut now, mut sender, data, mut server) = under_way(&mut source, 4);
    assert_eq!(sender.report().smoothed_rtt, Some(Duration::ZERO));
    let answer = server.answer(now, &data[0]).unwrap();
    for _ in 0..3 {
        now += 8 * MS;
        sender.received(now, &answer);
        assert_eq!(sender.report().smoothed_rtt, Some(MS), "an eighth of 8 ms");
    }
}

#[test]
fn of_a_large_file_few_packets_wait_for_a_time_out() {
    let size = 8 << 20;
    for seed in 0..4 {
        let faults = format!("{BAD} delay=50us");
        let trial = Trial { size, window: 64, faults: &faults, seed };
        let Ended { report, took, .. } = trial.arrives();
        println!("8 MiB: {} time-outs, {took:?}", report.timeouts);
        assert!(report.timeouts < 16, "{trial:?}: {report:?}");
    }
}

#[test]
fn a_packet_that_is_lost_again_and_again_is_noticed_without_a_time_out() {
    let trial = Trial { size: 200 * PAYLOAD, window: 16, faults: "delay=20ms", seed: 0 };
    let mut lost = 0;
    let ended = trial.run_with(|datagram| {
        let is_lost = lost < 5 && name(datagram) == "Data 7";
        lost += usize::from(is_lost);
        !is_lost
    });
    let report = ended.report;
    assert_eq!((ended.outcome, report.again, report.timeouts), (Outcome::Done, 5, 0), "{report:?}");
}

#[test]
fn what_is_sent_again_shows_too_that_something_else_is_lost() {
    let trial = Trial { size: 8 * PAYLOAD, window: 8, faults: "delay=20ms", seed: 0 };
    let mut count = 0;
    // All Data is lost, and then Data 0 once more: the others that are sent again overtake it.
    let ended = trial.run_with(|datagram| {
        count += usize::from(name(datagram).starts_with("Data"));
        count > 9 || !name(datagram).starts_with("Data")
    });
    let report = ended.report;
    assert_eq!((ended.outcome, report.again, report.timeouts), (Outcome::Done, 9, 1), "{report:?}");
}

#[test]
fn a_round_trip_longer_than_the_first_time_out_repeats_the_offer_and_nothing_else() {
    for window in [1, 64] {
        let trial = Trial { size: 100 * PAYLOAD, window, faults: "delay=300ms", seed: 0 };
        let Ended { report, sent, .. } = trial.arrives();
        // At 200 ms, and 400 ms later; the answer comes after 600 ms.
        assert_eq!((report.again, report.timeouts), (2, 2), "{trial:?}: {report:?}");
        let offers: Vec<_> = sent.iter().take(3).map(|(at, offer)| (*at, name(offer))).collect();
        assert_eq!(offers, [0, 200, 600].map(|at| (at * MS, "Offer".to_owned())));
    }
}

#[test]
fn when_round_trips_become_longer_the_time_out_follows() {
    let mut now = Instant::now();
    let file = file(40 * PAYLOAD);
    let (mut sender, mut server) = (sender(now, file.len(), 1), Server::default());
    let mut source = file.as_slice();
    let mut times = Vec::new();
    for round_trip in [[2; 20], [50; 20]].concat() {
        let [datagram] = all_of(&mut sender, now, &mut source).try_into().unwrap();
        let before = sender.report().packets;
        let answered = now + round_trip * MS;
        while let Some(deadline) = sender.deadline().filter(|deadline| *deadline < answered) {
            all_of(&mut sender, deadline, &mut source);
        }
        now = answered;
        sender.received(now, &server.answer(now, &datagram).unwrap());
        times.push(1 + sender.report().packets - before);
        if times.len() == 21 {
            assert_eq!(sender.report().smoothed_rtt, Some((7 * 2 * MS + 50 * MS) / 8));
        }
    }
    // Sent at 0, 12 and 36 ms. The answer to the first of these is measured all the same, and from
    // then on 8 + 4 * 12 ms are enough.
    assert_eq!(times, [&[1; 20][..], &[3], &[1; 19]].concat());
}

#[test]
fn a_damaged_packet_is_as_good_as_a_lost_one() {
    /// Every fifth datagram is lost, or has one bit changed, now here and now there.
    fn every_fifth(is_lost: bool) -> impl FnMut(&mut Vec<u8>) -> bool {
        let mut count = 0;
        move |datagram| {
            count += 1;
            let place = count * 7 % datagram.len();
            match count % 5 {
                0 if is_lost => return false,
                0 => datagram[place] ^= 1 << (count / 5 % 8),
                _ => {}
            }
            true
        }
    }
    for window in [1, 64] {
        let trial = Trial { size: 500 * PAYLOAD, window, faults: "delay=1ms", seed: 0 };
        let [damaged, lost] = [false, true].map(|is_lost| trial.run_with(every_fifth(is_lost)));
        assert_eq!(damaged.outcome, Outcome::Done);
        assert!(damaged.report.again > 100, "{:?}", damaged.report);
        assert!(damaged.arrived == file(trial.size));
        assert!(damaged.sent == lost.sent, "another datagram was sent, or at another time");
    }
}

#[test]
fn a_file_that_arrives_with_another_md5_is_refused() {
    let trial = Trial { size: 3000, window: 64, faults: "", seed: 0 };
    let changed = trial.run_with(|datagram| {
        let packet = Packet::decode(datagram).unwrap();
        if name(datagram) == "Data 1" {
            // Somebody who changes a packet can give it a right checksum as well.
            let payload = &[packet.payload, b""].concat().iter().map(|b| b ^ 1).collect::<Vec<_>>();
            *datagram = Packet { payload, ..packet }.encode();
        }
        true
    });
    assert_eq!(changed.outcome, Outcome::Refused(wire::md5_hex(&changed.arrived)));
    assert_ne!(changed.arrived, file(trial.size));
}

#[test]
fn a_receiver_that_is_never_heard_ends_the_sender_after_the_silence_and_no_sooner() {
    let ended = Trial { size: 3000, window: 64, faults: "loss=100%", seed: 0 }.run();
    assert_eq!((ended.outcome, ended.took), (Outcome::Silent, SILENCE));
    // The time-outs double until they are 2 s.
    let times: Vec<_> = ended.sent.iter().take(7).map(|(at, _)| at.as_millis()).collect();
    assert_eq!(times, [0, 200, 600, 1400, 3000, 5000, 7000]);
}

#[test]
fn a_receiver_that_falls_silent_ends_the_sender_too() {
    let trial = Trial { size: 500 * PAYLOAD, window: 64, faults: "delay=20ms", seed: 0 };
    let mut left = 200;
    let ended = trial.run_with(|_| {
        left -= if left > 0 { 1 } else { 0 };
        left > 0
    });
    assert_eq!(ended.outcome, Outcome::Silent);
    let heard = ended.took - SILENCE;
    assert!((40 * MS..200 * MS).contains(&heard), "it was last heard after {heard:?}");
}

#[test]
fn a_refusal_ends_the_sender_and_says_why() {
    let now = Instant::now();
    let mut sender = sender(now, 3000, 64);
    assert_eq!(all_of(&mut sender, now, &mut io::empty()).len(), 1);
    sender.received(now, &answer(0, Kind::Refused, 0, b"the disk is full"));
    assert_eq!(sender.outcome(), Some(&Outcome::Refused("the disk is full".to_owned())));
    assert_eq!((sender.deadline(), sender.poll(now, &mut io::empty()).unwrap()), (None, None));
}

#[test]
fn what_no_receiver_would_say_changes_nothing() {
    let now = Instant::now();
    let file = file(2 * PAYLOAD);
    let (mut sender, mut source) = (sender(now, file.len(), 64), file.as_slice());
    let refusal = answer(0, Kind::Refused, 0, b"");
    let of_another = Packet { transfer: 1, ..Packet::decode(&refusal).unwrap() }.encode();
    // What is sent, lies about it, and the truth.
    for (sent, lies, truth) in [
        (
            1,
            [
                answer(0, Kind::Ack, 0, b""),
                answer(0, Kind::Ack, 1, b""),
                answer(0, Kind::Done, 0, b""),
                // This answers what was not sent yet, and so do others below.
                answer(1, Kind::Accept, 0, b""),
            ],
            answer(0, Kind::Accept, 0, b""),
        ),
        (
            2,
            [
                answer(2, Kind::Ack, 3, b""),
                answer(2, Kind::Data, 0, b""),
                answer(2, Kind::Done, 0, b""),
                answer(3, Kind::Ack, 2, b""),
            ],
            answer(2, Kind::Ack, 2, b""),
        ),
        // The End has number 2, and no Ack acknowledges it.
        (
            1,
            [
                answer(3, Kind::Ack, 1, b"\x01"),
                answer(3, Kind::Ack, 3, b""),
                answer(3, Kind::End, 0, b""),
                answer(u64::MAX, Kind::Done, 0, b""),
            ],
            answer(3, Kind::Done, 0, b""),
        ),
    ] {
        assert_eq!(all_of(&mut sender, now, &mut source).len(), sent);
        for lie in [&lies[..], std::slice::from_ref(&of_another)].concat() {
            sender.received(now, &lie);
            let left = (sender.in_flight(), sender.outcome());
            assert_eq!(left, (sent, None), "{:?}", Packet::decode(&lie));
        }
        sender.received(now, &truth);
        assert_eq!(sender.in_flight(), 0);
    }
    assert_eq!(sender.outcome(), Some(&Outcome::Done));
}

#[test]
fn a_file_that_changes_while_it_is_sent_ends_in_an_error_that_says_so() {
    for (offered, actual) in [(3000, 2999), (3000, 3001), (0, 1), (1, 0), (1200, 2400)] {
        let now = Instant::now();
        let mut sender = sender(now, offered, 64);
        let actual = file(actual);
        let mut source = actual.as_slice();
        let mut server = Server::default();
        let error = loop {
            match sender.poll(now, &mut source) {
                Err(error) => break error.to_string(),
                Ok(datagram) => {
                    let answer = server.answer(now, &datagram.unwrap()).unwrap();
                    sender.received(now, &answer);
                }
            }
        };
        assert_eq!(error, "the file changed while it was sent", "{offered} offered");
        let abort = sender.abort(&error);
        let abort = Packet::decode(&abort).unwrap();
        assert_eq!((abort.kind, abort.transfer), (Kind::Abort, TRANSFER));
        assert_eq!(abort.payload, error.as_bytes());
    }
}

#[test]
fn what_cannot_be_received_is_not_offered() {
    let now = Instant::now();
    let largest = Offer { name: "a".to_owned(), size: client::MAX_SIZE };
    assert_eq!(largest.packets(), u32::MAX);
    assert_eq!([u32::MAX - 1, u32::MAX].map(|last| largest.length_of(last)), [PAYLOAD, 0]);
    for (name, size, hint) in [("a/b", 1, "slash"), ("a", client::MAX_SIZE + 1, "too large")] {
        let offer = client::Offer { name: name.to_owned(), size };
        let mut sender = Sender::new(now, TRANSFER, &offer, 1, SILENCE);
        let error = sender.poll(now, &mut io::empty()).unwrap_err().to_string();
        assert!(error.contains(hint), "{name}, {size}: {error}");
    }
}

#[test]
fn what_is_drawn_above_the_sender_is_what_happens() {
    let now = Instant::now();
    let file = file(8 * PAYLOAD);
    let (mut sender, mut server) = (sender(now, file.len(), 4), Server::default());
    let mut source = file.as_slice();
    let mut on_their_way = Vec::new();
    // What is sent, and what of the answers the sender gets before it sends more.
    let rounds: [(&[&str], &[&str]); 5] = [
        (&["Offer"], &["Accept"]),
        (&["Data 0", "Data 1", "Data 2", "Data 3"], &["Ack 1", "Ack 1 has 2", "Ack 1 has 2 3"]),
        (&["Data 4", "Data 5", "Data 6"], &["Ack 1 has 2 3 4"]),
        (&["Data 1", "Data 7"], &["Ack 1 has 2 3 4 5", "Ack 1 has 2 3 4 5 6", "Ack 7", "Ack 8"]),
        (&["End"], &["Done"]),
    ];
    for (round, (sent, answers)) in rounds.into_iter().enumerate() {
        let datagrams = all_of(&mut sender, now, &mut source);
        assert_eq!(names(&datagrams), sent);
        let is_lost = |datagram: &[u8]| round == 1 && name(datagram) == "Data 1";
        on_their_way.extend(datagrams.into_iter().filter(|datagram| !is_lost(datagram)));
        for (datagram, expected) in on_their_way.drain(..answers.len()).zip(answers) {
            let answer = server.answer(now, &datagram).unwrap();
            assert_eq!(name(&answer), *expected);
            sender.received(now, &answer);
        }
    }
    assert_eq!(sender.outcome(), Some(&Outcome::Done));
    assert_eq!((sender.progress(), server.file), (file.len() as u64, file));
}

/// A sender that has sent as much of the file as its window lets it; what that is; and a server.
fn under_way(file: &mut &[u8], window: usize) -> (Instant, Sender, Vec<Vec<u8>>, Server) {
    let now = Instant::now();
    let (mut sender, mut server) = (sender(now, file.len(), window), Server::default());
    let offer = all_of(&mut sender, now, file).concat();
    sender.received(now, &server.answer(now, &offer).unwrap());
    let data = all_of(&mut sender, now, file);
    (now, sender, data, server)
}

#[test]
fn what_was_only_late_is_not_sent_again() {
    let file = file(20 * PAYLOAD);
    let mut source = file.as_slice();
    let (now, mut sender, mut data, mut server) = under_way(&mut source, 4);
    let late = data.remove(1);
    for datagram in &data {
        sender.received(now, &server.answer(now, datagram).unwrap());
    }
    let next = all_of(&mut sender, now, &mut source);
    // With the answer to Data 4, Data 1 counts as lost. But before anything is sent it comes.
    for datagram in [&next[0], &late] {
        sender.received(now, &server.answer(now, datagram).unwrap());
    }
    let sent = all_of(&mut sender, now, &mut source);
    assert_eq!(names(&sent), ["Data 7", "Data 8"]);
}

#[test]
fn a_late_original_does_not_make_others_count_as_lost() {
    let file = file(20 * PAYLOAD);
    let mut source = file.as_slice();
    let (mut now, mut sender, data, mut server) = under_way(&mut source, 8);
    now += MS;
    for datagram in &data[1..4] {
        sender.received(now, &server.answer(now, datagram).unwrap());
    }
    // Data 0 was overtaken by three, and is sent again, after Data 4 to 7.
    let sent = all_of(&mut sender, now, &mut source);
    assert_eq!(names(&sent), ["Data 0", "Data 8", "Data 9", "Data 10"]);
    let again = &sent[0];
    now += 5 * MS;
    // It is the late one that is answered now, and says nothing of those that were sent after it.
    sender.received(now, &server.answer(now, &data[0]).unwrap());
    assert_eq!(sender.in_flight(), 7, "Data 4 to 10");
    let next = all_of(&mut sender, now, &mut source);
    assert_eq!(names(&next), ["Data 11"]);
    // The answer to the repetition does: it was sent as the third one after Data 5.
    sender.received(now, &server.answer(now, again).unwrap());
    let sent = all_of(&mut sender, now, &mut source);
    assert_eq!(names(&sent), ["Data 4", "Data 5"]);
}

#[test]
fn one_acknowledgement_makes_up_for_all_that_were_lost() {
    let file = file(20 * PAYLOAD);
    let mut source = file.as_slice();
    let (now, mut sender, data, mut server) = under_way(&mut source, 8);
    let answers: Vec<_> = data[1..].iter().map(|data| server.answer(now, data).unwrap()).collect();
    sender.received(now, answers.last().unwrap());
    assert_eq!((sender.in_flight(), sender.progress()), (0, 7 * PAYLOAD as u64));
    let sent = all_of(&mut sender, now, &mut source);
    assert_eq!([name(&sent[0]), name(&sent[1])], ["Data 0", "Data 8"]);
}

/// A Data packet.
fn data(number: u32, payload: &[u8]) -> Packet<'_> {
    Packet { transfer: TRANSFER, transmission: 7, number, kind: Kind::Data, payload }
}

/// A receiver of a file of that size.
fn receiver(size: usize) -> Receiver {
    let offer = Offer { name: "a.txt".to_owned(), size: size as u64 };
    Receiver::new(Instant::now(), &offer)
}

#[test]
fn what_is_drawn_above_the_receiver_is_what_happens() {
    let mut now = Instant::now();
    let file = file(2 * PAYLOAD + 5);
    let packets: Vec<&[u8]> = file.chunks(PAYLOAD).collect();
    let mut receiver = receiver(file.len());
    let mut written = Vec::new();
    let wanted = wire::md5_hex(&file);
    for (number, answer, packets_written) in
        [(0, "Ack 1", 1), (2, "Ack 1 has 2", 1), (2, "Ack 1 has 2", 1), (1, "Ack 3", 3)]
    {
        assert_eq!(receiver.end(now, &wanted), Verdict::Incomplete);
        now += MS;
        let ack =
            receiver.data(now, &data(number, packets[number as usize]), &mut written).unwrap();
        assert_eq!(receiver.heard(), now);
        assert_eq!(name(&ack), answer);
        assert_eq!(Packet::decode(&ack).unwrap().transmission, 7, "which one it answers");
        assert_eq!(written, packets[..packets_written].concat());
        assert_eq!(receiver.progress(), written.len() as u64);
    }
    // There is no packet behind the last one, not even an empty one.
    assert_eq!(name(&receiver.data(now, &data(3, b""), &mut written).unwrap()), "Ack 3");
    // When Done is lost, the End comes again.
    for seconds in 1..3 {
        let later = now + seconds * 1000 * MS;
        assert_eq!(receiver.end(later, &wanted), Verdict::Verified);
        assert_eq!(receiver.heard(), later);
    }
    let announced = wire::md5_hex(b"another file");
    let verdict = Verdict::WrongDigest { announced: announced.clone(), actual: wanted };
    assert_eq!(receiver.end(now, &announced), verdict);
}

#[test]
fn a_receiver_ignores_what_is_no_part_of_the_file_and_answers_it_all_the_same() {
    let now = Instant::now();
    let mut receiver = receiver(2000 * PAYLOAD + 5);
    let mut written = Vec::new();
    for (number, length) in [
        (0, 0),
        (0, 5),
        (0, PAYLOAD - 1),
        (0, PAYLOAD + 1),
        (ROOM, PAYLOAD),
        (2000, 5),
        (2001, 0),
        (u32::MAX, PAYLOAD),
    ] {
        let ack = receiver.data(now, &data(number, &vec![7; length]), &mut written).unwrap();
        assert_eq!((name(&ack).as_str(), written.len()), ("Ack 0", 0), "{number}, {length} bytes");
        assert_eq!(ack.len(), 29, "an Ack without a bitmap");
    }
    let ack = receiver.data(now, &data(ROOM - 1, &[7; PAYLOAD]), &mut written).unwrap();
    assert_eq!((name(&ack).as_str(), written.len()), ("Ack 0 has 1023", 0));
    assert!(ack.len() <= 1200, "{} bytes", ack.len());
}

#[test]
fn a_disk_that_is_full_is_an_error() {
    let mut disk = &mut [0; 100][..];
    let answer = receiver(PAYLOAD).data(Instant::now(), &data(0, &[7; PAYLOAD]), &mut disk);
    assert!(answer.is_err(), "{answer:?}");
}

#[test]
fn a_packet_is_laid_out_as_drawn_and_fits_into_1280_bytes() {
    let (transmission, number) = (0x2827_2625_2423_2221, 0x0d0c_0b0a);
    let packet = Packet { transmission, ..data(number, b"hello") };
    // Python: rest = struct.pack('<QQIB', transfer, transmission, number, 2) + b'hello', and before
    // it struct.pack('<4sI', b'\x04UDP', zlib.crc32(rest))
    let crc = [0xbe, 0x13, 0x1e, 0xb5];
    let rest = b"\x01\x02\x03\x04\x05\x06\x07\x08\x21\x22\x23\x24\x25\x26\x27\x28\
                 \x0a\x0b\x0c\x0d\x02hello";
    assert_eq!(packet.encode(), [&MAGIC[..], &crc, rest].concat());
    // A longer payload is cut, and is not taken from those who do not cut it.
    let longest = Packet { payload: &[7; PAYLOAD + 1], ..packet }.encode();
    assert_eq!(Packet::decode(&longest), Some(Packet { payload: &[7; PAYLOAD], ..packet }));
    assert!(40 + 8 + longest.len() <= 1280, "{} bytes", longest.len());
    let crc = [0x99, 0x70, 0xd1, 0x9d];
    let too_long = [&MAGIC[..], &crc, &rest[..21], &[7; PAYLOAD + 1]].concat();
    assert_eq!(Packet::decode(&too_long), None);
}

#[test]
fn only_a_plain_name_is_the_name_of_a_file() {
    let longest = "汉".repeat(85);
    for good in ["a", "a.txt", "a...", "a b", "汉字", "lesson04-x", longest.as_str()] {
        assert_eq!(check_name(good), Ok(()), "{good}");
    }
    let too_long = format!("{longest}x");
    for bad in [
        "",
        ".",
        "..",
        "/",
        "a/b",
        "../a",
        "/etc/passwd",
        "a\\b",
        "C:a",
        "a\0",
        "a\nb",
        "\x1b[2J",
        "\u{85}",
        ".bashrc",
        "...",
        too_long.as_str(),
    ] {
        let error = check_name(bad).map_err(|error| error.to_string()).unwrap_err();
        assert!(error.starts_with("that is no plain file name: it "), "{bad:?}: {error}");
    }
}

#[test]
fn the_packets_of_the_server_and_of_the_client_are_the_same_file() {
    let [server, client] = ["server", "client"].map(|side| {
        let path = format!("lessons/lesson04-udp/{side}/src/packet.rs");
        fs::read_to_string(e2e::root().join(path)).unwrap()
    });
    assert!(server == client, "packet.rs of the server and of the client differ");
}

const KINDS: [Kind; 8] = {
    use Kind::{Abort, Accept, Ack, Data, Done, Refused};
    [Kind::Offer, Accept, Data, Ack, Kind::End, Done, Refused, Abort]
};

/// What a broken or a hostile peer may send: any bytes, and packets that nobody damaged, most of
/// them such as a receiver sends. (A Refused would end the matter.)
fn any_datagram() -> impl Strategy<Value = Vec<u8>> {
    let transfer = prop_oneof![9 => Just(TRANSFER), 1 => any::<u64>()];
    let number = prop_oneof![0..100_u32, any::<u32>()];
    let kind = prop_oneof![2 => Just(Kind::Accept), 6 => Just(Kind::Ack), 1 => select(&KINDS[..6])];
    let transmission = prop_oneof![9 => 0..100_u64, 1 => any::<u64>()];
    let packet = (transfer, transmission, number, kind, vec(any::<u8>(), 0..1300));
    let packet = packet.prop_map(|(transfer, transmission, number, kind, payload)| {
        Packet { transfer, transmission, number, kind, payload: &payload }.encode()
    });
    prop_oneof![1 => vec(any::<u8>(), 0..1300), 9 => packet]
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded_to_the_same(
        transfer: u64,
        transmission: u64,
        number: u32,
        kind in select(&KINDS[..]),
        payload in vec(any::<u8>(), 0..=PAYLOAD),
    ) {
        let packet = Packet { transfer, transmission, number, kind, payload: &payload };
        let datagram = packet.encode();
        prop_assert_eq!(Packet::decode(&datagram), Some(packet));
    }

    #[test]
    fn a_packet_that_is_cut_or_has_a_bit_changed_is_none(
        datagram in vec(any::<u8>(), 0..=PAYLOAD).prop_map(|payload| {
            data(1, &payload).encode()
        }),
        place: prop::sample::Index,
        bit in 0..8_u8,
    ) {
        let place = place.index(datagram.len());
        prop_assert_eq!(Packet::decode(&datagram[..place]), None);
        let mut changed = datagram;
        changed[place] ^= 1_u8 << bit;
        prop_assert_eq!(Packet::decode(&changed), None);
    }

    #[test]
    fn an_acknowledgement_says_what_has_come_and_nothing_else(
        expected in prop_oneof![0..10_u32, any::<u32>(), Just(u32::MAX)],
        behind in btree_set(1..ROOM, 0..50),
        others in vec(any::<u32>(), 20),
    ) {
        let early: BTreeSet<u32> = behind.iter().filter_map(|b| expected.checked_add(*b)).collect();
        let payload = &bitmap(expected, early.iter().copied());
        let ack = Packet { kind: Kind::Ack, ..data(expected, payload) };
        let near = (expected.saturating_sub(5)..=expected.saturating_add(ROOM + 5)).chain(others);
        for number in near {
            let has_come = number < expected || early.contains(&number);
            prop_assert_eq!(ack.acknowledges(number), has_come, "{} of {:?}", number, ack);
        }
    }

    #[test]
    fn nothing_that_a_sender_receives_makes_it_panic_or_exceed_its_window(
        datagrams in vec((any_datagram(), 0..500_u32), 0..60),
        size in 0_usize..100_000,
        window in 1_usize..100,
    ) {
        let file = file(size);
        let mut source = file.as_slice();
        let mut now = Instant::now();
        let mut sender = sender(now, size, window);
        for (datagram, later) in datagrams {
            all_of(&mut sender, now, &mut source);
            prop_assert!(sender.in_flight() <= window);
            sender.received(now, &datagram);
            prop_assert!(sender.progress() <= size as u64);
            now += later * MS;
        }
    }

    #[test]
    fn nothing_that_a_receiver_gets_makes_it_panic_or_write_more_than_was_offered(
        size in prop_oneof![0..200_000_u64, any::<u64>()],
        pieces in vec((prop_oneof![0..200_u32, any::<u32>()], 0..=PAYLOAD, any::<bool>()), 0..200),
        md5: String,
    ) {
        let now = Instant::now();
        let mut receiver = Receiver::new(now, &Offer { name: md5.clone(), size });
        let mut written = Vec::new();
        for (number, length, is_whole) in pieces {
            let length = if is_whole { PAYLOAD } else { length };
            let ack = receiver.data(now, &data(number, &vec![7; length]), &mut written).unwrap();
            prop_assert_eq!(Packet::decode(&ack).unwrap().kind, Kind::Ack);
            prop_assert_ne!(receiver.end(now, &md5), Verdict::Verified);
        }
        prop_assert!(written.len() as u64 <= size);
    }
}
