//! Messages that come late, or not at all.

use std::io::Write;
use std::net::Shutdown;
use std::thread;
use std::time::Duration;

use e2e::{Server, Signal, skips_under_wine, socket};

#[test]
fn a_length_within_the_limit_takes_no_memory_before_the_bytes_have_come() {
    if skips_under_wine(&["lesson03-server"], "Wine gives a program its memory at once") {
        return;
    }
    let server = Server::lesson("lesson03-server", &["--service", "messages"]);
    let before = server.peak_memory();
    let mut client = socket::send(server.address, &[&16_777_216_i32.to_le_bytes(), b"start"]);
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(socket::receive_to_end(&mut client), b"");
    let grown = server.peak_memory() - before;
    assert!(grown < 4096, "the server has grown by {grown} KiB");

    // That would be seen: a message that does come takes its length.
    let mut client = socket::send(server.address, &[&socket::frame(&vec![b'x'; 16_777_216])]);
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(socket::receive_to_end(&mut client), b"");
    let grown = server.peak_memory() - before;
    assert!(grown >= 16384, "the server has grown by {grown} KiB only");
}

#[test]
fn ctrl_c_lets_a_client_be_slow_to_say_that_it_is_ready() {
    if skips_under_wine(&["lesson03-server"], "the shell of Windows has no sleep") {
        return;
    }
    let server = Server::lesson("lesson03-server", &["--header", "announce", "--shell"]);
    let mut client = socket::connect(server.address);
    socket::exchange(&mut client, b"20\nsleep 0.5; echo done", 10);
    server.wait_for_line(r#" recv 20 "sleep 0.5; echo done""#);
    server.signal(Signal::INT);
    assert_eq!(socket::receive(&mut client, 2), b"5\n");
    thread::sleep(Duration::from_millis(50));
    client.write_all(b"recv_ready").unwrap();
    assert_eq!(String::from_utf8_lossy(&socket::receive_to_end(&mut client)), "done\n");
    assert_eq!(server.finish().status, Some(0));
}
