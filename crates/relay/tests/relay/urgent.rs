//! Urgent data holds up no stream, and is not lost: each call that receives stops at it (tcp(7)).

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread;

use relay::{ConnectionId, Observer, Options, Relay, Route};
use socket2::SockRef;

use crate::proxy::{
    DEADLINE, assert_same, connect, each_way, in_a_thread, noise, read_to_end, with_deadline,
};

#[test]
fn an_urgent_byte_in_a_bulk_transfer_arrives_in_its_place_and_what_follows_it_too() {
    for (way, between) in each_way() {
        for upwards in [true, false] {
            let (client, upstream) = between.connect();
            let (mut sender, mut receiver) =
                if upwards { (client, upstream) } else { (upstream, client) };
            let [before, after] = [1, 2].map(|seed| noise(4 << 20, seed));
            let expected = [&before[..], b"!", &after].concat();
            let sends = in_a_thread(move || {
                sender.write_all(&before).unwrap();
                SockRef::from(&sender).send_out_of_band(b"!").unwrap();
                sender.write_all(&after).unwrap();
                sender.shutdown(Shutdown::Write).unwrap();
                sender
            });
            let came = read_to_end(&mut receiver);
            assert_same(&format!("{way}, upwards {upwards}"), &came, &expected);
            drop(sends.recv_timeout(DEADLINE).unwrap());
        }
    }
}

/// Holds the relay up when a connection is opened: says so, and waits for an answer.
struct Holds {
    opened: mpsc::Sender<()>,
    go_on: mpsc::Receiver<()>,
}

impl Observer for Holds {
    fn opened(&mut self, _: ConnectionId, _: usize, _: SocketAddr, _: SocketAddr) {
        self.opened.send(()).unwrap();
        self.go_on.recv_timeout(DEADLINE).unwrap();
    }
}

#[test]
fn what_follows_an_urgent_byte_arrives_even_if_nothing_follows_that() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
    let route = Route { listener: listener.into(), upstream: vec![upstream.local_addr().unwrap()] };
    let relay = Relay::new(vec![route], Options::default()).unwrap();
    let ((opened, is_opened), (may_go_on, go_on)) = (mpsc::channel(), mpsc::channel());
    thread::spawn(move || relay.run(&mut Holds { opened, go_on }, || false, || false));
    let mut client = connect(address);
    is_opened.recv_timeout(DEADLINE).unwrap();
    may_go_on.send(()).unwrap();
    client.write_all(b"hello").unwrap();
    let mut end = with_deadline(upstream.accept().unwrap().0);
    end.read_exact(&mut [0; 5]).unwrap();

    // While it is held up by another client, all of this comes: `poll` names it once.
    let _other = connect(address);
    is_opened.recv_timeout(DEADLINE).unwrap();
    client.write_all(b"before").unwrap();
    SockRef::from(&client).send_out_of_band(b"!").unwrap();
    client.write_all(b"after").unwrap();
    may_go_on.send(()).unwrap();
    let mut came = [0; 12];
    end.read_exact(&mut came).unwrap();
    assert_eq!(came.escape_ascii().to_string(), "before!after");
}
