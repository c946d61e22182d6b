//! The receiver, given Data in any order, with wrong lengths among them: what is written is the beginning of the
//! file, and each Ack says what has come.

use std::collections::BTreeSet;
use std::time::Instant;

use lesson09_server::receiver::{Receiver, Verdict};
use lesson09_shared::offer::{IdleTimeout, Offer};
use lesson09_shared::packet::{Kind, MAX_PAYLOAD, Packet};

use crate::choices::Choices;

pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let size = usize::from(choices.byte()) * 41;
    let file: Vec<u8> = (0..size).map(|place| (place / 7) as u8).collect();
    let offer =
        Offer { name: "a.txt".to_owned(), size: size as u64, idle_timeout: IdleTimeout::DEFAULT };
    let packets = offer.packets();
    let now = Instant::now();
    let mut receiver = Receiver::new(now, &offer);
    let (mut came, mut written) = (BTreeSet::new(), Vec::new());

    while !choices.is_empty() {
        let number = choices.below(packets as usize + 2) as u32;
        let right = file.chunks(MAX_PAYLOAD).nth(number as usize).unwrap_or_default();
        let length = match choices.below(8) {
            0 => right.len().saturating_sub(1),
            _ => right.len(),
        };
        let payload = &right[..length];
        let packet = Packet { transfer: 1, transmission: 9, number, kind: Kind::Data, payload };
        let answer = receiver.data(now, &packet, &mut written).unwrap();
        if length == right.len() && number < packets {
            came.insert(number);
        }

        let expected = (0..).find(|number| !came.contains(number)).unwrap_or_default();
        let in_order = size.min(expected as usize * MAX_PAYLOAD);
        assert!(written == file[..in_order], "what is written is not the beginning of the file");
        let ack = Packet::decode(&answer).unwrap();
        assert_eq!((ack.kind, ack.number, ack.transmission), (Kind::Ack, expected, 9));
        for number in 0..packets + 2 {
            assert_eq!(ack.acknowledges(number), came.contains(&number), "{number} of {came:?}");
        }
    }
    let verdict = receiver.end(&wire::md5_hex(&file));
    let is_whole = written.len() == size;
    assert_eq!(verdict, if is_whole { Verdict::Verified } else { Verdict::Incomplete });
}
