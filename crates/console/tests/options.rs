//! The options that all servers share.

use std::net::SocketAddr;

use clap::Parser;
use console::{ServerArgs, duration, explain, size};
use endpoint::{Error, Limits};

#[derive(Parser)]
struct Server {
    #[command(flatten)]
    args: ServerArgs,
}

fn address(words: &[&str]) -> Result<SocketAddr, Error> {
    Server::parse_from([&["server"], words].concat()).args.address()
}

#[test]
fn only_loopback_is_bound_unless_the_person_says_expose() {
    for everywhere in ["0.0.0.0:8002", "[::]:8002", "10.0.0.1:8002"] {
        let error = address(&["--listen", everywhere]).unwrap_err();
        let said = explain(&error);
        assert!(said.contains("--expose"), "{said}");
        assert!(address(&["--listen", everywhere, "--expose"]).is_ok());
    }
    assert!(address(&["--listen", "localhost:8002"]).unwrap().is_ipv4());
}

#[test]
fn the_defaults_in_code_are_the_defaults_on_the_command_line() {
    let parsed = Server::parse_from(["server", "--listen", "0"]).args.limits;
    assert_eq!(parsed.limits(), Limits::default());
}

#[test]
fn a_wait_of_zero_or_without_an_end_and_a_size_in_words_are_refused() {
    assert!(duration("0s").is_err());
    assert!(duration("500000000000y").is_err());
    assert!(size("big").is_err());
    assert_eq!(size("64KiB"), Ok(65536));
}
