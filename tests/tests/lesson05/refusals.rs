//! Who is refused, and in which words.

use std::net::{Shutdown, SocketAddr};
use std::time::Instant;

use e2e::{DEADLINE, socket};

use crate::{assert_answered, start};

#[test]
fn a_full_pool_with_a_full_queue_refuses_the_next_client_in_words() {
    let server = start(&[&["--model", "pool", "--workers", "1", "--queue", "1"]]);
    let mut first = socket::connect(server.address);
    // Once it is answered, it is with the worker, and the queue is empty.
    assert_answered(&mut first, "first");
    let mut second = socket::connect(server.address);
    server.wait_for_line(&format!("{} connected", second.local_addr().unwrap()));
    assert_refused(server.address, "workers: 1, places to wait: 1, all taken");
    assert_answered(&mut first, "first again");
    drop(first);
    assert_answered(&mut second, "second");
    drop(second);
    assert!(server.stop().stdout.ends_with("served: 2, refused: 1\n"));
}

#[test]
fn a_client_beyond_the_limit_is_refused_in_words_and_a_place_that_is_left_is_free_again() {
    for model in ["thread", "event"] {
        let server = start(&[&["--model", model, "--max-connections", "2"]]);
        let mut clients = [(); 2].map(|()| socket::connect(server.address));
        clients.iter_mut().for_each(|client| assert_answered(client, "hello"));
        assert_refused(server.address, "places for clients: 2, all taken");
        let [first, mut second] = clients;
        let gone = format!("{} closed by client", first.local_addr().unwrap());
        drop(first);
        server.wait_for_line(&gone);
        // Its line comes just before its place is free.
        let given_up = Instant::now() + DEADLINE;
        let mut next = loop {
            let mut next = socket::send(server.address, &[b"next"]);
            if socket::receive(&mut next, 4) == b"NEXT" {
                break next;
            }
            assert!(Instant::now() < given_up, "the place never is free again");
        };
        assert_answered(&mut next, "next again");
        assert_answered(&mut second, "second");
    }
}

#[test]
fn a_refused_client_that_has_spoken_first_still_hears_why() {
    for model in [&["thread", "--max-connections", "1"][..], &["event", "--max-connections", "1"]] {
        let server = start(&[&["--model"], model]);
        let mut first = socket::connect(server.address);
        assert_answered(&mut first, "first");
        for _ in 0..50 {
            let mut client = socket::send(server.address, &[&[b'x'; 4096]]);
            client.shutdown(Shutdown::Write).unwrap();
            let words = socket::receive_to_end(&mut client);
            assert!(words.starts_with(b"busy: "), "{:?}", String::from_utf8_lossy(&words));
        }
    }
}

#[test]
fn a_framed_client_is_refused_in_a_frame() {
    let options = ["--service", "command", "--model", "pool", "--workers", "1", "--queue", "1"];
    let server = start(&[&options]);
    let mut first = socket::send(server.address, &[&socket::frame(b"echo hi")]);
    assert_eq!(socket::receive(&mut first, 7), socket::frame(b"hi\n"));
    let second = socket::connect(server.address);
    server.wait_for_line(&format!("{} connected", second.local_addr().unwrap()));
    let words = socket::receive_to_end(&mut socket::connect(server.address));
    let expected = "busy: workers: 1, places to wait: 1, all taken; try again later\n";
    assert_eq!(words, socket::frame(expected.as_bytes()));
}

#[track_caller]
fn assert_refused(server: SocketAddr, why: &str) {
    let mut client = socket::connect(server);
    let words = socket::receive_to_end(&mut client);
    assert_eq!(String::from_utf8_lossy(&words), format!("busy: {why}; try again later\n"));
}
