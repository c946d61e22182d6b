//! What is typed while the proxy runs.

use std::io::Read;
use std::net::TcpStream;
use std::time::Duration;

use e2e::{DEADLINE, Program, Server, binary, socket};

use crate::{ENGINES, assert_answered, proxied_echo};

/// A proxy to an echo that is there for as long as the first, and a client of it.
fn with_client(options: &[&str]) -> (Server, Server, TcpStream) {
    let (echo, proxy) = proxied_echo(options);
    let mut client = socket::connect(proxy.address);
    assert_answered(&mut client, "before");
    (echo, proxy, client)
}

#[test]
fn faults_that_are_typed_are_seen_by_connections_that_stand_and_by_those_that_come() {
    for engine in ENGINES {
        let (_echo, mut proxy, mut client) = with_client(engine);
        proxy.type_text("fault down:corrupt=100%\n");
        proxy.wait_for_line("faults from now on: down:corrupt=100%");
        assert_ne!(socket::exchange(&mut client, b"hello", 5), b"HELLO");
        let mut other = socket::connect(proxy.address);
        assert_ne!(socket::exchange(&mut other, b"hello", 5), b"HELLO");

        proxy.type_text("faults\nno fault\n");
        proxy.wait_for_line("faults: down:corrupt=100%");
        proxy.wait_for_line("faults from now on: none");
        assert_answered(&mut client, "after");
        assert_answered(&mut other, "after");
        proxy.type_text("fault down:limit=3\n");
        proxy.wait_for_line("faults from now on: down:limit=3");
        assert_eq!(socket::exchange(&mut client, b"hello", 5), b"HEL");
    }
}

#[test]
fn what_is_on_its_way_for_an_hour_comes_when_the_faults_change() {
    for engine in ENGINES {
        let (_echo, mut proxy, mut client) = with_client(&[engine, &["--fault", "none"]].concat());
        proxy.type_text("fault latency=1h\n");
        proxy.wait_for_line("faults from now on: latency=1h");
        socket::exchange(&mut client, b"late", 0);
        client.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        client.read(&mut [0]).expect_err("it is an hour early");
        client.set_read_timeout(Some(DEADLINE)).unwrap();
        proxy.type_text("no fault\n");
        assert_eq!(socket::receive(&mut client, 4), b"LATE");
    }
}

#[test]
fn wrong_input_gets_a_line_of_advice_and_changes_nothing() {
    for engine in ENGINES {
        let (_echo, mut proxy, mut client) =
            with_client(&[engine, &["--fault", "slice=1"]].concat());
        for (typed, advice) in [
            ("fault slice=0", "commands: `0` is no size of a slice"),
            ("fault flood=1", "commands: `flood=1` is no fault: write "),
            ("fault", "commands: which fault? Type for example `fault "),
            ("latency=20ms", "commands: no such command: type `fault NAME=…`"),
            ("fault \u{1b}[2J", "commands: `\u{fffd}[2J` is no fault: write "),
            ("fault latency=99h", "commands: `99h` is no latency: write a time of at most 1h"),
        ] {
            proxy.type_text(&format!("{typed}\n"));
            proxy.wait_for_error(advice);
        }
        proxy.type_text("\n \nhelp\nfaults\n");
        proxy.wait_for_line("no fault               from now on none");
        proxy.wait_for_line("faults: slice=1");
        assert_answered(&mut client, "hello");
        drop(client);
        let proxy = proxy.stop();
        assert_eq!((proxy.status, proxy.stderr.lines().count()), (Some(0), 6));
    }
}

#[test]
fn the_end_of_the_input_or_garbage_in_it_ends_the_commands_and_not_the_proxy() {
    let long = "x".repeat(3 << 20);
    let wrong = "hello\n".repeat(1000);
    for (input, said) in [
        ("", None),
        ("fault slice=1", None),
        (&long, Some("commands: a line of the input is longer than 1 MiB; none is taken any more")),
        (&wrong, Some("commands: 100 wrong ones in a row; none is taken any more")),
    ] {
        let echo = Server::lesson("lesson05-server", &["--model", "event"]);
        let mut command = binary("lesson06-server");
        command.args(["--listen", "0", "--upstream", &echo.address.to_string()]);
        let proxy = Program::start(command).input(input);
        let line = proxy.wait_for_line("listening on ");
        let address = line.strip_prefix("listening on ").unwrap().parse().unwrap();
        if let Some(said) = said {
            proxy.wait_for_error(said);
        }
        if input == "fault slice=1" {
            proxy.wait_for_line("faults from now on: slice=1");
        }
        assert_answered(&mut socket::connect(address), "hello");
    }
}

#[test]
fn the_same_seed_does_the_same_to_a_fault_that_is_typed() {
    let cut = |engine: &[&str]| {
        let (_echo, mut proxy, mut client) = with_client(engine);
        proxy.type_text("fault down:corrupt=10%\n");
        proxy.wait_for_line("faults from now on: down:corrupt=10%");
        socket::exchange(&mut client, &[b'x'; 200], 200)
    };
    let [relay, threads] = ENGINES;
    let first = cut(relay);
    assert_ne!(first, [b'X'; 200]);
    assert_eq!(first, cut(relay));
    // The first connection is number 1 for either engine.
    assert_eq!(first, cut(threads));
}
