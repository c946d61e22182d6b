//! Ctrl-C waits for no client without end.

use std::net::TcpStream;

use e2e::socket;

use crate::{CONCURRENT_MODELS, send_without_reading, start};

#[test]
fn ctrl_c_ends_a_server_with_silent_clients_of_every_kind() {
    for model in CONCURRENT_MODELS {
        let server = start(&[model]);
        let clients: Vec<TcpStream> = (0..20).map(|_| socket::connect(server.address)).collect();
        server.wait_until("20 clients", |log, _| log.matches(" connected\n").count() == 20);
        let server = server.stop();
        assert_eq!(server.status, Some(0));
        assert_eq!(server.stdout.matches(" closed by server\n").count(), 20);
        assert!(server.stdout.ends_with("served: 20, refused: 0\n"));
        drop(clients);
    }
}

#[test]
fn ctrl_c_does_not_wait_for_a_command_that_has_no_end() {
    for model in [&CONCURRENT_MODELS[0], &CONCURRENT_MODELS[1]] {
        let server = start(&[model, &["--service", "command", "--shell"]]);
        let client = socket::send(server.address, &[&socket::frame(b"exec sleep 600")]);
        server.wait_for_line(" recv 14 ");
        let server = server.stop();
        assert_eq!(server.status, Some(0));
        // A command that comes to its own time limit is answered.
        assert!(server.stdout.contains(" closed by server: its time was up\n"));
        assert!(!server.stdout.contains(" send "));
        assert!(server.stdout.ends_with("served: 1, refused: 0\n"));
        drop(client);
    }
}

#[test]
fn ctrl_c_does_not_wait_for_a_client_that_does_not_read() {
    for model in CONCURRENT_MODELS {
        let text = "y".repeat(65536);
        // By itself the server would wait longer than this test does.
        let options = ["--message-timeout", "10m", "--service", "reply", "--text", &text];
        let server = start(&[model, &options]);
        let client = send_without_reading(server.address);
        server.wait_for_line(" recv 1024 ");
        assert_eq!(server.stop().status, Some(0));
        drop(client);
    }
}
