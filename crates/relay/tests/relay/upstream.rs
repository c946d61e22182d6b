//! An upstream that is down, slow to accept, or at its second address.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener};
use std::time::Duration;

use relay::{Options, Relay, Route, Totals};
use socket2::{Domain, Socket, Type};

use crate::proxy::{Proxy, Told, Way, connect, read_to_end, with_deadline};

/// Where nobody listens. The socket keeps the port from being given to others meanwhile.
fn nobody() -> (Socket, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    (socket, address)
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine sends the end of the stream where a reset is due; a Windows of its own runs this"
)]
fn a_client_whose_upstream_is_down_is_reset_and_the_next_one_is_served_when_it_is_up() {
    let (socket, address) = nobody();
    let proxy = Proxy::start(&[address], Options::default());
    for _ in 0..3 {
        proxy.assert_resets_a_client();
        let why = proxy.refused();
        assert!(why.starts_with(&format!("cannot connect to the upstream: {address}: ")), "{why}");
    }
    socket.listen(16).unwrap();
    let mut client = proxy.connect();
    client.write_all(b"hello").unwrap();
    let mut upstream = with_deadline(TcpListener::from(socket).accept().unwrap().0);
    upstream.read_exact(&mut [0; 5]).unwrap();
    drop((client, upstream));
    assert_eq!(proxy.stop(), Totals { connections: 1, refused: 3, up: 5, down: 0 });
}

#[test]
fn the_addresses_of_an_upstream_are_tried_in_turn() {
    let (_socket, down) = nobody();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let up = listener.local_addr().unwrap();
    let proxy = Proxy::start(&[down, down, up], Options::default());
    let mut client = proxy.connect();
    client.write_all(b"hello").unwrap();
    with_deadline(listener.accept().unwrap().0).read_exact(&mut [0; 5]).unwrap();
    let Told::Opened(_, way) = proxy.told() else { panic!("not opened first") };
    let client = client.local_addr().unwrap();
    assert_eq!(way, Way { route: 0, client, upstream: up });
}

#[test]
fn an_upstream_that_is_down_at_all_its_addresses_is_said_to_be() {
    let [(_first, one), (_second, other)] = [nobody(), nobody()];
    let proxy = Proxy::start(&[one, other], Options::default());
    proxy.assert_resets_a_client();
    let why = proxy.refused();
    assert!(why.contains(&one.to_string()) && why.contains(&other.to_string()), "{why}");
}

#[test]
fn a_refusal_says_on_which_route() {
    let (_socket, down) = nobody();
    let [entrance, other] = [1, 2].map(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    let address = entrance.local_addr().unwrap();
    let route = |listener: TcpListener| Route { listener: listener.into(), upstream: vec![down] };
    let relay = Relay::new(vec![route(other), route(entrance)], Options::default()).unwrap();
    let proxy = Proxy::run(address, relay);
    proxy.assert_resets_a_client();
    let told = proxy.told();
    assert!(matches!(told, Told::Refused(1, ..)), "{told:?}");
}

#[test]
fn a_route_to_nowhere_is_refused_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap().into();
    let routes = vec![Route { listener, upstream: Vec::new() }];
    let outcome = Relay::new(routes, Options::default());
    let error = outcome.err().expect("a relay to nowhere");
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
}

/// On Linux a listener whose accept queue is full answers no `connect`, neither yes nor no.
#[test]
#[cfg(target_os = "linux")]
fn an_upstream_that_does_not_answer_is_given_up_and_the_next_address_tried() {
    let (socket, silent) = nobody();
    socket.listen(0).unwrap();
    let _in_the_queue = connect(silent);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let up = listener.local_addr().unwrap();
    let connect_timeout = Duration::from_millis(50);
    let options = Options { connect_timeout, ..Options::default() };

    let proxy = Proxy::start(&[silent, up], options.clone());
    let mut client = proxy.connect();
    client.write_all(b"hello").unwrap();
    with_deadline(listener.accept().unwrap().0).read_exact(&mut [0; 5]).unwrap();

    let proxy = Proxy::start(&[silent], options);
    proxy.assert_resets_a_client();
    let why = proxy.refused();
    assert!(why.contains(&silent.to_string()), "{why}");
}

/// What a client sends early waits, and is neither lost nor read before there is an upstream.
#[test]
#[cfg(target_os = "linux")]
fn clients_that_send_before_their_upstream_accepts_lose_nothing() {
    let (socket, slow) = nobody();
    socket.listen(0).unwrap();
    let in_the_queue = connect(slow);
    let listener = TcpListener::from(socket);
    let proxy = Proxy::start(&[slow], Options::default());
    let mut client = proxy.connect();
    client.write_all(b"hello").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    // Now there is room in the queue, and the kernel's next try, a second later, succeeds.
    drop(listener.accept().unwrap());
    drop(in_the_queue);
    let mut upstream = with_deadline(listener.accept().unwrap().0);
    assert_eq!(read_to_end(&mut upstream), b"hello");
}
