//! The probe, through proxies that are healthy, and that are not.

use std::net::{Ipv4Addr, SocketAddr};

use e2e::{Finished, Program, Server};

use crate::{ENGINES, assert_error, proxied_echo, proxy};

/// What the probe says of the way through this proxy.
fn probe(proxy: &Server, options: &[&str]) -> Finished {
    let small = ["--size", "256KiB", "--count", "50", "--timeout", "10s"];
    Program::client("lesson06-client", proxy.address, &[&small, options].concat()).finish()
}

#[test]
fn the_probe_finds_nothing_wrong_with_a_healthy_proxy() {
    for engine in ENGINES {
        let (_echo, proxy) = proxied_echo(engine);
        let probe = probe(&proxy, &["--connections", "3"]);
        assert_eq!((probe.status, probe.stderr.as_str()), (Some(0), ""));
        let right = format!("through the proxy, {}: every byte came back right", proxy.address);
        assert!(probe.stdout.contains(&right) && probe.stdout.contains("\nthroughput "));
        assert!(!probe.stdout.contains("direct"));
    }
}

#[test]
fn the_probe_finds_nothing_wrong_with_a_proxy_that_only_cuts_and_delays() {
    let faults = ["--fault", "slice=100..900", "--fault", "latency=1ms"];
    let (_echo, proxy) = proxied_echo(&faults);
    assert_eq!(probe(&proxy, &[]).status, Some(0));
}

#[test]
fn the_probe_names_the_byte_that_a_proxy_has_spoiled() {
    let (_echo, proxy) = proxied_echo(&["--fault", "down:corrupt=1%"]);
    let probe = probe(&proxy, &[]);
    let line = proxy.wait_for_line(" fault down: flipped a bit ");
    let place = line.rsplit_once(" byte ").unwrap().1;
    assert_error(&probe, 1, &format!("at byte {place}: sent "));
    assert!(probe.stderr.contains(", expected ") && probe.stderr.contains(", got "));
}

#[test]
fn the_probe_measures_both_ways_side_by_side() {
    let (echo, proxy) = proxied_echo(&[]);
    let probe = probe(&proxy, &["--direct", &echo.address.to_string()]);
    assert_eq!((probe.status, probe.stderr.as_str()), (Some(0), ""));
    for way in [format!("through the proxy, {}: ", proxy.address), without(echo.address)] {
        assert!(probe.stdout.contains(&way), "{way}");
    }
    let head = ["proxy", "direct", "difference"];
    let is_head = |line: &str| line.split_whitespace().eq(head);
    assert!(probe.stdout.lines().any(is_head), "no line of heads");
    for row in ["latency p50 ", "latency p99 ", "throughput "] {
        assert!(probe.stdout.lines().any(|line| line.starts_with(row)), "no row {row}");
    }
}

fn without(server: SocketAddr) -> String {
    format!("without the proxy, {server}: every byte came back right")
}

#[test]
fn the_probe_says_which_program_is_missing() {
    // Bound, so that nobody else takes the port; not listening, so calls are refused.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    let nowhere = socket.local_addr().unwrap().as_socket().unwrap();
    let no_proxy = Program::client("lesson06-client", nowhere, &[]).finish();
    assert_error(&no_proxy, 1, "`cargo run -p lesson06-server`");
    let proxy = proxy(nowhere, &[]);
    let no_upstream = probe(&proxy, &[]);
    assert_error(&no_upstream, 1, &format!("through the proxy at {}: ", proxy.address));
    let line = proxy.wait_for_line(" refused: cannot connect to the upstream: ");
    assert!(line.contains(&nowhere.to_string()), "{line}");
}
