//! A crowd: as many clients at a time as there are places, and a place that is always given back.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use endpoint::crowd::{Crowd, Places, Refused};

/// A client that is served until its sender is dropped.
fn client() -> (Sender<()>, Receiver<()>) {
    channel()
}

/// Serves a client until it leaves.
fn until_it_leaves(client: Receiver<()>) {
    _ = client.recv();
}

fn wait_until_taken(places: &Places, taken: usize) {
    while places.taken() != taken {
        thread::yield_now();
    }
}

#[test]
fn a_client_beyond_the_places_comes_back_and_is_served_when_another_has_left() {
    let places = Places::new(2);
    thread::scope(|scope| {
        let crowd = Crowd::new(scope, &places);
        let [(first, one), (second, two), (third, three)] = [client(), client(), client()];
        crowd.spawn(one, until_it_leaves).unwrap();
        crowd.spawn(two, until_it_leaves).unwrap();
        let Err(Refused::Full(three)) = crowd.spawn(three, until_it_leaves) else {
            panic!("there is no third place");
        };
        assert_eq!((places.taken(), places.limit()), (2, 2));
        drop(first);
        wait_until_taken(&places, 1);
        crowd.spawn(three, until_it_leaves).unwrap();
        drop((second, third));
    });
    assert_eq!(places.taken(), 0, "the scope has waited for all of them");
}

#[test]
fn a_conversation_that_panics_gives_its_place_back_and_ends_alone() {
    let places = Places::new(1);
    thread::scope(|scope| {
        let crowd = Crowd::new(scope, &places);
        crowd.spawn((), |()| panic!("this is part of the test")).unwrap();
        wait_until_taken(&places, 0);
        crowd.spawn((), |()| ()).unwrap();
    });
    assert_eq!(places.taken(), 0);
}

#[test]
fn without_a_thread_a_client_is_dropped_its_place_given_back_and_the_next_one_served() {
    let places = Places::new(1);
    thread::scope(|scope| {
        // No machine has so much address space.
        let crowd = Crowd::new(scope, &places).with_stack_size(usize::MAX / 16);
        let (stays, leaves) = client();
        let Err(Refused::NoThread(_)) = crowd.spawn(leaves, until_it_leaves) else {
            panic!("a thread with a stack of a sixteenth of all addresses");
        };
        assert_eq!(places.taken(), 0);
        assert!(stays.send(()).is_err(), "the client has been dropped");
        crowd.with_stack_size(64 * 1024).spawn((), |()| ()).unwrap();
    });
}

#[test]
fn two_crowds_share_their_places() {
    let places = Places::new(1);
    thread::scope(|scope| {
        let (one, other) = (Crowd::new(scope, &places), Crowd::new(scope, &places));
        let (stays, first) = client();
        one.spawn(first, until_it_leaves).unwrap();
        assert!(matches!(other.spawn((), |()| ()), Err(Refused::Full(()))));
        drop(stays);
        wait_until_taken(&places, 0);
        other.spawn((), |()| ()).unwrap();
    });
}
