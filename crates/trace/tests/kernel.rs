//! What the kernel says that it holds of a connection.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy's exception for tests leaves out their helpers"
)]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

use trace::KernelView;

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, listener.accept().unwrap().0)
}

fn view(stream: &TcpStream) -> KernelView {
    KernelView::of(stream.local_addr().unwrap(), stream.peer_addr().unwrap())
        .expect("this kernel answers sock_diag")
}

#[test]
fn what_is_sent_and_not_read_waits_in_the_readers_kernel() {
    let (mut client, mut server) = pair();
    client.write_all(b"helloworld").unwrap();
    server.peek(&mut [0; 10]).unwrap();
    let seen = view(&server).snapshot().unwrap();
    assert_eq!((seen.unread, seen.segments_received), (10, Some(1)));
    assert_eq!(view(&client).snapshot().unwrap().unread_by_peer, Some(10));
    server.read_exact(&mut [0; 4]).unwrap();
    assert_eq!(view(&server).snapshot().unwrap().unread, 6);
}

#[test]
fn the_end_of_the_stream_is_not_counted_as_a_byte() {
    let (mut client, mut server) = pair();
    client.write_all(b"bye").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    server.read_exact(&mut [0; 3]).unwrap();
    // A read of the end would consume it. A peek returns when the kernel has it.
    assert_eq!(server.peek(&mut [0; 1]).unwrap(), 0);
    assert_eq!(view(&server).snapshot().unwrap().unread, 0);
}

#[test]
fn a_connection_that_is_gone_is_not_mistaken_for_its_listener() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    assert!(KernelView::of(address, "127.0.0.1:9".parse().unwrap()).is_none());
}
