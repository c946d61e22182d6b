//! What is shown of the bytes.

use std::io::Write;

use e2e::{Server, socket, typed};

use crate::{ENGINES, assert_answered, proxied_echo, proxy};

#[test]
fn frames_shows_lesson_03s_frames_and_json_headers_however_they_are_cut() {
    for (header, up, down) in [
        (
            "struct",
            &["-> frame of 7 bytes \"echo hi\""][..],
            &["<- frame of 3 bytes \"hi\\n\""][..],
        ),
        (
            "json",
            &[" bytes, a JSON header: {", "-> body of 7 bytes \"echo hi\""],
            &["\"total_size\":3", "<- body of 3 bytes \"hi\\n\""],
        ),
    ] {
        for cut in [&[][..], &["--fault", "slice=1"]] {
            let server = Server::lesson("lesson03-server", &["--header", header]);
            let proxy = proxy(server.address, &[&["--frames"], cut].concat());
            let client = proxy.ask("lesson03-client", &["--header", header], "echo hi\n");
            assert_eq!((client.stdout.as_str(), client.status), ("hi\n", Some(0)));
            let port = format!("[{}] ", proxy.address.port());
            for shown in [up, down].concat() {
                assert!(proxy.wait_for_line(shown).starts_with(&port));
            }
        }
    }
}

#[test]
fn frames_shows_messages_of_any_framing_that_is_named() {
    for engine in ENGINES {
        let server = Server::lesson("lesson01-server", &[]);
        let proxy = proxy(server.address, &[engine, &["--frames", "line,>H"]].concat());
        let mut client = socket::connect(proxy.address);
        client.write_all(b"\0\x04\nx\r\n").unwrap();
        proxy.wait_for_line("-> frame of 2 bytes \"\\x00\\x04\"");
        proxy.wait_for_line("-> frame of 1 bytes \"x\"");
        proxy.wait_for_line("<- frame of 4 bytes \"\\nX\\r\\n");
    }
}

#[test]
fn frames_says_where_lesson_01s_bytes_stop_being_frames_and_relays_them_all_the_same() {
    for engine in ENGINES {
        let server = Server::lesson("lesson01-server", &[]);
        let proxy = proxy(server.address, &[engine, &["--frames"]].concat());
        let client = proxy.ask("lesson01-client", &[], &typed(&["hello", "world"]));
        assert_eq!((client.stdout.as_str(), client.status), ("HELLO\nWORLD\n", Some(0)));
        proxy.wait_for_line(" closed by client: 10 bytes up, 10 bytes down, ");
        let proxy = proxy.stop();
        for lost in ["-> no frames any more: length ", "<- no frames any more: length "] {
            assert_eq!(proxy.stdout.matches(lost).count(), 1, "{lost}");
        }
        assert!(proxy.stdout.contains(" at byte 0 ") && proxy.stdout.contains("\"hell\""));
    }
}

#[test]
fn hex_shows_the_direction_the_place_and_the_bytes_of_each_piece() {
    for (engine, option) in [(ENGINES[0], "--hex"), (ENGINES[1], "--hex"), (ENGINES[0], "--trace")]
    {
        let (_echo, proxy) = proxied_echo(&[engine, &[option]].concat());
        let mut client = socket::connect(proxy.address);
        assert_answered(&mut client, "hello");
        assert_answered(&mut client, "!");
        drop(client);
        proxy.wait_for_line(" closed by client: ");
        let proxy = proxy.stop();
        let log: Vec<&str> = proxy.stdout.lines().collect();
        for (head, dump) in [
            (" -> 5 bytes", "    00000000  68 65 6c 6c 6f  "),
            (" <- 5 bytes", "    00000000  48 45 4c 4c 4f  "),
            (" -> 1 byte", "    00000005  21  "),
            (" <- 1 byte", "    00000005  21  "),
        ] {
            let pieces = log.windows(2).filter(|two| two[0].ends_with(head));
            let count = pieces.filter(|two| two[1].starts_with(dump)).count();
            assert_eq!(count, 1, "{head}{dump}");
        }
        assert!(proxy.stdout.contains("|hello|") && proxy.stdout.contains("|HELLO|"));
    }
}
