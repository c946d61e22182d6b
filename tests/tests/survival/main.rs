//! Nothing that a client does ends a server, fills its memory, or keeps it from the next client; and
//! a server ends when it is asked to, and says why it does not begin. This is tried with every server of
//! a TCP stream that a person types to: lessons 01, 02, 03 and 05.
// Programs are stopped, suspended and looked at by signals and /proc here, of which Windows has neither.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

mod case;
mod clients;
mod ctrl_c;
mod start;
