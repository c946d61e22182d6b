//! What an error of the operating system means: for one client, for its connection, for the server.

use std::io::{self, ErrorKind::*};
use std::time::Duration;

use endpoint::{AcceptError, Expired, is_broken};

#[cfg(target_os = "linux")]
#[test]
fn what_concerns_one_client_or_will_be_better_later_does_not_end_a_server() {
    // accept(2): EINTR, EPERM, ECONNABORTED, ENETDOWN, ENETUNREACH, EHOSTUNREACH.
    for number in [4, 1, 103, 100, 101, 113] {
        let error = io::Error::from_raw_os_error(number);
        assert_eq!(AcceptError::of(&error), AcceptError::Passing, "{error}");
    }
    // EMFILE, ENFILE, ENOBUFS, ENOMEM.
    for number in [24, 23, 105, 12] {
        let error = io::Error::from_raw_os_error(number);
        assert_eq!(AcceptError::of(&error), AcceptError::Exhausted, "{error}");
    }
    // EBADF, EINVAL, ENOTSOCK.
    for number in [9, 22, 88] {
        let error = io::Error::from_raw_os_error(number);
        assert_eq!(AcceptError::of(&error), AcceptError::Fatal, "{error}");
    }
}

#[test]
fn a_caller_that_has_gone_before_it_was_accepted_does_not_end_a_server() {
    for kind in [ConnectionAborted, ConnectionReset, NotConnected] {
        assert_eq!(AcceptError::of(&kind.into()), AcceptError::Passing, "{kind}");
    }
}

#[test]
fn what_the_kernel_says_after_a_reset_is_a_broken_connection_and_nothing_else_is() {
    for kind in [ConnectionReset, ConnectionAborted, BrokenPipe] {
        assert!(is_broken(&kind.into()), "{kind}");
    }
    // WSAESHUTDOWN.
    assert!(is_broken(&io::Error::from_raw_os_error(10058)));
    for kind in [ConnectionRefused, NotConnected, UnexpectedEof, TimedOut, WouldBlock, Other] {
        assert!(!is_broken(&kind.into()), "{kind}");
    }
    assert!(!is_broken(&Expired::Answer(Duration::from_secs(1)).into()));
}
