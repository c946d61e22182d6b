//! The line of a try that failed, and a pause that a stop ends. The pauses themselves are tested
//! beside those of lesson 05, in its client's tests.

use std::io::{self, ErrorKind};
use std::time::Duration;

use endpoint::{Backoff, Expired, Failure, Stop};

#[test]
fn each_try_that_failed_is_a_line_until_there_is_to_be_none() {
    let mut pauses = Backoff::new(Duration::from_millis(100), Duration::from_secs(5), 2);
    let error = io::Error::other("it broke");
    let line = pauses.retry(&error, "calling").unwrap().to_string();
    assert_eq!(line, "it broke; calling again in 100ms (1 of 2)");
    let line = pauses.retry(&error, "trying").unwrap().to_string();
    assert_eq!(line, "it broke; trying again in 200ms (2 of 2)");
    assert!(pauses.retry(&error, "trying").is_none());
}

#[test]
fn a_request_to_stop_ends_a_pause() {
    let mut pauses = Backoff::new(Duration::MAX, Duration::MAX, 1);
    let stop = Stop::new();
    stop.request();
    pauses.retry(&"", "trying").unwrap().wait(&stop);
}

#[test]
fn an_error_of_an_exchange_is_sorted_by_what_it_says_of_the_connection() {
    let of = |error: io::Error| Failure::from(wire::Error::Io(error));
    assert!(matches!(Failure::from(wire::Error::EndInHeader { got: 1, at: 1 }), Failure::Ended));
    assert!(matches!(of(ErrorKind::UnexpectedEof.into()), Failure::Ended));
    assert!(matches!(of(ErrorKind::ConnectionReset.into()), Failure::Broken(_)));
    assert!(matches!(of(Expired::Answer(Duration::from_secs(1)).into()), Failure::Expired(_)));
    assert!(matches!(of(ErrorKind::PermissionDenied.into()), Failure::Exchange(_)));
    let negative = wire::Error::NegativeLength { length: -1, at: 0 };
    assert!(matches!(Failure::from(negative), Failure::Exchange(_)));
}
