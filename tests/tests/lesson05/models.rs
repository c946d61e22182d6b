//! Who waits for whom under each model.

use std::io::ErrorKind;
use std::net::{Shutdown, TcpStream};

use e2e::{Program, binary, socket};

use crate::{CONCURRENT_MODELS, assert_answered, start};

#[test]
fn under_serial_the_second_client_waits_until_the_first_has_left() {
    let server = start(&[&["--model", "serial"]]);
    let mut first = socket::connect(server.address);
    assert_answered(&mut first, "first");
    // The kernel completes the handshake and takes the bytes, and the server knows of neither.
    let mut second = socket::send(server.address, &[b"second"]);
    let second_address = second.local_addr().unwrap().to_string();
    for _ in 0..100 {
        assert_answered(&mut first, "still here");
    }
    assert!(waits(&second), "the second client was answered while the first is there");
    drop(first);
    assert_eq!(socket::receive(&mut second, 6), b"SECOND");
    drop(second);
    server.wait_for_line(&format!("{second_address} closed by client"));
    let server = server.stop();
    let closed = server.stdout.find(" closed by client").unwrap();
    let connected = server.stdout.find(&format!("{second_address} connected")).unwrap();
    assert!(closed < connected, "the second client was accepted before the first had left");
}

/// Whether there is nothing to receive yet.
fn waits(client: &TcpStream) -> bool {
    client.set_nonblocking(true).unwrap();
    let nothing = client.peek(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
    client.set_nonblocking(false).unwrap();
    nothing
}

#[test]
fn under_thread_pool_and_event_64_clients_are_answered_at_once() {
    for model in CONCURRENT_MODELS {
        let server = start(&[model]);
        let mut clients: Vec<TcpStream> =
            (0..64).map(|_| socket::connect(server.address)).collect();
        // The last one first: whoever served them in turn would wait for the first.
        for (number, client) in clients.iter_mut().enumerate().rev() {
            assert_answered(client, &format!("client {number}"));
        }
        for (number, client) in clients.iter_mut().enumerate() {
            assert_answered(client, &format!("client {number} again"));
        }
        drop(clients);
        server.wait_until("64 ends", |log, _| log.matches(" closed by client\n").count() == 64);
        let server = server.stop();
        assert!(server.stdout.ends_with("served: 64, refused: 0\n"));
        assert_eq!(server.status, Some(0));
    }
}

#[test]
fn three_byte_characters_cut_at_1024_come_back_whole_and_disturb_nobody() {
    for model in CONCURRENT_MODELS {
        let server = start(&[model]);
        let mut other = socket::connect(server.address);
        let sent = three_bytes_each();
        assert_eq!(sent.len(), 2400);
        let mut client = socket::connect(server.address);
        assert_eq!(socket::exchange(&mut client, &sent, sent.len()), sent);
        assert_answered(&mut other, "other");
    }
}

#[test]
fn a_reply_gives_a_cut_character_back_as_it_came() {
    for model in CONCURRENT_MODELS {
        let server = start(&[model, &["--service", "reply", "--text", "<{}>"]]);
        let mut client = socket::send(server.address, &[&three_bytes_each()]);
        client.shutdown(Shutdown::Write).unwrap();
        let mut came = socket::receive_to_end(&mut client);
        came.retain(|byte| !b"<>".contains(byte));
        assert_eq!(String::from_utf8(came).unwrap().as_bytes(), three_bytes_each());
    }
}

/// 800 characters of three bytes each, so that 1,024 is inside one.
fn three_bytes_each() -> Vec<u8> {
    "北鼻".repeat(400).into_bytes()
}

#[test]
fn datagrams_are_answered_under_serial_and_thread() {
    for model in ["serial", "thread"] {
        let server = start(&[&["--udp", "--model", model]]);
        for request in [&b"client1111"[..], b"", "啊a".as_bytes()] {
            assert_eq!(socket::ask_datagram(server.address, request), request.to_ascii_uppercase());
        }
        // Python's socketserver takes 8,192 bytes of a datagram, and so does this.
        assert_eq!(socket::ask_datagram(server.address, &[b'x'; 9000]), [b'X'; 8192]);
        server.wait_for_line("808 more bytes of it are lost");
        let server = server.stop();
        assert_eq!(server.status, Some(0));
        assert!(server.stdout.ends_with("served: 4, refused: 0\n"));
    }
}

#[test]
fn what_does_not_go_together_is_wrong_usage() {
    for options in [
        &["--udp", "--model", "pool"][..],
        &["--udp", "--model", "event"],
        &["--udp", "--service", "command"],
        &["--model", "event", "--service", "command"],
        &["--model", "pool", "--workers", "0"],
        // Options that would do nothing.
        &["--workers", "4"],
        &["--model", "event", "--queue", "4"],
        &["--shell"],
        &["--allow", "mkdir"],
    ] {
        let mut command = binary("lesson05-server");
        command.args(["--listen", "0"]).args(options);
        let server = Program::start(command).finish();
        assert_eq!(server.status, Some(2), "{options:?}");
        assert!(!server.stderr.is_empty() && server.stdout.is_empty(), "{options:?}");
    }
}
