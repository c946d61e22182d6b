//! What a server does not answer, so that no datagram goes to and fro for ever.
//!
//! A service that answers whatever comes can be made to answer an answer. Somebody sends it one datagram in
//! the name of another such service (UDP proves no sender), or in its own: then the two answer each other as
//! fast as they can until one of them is ended. RFC 862's echo has no defence. Those that were tried:
//!
//! * Not to answer well-known ports, as inetd does, helps nobody whose services have other ports; and a port
//!   says nothing of who has it.
//! * A limit on the rate slows the loop, and does not end it; a loop over a slow line has no rate at all.
//!   Besides, honest clients that ask as fast as they are answered look the same.
//!
//! What tells the loop from clients is what follows on a loss. A client asks again, for UDP loses datagrams
//! anyway. In the loop there is nobody to ask again: one datagram that is not answered ends it. And soon the
//! same bytes come round: upper case of upper case is the same, and so is a fixed reply; an answer that grows
//! ends by itself when no datagram can hold it. So of the same datagram from the same sender each
//! thousandth is not answered.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Mutex, PoisonError};

/// Of so many same datagrams from one sender one is not answered.
const REPEATS: u32 = 1000;

/// How many different datagrams are counted at once. When there are more, counting begins anew: whoever can
/// send so many needs no loop.
const MAX_COUNTED: usize = 4096;

/// How many bytes of a datagram are looked at. Two that begin alike and are of one length count as the same,
/// which costs one of a thousand answers.
const COMPARED: usize = 256;

/// A server's guard against loops.
#[derive(Debug)]
pub(crate) struct EchoGuard {
    own_address: SocketAddr,
    /// How many times each datagram has come, by a hash of its sender and its bytes.
    counts: Mutex<HashMap<u64, u32>>,
    hasher: RandomState,
}

impl EchoGuard {
    /// For a server that is bound to this address.
    pub(crate) fn new(own_address: SocketAddr) -> EchoGuard {
        EchoGuard { own_address, counts: Mutex::default(), hasher: RandomState::new() }
    }

    /// Whether this datagram is to be thrown away: it claims to be from this server itself, or has come so
    /// often that it may go round in a loop.
    pub(crate) fn refuses(&self, from: SocketAddr, bytes: &[u8]) -> bool {
        self.is_own(from) || self.is_nth_repeat(from, bytes)
    }

    /// Whether an answer to this sender would come back to this server. One that is bound to every address
    /// of the machine has all of them.
    fn is_own(&self, from: SocketAddr) -> bool {
        let own = self.own_address;
        if from.port() != own.port() || !own.ip().is_unspecified() {
            return from == own;
        }
        // An address can be bound exactly if it is this machine's. Its interfaces may change.
        let mut any_port = from;
        any_port.set_port(0);
        UdpSocket::bind(any_port).is_ok()
    }

    fn is_nth_repeat(&self, from: SocketAddr, bytes: &[u8]) -> bool {
        let compared = bytes.get(..COMPARED).unwrap_or(bytes);
        let key = self.hasher.hash_one((from, bytes.len(), compared));
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MAX_COUNTED && !counts.contains_key(&key) {
            counts.clear();
        }
        let count = counts.entry(key).or_default();
        *count = (*count + 1) % REPEATS;
        *count == 0
    }
}
