//! A packet: what is decoded is encoded as the same bytes, and what is encoded decodes, but not when a bit
//! of it is wrong.

use lesson09_shared::packet::{Kind, MAX_PAYLOAD, Packet, RECEIVE_WINDOW, ack_bitmap};

use crate::choices::Choices;

pub(crate) fn run(bytes: &[u8]) {
    if let Some(packet) = Packet::decode(bytes) {
        assert_eq!(packet.encode(), bytes);
    }

    let mut choices = Choices(bytes);
    let packet = any_packet(&mut choices);
    let mut datagram = packet.encode();
    let payload = &packet.payload[..packet.payload.len().min(MAX_PAYLOAD)];
    assert_eq!(Packet::decode(&datagram), Some(Packet { payload, ..packet }));

    let wrong = usize::from(choices.byte()) * 256 + usize::from(choices.byte());
    let place = wrong / 8 % datagram.len();
    datagram[place] ^= 1 << (wrong % 8);
    assert_eq!(Packet::decode(&datagram), None, "bit {} of byte {place} is wrong", wrong % 8);

    // An Ack says of each number what it was told of it.
    let expected = packet.number;
    let came: Vec<u32> =
        choices.0.iter().map(|byte| expected.saturating_add(u32::from(*byte))).collect();
    let came: Vec<u32> = came.into_iter().filter(|number| *number > expected).collect();
    let bitmap = ack_bitmap(expected, came.iter().copied());
    let ack = Packet { kind: Kind::Ack, payload: &bitmap, ..packet };
    for number in expected..expected.saturating_add(RECEIVE_WINDOW) {
        assert_eq!(
            ack.acknowledges(number),
            came.contains(&number),
            "{number}, from {expected} on"
        );
    }
}

/// A packet of which each part is chosen.
pub(crate) fn any_packet<'a>(choices: &mut Choices<'a>) -> Packet<'a> {
    use Kind::{Abort, Accept, Ack, Data, Done, End, Offer, Refused};
    let kind = choices.one_of(&[Offer, Accept, Data, Ack, End, Done, Refused, Abort]);
    let number = choices.one_of(&[0, 1, 2, 3, 7, RECEIVE_WINDOW, u32::MAX - 1, u32::MAX]);
    let transmission = choices.one_of(&[0, 1, 2, 3, 4, 5, 9, u64::MAX]);
    let payload = choices.bytes(60);
    Packet { transfer: 1, transmission, number, kind, payload }
}
