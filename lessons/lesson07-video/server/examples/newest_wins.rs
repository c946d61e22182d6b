//! A queue in front of a slow link, and a slot in its place.
//!
//! `cargo run -p lesson07-server --example newest_wins`
//!
//! Claim: a camera makes 30 frames a second, and the link takes 10. After a minute, a queue without
//! a limit shows a picture 40 seconds old, one with room for a hundred shows ten seconds, and a
//! slot with room for one never more than two frame times of the link, 200 ms. The time here is
//! simulated.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::ensure;
use console::{claim, here, why};
use lesson07_shared::slot::{SlotReceiver, SlotSender, slot};

language::catalogue!();

/// The camera's frame time and the link's, in milliseconds: a third of the frames get through.
const CAMERA: u64 = 33;
const LINK: u64 = 100;
/// How long to film, in milliseconds.
const FILM: u64 = 60_000;

/// Where frames wait for the link. A frame is the time at which it was captured.
trait Waiting {
    fn put(&mut self, captured: u64);
    fn take(&mut self) -> Option<u64>;
}

fn main() -> anyhow::Result<()> {
    claim!("with 30 frames a second and a link for 10, a queue grows old and a slot does not");

    let endless = film(&mut Queue { frames: VecDeque::new(), most: usize::MAX });
    let hundred = film(&mut Queue { frames: VecDeque::new(), most: 100 });
    let newest = film(&mut Slot::new());
    here!("after 60 s, simulated, the picture was captured so long before it arrived:");
    here!("a queue without a limit  {:6} ms", endless.last);
    here!("room for a hundred       {:6} ms", hundred.last);
    here!("room for one, newest     {:6} ms, and never above {}", newest.last, newest.most);
    ensure!((35_000..45_000).contains(&endless.last), "the queue should have grown for a minute");
    ensure!((9_000..11_000).contains(&hundred.last), "a full queue should be ten seconds long");
    ensure!(newest.most <= 2 * LINK, "the slot's frames should stay young");
    ensure!(newest.frames == endless.frames, "the link should be as busy with either");

    why!(
        "a full queue moves at the speed of its reader, so whoever joins it waits as\n\
         long as the reader needs for all who are before him. All three have sent\n\
         {} frames; the slot has sent those that were new",
        newest.frames
    );
    Ok(())
}

/// How old frames were when they arrived, in milliseconds.
struct Ages {
    frames: usize,
    last: u64,
    most: u64,
}

/// Films, millisecond by millisecond.
fn film(waiting: &mut impl Waiting) -> Ages {
    let mut ages = Ages { frames: 0, last: 0, most: 0 };
    let mut on_the_link: Option<(u64, u64)> = None;
    for now in 0..FILM {
        if now % CAMERA == 0 {
            waiting.put(now);
        }
        if let Some((captured, _)) = on_the_link.take_if(|(_, arrives)| *arrives <= now) {
            ages.frames += 1;
            ages.last = now - captured;
            ages.most = ages.most.max(ages.last);
        }
        if on_the_link.is_none() {
            on_the_link = waiting.take().map(|captured| (captured, now + LINK));
        }
    }
    ages
}

struct Queue {
    frames: VecDeque<u64>,
    most: usize,
}

impl Waiting for Queue {
    fn put(&mut self, captured: u64) {
        // A camera cannot wait: what finds no room is lost.
        if self.frames.len() < self.most {
            self.frames.push_back(captured);
        }
    }

    fn take(&mut self) -> Option<u64> {
        self.frames.pop_front()
    }
}

/// The slot of both ends.
struct Slot {
    into: SlotSender<u64>,
    out: SlotReceiver<u64>,
}

impl Slot {
    fn new() -> Slot {
        let (into, out) = slot();
        Slot { into, out }
    }
}

impl Waiting for Slot {
    fn put(&mut self, captured: u64) {
        // The other end is in the same struct, so it is there.
        _ = self.into.put(captured, Duration::ZERO);
    }

    fn take(&mut self) -> Option<u64> {
        self.out.channel().try_recv().ok()
    }
}
