//! Sender against receiver, over a link that loses, doubles, damages and delays as it is told: at last the file
//! is there, and it is the same.

use std::collections::VecDeque;
use std::time::Instant;

use lesson09_client::sender::{Outcome, Sender};
use lesson09_server::receiver::{Receiver, Verdict};
use lesson09_shared::offer::{Accept, End, IdleTimeout, Offer};
use lesson09_shared::packet::{Kind, Packet};

use crate::choices::Choices;

/// After so many datagrams the link is perfect: nobody promises to go on for ever.
const MAX_FAULTS: usize = 100;

pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let size = usize::from(choices.byte()) * 97;
    let window = 1 + choices.below(16);
    let mut faults = Choices(&choices.0[..choices.0.len().min(MAX_FAULTS)]);
    let file: Vec<u8> = (0..size).map(|place| (place / 5) as u8).collect();
    let idle_timeout = IdleTimeout::new(IdleTimeout::MAX);
    let offer = Offer { name: "a.txt".to_owned(), size: size as u64, idle_timeout };
    let mut now = Instant::now();
    let mut sender = Sender::new(now, 1, &offer, window);
    let (mut source, mut server) = (file.as_slice(), Server::default());
    let (mut there, mut back) = (VecDeque::new(), VecDeque::new());

    for _ in 0..100_000 {
        if let Some(outcome) = sender.outcome() {
            assert_eq!(*outcome, Outcome::Done);
            assert!(server.file == file, "another file has arrived");
            return;
        }
        while let Some(datagram) = sender.poll(now, &mut source).unwrap() {
            send(&mut there, &mut faults, datagram);
        }
        if let Some(datagram) = there.pop_front() {
            if let Some(answer) = server.answer(now, &datagram) {
                send(&mut back, &mut faults, answer);
            }
        } else if let Some(datagram) = back.pop_front() {
            sender.received(now, &datagram);
        } else {
            let deadline = sender.deadline().unwrap();
            assert!(deadline > now, "it has nothing to send, and asks to be asked at once");
            now = deadline;
        }
    }
    panic!("the transfer does not end: {:?}", sender.stats());
}

/// What one direction of the link does with a datagram.
fn send(link: &mut VecDeque<Vec<u8>>, faults: &mut Choices<'_>, mut datagram: Vec<u8>) {
    match faults.below(8) {
        1 | 2 => {}
        3 => link.extend([datagram.clone(), datagram]),
        4 => link.push_front(datagram),
        5 => {
            let place = faults.below(datagram.len());
            datagram[place] ^= 0x10;
            link.push_back(datagram);
        }
        _ => link.push_back(datagram),
    }
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
        if packet.kind == Kind::Offer {
            let offer: Offer = serde_json::from_slice(packet.payload).unwrap();
            self.receiver.get_or_insert_with(|| Receiver::new(now, &offer));
            let accept = Accept { idle_timeout: offer.idle_timeout };
            let accept = serde_json::to_vec(&accept).unwrap();
            return Some(packet.answer(Kind::Accept, 0, &accept));
        }
        let receiver = self.receiver.as_mut()?;
        match packet.kind {
            Kind::Data => Some(receiver.data(now, &packet, &mut self.file).unwrap()),
            Kind::End => {
                let end: End = serde_json::from_slice(packet.payload).unwrap();
                Some(match receiver.end(&end.md5) {
                    Verdict::Verified => packet.answer(Kind::Done, 0, b""),
                    Verdict::Incomplete => receiver.ack(&packet),
                    Verdict::WrongDigest { .. } => packet.answer(Kind::Refused, 0, b"digest"),
                })
            }
            _ => None,
        }
    }
}
