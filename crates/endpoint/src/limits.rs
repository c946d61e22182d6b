//! What a client may cost a server.

use std::time::Duration;

/// A limit for each thing that a client could do without end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// How long a client may be silent between two messages.
    pub idle_timeout: Duration,
    /// How long one message may take from its first byte to its last, in either direction.
    pub message_timeout: Duration,
    /// How long a message may be, in bytes.
    pub max_message: usize,
    /// How many clients may be connected at once.
    pub max_connections: usize,
}

impl Default for Limits {
    /// Ten minutes between messages, ten seconds for each, 16 MiB, and 1024 clients.
    fn default() -> Limits {
        Limits {
            idle_timeout: Duration::from_secs(600),
            message_timeout: Duration::from_secs(10),
            max_message: wire::DEFAULT_LIMIT,
            max_connections: 1024,
        }
    }
}
