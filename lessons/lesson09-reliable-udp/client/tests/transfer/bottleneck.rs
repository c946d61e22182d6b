//! A link that is no faster than it is, with a queue in front of it, and transfers that share it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use lesson09_client::SendStats;
use lesson09_client::sender::{Outcome, Sender};

use crate::simulation::{MS, Server, all_of, file, offer};

/// What IPv4 and UDP put in front of each datagram, in bytes.
const HEADERS: usize = 20 + 8;

/// A link whose queue drops what it has no room for (drop-tail), as that of a simple router.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bottleneck {
    /// Bytes a second, headers included.
    pub(crate) rate: usize,
    /// How long a datagram takes from end to end, in either direction, once it has left the queue.
    pub(crate) delay: Duration,
    /// How many bytes the queue has room for.
    pub(crate) buffer: usize,
}

/// A mebibyte a second, 20 ms each way, and a queue with room for what that holds in a round trip: the
/// bandwidth-delay product.
pub(crate) const SLOW: Bottleneck =
    Bottleneck { rate: 1 << 20, delay: Duration::from_millis(20), buffer: (1 << 20) * 40 / 1000 };

/// A transfer over the link.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flow {
    /// When it begins, after the start.
    pub(crate) begins: Duration,
    pub(crate) size: usize,
    pub(crate) max_window: usize,
}

/// What became of a transfer.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) stats: SendStats,
    /// When it ended, after the start.
    pub(crate) at: Duration,
    /// How many bytes of it were written, and when.
    written: Vec<(Duration, u64)>,
}

impl Ended {
    /// How many bytes of it were written before this time.
    pub(crate) fn written_before(&self, at: Duration) -> u64 {
        let next = self.written.partition_point(|(when, _)| *when < at);
        self.written[..next].last().map_or(0, |(_, bytes)| *bytes)
    }

    pub(crate) fn retransmitted_percent(&self) -> f64 {
        100.0 * self.stats.retransmissions as f64 / self.stats.packets as f64
    }
}

struct Running {
    sender: Sender,
    server: Server,
    source: VecDeque<u8>,
    begins: Instant,
    ended: Ended,
}

impl Bottleneck {
    /// Runs the transfers until all have ended. The data share this link; answers have one of their own,
    /// which is fast.
    pub(crate) fn run(self, flows: &[Flow]) -> Vec<Ended> {
        let start = Instant::now();
        let mut running: Vec<_> = flows.iter().map(|flow| flow.start(start)).collect();
        // When each datagram in the queue begins to leave it, and how long it is.
        let mut queue: VecDeque<(Instant, usize)> = VecDeque::new();
        let mut free = start;
        let (mut there, mut back) = (VecDeque::new(), VecDeque::new());
        let mut now = start;
        loop {
            for (number, flow) in running.iter_mut().enumerate() {
                if flow.begins > now {
                    continue;
                }
                for datagram in all_of(&mut flow.sender, now, &mut flow.source) {
                    let length = HEADERS + datagram.len();
                    while queue.front().is_some_and(|(leaves, _)| *leaves <= now) {
                        queue.pop_front();
                    }
                    let held: usize = queue.iter().map(|(_, length)| length).sum();
                    if held + length > self.buffer && free > now {
                        continue;
                    }
                    let leaves = free.max(now);
                    queue.push_back((leaves, length));
                    free = leaves + Duration::from_secs(1) * length as u32 / self.rate as u32;
                    there.push_back((free + self.delay, number, datagram));
                }
                if flow.sender.outcome().is_some() && flow.ended.at.is_zero() {
                    flow.ended.at = now - start;
                    flow.ended.stats = flow.sender.stats();
                }
            }
            let deadlines = running.iter().filter_map(|flow| {
                flow.sender.deadline().map(|deadline| deadline.max(flow.begins))
            });
            let begins = running.iter().map(|flow| flow.begins).filter(|begins| *begins > now);
            let heard = [&there, &back].into_iter().filter_map(|link| link.front());
            let events = heard.map(|(at, ..)| *at).chain(deadlines).chain(begins);
            let Some(next) = events.min() else { break };
            now = next.max(now);
            if let Some((_, number, datagram)) = pop_due(&mut there, now) {
                let flow: &mut Running = &mut running[number];
                if let Some(answer) = flow.server.answer(now, &datagram) {
                    back.push_back((now + self.delay, number, answer));
                }
                let written = flow.server.receiver.as_ref().map_or(0, |r| r.bytes_written());
                flow.ended.written.push((now - start, written));
            } else if let Some((_, number, answer)) = pop_due(&mut back, now) {
                running[number].sender.received(now, &answer);
            }
        }
        let ended = running.into_iter().zip(flows).map(|(flow, Flow { size, .. })| {
            assert_eq!(flow.sender.outcome(), Some(&Outcome::Done));
            assert!(flow.server.file == file(*size), "another file has arrived");
            flow.ended
        });
        ended.collect()
    }
}

impl Flow {
    fn start(&self, start: Instant) -> Running {
        let begins = start + self.begins;
        let transfer = crate::simulation::TRANSFER;
        let sender = Sender::new(begins, transfer, &offer("a", self.size as u64), self.max_window);
        let stats = sender.stats();
        Running {
            sender,
            server: Server::default(),
            source: file(self.size).into(),
            begins,
            ended: Ended { stats, at: Duration::ZERO, written: Vec::new() },
        }
    }
}

/// What has arrived by now.
fn pop_due(
    link: &mut VecDeque<(Instant, usize, Vec<u8>)>,
    now: Instant,
) -> Option<(Instant, usize, Vec<u8>)> {
    link.front().is_some_and(|(at, ..)| *at <= now).then(|| link.pop_front())?
}

#[test]
fn a_datagram_takes_what_the_link_takes_for_it_and_a_full_queue_drops_it() {
    let flow = Flow { begins: Duration::ZERO, size: 10 * 1200, max_window: 1 };
    let ended = SLOW.run(&[flow]).remove(0);
    // 1,257 bytes at a mebibyte a second are 1.2 ms; of 12 packets, an Offer and an End are short.
    let (least, most) = (12 * 40 * MS + 11 * MS, 12 * 40 * MS + 15 * MS);
    assert!((least..most).contains(&ended.at), "{:?}", ended.at);
    assert_eq!(ended.stats.retransmissions, 0);
}
