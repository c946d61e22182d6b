//! Wrong usage, addresses that cannot be had, and Ctrl-C.

use e2e::{Finished, Program, Signal, binary, socket};

use crate::{ENGINES, assert_answered, assert_error, proxied_echo};

#[test]
fn ctrl_c_with_open_connections_ends_with_status_0_and_a_summary_of_each() {
    for engine in ENGINES {
        let (_echo, proxy) = proxied_echo(engine);
        let mut clients = [(); 5].map(|()| socket::connect(proxy.address));
        clients.iter_mut().for_each(|client| assert_answered(client, "hello"));
        proxy.signal(Signal::INT);
        let program = proxy.finish();
        assert_eq!((program.status, program.stderr.as_str()), (Some(0), ""));
        let each = " broken off by the proxy, which stops: 5 bytes up, 5 bytes down, ";
        assert_eq!(program.stdout.matches(each).count(), 5);
        let last = "connections: 5, refused: 0, 25 bytes up, 25 bytes down\n";
        assert!(program.stdout.ends_with(last));
        for mut client in clients {
            assert_eq!(socket::receive_to_end(&mut client), b"");
        }
    }
}

/// Runs the proxy to an end that it comes to by itself.
fn run(options: &[&str]) -> Finished {
    let mut command = binary("lesson06-server");
    command.args(options);
    Program::start(command).input("").finish()
}

#[test]
fn what_does_not_go_together_is_wrong_usage() {
    for options in [
        &["--route", "0=8005", "--upstream", "8005"][..],
        &["--route", "0=8005", "--listen", "0"],
        &["--route", "0=8005", "--ports", "3000-3005"],
        &["--ports", "3000-3005"],
        &["--ports", "3000-3005", "--upstream", "127.0.0.2:8005"],
        &["--ports", "3005-3000", "--upstream", "127.0.0.2"],
        &["--ports", "3000-3005", "--upstream", "127.0.0.2", "--listen", "0"],
        &["--ports", "3000-3005", "--upstream", "127.0.0.1"],
        &["--listen", "8006", "--upstream", "8006"],
        &["--route", "8005"],
        &["--upstream", "a b"],
        &["--fault", "flood=1"],
        &["--fault", "slice=0"],
        &["--fault", "sideways:slice=1"],
        &["--seed", "x"],
        &["--engine", "horses"],
        &["unasked"],
    ] {
        let proxy = run(options);
        assert_eq!(proxy.status, Some(2), "{options:?}");
        assert!(!proxy.stderr.is_empty() && proxy.stdout.is_empty(), "{options:?}");
    }
}

#[test]
fn an_address_that_other_machines_can_reach_is_refused_without_expose() {
    for options in [
        &["--listen", "0.0.0.0:0"][..],
        &["--route", "0=8005", "--route", "0.0.0.0:0=8005"],
        &["--ports", "0.0.0.0:3000-3001", "--upstream", "127.0.0.2"],
    ] {
        let proxy = run(options);
        assert_error(&proxy, 2, "--expose");
        assert_eq!(proxy.stdout, "", "{options:?}");
    }
}

#[test]
fn a_port_that_is_taken_is_named_and_no_other_route_is_served() {
    let (_echo, first) = proxied_echo(&[]);
    let taken = first.address.to_string();
    let route = format!("{taken}=8005");
    for options in [&["--listen", &*taken][..], &["--route", "0=8005", "--route", &route]] {
        let second = run(options);
        assert_error(&second, 1, "another program listens there");
        assert!(second.stderr.contains(&taken));
    }
}
