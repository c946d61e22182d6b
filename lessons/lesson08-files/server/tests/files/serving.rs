//! Many clients over real connections.

use std::net::TcpStream;
use std::thread;

use console::Dialect;
use endpoint::{Limits, Listener, Policy};
use lesson08_server::serve;
use lesson08_shared::protocol::Status;

use super::*;

/// Runs `clients` against a server of at most `most`, and then ends the server.
fn with_server(store: &Store, most: usize, clients: impl FnOnce(std::net::SocketAddr)) {
    let policy = Policy::new(Limits { max_connections: most, ..Limits::default() });
    let stop = policy.stop.clone();
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), policy).unwrap();
    thread::scope(|scope| {
        let server = scope.spawn(|| serve(&listener, store, Dialect::Ours, |_| Ignore));
        // Also when a client fails: else the scope would wait for the server for ever.
        let ends = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            clients(listener.address());
        }));
        stop.request();
        server.join().unwrap().unwrap();
        ends.unwrap();
    });
}

fn exchange(address: std::net::SocketAddr, says: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    // A server that has hung up need not be told all of it.
    _ = stream.write_all(says);
    _ = stream.shutdown(std::net::Shutdown::Write);
    let mut heard = Vec::new();
    let outcome = stream.read_to_end(&mut heard);
    assert!(outcome.as_ref().err().is_none_or(endpoint::is_broken), "{outcome:?}");
    heard
}

#[test]
fn many_clients_put_and_get_at_the_same_time() {
    let (_place, store) = root();
    with_server(&store, 100, |address| {
        thread::scope(|scope| {
            for client in 0..8_u8 {
                scope.spawn(move || {
                    let bytes = vec![client; 100_000];
                    let name = format!("from/{client}");
                    let heard = exchange(address, &[put(&name, &bytes), get(&name, None)].concat());
                    let mut heard = heard.as_slice();
                    reply::<Ready>(&mut heard).0.unwrap();
                    reply::<Done>(&mut heard).0.unwrap();
                    assert!(file(&mut heard).unwrap().1 == bytes, "client {client}");
                });
            }
        });
    });
}

#[test]
fn a_client_too_many_is_told_that_the_server_is_busy() {
    let (_place, store) = root();
    with_server(&store, 1, |address| {
        let mut first = TcpStream::connect(address).unwrap();
        first.write_all(&list("")).unwrap();
        let header: Message<Reply<Done>> =
            wire::read_header(&mut first, HEADER_LIMIT).unwrap().unwrap();
        header.fields.into_result().unwrap();
        let heard = exchange(address, &list(""));
        assert_eq!(reply::<Done>(&mut heard.as_slice()).0.unwrap_err().status, Status::Busy);
    });
}

#[test]
fn a_client_that_is_refused_in_the_middle_hears_why() {
    let (_place, store) = root();
    with_server(&store, 10, |address| {
        let body = message(Offset { from: 0 }, 1 << 30);
        let says = [&ask_to_put("x", 3, false, false), &body, vec![0; 1 << 20].as_slice()].concat();
        let heard = exchange(address, &says);
        let mut heard = heard.as_slice();
        reply::<Ready>(&mut heard).0.unwrap();
        assert_eq!(reply::<Done>(&mut heard).0.unwrap_err().status, Status::Failed);
    });
}

#[test]
fn a_message_that_cannot_be_understood_ends_only_its_own_connection() {
    let (place, store) = root();
    with_server(&store, 10, |address| {
        for says in [
            &b"\xff\xff\xff\xff"[..],
            b"\xff\xff\xff\x7f",
            &framed("", ""),
            &framed("hello", ""),
            &framed("null", ""),
            &framed("{}", ""),
            &framed(r#"{"do":"dance","size":0}"#, ""),
            &framed(r#"{"do":"get","size":0}"#, ""),
            &framed(r#"{"do":"get","name":5,"size":0}"#, ""),
            &framed(r#"{"do":"get","name":"\ud800","size":0}"#, ""),
            &framed(r#"{"do":"put","name":"a","file_size":-1,"size":0}"#, ""),
            &framed(&"[".repeat(10_000), ""),
        ] {
            assert_eq!(exchange(address, says), b"", "{:?}", String::from_utf8_lossy(says));
        }
        reply::<Done>(&mut &*exchange(address, &list(""))).0.unwrap();
    });
    assert_eq!(everything(place.path()), []);
}
