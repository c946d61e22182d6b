//! Times of files, in seconds since 1970.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Whole seconds since 1970, rounded down, also before it. `None` for a time that no `i64` can hold.
pub(crate) fn to_seconds(time: SystemTime) -> Option<i64> {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).ok(),
        Err(before) => {
            let before = before.duration();
            let whole = i64::try_from(before.as_secs()).ok()?;
            Some(-whole - i64::from(before.subsec_nanos() > 0))
        }
    }
}

/// The time that is so many seconds after 1970, or before it; `None` for one that this system cannot
/// hold.
pub(crate) fn from_seconds(seconds: i64) -> Option<SystemTime> {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    match seconds {
        0.. => UNIX_EPOCH.checked_add(distance),
        _ => UNIX_EPOCH.checked_sub(distance),
    }
}
