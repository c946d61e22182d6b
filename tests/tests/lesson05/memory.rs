//! A process that may not have more memory: whoever is one too many is hung up on, and the server lives.
#![cfg(target_os = "linux")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Instant;

use e2e::{DEADLINE, Server, binary, socket};

/// How many clients come: more than have room.
const CLIENTS: usize = 400;

/// A server whose address space has so many KiB and no more.
fn serve(kibibytes: u32, name: &str, args: &[&str]) -> Server {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -v {kibibytes}; exec \"$0\" \"$@\"")]);
    command.arg(binary(name).get_program()).args(["--listen", "0"]).args(args);
    Server::start(command)
}

/// Whether the client gets an answer. Otherwise its connection is closed, or reset, since nobody has read what
/// it sent.
fn is_answered(mut stream: &TcpStream) -> bool {
    stream.write_all(b"hello").is_ok() && matches!(stream.read(&mut [0; 5]), Ok(5))
}

#[test]
fn a_client_for_whose_thread_there_is_no_memory_is_hung_up_on_and_the_others_are_served() {
    // How much is left when the last thread has begun differs; some of these amounts ended the server, or
    // kept it from ending.
    for kibibytes in (60_000..60_300).step_by(120) {
        let server = serve(kibibytes, "lesson05-server", &["--model", "thread", "--quiet"]);
        let mut clients: Vec<_> = (0..CLIENTS).map(|_| socket::connect(server.address)).collect();
        clients.retain(is_answered);
        println!("ulimit -v {kibibytes}: {} of {CLIENTS} clients have a thread", clients.len());
        assert!((1..CLIENTS).contains(&clients.len()));
        assert!(clients.iter().all(is_answered), "whoever has a thread keeps it");
        server.wait_for_error("no thread for a client");
        // Their threads end, and then there is memory for new ones.
        drop(clients);
        let given_up = Instant::now() + DEADLINE;
        while !is_answered(&socket::connect(server.address)) {
            assert!(Instant::now() < given_up, "nobody is served any more");
        }
        assert_eq!(server.stop().status, Some(0), "ulimit -v {kibibytes}");
    }
}

#[test]
fn a_server_that_leaves_its_threads_to_the_crowd_outlives_them_too() {
    let root = tempfile::tempdir().unwrap();
    let args = ["--root", root.path().to_str().unwrap(), "--quiet"];
    let server = serve(70_000, "lesson08-server", &args);
    let clients: Vec<_> = (0..CLIENTS).map(|_| socket::connect(server.address)).collect();
    // The last one is hung up on.
    let mut last = clients.last().unwrap();
    let outcome = last.read(&mut [0; 1]);
    assert!(matches!(outcome, Ok(0)), "{outcome:?}");
    drop(clients);
    assert_eq!(server.stop().status, Some(0));
}
