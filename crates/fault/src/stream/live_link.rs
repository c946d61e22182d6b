//! A link whose faults change when those of the proxy do.

use std::time::Instant;

use super::Faults;
use super::link::Link;
use crate::directed::Direction;

/// The link of one direction of one connection, or none while the direction has no faults.
#[derive(Debug)]
pub struct LiveLink {
    faults: Faults,
    number: u64,
    direction: Direction,
    version: u64,
    link: Option<Link>,
}

impl LiveLink {
    /// For the connection with this number, with the faults of now.
    pub fn new(faults: Faults, number: u64, direction: Direction) -> LiveLink {
        let version = faults.version();
        let mut live = LiveLink { faults, number, direction, version, link: None };
        live.start();
        live
    }

    /// Takes on the faults of now, if they have changed. Once nothing has a fault any more and nothing is on
    /// its way, the link is gone. An owner whose sender has ended its stream needs no new one.
    pub fn follow(&mut self, now: Instant, sender_ended: bool) {
        let version = self.faults.version();
        if version != self.version {
            self.version = version;
            match &mut self.link {
                Some(link) => {
                    let specs = self.faults.of(self.direction);
                    link.change(now, &specs, self.faults.seed(self.number, self.direction));
                }
                None if sender_ended => {}
                None => self.start(),
            }
        }
        if self.link.as_ref().is_some_and(|link| link.is_perfect() && link.is_idle())
            && !sender_ended
        {
            self.link = None;
        }
    }

    /// The link, if there is one.
    pub fn get(&self) -> Option<&Link> {
        self.link.as_ref()
    }

    /// The link, if there is one.
    pub fn get_mut(&mut self) -> Option<&mut Link> {
        self.link.as_mut()
    }

    fn start(&mut self) {
        let specs = self.faults.of(self.direction);
        let seed = self.faults.seed(self.number, self.direction);
        self.link = (!specs.is_empty()).then(|| Link::within(self.faults.budget(), &specs, seed));
    }
}
