//! A film that outlives its connections.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use endpoint::{Backoff, Retry, Stop};
use lesson07_client::{Error, SendState};

use crate::failure::Failure;
use crate::session::stay_connected;
use crate::with_state;

fn reset() -> Failure {
    let error = io::Error::from(ErrorKind::ConnectionReset);
    Error::from(error).into()
}

fn refused() -> Failure {
    let address = SocketAddr::from(([127, 0, 0, 1], 8007));
    endpoint::Error::Connect { address, source: ErrorKind::ConnectionRefused.into() }.into()
}

/// So many pauses in a row, whose lengths are known.
fn pauses(limit: u32) -> Backoff {
    Backoff::new(Duration::from_millis(100), Duration::from_secs(5), limit)
}

/// One frame arrives, and one is on its way.
fn one_arrives(state: &mut SendState<'_>) {
    state.sent.arrived += 1;
    state.sent.in_flight = 1;
}

#[test]
fn a_connection_that_is_lost_is_made_again_and_each_frame_that_arrives_begins_the_tries_anew() {
    let mut connections = 0;
    let told = RefCell::new(Vec::new());
    let (outcome, sent, _) = with_state(u64::MAX, &Stop::new(), |state| {
        let talk = |number, state: &mut SendState<'_>| match number {
            1 | 2 => Err(reset()),
            3 | 4 => {
                one_arrives(state);
                Err(Error::Ended.into())
            }
            _ => Ok(()),
        };
        let call = || {
            connections += 1;
            Ok(connections)
        };
        let tell = &mut |retry: &Retry<'_, Failure>| told.borrow_mut().push(retry.to_string());
        stay_connected(call, talk, pauses(2), state, tell)
    });
    outcome.unwrap();
    assert_eq!((connections, sent.arrived, sent.lost), (5, 2, 2));
    let told = told.into_inner();
    let again: Vec<&str> = told.iter().filter_map(|line| line.split("; ").last()).collect();
    let expected = [
        "calling again in 100ms (1 of 2)",
        "calling again in 200ms (2 of 2)",
        "calling again in 100ms (1 of 2)",
        "calling again in 100ms (1 of 2)",
    ];
    assert_eq!(again, expected);
}

#[test]
fn after_so_many_tries_in_a_row_it_is_given_up_and_the_last_error_is_told() {
    for (retries, calls, words) in
        [(0, 1, "the connection broke"), (2, 3, "gave up after --retries 2: the connection broke")]
    {
        let mut made = 0;
        let (outcome, ..) = with_state(u64::MAX, &Stop::new(), |state| {
            let call = || {
                made += 1;
                Ok(())
            };
            stay_connected(call, |(), _| Err(reset()), pauses(retries), state, &mut |_| {})
        });
        let error = outcome.unwrap_err().to_string();
        assert!(error.starts_with(words), "{error}");
        assert_eq!(made, calls);
    }
}

#[test]
fn a_server_that_has_gone_is_called_until_it_is_there_again() {
    let mut calls = [Ok(Err(reset())), Err(refused()), Err(refused()), Ok(Ok(()))].into_iter();
    let mut told = Vec::new();
    let (outcome, ..) = with_state(u64::MAX, &Stop::new(), |state| {
        let call = || calls.next().unwrap();
        let tell = &mut |retry: &Retry<'_, Failure>| told.push(retry.to_string());
        stay_connected(call, |outcome, _| outcome, pauses(3), state, tell)
    });
    outcome.unwrap();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[1].starts_with("cannot connect to 127.0.0.1:8007"), "{told:?}");
}

#[test]
fn where_there_never_was_a_server_nobody_waits_for_one() {
    let mut calls = 0;
    let (outcome, ..) = with_state(u64::MAX, &Stop::new(), |state| {
        let call = || -> Result<(), Failure> {
            calls += 1;
            Err(refused())
        };
        stay_connected(call, |(), _| Ok(()), pauses(9), state, &mut |_| panic!("tried again"))
    });
    assert!(matches!(outcome, Err(Failure::Connect(_))), "{outcome:?}");
    assert_eq!(calls, 1);
}

#[test]
fn what_calling_again_would_not_help_is_told_at_once() {
    let (outcome, ..) = with_state(u64::MAX, &Stop::new(), |state| {
        let talk = |(), _: &mut SendState<'_>| Err(Error::MoreFollows { more: 1 }.into());
        stay_connected(|| Ok(()), talk, pauses(9), state, &mut |_| panic!("tried again"))
    });
    assert!(matches!(outcome, Err(Failure::Film(Error::MoreFollows { .. }))), "{outcome:?}");
}

#[test]
fn after_a_request_to_stop_nothing_is_tried_again_and_nothing_is_an_error() {
    let stop = Stop::new();
    let (outcome, sent, _) = with_state(u64::MAX, &stop, |state| {
        let talk = |(), state: &mut SendState<'_>| {
            one_arrives(state);
            stop.request();
            Err(reset())
        };
        stay_connected(|| Ok(()), talk, pauses(9), state, &mut |_| panic!("tried again"))
    });
    outcome.unwrap();
    assert_eq!((sent.arrived, sent.lost), (1, 1));
}
