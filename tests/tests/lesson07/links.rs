//! Links that are slow, or stand still: old frames are dropped, and what is shown stays new.

use std::net::{SocketAddr, TcpStream};

use e2e::benchmark::Usage;
use e2e::{Program, Server, Signal, has_opencv, socket};

use crate::film::{self, Frame};

/// A proxy that does this to what passes.
#[track_caller]
fn link(upstream: SocketAddr, fault: &str) -> Server {
    let upstream = upstream.to_string();
    Server::lesson("lesson06-server", &["--upstream", &upstream, "--fault", fault])
}

/// Receives frames, and confirms them, until so many numbers are missing between two of them;
/// returns the numbers of both.
#[track_caller]
fn gap(stream: &mut TcpStream, missing: u64) -> [u64; 2] {
    let number = |frame: &Frame| frame.number("sequence");
    let mut before = film::receive(stream).unwrap();
    loop {
        film::confirm(stream, &before);
        let after = film::receive(stream).unwrap();
        if number(&after) - number(&before) > missing {
            return [number(&before), number(&after)];
        }
        before = after;
    }
}

#[test]
fn a_link_that_stood_still_goes_on_with_a_new_frame_and_not_with_the_old_ones() {
    if !has_opencv() {
        return;
    }
    let (listener, address) = socket::listen();
    let link = link(address, "up:stall=200000:2s");
    let client = film::client(link.address, &["--fps", "100"]);
    let mut stream = socket::accept(&listener);
    // Some 200 frames are filmed in these two seconds. A queue would send them all.
    let [before, after] = gap(&mut stream, 50);
    client.signal(Signal::INT);
    let client = client.finish();
    assert_eq!(client.status, Some(0), "after frames {before} and {after}");
    assert!(client.stdout.contains("dropped"), "{}", client.stdout);
}

/// Takes and confirms so many frames.
#[track_caller]
fn take(stream: &mut TcpStream, count: usize) {
    for _ in 0..count {
        let frame = film::receive(stream).unwrap();
        film::confirm(stream, &frame);
    }
}

#[test]
fn a_server_that_stops_reading_costs_its_client_no_memory() {
    if !has_opencv() {
        return;
    }
    let (listener, address) = socket::listen();
    let options = ["--size", "1280x720", "--fps", "30", "--timeout", "1h"];
    let [(stalled, _stream), (_other, mut clock)] = [(); 2].map(|()| {
        let client = Program::client("lesson07-client", address, &options);
        let mut stream = socket::accept(&listener);
        take(&mut stream, 10);
        (client, stream)
    });
    // Nothing of the first is read any more. What the second films meanwhile, the first films too.
    let before = Usage::of(stalled.id()).peak;
    take(&mut clock, 100);
    // The kernel counts pages for each processor, and what it says may be a little less than before.
    let grown = Usage::of(stalled.id()).peak.saturating_sub(before);
    assert!(grown < 4096, "the client has grown by {grown} KiB");
    stalled.signal(Signal::INT);
    assert_eq!(stalled.finish().status, Some(0));
}
