//! Whoever speaks first, and whoever ends first.

use std::io::{ErrorKind, Read};

use e2e::{Server, socket};

use crate::{ENGINES, assert_passed, half_close_and_receive, proxied_echo, proxy};

#[test]
fn a_server_that_speaks_first_and_ends_is_heard_through_each_engine() {
    for engine in ENGINES {
        let server = Server::lesson("lesson01-server", &["--service", "greet", "--text", "hello"]);
        let proxy = proxy(server.address, engine);
        let client = proxy.ask("lesson01-client", &["--silent"], "");
        assert_eq!((client.stdout.as_str(), client.status), ("hello\n", Some(0)));
        proxy.wait_for_line(" closed by upstream: 0 bytes up, 5 bytes down, ");
    }
}

#[test]
fn a_half_close_arrives_and_the_answer_still_comes_back_through_each_engine() {
    for engine in ENGINES {
        let (_echo, proxy) = proxied_echo(engine);
        let client = socket::send(proxy.address, &[b"hello"]);
        assert_eq!(half_close_and_receive(client), "HELLO");
        proxy.wait_for_line(" closed by client: 5 bytes up, 5 bytes down, ");
    }
}

#[test]
fn lesson_03s_client_sends_and_waits_for_the_end_through_each_engine() {
    for engine in ENGINES {
        let server = Server::lesson("lesson03-server", &["--service", "messages"]);
        let proxy = proxy(server.address, engine);
        let options = ["--send", "hello", "--every", "0s", "--count", "20"];
        let client = proxy.ask("lesson03-client", &options, "");
        assert_eq!((client.stderr.as_str(), client.status), ("", Some(0)));
        server.wait_for_line(" closed by client");
        assert_eq!(server.stop().stdout.matches(" recv 5 \"hello\"\n").count(), 20);
        proxy.wait_for_line(" closed by client: 180 bytes up, 0 bytes down, ");
    }
}

#[test]
fn a_reset_is_a_reset_on_the_other_side_in_both_directions() {
    for engine in ENGINES {
        let (listener, address) = socket::listen();
        let proxy = proxy(address, engine);
        for client_resets in [true, false] {
            let mut client = socket::connect(proxy.address);
            let mut server = socket::accept(&listener);
            assert_passed(&mut client, &mut server);
            assert_passed(&mut server, &mut client);
            let (resets, mut hears, who) = match client_resets {
                true => (client, server, "client"),
                false => (server, client, "upstream"),
            };
            socket::reset(resets);
            let heard = hears.read(&mut [0; 8]).map_err(|error| error.kind());
            assert_eq!(heard, Err(ErrorKind::ConnectionReset), "{engine:?}, {who}");
            proxy.wait_for_line(&format!(" reset by {who}: 2 bytes up, 2 bytes down, "));
        }
    }
}
