//! The sender by itself: what it says to which answer, and how it ends.

use std::io;
use std::time::Instant;

use lesson09_client::sender::Outcome;
use lesson09_shared::offer::{IdleTimeout, MAX_FILE_SIZE, Offer};
use lesson09_shared::packet::{Kind, MAX_PAYLOAD, Packet};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::simulation::{
    IDLE_TIMEOUT, MS, Server, TRANSFER, Trial, accept, all_of, answer, file, name, names, offer,
    sender, under_way,
};

#[test]
fn what_is_drawn_above_the_sender_is_what_happens() {
    let now = Instant::now();
    let file = file(8 * MAX_PAYLOAD);
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
    assert_eq!((sender.bytes_acknowledged(), server.file), (file.len() as u64, file));
}

#[test]
fn a_receiver_that_is_never_heard_ends_the_sender_after_the_idle_timeout_and_no_sooner() {
    let ended = Trial { size: 3000, window: 64, faults: "loss=100%", seed: 0 }.run();
    assert_eq!(
        (ended.outcome, ended.took),
        (Outcome::TimedOut(IdleTimeout::new(IDLE_TIMEOUT)), IDLE_TIMEOUT)
    );
    // The time-outs double until they are 2 s.
    let times: Vec<_> = ended.sent.iter().take(7).map(|(at, _)| at.as_millis()).collect();
    assert_eq!(times, [0, 200, 600, 1400, 3000, 5000, 7000]);
}

#[test]
fn a_receiver_that_falls_silent_ends_the_sender_too() {
    let trial = Trial { size: 500 * MAX_PAYLOAD, window: 64, faults: "delay=20ms", seed: 0 };
    let mut left = 200;
    let ended = trial.run_with(|_| {
        left -= if left > 0 { 1 } else { 0 };
        left > 0
    });
    assert_eq!(ended.outcome, Outcome::TimedOut(IdleTimeout::new(IDLE_TIMEOUT)));
    let last_heard = ended.took - IDLE_TIMEOUT;
    assert!((40 * MS..200 * MS).contains(&last_heard), "it was last heard after {last_heard:?}");
}

#[test]
fn both_ends_keep_to_the_shorter_one_of_what_they_ask_for() {
    for (asked, agreed) in [(100 * MS, 100 * MS), (IDLE_TIMEOUT * 2, IDLE_TIMEOUT)] {
        let start = Instant::now();
        let mut sender = sender(start, 3000, 64);
        all_of(&mut sender, start, &mut io::empty());
        let accepted = start + 50 * MS;
        assert!(sender.received(accepted, &answer(0, Kind::Accept, 0, &accept(asked))));
        let source = file(3000);
        let mut source = source.as_slice();
        let mut now = accepted;
        loop {
            all_of(&mut sender, now, &mut source);
            let Some(deadline) = sender.deadline() else { break };
            now = deadline;
        }
        let timed_out = Outcome::TimedOut(IdleTimeout::new(agreed));
        assert_eq!(sender.outcome(), Some(&timed_out), "{asked:?}");
        assert_eq!(now - accepted, agreed, "{asked:?}");
    }
}

#[test]
fn a_receiver_that_says_nothing_new_ends_the_sender_too() {
    let file = file(20 * MAX_PAYLOAD);
    let mut source = file.as_slice();
    let (start, mut sender, data, mut server) = under_way(&mut source, 4);
    let nothing_new = server.answer(start, &data[0]).unwrap();
    let mut now = start;
    while sender.outcome().is_none() {
        assert!(now < start + 2 * IDLE_TIMEOUT, "it goes on for ever");
        assert!(sender.received(now, &nothing_new));
        now += 1000 * MS;
        all_of(&mut sender, now, &mut source);
    }
    assert_eq!(now, start + IDLE_TIMEOUT);
}

#[test]
fn a_break_of_25_seconds_is_survived_by_what_both_ends_ask_for() {
    let offer = Offer { idle_timeout: IdleTimeout::DEFAULT, ..offer("a.txt", 2_000_000) };
    let trial = Trial { size: 2_000_000, window: 64, faults: "delay=20ms", seed: 0 };
    for begins in [10 * MS, 100 * MS, 500 * MS] {
        let is_down = |at| (begins..begins + 25_000 * MS).contains(&at);
        let ended = trial.run_offered(&offer, is_down);
        assert_eq!(ended.outcome, Outcome::Done, "{begins:?}: {:?}", ended.stats);
        assert!(ended.arrived == file(2_000_000));
        println!("down from {begins:?} on: {:?}, {:?}", ended.took, ended.longest_silence);
        // What a receiver gives up is decided by how long nothing new has come.
        let silence = ended.longest_silence;
        assert!(silence > 24_900 * MS || begins < 20 * MS, "it was not down: {silence:?}");
        assert!(silence < IdleTimeout::DEFAULT.get(), "the receiver gives up: {silence:?}");
    }
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
    let file = file(2 * MAX_PAYLOAD);
    let (mut sender, mut source) = (sender(now, file.len(), 64), file.as_slice());
    let refusal = answer(0, Kind::Refused, 0, b"");
    let of_another = Packet { transfer: 1, ..Packet::decode(&refusal).unwrap() }.encode();
    let accept = accept(IDLE_TIMEOUT);
    // What is sent, lies about it, and the truth.
    for (sent, lies, truth) in [
        (
            1,
            vec![
                answer(0, Kind::Ack, 0, b""),
                answer(0, Kind::Ack, 1, b""),
                answer(0, Kind::Done, 0, b""),
                // This answers what was not sent yet, and so do others below.
                answer(1, Kind::Accept, 0, &accept),
                // An Accept has to say how long the receiver waits, within limits.
                answer(0, Kind::Accept, 0, b""),
                answer(0, Kind::Accept, 0, br#"{"max_idle_timeout_ms":0}"#),
                answer(0, Kind::Accept, 0, br#"{"max_idle_timeout_ms":3600001}"#),
            ],
            answer(0, Kind::Accept, 0, &accept),
        ),
        (
            2,
            vec![
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
            vec![
                answer(3, Kind::Ack, 1, b"\x01"),
                answer(3, Kind::Ack, 3, b""),
                answer(3, Kind::End, 0, b""),
                answer(u64::MAX, Kind::Done, 0, b""),
            ],
            answer(3, Kind::Done, 0, b""),
        ),
    ] {
        assert_eq!(all_of(&mut sender, now, &mut source).len(), sent);
        for lie in lies.into_iter().chain([of_another.clone()]) {
            sender.received(now, &lie);
            let left = (sender.in_flight(), sender.outcome());
            assert_eq!(left, (sent, None), "{:?}", Packet::decode(&lie));
        }
        assert!(!sender.received(now, &of_another));
        assert!(sender.received(now, &truth));
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
fn the_largest_file_has_a_number_for_each_of_its_packets() {
    let largest = offer("a", MAX_FILE_SIZE);
    assert_eq!(largest.packets(), u32::MAX);
    assert_eq!([u32::MAX - 1, u32::MAX].map(|last| largest.length_of(last)), [MAX_PAYLOAD, 0]);
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
            prop_assert!(sender.bytes_acknowledged() <= size as u64);
            now += later * MS;
        }
    }
}
