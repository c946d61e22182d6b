//! Flows: whose an answer is, and how they end.

use std::time::{Duration, Instant};

use endpoint::{Datagrams, Limits, Policy};
use fault::datagram::Faults;
use relay::datagrams::{Count, End, Options, Route, Totals};

use crate::proxy::{DEADLINE, Proxy, Told, pass, receive, socket};

#[test]
fn each_client_gets_its_own_answers_whatever_their_order() {
    let (upstream, address) = socket();
    let proxy = Proxy::start(&[address], Options::default());
    let clients: Vec<_> = (0..50).map(|_| socket().0).collect();
    let flows: Vec<_> =
        clients.iter().map(|client| pass(client, &proxy, &upstream, b"ask")).collect();
    for (number, flow) in flows.iter().enumerate().rev() {
        upstream.send_to(&number.to_be_bytes(), flow).unwrap();
    }
    for (number, client) in clients.iter().enumerate() {
        assert_eq!(receive(client), (number.to_be_bytes().to_vec(), proxy.addresses[0]));
    }
    // The same client has the same flow.
    assert_eq!(pass(&clients[7], &proxy, &upstream, b"again"), flows[7]);
    drop(clients);
    let (up, down) = (Count { datagrams: 51, bytes: 155 }, Count { datagrams: 50, bytes: 400 });
    assert_eq!(proxy.stop(), Totals { flows: 50, refused: 0, up, down });
}

#[test]
fn datagrams_keep_their_edges_from_the_empty_one_to_the_longest() {
    let (upstream, address) = socket();
    let proxy = Proxy::start(&[address], Options::default());
    let client = socket().0;
    for length in [0, 1, 1500, 65_507, 0] {
        let bytes = vec![b'x'; length];
        let flow = pass(&client, &proxy, &upstream, &bytes);
        upstream.send_to(&bytes, flow).unwrap();
        assert_eq!(receive(&client).0.len(), length);
    }
}

#[test]
fn each_route_has_its_own_upstream_and_its_own_flows() {
    let ((one, first), (other, second)) = (socket(), socket());
    let proxy = Proxy::start(&[first, second], Options::default());
    let client = socket().0;
    client.send_to(b"one", proxy.addresses[0]).unwrap();
    client.send_to(b"other", proxy.addresses[1]).unwrap();
    let (came, flow) = receive(&other);
    assert_eq!(came, b"other");
    assert_eq!(receive(&one).0, b"one");
    other.send_to(b"answer", flow).unwrap();
    assert_eq!(receive(&client), (b"answer".to_vec(), proxy.addresses[1]));
}

/// On other systems an answer leaves from the address that the system finds best.
#[cfg(target_os = "linux")]
#[test]
fn a_relay_on_all_addresses_answers_from_the_one_that_was_asked() {
    let (upstream, address) = socket();
    let policy = Policy::new(Limits::default());
    let port = Datagrams::bind("0.0.0.0:0".parse().unwrap(), &policy).unwrap();
    let number = port.local_addr().unwrap().port();
    let proxy =
        Proxy::on(vec![Route { socket: port, upstream: vec![address] }], Options::default());
    let client = socket().0;
    let [one, other] = ["127.0.0.1", "127.0.0.2"].map(|here| format!("{here}:{number}"));
    client.send_to(b"one", &one).unwrap();
    let (_, first) = receive(&upstream);
    client.send_to(b"other", &other).unwrap();
    let (_, second) = receive(&upstream);
    // The same client, and two conversations.
    for (flow, asked) in [(second, other), (first, one)] {
        upstream.send_to(b"answer", flow).unwrap();
        assert_eq!(receive(&client).1.to_string(), asked);
    }
    assert_eq!(proxy.stop().flows, 2);
}

#[test]
fn a_flow_that_is_silent_ends_and_the_next_datagram_begins_another() {
    let (upstream, address) = socket();
    let flow_timeout = Duration::from_millis(50);
    let proxy = Proxy::start(&[address], Options { flow_timeout, ..Options::default() });
    let client = socket().0;
    pass(&client, &proxy, &upstream, b"one");
    assert_eq!(proxy.closed(), End::Silent);
    let flow = pass(&client, &proxy, &upstream, b"two");
    upstream.send_to(b"answer", flow).unwrap();
    assert_eq!(receive(&client).0, b"answer");
    assert_eq!(proxy.stop().flows, 2);
}

