//! A film that outlives its connections.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use endpoint::Stop;
use lesson07_client::session::{Trouble, stay_connected};
use lesson07_client::{Course, Error};

use crate::on_course;

fn reset() -> Error {
    Error::from(io::Error::from(ErrorKind::ConnectionReset))
}

fn refused() -> Error {
    let address = SocketAddr::from(([127, 0, 0, 1], 8007));
    endpoint::Error::Connect { address, source: ErrorKind::ConnectionRefused.into() }.into()
}

/// One frame arrives, and one is on its way.
fn one_arrives(course: &mut Course<'_>) {
    course.report.arrived += 1;
    course.report.in_flight = 1;
}

#[test]
fn a_connection_that_is_lost_is_made_again_and_each_frame_that_arrives_begins_the_tries_anew() {
    let mut connections = 0;
    let told = RefCell::new(Vec::new());
    let (outcome, report) = on_course(u64::MAX, &Stop::new(), |course| {
        let talk = |number, course: &mut Course<'_>| match number {
            1 | 2 => Err(reset()),
            3 | 4 => {
                one_arrives(course);
                Err(Error::Ended)
            }
            _ => Ok(()),
        };
        let call = || {
            connections += 1;
            Ok(connections)
        };
        let tell = &mut |trouble: &Trouble<'_>| told.borrow_mut().push(format!("{trouble}"));
        stay_connected(call, talk, 2, course, tell)
    });
    outcome.unwrap();
    assert_eq!((connections, report.arrived, report.lost), (5, 2, 2));
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
        let (outcome, _) = on_course(u64::MAX, &Stop::new(), |course| {
            let call = || {
                made += 1;
                Ok(())
            };
            stay_connected(call, |(), _| Err(reset()), retries, course, &mut |_| {})
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
    let (outcome, _) = on_course(u64::MAX, &Stop::new(), |course| {
        let call = || calls.next().unwrap();
        let tell = &mut |trouble: &Trouble<'_>| told.push(trouble.to_string());
        stay_connected(call, |outcome, _| outcome, 3, course, tell)
    });
    outcome.unwrap();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[1].starts_with("cannot connect to 127.0.0.1:8007"), "{told:?}");
}

#[test]
fn where_there_never_was_a_server_nobody_waits_for_one() {
    let mut calls = 0;
    let (outcome, _) = on_course(u64::MAX, &Stop::new(), |course| {
        let call = || -> Result<(), Error> {
            calls += 1;
            Err(refused())
        };
        stay_connected(call, |(), _| Ok(()), 9, course, &mut |_| panic!("tried again"))
    });
    assert!(matches!(outcome, Err(Error::Connect(_))), "{outcome:?}");
    assert_eq!(calls, 1);
}

#[test]
fn what_calling_again_would_not_help_is_told_at_once() {
    let (outcome, _) = on_course(u64::MAX, &Stop::new(), |course| {
        let talk = |(), _: &mut Course<'_>| Err(Error::MoreFollows { more: 1 });
        stay_connected(|| Ok(()), talk, 9, course, &mut |_| panic!("tried again"))
    });
    assert!(matches!(outcome, Err(Error::MoreFollows { .. })), "{outcome:?}");
}

#[test]
fn after_a_request_to_stop_nothing_is_tried_again_and_nothing_is_an_error() {
    let stop = Stop::new();
    let (outcome, report) = on_course(u64::MAX, &stop, |course| {
        let talk = |(), course: &mut Course<'_>| {
            one_arrives(course);
            stop.request();
            Err(reset())
        };
        stay_connected(|| Ok(()), talk, 9, course, &mut |_| panic!("tried again"))
    });
    outcome.unwrap();
    assert_eq!((report.arrived, report.lost), (1, 1));
}
