//! All flows, by their client and by their number in `poll`.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use super::flow::Flow;

/// How long a flow must have been silent to make room for another.
const SILENCE: Duration = Duration::from_secs(1);

/// Who a flow is for: the route, the client, and the address that it has asked.
type Key = (usize, SocketAddr, Option<IpAddr>);

#[derive(Default)]
pub(crate) struct Flows {
    by_token: HashMap<usize, Entry>,
    by_client: HashMap<Key, usize>,
    /// The addresses of the flows' sockets: what comes from there is the relay's own.
    own_addresses: HashSet<SocketAddr>,
    /// The flows that have something to send at a certain time.
    timers: BTreeSet<(Instant, usize)>,
    /// All flows by when something last moved on them, as far as is known: it may have been later.
    by_activity: BTreeSet<(Instant, usize)>,
}

struct Entry {
    flow: Flow,
    timer: Option<Instant>,
}

impl Flows {
    pub(crate) fn len(&self) -> usize {
        self.by_token.len()
    }

    /// The flow of this client at this route, by its token.
    pub(crate) fn find(&self, route: usize, way_back: endpoint::Route) -> Option<usize> {
        self.by_client.get(&key(route, way_back)).copied()
    }

    /// Whether this is the address of one of the flows' own sockets.
    pub(crate) fn is_own(&self, address: SocketAddr) -> bool {
        self.own_addresses.contains(&address)
    }

    pub(crate) fn insert(&mut self, token: usize, flow: Flow) {
        self.by_client.insert(key(flow.route, flow.way_back), token);
        self.own_addresses.insert(flow.own_address);
        self.by_activity.insert((flow.active, token));
        self.by_token.insert(token, Entry { flow, timer: None });
    }

    pub(crate) fn remove(&mut self, token: usize) -> Option<Flow> {
        let Entry { flow, timer } = self.by_token.remove(&token)?;
        timer.map(|due| self.timers.remove(&(due, token)));
        self.by_client.remove(&key(flow.route, flow.way_back));
        self.own_addresses.remove(&flow.own_address);
        Some(flow)
    }

    pub(crate) fn get_mut(&mut self, token: usize) -> Option<&mut Flow> {
        self.by_token.get_mut(&token).map(|entry| &mut entry.flow)
    }

    /// Notes when this flow has something to send.
    pub(crate) fn set_timer(&mut self, token: usize) {
        let Some(entry) = self.by_token.get_mut(&token) else { return };
        let due = entry.flow.due();
        let before = std::mem::replace(&mut entry.timer, due);
        if before != due {
            before.map(|before| self.timers.remove(&(before, token)));
            self.timers.extend(due.map(|due| (due, token)));
        }
    }

    /// When the next flow has something to send.
    pub(crate) fn next_timer(&self) -> Option<Instant> {
        self.timers.first().map(|&(due, _)| due)
    }

    /// The flows that have something to send by now.
    pub(crate) fn due(&self, now: Instant) -> Vec<usize> {
        self.timers.iter().take_while(|(due, _)| *due <= now).map(|&(_, token)| token).collect()
    }

    /// The flow that has been silent longest, if that is long enough for it to make room.
    ///
    /// In a flood this is asked for each datagram, so it looks at few flows, and never at all of them: only
    /// at those that are first in line.
    pub(crate) fn most_silent(&mut self, now: Instant) -> Option<usize> {
        while let Some(&(known, token)) = self.by_activity.first() {
            if now < known + SILENCE {
                return None;
            }
            let active = self.by_token.get(&token).map(|entry| entry.flow.active);
            if active == Some(known) {
                return Some(token);
            }
            self.by_activity.pop_first();
            self.by_activity.extend(active.map(|active| (active, token)));
        }
        None
    }

    /// The flows on which nothing has moved for so long, and on which nothing is on its way.
    pub(crate) fn silent_for(&self, time: Duration, now: Instant) -> Vec<usize> {
        let is_silent = |flow: &Flow| {
            flow.due().is_none() && now.saturating_duration_since(flow.active) >= time
        };
        let silent = self.by_token.iter().filter(|(_, entry)| is_silent(&entry.flow));
        silent.map(|(&token, _)| token).collect()
    }

    /// All flows, in the order in which they began.
    pub(crate) fn tokens(&self) -> Vec<usize> {
        let mut tokens: Vec<usize> = self.by_token.keys().copied().collect();
        tokens.sort_unstable();
        tokens
    }
}

fn key(route: usize, way_back: endpoint::Route) -> Key {
    (route, way_back.to, way_back.from)
}
