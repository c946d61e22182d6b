//! The values of options: lengths of time, sizes, and whom to call.

use std::time::Duration;

use bytesize::ByteSize;
use endpoint::Address;

/// The longest wait that can be asked for: no [`Instant`] can hold the end of a much longer one.
///
/// [`Instant`]: std::time::Instant
const MAX_WAIT: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// For clap: a length of time such as `10s`, `500ms` or `10m`, not zero, and at most 100 years.
///
/// # Errors
/// A sentence for the person who typed it.
pub fn duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("a wait of zero would end before it began".to_owned()),
        Ok(duration) if duration > MAX_WAIT => Err("nobody waits for 100 years".to_owned()),
        Ok(duration) => Ok(duration),
        Err(error) => Err(format!("{error}; write for example 500ms, 10s or 5m")),
    }
}

/// For clap: the address of a server that is to be called: port 0, with which a server asks for a free one,
/// is no place to call.
///
/// # Errors
/// A sentence for the person who typed it.
pub fn callable_address(text: &str, default_port: u16) -> Result<Address, String> {
    match Address::parse(text, default_port) {
        Ok(address) if address.port() == 0 => {
            Err("nobody can be called at port 0; the server says where it listens".to_owned())
        }
        Ok(address) => Ok(address),
        Err(error) => Err(error.to_string()),
    }
}

/// For clap: a number that is not zero.
pub(crate) fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("with none there would be nothing to do".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(error.to_string()),
    }
}

/// For clap: a number of bytes such as `1024`, `64KiB` or `16MiB`.
///
/// # Errors
/// A sentence for the person who typed it.
pub fn size(text: &str) -> Result<usize, String> {
    let size: ByteSize = text.parse().map_err(|_| "write for example 1024, 64KiB or 16MiB")?;
    usize::try_from(size.as_u64()).map_err(|_| "more than this machine can address".to_owned())
}
