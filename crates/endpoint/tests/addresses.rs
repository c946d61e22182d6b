//! Addresses as a person writes them, and which of them other machines can reach.

use std::net::SocketAddr;

use endpoint::{Address, is_loopback};

#[test]
fn every_form_that_a_person_writes_is_understood() {
    for (text, host, port) in [
        ("127.0.0.1:9000", "127.0.0.1", 9000),
        ("[::1]:9000", "::1", 9000),
        ("::1", "::1", 8002),
        ("[::1]", "::1", 8002),
        ("localhost:9000", "localhost", 9000),
        ("localhost", "localhost", 8002),
        ("9000", "127.0.0.1", 9000),
        ("0", "127.0.0.1", 0),
        ("0.0.0.0", "0.0.0.0", 8002),
        // An address is shown in the one way in which it is read again as the same.
        ("::0:1", "::1", 8002),
        ("[FE80::0:1%eth0]:9000", "fe80::1%eth0", 9000),
        ("fe80::1%05", "fe80::1%5", 8002),
        ("fe80::1%0", "fe80::1", 8002),
    ] {
        let expected = match host.contains(':') {
            true => format!("[{host}]:{port}"),
            false => format!("{host}:{port}"),
        };
        assert_eq!(Address::parse(text, 8002).unwrap().to_string(), expected, "{text}");
    }
}

#[test]
fn what_is_no_address_is_refused_with_the_forms_that_are() {
    for text in ["", ":", "host:", "host:70000", "70000", "a b", "http://x:1", "[::1", ":80"] {
        let error = Address::parse(text, 1).unwrap_err().to_string();
        assert!(error.contains("host:port"), "{text}: {error}");
    }
}

#[test]
fn loopback_in_disguise_is_loopback_and_nothing_else_is() {
    assert!(is_loopback("::ffff:127.0.0.1".parse().unwrap()));
    assert!(is_loopback("127.8.8.8".parse().unwrap()));
    for ip in ["0.0.0.0", "::", "10.0.0.1", "::ffff:10.0.0.1"] {
        assert!(!is_loopback(ip.parse().unwrap()), "{ip}");
    }
}

#[test]
fn an_ipv6_address_keeps_its_zone_in_reading_and_in_printing() {
    for (text, printed) in [
        ("[fe80::1%2]:9101", "[fe80::1%2]:9101"),
        ("fe80::1%2", "[fe80::1%2]:8004"),
        ("[fe80::1%2]", "[fe80::1%2]:8004"),
        ("[fe80::1%lo]:9101", "[fe80::1%lo]:9101"),
        ("[fe80::1]:9101", "[fe80::1]:9101"),
    ] {
        assert_eq!(Address::parse(text, 8004).unwrap().to_string(), printed, "{text}");
    }
    for wrong in ["[fe80::1%]:9101", "[127.0.0.1%2]:9101", "name%2:9101", "[fe80::1%a b]:1", "%2:1"]
    {
        assert!(Address::parse(wrong, 8004).is_err(), "{wrong}");
    }
    let found = Address::parse("[fe80::1%2]:9101", 0).unwrap().resolve().unwrap();
    let [SocketAddr::V6(found)] = found[..] else { panic!("{found:?}") };
    assert_eq!((found.scope_id(), found.port()), (2, 9101));
    assert_eq!(found.to_string(), "[fe80::1%2]:9101");
}
