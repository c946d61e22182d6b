//! What is sent: random bytes that give away whatever becomes of them.

use fastrand::Rng;

/// How many bytes there are from one letter to the next.
const LETTER_INTERVAL: usize = 64;

/// How many bytes there are until a [`Pattern`] begins again. A prime: whatever a faulty proxy
/// loses, repeats or exchanges, such as a whole buffer, moves what follows to where other bytes
/// belong.
const PERIOD: usize = 65_521;

/// Random bytes, as many as `length`, by which an echo in upper case can be checked.
///
/// The answer to `a` is `A`, and so is the answer to `A`: of a letter nobody can tell in which case
/// it arrived. Every other byte comes back as it is only if it arrived as it was sent. So there are
/// no letters, except for one in 64 bytes, in lower case: that one comes back in upper case only if
/// it has been at the server, and not if the proxy sends back itself what it receives.
pub fn random_bytes(random: &mut Rng, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    random.fill(&mut bytes);
    for letter in bytes.iter_mut().filter(|byte| byte.is_ascii_alphabetic()) {
        // ASCII has nothing in the upper half of the 256 bytes.
        *letter |= 0x80;
    }
    for byte in bytes.iter_mut().step_by(LETTER_INTERVAL) {
        *byte = random.u8(b'a'..=b'z');
    }
    bytes
}

/// A stream of random bytes without end. It is made before the clock starts, and takes as much
/// memory for a long transfer as for a short one: the same bytes come again and again.
pub(crate) struct Pattern {
    sent: Vec<u8>,
    expected: Vec<u8>,
}

/// A part of a stream.
pub(crate) struct Block<'a> {
    /// How many bytes are before it.
    pub(crate) at: u64,
    pub(crate) sent: &'a [u8],
    /// What has to come back: as many bytes as were sent.
    pub(crate) expected: &'a [u8],
}

impl Pattern {
    /// The same seed gives the same bytes.
    pub(crate) fn new(seed: u64) -> Pattern {
        let sent = random_bytes(&mut Rng::with_seed(seed), PERIOD);
        Pattern { expected: sent.to_ascii_uppercase(), sent }
    }

    /// The first `size` bytes of the stream, in blocks.
    pub(crate) fn blocks(&self, size: u64) -> impl Iterator<Item = Block<'_>> {
        (0..size).step_by(PERIOD).map(move |at| {
            let length = usize::try_from(size - at).unwrap_or(PERIOD);
            // Only the last one may be shorter.
            let part = |bytes| <[u8]>::get(bytes, ..length).unwrap_or(bytes);
            Block { at, sent: part(&self.sent), expected: part(&self.expected) }
        })
    }
}
