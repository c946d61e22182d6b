//! How many descriptors this process may have.

/// Lets this process have so many descriptors and a few more, if the system allows it: each client
/// costs one, and for some servers more.
///
/// The usual soft limit is 1024. A process may raise it up to the hard limit, setrlimit(2); beyond
/// that, `accept` will fail, and be tried again.
#[cfg(unix)]
pub fn raise_descriptor_limit(descriptors: usize) {
    use rustix::process::{Resource, getrlimit, setrlimit};
    // Standard streams, the listener, and what a command's pipes need.
    const SPARE: u64 = 64;
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = (descriptors as u64).saturating_add(SPARE);
    if limit.current.is_some_and(|current| current < wanted) {
        limit.current = Some(limit.maximum.map_or(wanted, |maximum| maximum.min(wanted)));
        // What cannot be raised stays as it is.
        _ = setrlimit(Resource::Nofile, limit);
    }
}

/// Windows counts no descriptors.
#[cfg(not(unix))]
pub fn raise_descriptor_limit(_descriptors: usize) {}