#[test]
fn the_one_that_is_silent_longest_makes_room_and_who_talks_keeps_its_flow() {
    let (upstream, address) = socket();
    let proxy = Proxy::start(&[address], Options { max_flows: 2, ..Options::default() });
    let [silent, talks, newcomer] = [(); 3].map(|()| socket().0);
    pass(&silent, &proxy, &upstream, b"before");
    let flow = pass(&talks, &proxy, &upstream, b"before");
    // Within the first second nobody has been silent for long enough, and the newcomer's datagrams are thrown
    // away.
    let mut refused = 0;
    loop {
        assert_eq!(pass(&talks, &proxy, &upstream, b"talk"), flow);
        newcomer.send_to(b"new", proxy.addresses[0]).unwrap();
        let end = proxy.told(|told| match told {
            Told::Refused(why) => Some(Err(why)),
            Told::Closed(end) => Some(Ok(end)),
            _ => None,
        });
        match end {
            Err(why) => assert_eq!(why, "places for flows: 2, all taken"),
            Ok(end) => break assert_eq!(end, End::MadeRoom),
        }
        refused += 1;
    }
    assert_eq!(receive(&upstream).0, b"new");
    assert_eq!(pass(&talks, &proxy, &upstream, b"after"), flow);
    assert!(refused > 0);
    assert_eq!(proxy.stop().refused, refused);
}

#[test]
fn faults_are_done_to_the_direction_that_is_to_have_them_and_change_while_the_flow_lasts() {
    let (upstream, address) = socket();
    let faults = Faults::new(vec!["up:loss=100%".parse().unwrap()], 1);
    let proxy = Proxy::start(&[address], Options { faults: faults.clone(), ..Options::default() });
    let client = socket().0;
    client.send_to(b"lost", proxy.addresses[0]).unwrap();
    let (direction, words) = proxy.told(|told| match told {
        Told::Fault(direction, words) => Some((direction, words)),
        _ => None,
    });
    assert_eq!((direction.to_string().as_str(), words.as_str()), ("up", "is lost"));

    faults.change(vec!["down:duplicate=100%".parse().unwrap()]);
    proxy.wake();
    let flow = pass(&client, &proxy, &upstream, b"hello");
    upstream.send_to(b"twice", flow).unwrap();
    assert_eq!([receive(&client).0, receive(&client).0], [b"twice", b"twice"]);

    // What is on its way for an hour is here as soon as the faults change.
    faults.change(vec!["delay=1h".parse().unwrap()]);
    proxy.wake();
    client.send_to(b"late", proxy.addresses[0]).unwrap();
    upstream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    upstream.recv(&mut [0]).expect_err("it is an hour early");
    upstream.set_read_timeout(Some(DEADLINE)).unwrap();
    faults.change(Vec::new());
    proxy.wake();
    assert_eq!(receive(&upstream), (b"late".to_vec(), flow));
}

#[test]
fn a_flow_does_not_end_while_something_is_on_its_way() {
    let (upstream, address) = socket();
    let faults = Faults::new(vec!["delay=300ms".parse().unwrap()], 1);
    let flow_timeout = Duration::from_millis(20);
    let proxy = Proxy::start(&[address], Options { faults, flow_timeout, ..Options::default() });
    let client = socket().0;
    client.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let began = Instant::now();
    // A machine that is busy may take longer than the flow lasts to send the answer, but not each time.
    loop {
        let flow = pass(&client, &proxy, &upstream, b"late");
        upstream.send_to(b"answer", flow).unwrap();
        let mut buffer = [0; 9];
        if let Ok(length) = client.recv(&mut buffer) {
            break assert_eq!(&buffer[..length], b"answer");
        }
        assert!(began.elapsed() < DEADLINE, "the flow ends while the answer is on its way");
    }
    assert_eq!(proxy.closed(), End::Silent);
}

/// The numbers of those that come through, of 64 datagrams.
fn come_through(seed: u64) -> Vec<u8> {
    let (upstream, address) = socket();
    let faults = Faults::new(vec!["up:loss=50%".parse().unwrap()], seed);
    let proxy = Proxy::start(&[address], Options { faults: faults.clone(), ..Options::default() });
    let client = socket().0;
    for number in 0..64 {
        client.send_to(&[number], proxy.addresses[0]).unwrap();
    }
    // What is lost is said at once: when so many are lost and so many have come that nothing is missing, all is over.
    let (mut came, mut lost) = (Vec::new(), 0);
    upstream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let mut buffer = [0; 9];
    let began = Instant::now();
    while came.len() + lost < 64 {
        assert!(began.elapsed() < DEADLINE, "{} have come, and {lost} are lost", came.len());
        match upstream.recv(&mut buffer) {
            Ok(_) => came.push(buffer[0]),
            Err(_) => lost += proxy.told_so_far().filter(|t| matches!(t, Told::Fault(..))).count(),
        }
    }
    came
}

#[test]
fn the_same_seed_loses_the_same_datagrams_of_the_same_flow_and_another_does_not() {
    let [first, again, other] = [come_through(1), come_through(1), come_through(2)];
    assert!(first.len() > 10 && first.len() < 54, "{first:?}");
    assert_eq!(first, again);
    assert_ne!(first, other);
}
