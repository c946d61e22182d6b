//! The sender, answered with anything at all: it keeps to its window, and counts no byte twice.

use std::time::{Duration, Instant};

use lesson09_client::sender::Sender;
use lesson09_shared::offer::{IdleTimeout, Offer};

use crate::choices::Choices;
use crate::lesson09_packet::any_packet;

pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let size = usize::from(choices.byte()) * 100;
    let window = 1 + choices.below(40);
    let file = vec![b'x'; size];
    let offer =
        Offer { name: "a.txt".to_owned(), size: size as u64, idle_timeout: IdleTimeout::DEFAULT };
    let mut now = Instant::now();
    let mut sender = Sender::new(now, 1, &offer, window);
    let mut source = file.as_slice();
    while !choices.is_empty() && sender.outcome().is_none() {
        // A window's worth is all that can be sent at one time, and a timer can run out but once.
        for _ in 0..=2 * window {
            let Some(datagram) = sender.poll(now, &mut source).unwrap() else { break };
            assert!(lesson09_shared::packet::Packet::decode(&datagram).is_some());
        }
        assert_eq!(sender.poll(now, &mut source).unwrap(), None, "it does not stop sending");
        assert!(sender.in_flight() <= window, "{} in flight of {window}", sender.in_flight());
        match choices.below(4) {
            0 => now = sender.deadline().unwrap_or(now),
            1 => now += Duration::from_millis(u64::from(choices.byte())),
            _ => {
                let answer = match choices.below(6) {
                    // As any honest receiver would begin.
                    0 => {
                        let accept = br#"{"max_idle_timeout_ms":5000}"#;
                        let kind = lesson09_shared::packet::Kind::Accept;
                        any_packet(&mut choices).answer(kind, 0, accept)
                    }
                    1 => choices.bytes(60).to_vec(),
                    _ => any_packet(&mut choices).encode(),
                };
                sender.received(now, &answer);
            }
        }
        assert!(sender.bytes_acknowledged() <= size as u64, "more than the file is acknowledged");
    }
}
