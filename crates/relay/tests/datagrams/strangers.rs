//! What is no reason to end the relay, nor to answer.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use endpoint::{Datagrams, Limits, Policy};
use fault::datagram::Faults;
use relay::datagrams::{Options, Route};

use crate::proxy::{Proxy, Told, pass, receive, socket};

#[test]
fn what_a_stranger_sends_to_a_flow_does_not_reach_its_client() {
    let (upstream, address) = socket();
    let proxy = Proxy::start(&[address], Options::default());
    let client = socket().0;
    let flow = pass(&client, &proxy, &upstream, b"ask");
    // From another port, and from another address of this machine with the right port.
    let stranger = socket().0;
    stranger.send_to(b"a lie", flow).unwrap();
    if let Ok(other_address) = UdpSocket::bind(("127.0.0.2", address.port())) {
        other_address.send_to(b"a lie", flow).unwrap();
    }
    upstream.send_to(b"answer", flow).unwrap();
    assert_eq!(receive(&client).0, b"answer");
    client.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    client.recv(&mut [0]).expect_err("a stranger's datagram");
    assert_eq!(proxy.stop().down.datagrams, 1);
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine tells no datagram socket that nobody is there; a Windows of its own runs this"
)]
fn an_upstream_that_is_not_there_is_said_once_and_served_when_it_comes() {
    let (upstream, address) = socket();
    drop(upstream);
    let proxy = Proxy::start(&[address], Options::default());
    let client = socket().0;
    for _ in 0..20 {
        client.send_to(b"is anybody there?", proxy.addresses[0]).unwrap();
    }
    let unreachable = |told| matches!(told, Told::Unreachable).then_some(());
    proxy.told(unreachable);
    let upstream = UdpSocket::bind(address).unwrap();
    upstream.set_read_timeout(Some(crate::proxy::DEADLINE)).unwrap();
    client.send_to(b"last", proxy.addresses[0]).unwrap();
    let mut came = receive(&upstream);
    while came.0 != b"last" {
        came = receive(&upstream);
    }
    upstream.send_to(b"answer", came.1).unwrap();
    assert_eq!(receive(&client).0, b"answer");
}

#[test]
fn a_client_that_has_gone_costs_its_answers_and_nobody_elses() {
    let (upstream, address) = socket();
    let proxy = Proxy::start(&[address], Options::default());
    let (gone, client) = (socket().0, socket().0);
    let flow = pass(&gone, &proxy, &upstream, b"ask");
    drop(gone);
    for _ in 0..100 {
        upstream.send_to(b"for nobody", flow).unwrap();
        let other = pass(&client, &proxy, &upstream, b"ask");
        upstream.send_to(b"answer", other).unwrap();
        assert_eq!(receive(&client).0, b"answer");
    }
}

#[test]
fn a_datagram_that_is_too_long_for_the_way_on_is_lost_and_said_so() {
    // The longest over IPv6 is longer than the longest over IPv4.
    let (upstream, address) = socket();
    let policy = Policy::new(Limits::default());
    let Ok(port) = Datagrams::bind("[::1]:0".parse().unwrap(), &policy) else { return };
    let proxy =
        Proxy::on(vec![Route { socket: port, upstream: vec![address] }], Options::default());
    let client = UdpSocket::bind("[::1]:0").unwrap();
    client.send_to(&[0; 65_527], proxy.addresses[0]).unwrap();
    let lost = proxy.told(|told| match told {
        Told::Lost(direction, bytes) => Some((direction.to_string(), bytes)),
        _ => None,
    });
    assert_eq!(lost, ("up".to_owned(), 65_527));
    client.send_to(b"short", proxy.addresses[0]).unwrap();
    assert_eq!(receive(&upstream).0, b"short");
}

#[test]
fn what_comes_from_the_relay_itself_is_not_passed_on() {
    // An upstream that is the relay: its own address is no use to somebody who checks the command line, where
    // the relay listens on every address of the machine.
    let policy = Policy::new(Limits::default());
    let port = Datagrams::bind(SocketAddr::from(([0, 0, 0, 0], 0)), &policy).unwrap();
    let number = port.local_addr().unwrap().port();
    let itself = SocketAddr::from(([127, 0, 0, 1], number));
    let route = Route { socket: port, upstream: vec![itself] };
    let proxy = Proxy::on(vec![route], Options::default());
    let client = socket().0;
    for _ in 0..10 {
        client.send_to(b"round and round", itself).unwrap();
    }
    client.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    client.recv(&mut [0]).expect_err("an answer from nobody");
    let totals = proxy.stop();
    assert_eq!((totals.flows, totals.up.datagrams), (1, 10));
}

#[test]
fn two_relays_that_are_set_on_each_other_come_to_rest() {
    let policy = Policy::new(Limits::default());
    let bind = || Datagrams::bind("127.0.0.1:0".parse().unwrap(), &policy).unwrap();
    let ports = [bind(), bind()];
    let [one, other] = [0, 1].map(|at: usize| ports[at].local_addr().unwrap());
    let [first, second] = ports;
    let options = Options { max_flows: 50, ..Options::default() };
    let first = Proxy::on(vec![Route { socket: first, upstream: vec![other] }], options.clone());
    let second = Proxy::on(vec![Route { socket: second, upstream: vec![one] }], options);
    socket().0.send_to(b"round and round", one).unwrap();
    let refused = |told| matches!(told, Told::Refused(_)).then_some(());
    // Each round is a new flow, until there is no place for one more.
    first.told(refused);
    let (one, other) = (first.stop(), second.stop());
    assert!(one.flows <= 50 && other.flows <= 50 && one.refused + other.refused < 5);
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine moves a hundredth of the datagrams, and the flood lasts on; a Windows of its own runs this"
)]
fn an_upstream_that_floods_costs_a_bounded_amount_of_memory_and_keeps_nobody_else_from_its_answers()
{
    let (upstream, address) = socket();
    let faults = Faults::new(vec!["down:delay=200ms".parse().unwrap()], 1);
    let proxy = Proxy::start(&[address], Options { faults, ..Options::default() });
    let (flooded, client) = (socket().0, socket().0);
    let flow = pass(&flooded, &proxy, &upstream, b"ask");
    let other = pass(&client, &proxy, &upstream, b"ask");
    for _ in 0..3000 {
        upstream.send_to(&[0; 60_000], flow).unwrap();
    }
    let mut answers = 0;
    client.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    // The flood may have taken the room in the kernel, so the question is asked again.
    while client.recv(&mut [0]).is_err() {
        upstream.send_to(b"answer", other).unwrap();
        answers += 1;
        assert!(answers < 50, "no answer comes through");
    }
}
