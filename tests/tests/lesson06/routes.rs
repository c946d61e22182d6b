//! Several routes, many clients, and an upstream that comes and goes.

use std::cell::RefCell;
use std::fs;
use std::io::{ErrorKind, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Instant;

use e2e::benchmark::Usage;
use e2e::{DEADLINE, Program, Server, Signal, binary, socket};

use crate::{ENGINES, assert_answered, assert_passed, proxied_echo};

/// The addresses where a program says that it listens.
fn addresses(program: &Program, count: usize) -> Vec<SocketAddr> {
    let found = RefCell::new(Vec::new());
    program.wait_until("where it listens", |log, errors| {
        let lines = log.lines().filter_map(|line| line.strip_prefix("listening on "));
        *found.borrow_mut() = lines.filter_map(|address| address.parse().ok()).collect();
        found.borrow().len() == count || !errors.is_empty()
    });
    found.into_inner()
}

/// An upstream that says its own number first.
fn greeter(number: usize) -> Server {
    let options = ["--service", "greet", "--text", &format!("number {number}")];
    Server::lesson("lesson01-server", &options)
}

#[test]
fn six_routes_lead_to_six_upstreams_at_once() {
    for engine in ENGINES {
        let upstreams: Vec<Server> = (0..6).map(greeter).collect();
        let mut command = binary("lesson06-server");
        command.args(engine);
        for upstream in &upstreams {
            command.args(["--route", &format!("0={}", upstream.address)]);
        }
        let proxy = Program::start(command);
        let routes = addresses(&proxy, 6);
        // Every client is connected before any is heard, the last one first.
        let mut clients: Vec<TcpStream> =
            routes.iter().map(|&address| socket::connect(address)).collect();
        for (number, client) in clients.iter_mut().enumerate().rev() {
            let heard = String::from_utf8(socket::receive_to_end(client)).unwrap();
            assert_eq!(heard, format!("number {number}"));
        }
        drop(clients);
        for (route, upstream) in routes.iter().zip(&upstreams) {
            let line = proxy.wait_for_line(&format!("connected to {}", upstream.address));
            assert!(line.starts_with(&format!("[{}] ", route.port())), "{line}");
        }
        proxy.wait_until("six ends", |log, _| log.matches(" closed by upstream: ").count() == 6);
        proxy.signal(Signal::INT);
        let proxy = proxy.finish();
        assert_eq!(proxy.status, Some(0));
        assert!(proxy.stdout.ends_with("connections: 6, refused: 0, 0 bytes up, 48 bytes down\n"));
    }
}

/// The tutorial's six ports in a row, at its other address of this machine, all of them free.
fn six_in_a_row() -> Vec<TcpListener> {
    let at = |port| TcpListener::bind((Ipv4Addr::new(127, 0, 0, 2), port));
    loop {
        let first = at(0).unwrap();
        let port = first.local_addr().unwrap().port();
        let more = (1..6).map_while(|number| at(port.checked_add(number)?).ok());
        let six: Vec<TcpListener> = [first].into_iter().chain(more).collect();
        if six.len() == 6 {
            return six;
        }
    }
}

#[test]
fn a_range_of_ports_leads_to_the_same_ports_of_another_host() {
    let given_up = Instant::now() + DEADLINE;
    loop {
        let upstreams = six_in_a_row();
        let [first, last] = [0, 5].map(|at: usize| upstreams[at].local_addr().unwrap().port());
        let mut command = binary("lesson06-server");
        command.args(["--ports", &format!("{first}-{last}"), "--upstream", "127.0.0.2"]);
        let proxy = Program::start(command);
        let listening = addresses(&proxy, 6);
        if listening.len() < 6 {
            // Here they are free as a rule, but anybody may take one at 127.0.0.1.
            assert!(Instant::now() < given_up, "no six ports are free");
            proxy.wait_for_error("another program listens there");
            continue;
        }
        for (upstream, address) in upstreams.iter().zip(listening) {
            // On Linux this is a deadline for `accept`.
            socket2::SockRef::from(upstream).set_read_timeout(Some(DEADLINE)).unwrap();
            let mut client = socket::connect(address);
            let mut server = socket::accept(upstream);
            let port = server.local_addr().unwrap().port();
            assert_eq!(address, SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
            assert_passed(&mut client, &mut server);
        }
        return;
    }
}

#[test]
fn three_hundred_clients_in_quick_succession_all_get_through() {
    for engine in ENGINES {
        let (_echo, proxy) = proxied_echo(engine);
        let mut clients: Vec<TcpStream> =
            (0..300).map(|_| socket::connect(proxy.address)).collect();
        for client in clients.iter_mut().rev() {
            assert_answered(client, "hello");
        }
        drop(clients);
        proxy.wait_until("300 ends", |log, _| {
            let all = " closed by client: 5 bytes up, 5 bytes down, ";
            log.matches(all).count() == 300
        });
        let last = "connections: 300, refused: 0, 1500 bytes up, 1500 bytes down\n";
        assert!(proxy.stop().stdout.ends_with(last));
    }
}

#[test]
fn an_upstream_that_is_down_costs_a_client_a_line_and_the_proxy_nothing() {
    for engine in ENGINES {
        let (echo, proxy) = proxied_echo(engine);
        let address = echo.address;
        assert_answered(&mut socket::connect(proxy.address), "before");
        echo.signal(Signal::KILL);
        drop(echo.finish());
        // The reset may come before `connect` has returned.
        let client = TcpStream::connect(proxy.address).and_then(|mut client| client.read(&mut [0]));
        assert_eq!(client.unwrap_err().kind(), ErrorKind::ConnectionReset);
        let line = proxy.wait_for_line(" refused: ");
        let why = format!("cannot connect to the upstream: {address}: Connection refused");
        assert!(line.contains(&why) && line.contains("is it running?"), "{line}");

        let mut again = binary("lesson05-server");
        again.args(["--listen", &address.to_string()]);
        let echo = Server::start(again);
        assert_answered(&mut socket::connect(proxy.address), "after");
        drop(echo);
        let proxy = proxy.stop();
        assert_eq!(proxy.status, Some(0));
        assert_eq!(proxy.stdout.matches(" cannot connect to the upstream: ").count(), 1);
        assert!(proxy.stdout.contains("\nconnections: 2, refused: 1, "));
    }
}

#[test]
fn two_thousand_clients_one_after_the_other_leave_nothing_behind() {
    for engine in ENGINES {
        let (_echo, proxy) = proxied_echo(engine);
        let has = || {
            let descriptors = fs::read_dir(format!("/proc/{}/fd", proxy.id())).unwrap().count();
            (descriptors, Usage::of(proxy.id()).threads)
        };
        // What is made for the first client, and kept for the next, is not left behind.
        assert_answered(&mut socket::connect(proxy.address), "warm up");
        proxy.wait_for_line(" closed by client: ");
        let (at_rest, before) = (has(), Usage::of(proxy.id()).resident);
        for _ in 0..2_000 {
            assert_answered(&mut socket::connect(proxy.address), "hello");
        }
        let given_up = Instant::now() + DEADLINE;
        while has().0 > at_rest.0 || has().1 > at_rest.1 {
            let words = "descriptors and threads";
            assert!(Instant::now() < given_up, "{engine:?}: {words} {:?}, not {at_rest:?}", has());
            std::thread::yield_now();
        }
        let grown = Usage::of(proxy.id()).resident.saturating_sub(before);
        assert!(grown < 8 * 1024, "{engine:?}: grown by {grown} KiB");
        let last = "connections: 2001, refused: 0, 10007 bytes up, 10007 bytes down\n";
        assert!(proxy.stop().stdout.ends_with(last));
    }
}
