//! The bytes that arrive are the bytes that were sent.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{LazyLock, Mutex};
use std::thread;

use fault::Sizes;
use fault::stream::Direction;
use proptest::prelude::*;
use relay::{End, Options, Relay, Route, Totals};

use crate::proxy::{
    Between, DEADLINE, Proxy, Told, Way, assert_same, connect, each_way, in_a_thread, noise,
    read_to_end, with_deadline,
};

/// Sends this in pieces, and then the end of the stream.
fn send(mut stream: &TcpStream, bytes: &[u8], sizes: &mut Sizes) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(sizes.next_size().min(rest.len()));
        stream.write_all(piece).unwrap();
        rest = after;
    }
    stream.shutdown(Shutdown::Write).unwrap();
}

/// Sends both ways at once, and returns what came: to the upstream, and to the client.
fn exchange(ends: (TcpStream, TcpStream), up: &[u8], down: &[u8], sizes: &Sizes) -> [Vec<u8>; 2] {
    let (client, upstream) = ends;
    thread::scope(|scope| {
        scope.spawn(|| send(&client, up, &mut sizes.clone()));
        scope.spawn(|| send(&upstream, down, &mut sizes.clone()));
        let came_up = scope.spawn(|| read_to_end(&mut upstream.try_clone().unwrap()));
        let came_down = read_to_end(&mut client.try_clone().unwrap());
        [came_up.join().unwrap(), came_down]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_sent_in_whatever_pieces_arrives_unchanged_both_ways(
        up in 0_usize..300_000,
        down in 0_usize..300_000,
        most in prop_oneof![1_usize..100, 1_usize..10_000, 1_usize..300_000],
        way in 0_usize..3,
        seed: u64,
    ) {
        // A piece of a byte costs a call.
        let (up, down) = (up.min(most * 2_000), down.min(most * 2_000));
        static WAYS: LazyLock<Mutex<[(&str, Between); 3]>> = LazyLock::new(|| Mutex::new(each_way()));
        let ends = WAYS.lock().unwrap()[way].1.connect();
        let [up, down] = [noise(up, seed), noise(down, !seed)];
        let [came_up, came_down] = exchange(ends, &up, &down, &Sizes::random(most, seed));
        assert_same("up", &came_up, &up);
        assert_same("down", &came_down, &down);
    }
}

#[test]
fn sixty_four_mib_both_ways_at_once_arrive_unchanged() {
    for (way, between) in each_way() {
        let [up, down] = [1, 2].map(|seed| noise(64 << 20, seed));
        let sizes = Sizes::every(1 << 20);
        let [came_up, came_down] = exchange(between.connect(), &up, &down, &sizes);
        assert_same(&format!("{way}, up"), &came_up, &up);
        assert_same(&format!("{way}, down"), &came_down, &down);
        let totals = between.proxy.stop();
        let expected = Totals { connections: 1, refused: 0, up: 64 << 20, down: 64 << 20 };
        assert_eq!(totals, expected, "{way}");
    }
}

#[test]
fn messages_before_during_and_after_a_bulk_transfer_arrive() {
    let between = Between::new(Options::default());
    let (mut client, mut upstream) = between.connect();
    for round in 0..50 {
        let bytes = noise([5, 70_000, 64, 1 << 20, 16_384][round % 5], round as u64);
        let sent = bytes.clone();
        let mut sender = client.try_clone().unwrap();
        let done = in_a_thread(move || sender.write_all(&sent).unwrap());
        let mut came = vec![0; bytes.len()];
        upstream.read_exact(&mut came).unwrap();
        done.recv_timeout(DEADLINE).unwrap();
        assert_same(&format!("round {round}"), &came, &bytes);
        upstream.write_all(b"ok").unwrap();
        client.read_exact(&mut [0; 2]).unwrap();
    }
}

#[test]
fn a_server_may_speak_first() {
    for (way, between) in each_way() {
        let (mut client, mut upstream) = between.connect();
        upstream.write_all(b"welcome").unwrap();
        drop(upstream);
        assert_eq!(read_to_end(&mut client), b"welcome", "{way}");
        drop(client);
        assert!(matches!(between.proxy.closed().end, End::Upstream), "{way}");
    }
}

#[test]
fn three_hundred_clients_in_quick_succession_are_all_served() {
    let between = Between::new(Options::default());
    let clients: Vec<TcpStream> = (0..300)
        .map(|number| {
            let mut client = between.proxy.connect();
            write!(client, "client {number:03}").unwrap();
            client
        })
        .collect();
    for _ in 0..300 {
        let mut upstream = between.accept();
        let mut request = [0; 10];
        upstream.read_exact(&mut request).unwrap();
        upstream.write_all(&request.to_ascii_uppercase()).unwrap();
    }
    for (number, mut client) in clients.into_iter().enumerate() {
        let answer = String::from_utf8(read_to_end(&mut client)).unwrap();
        assert_eq!(answer, format!("CLIENT {number:03}"));
    }
    let expected = Totals { connections: 300, refused: 0, up: 3000, down: 3000 };
    assert_eq!(between.proxy.stop(), expected);
}

#[test]
fn whoever_looks_sees_all_bytes_with_their_direction_and_connection() {
    let between = Between::new(Options { observes_bytes: true, ..Options::default() });
    let [up, down] = [noise(300_000, 1), noise(200_000, 2)];
    let ends = between.connect();
    let address = ends.0.local_addr().unwrap();
    exchange(ends, &up, &down, &Sizes::every(1000));
    let (mut seen_up, mut seen_down) = (Vec::new(), Vec::new());
    let Told::Opened(id, Way { client, .. }) = between.proxy.told() else {
        panic!("not opened first")
    };
    assert_eq!((id.to_string(), client), ("1".to_owned(), address));
    let summary = loop {
        match between.proxy.told() {
            Told::Bytes(of, Direction::Up, bytes) if of == id => seen_up.extend(bytes),
            Told::Bytes(of, Direction::Down, bytes) if of == id => seen_down.extend(bytes),
            Told::Closed(of, summary) if of == id => break summary,
            other => panic!("told {other:?}"),
        }
    };
    assert_same("up", &seen_up, &up);
    assert_same("down", &seen_down, &down);
    assert_eq!((summary.up, summary.down), (300_000, 200_000));
}

#[test]
fn a_bulk_transfer_does_not_starve_the_others() {
    let between = Between::new(Options::default());
    let (sender, mut receiver) = between.connect();
    let (mut client, mut upstream) = between.connect();
    let sends = in_a_thread(move || while (&sender).write_all(&[0; 1 << 18]).is_ok() {});
    let receives = in_a_thread(move || {
        let mut buffer = vec![0; 1 << 18];
        let mut came = 0;
        while came < 256 << 20 {
            came += receiver.read(&mut buffer).unwrap();
        }
    });
    for _ in 0..200 {
        client.write_all(b"hello").unwrap();
        upstream.read_exact(&mut [0; 5]).unwrap();
        upstream.write_all(b"hello").unwrap();
        client.read_exact(&mut [0; 5]).unwrap();
    }
    receives.recv_timeout(DEADLINE).unwrap();
    sends.recv_timeout(DEADLINE).unwrap();
}

#[test]
fn several_routes_lead_each_client_to_its_own_upstream() {
    let [entrances, upstreams] =
        [1, 2].map(|_| [1, 2].map(|_| TcpListener::bind("127.0.0.1:0").unwrap()));
    let addresses = entrances.each_ref().map(|entrance| entrance.local_addr().unwrap());
    let routes = entrances.into_iter().zip(&upstreams).map(|(entrance, upstream)| Route {
        listener: entrance.into(),
        upstream: vec![upstream.local_addr().unwrap()],
    });
    let relay = Relay::new(routes.collect(), Options::default()).unwrap();
    let proxy = Proxy::run(addresses[0], relay);
    let mut open = Vec::new();
    for (route, (address, upstream)) in addresses.into_iter().zip(&upstreams).enumerate().rev() {
        let mut client = connect(address);
        client.write_all(b"hello").unwrap();
        let mut end = with_deadline(upstream.accept().unwrap().0);
        end.read_exact(&mut [0; 5]).unwrap();
        let told = proxy.told();
        let Told::Opened(_, way) = told else { panic!("told first: {told:?}") };
        let [from, to] = [client.local_addr(), upstream.local_addr()].map(Result::unwrap);
        assert_eq!(way, Way { route, client: from, upstream: to });
        open.push((client, end));
    }
}
