//! The program as a process: its exit status, and what it prints where.

use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use process::Process;
use socket2::{Domain, Socket, Type};

use crate::sources::make_film;
use crate::{say_received, take_frame};

fn start(server: SocketAddr, args: &[&str]) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lesson07-client"));
    command.args(["--connect", &server.to_string()]).args(args);
    Process::start(command).unwrap()
}

/// The exit status, and what is on standard output and on standard error.
fn end(mut client: Process) -> (Option<i32>, String, String) {
    let end = client.finish(Instant::now() + Duration::from_secs(120)).unwrap();
    (end.status, end.stdout, end.stderr)
}

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Takes frames until the client leaves, and returns the numbers and sizes of the pictures.
fn take_all(mut stream: TcpStream) -> Vec<(u64, usize, usize)> {
    let mut taken = Vec::new();
    while let Some((header, jpeg)) = take_frame(&mut stream) {
        let size = imagesize::blob_size(&jpeg).unwrap();
        assert_eq!((header.width as usize, header.height as usize), (size.width, size.height));
        taken.push((header.sequence, size.width, size.height));
        say_received(&mut stream, header.sequence);
    }
    taken
}

#[test]
fn so_many_frames_of_the_pattern_arrive_as_were_asked_for_and_one_line_says_so() {
    let (listener, address) = listen();
    let server = thread::spawn(move || take_all(listener.accept().unwrap().0));
    let args = ["--frames", "5", "--size", "320x200", "--quality", "10", "--fps", "100"];
    let (status, out, err) = end(start(address, &args));
    assert_eq!((status, &*err), (Some(0), ""), "{out}");
    assert!(out.starts_with("sent 5 frames in ") && out.lines().count() == 1, "{out}");
    let taken = server.join().unwrap();
    assert!(taken.len() == 5 && taken.is_sorted(), "{taken:?}");
    assert!(taken.iter().all(|&(_, width, height)| (width, height) == (320, 200)), "{taken:?}");
}

#[test]
fn a_film_is_sent_to_its_last_picture_and_then_the_client_leaves_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let film = make_film(folder.path(), 8);
    let (listener, address) = listen();
    let server = thread::spawn(move || take_all(listener.accept().unwrap().0));
    let (status, out, err) = end(start(address, &["--source", film.to_str().unwrap()]));
    assert_eq!((status, &*err), (Some(0), ""), "{out}");
    assert_eq!(server.join().unwrap().last(), Some(&(8, 160, 90)));
}

#[test]
fn in_the_tutorials_dialect_every_picture_of_a_film_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let film = make_film(folder.path(), 8);
    let (listener, address) = listen();
    let server = thread::spawn(move || {
        use std::io::Write;
        let mut stream = listener.accept().unwrap().0;
        let mut sizes = Vec::new();
        loop {
            let mut number = [0; 100];
            let got = stream.read(&mut number).unwrap();
            let Some((number, " ")) = std::str::from_utf8(&number[..got]).unwrap().split_once(',')
            else {
                return sizes;
            };
            stream.write_all(b"ok").unwrap();
            let mut jpeg = vec![0; number.parse().unwrap()];
            stream.read_exact(&mut jpeg).unwrap();
            stream.write_all(b"ok").unwrap();
            sizes.push(imagesize::blob_size(&jpeg).unwrap().width);
        }
    });
    let args = ["--dialect", "tutorial", "--fps", "max", "--source", film.to_str().unwrap()];
    let (status, out, err) = end(start(address, &args));
    assert_eq!((status, &*err), (Some(0), ""), "{out}");
    assert!(out.starts_with("sent 8 frames in "), "{out}");
    assert_eq!(server.join().unwrap(), [160; 8]);
}

#[test]
fn a_server_that_is_gone_is_called_again_and_the_film_goes_on() {
    let (listener, address) = listen();
    let server = thread::spawn(move || {
        let mut first = listener.accept().unwrap().0;
        let (header, _) = take_frame(&mut first).unwrap();
        say_received(&mut first, header.sequence);
        drop(first);
        take_all(listener.accept().unwrap().0)
    });
    let (status, out, err) = end(start(address, &["--frames", "4", "--size", "64x64"]));
    assert_eq!(status, Some(0), "{out}{err}");
    assert!(err.lines().count() == 1 && err.contains("calling again in 100ms (1 of 10)"), "{err}");
    assert!(out.starts_with("sent 4 frames in "), "{out}");
    let taken = server.join().unwrap();
    // If the first connection was reset, the word for its frame may have been thrown away with it.
    assert!((3..=4).contains(&taken.len()) && taken[0].0 > 1, "{taken:?}");
}

#[test]
fn what_cannot_be_filmed_is_said_before_anybody_is_called() {
    let (listener, address) = listen();
    for (source, words) in [
        ("camera:63", "camera 63 cannot be opened"),
        ("missing.avi", "cannot read the film missing.avi: "),
        ("/", "cannot read the film /: it is not a file"),
        (env!("CARGO_BIN_EXE_lesson07-client"), "is no film of which OpenCV can read a picture"),
    ] {
        let (status, out, err) = end(start(address, &["--source", source]));
        assert_eq!((status, &*out), (Some(1), ""), "{err}");
        assert!(err.contains(words) && err.lines().count() == 1, "{words:?} is not in {err}");
    }
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "somebody has called");
}

#[test]
fn a_server_that_was_never_there_is_said_in_one_line_with_what_to_do() {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let nobody = socket.local_addr().unwrap().as_socket().unwrap();
    let (status, out, err) = end(start(nobody, &[]));
    assert_eq!((status, &*out, err.lines().count()), (Some(1), "", 1), "{err}");
    assert!(err.contains("start it with `cargo run -p lesson07-server`"), "{err}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_film_in_order_with_its_summary() {
    let (listener, address) = listen();
    let child = start(address, &["--size", "64x64"]);
    let mut stream = listener.accept().unwrap().0;
    let (first, _) = take_frame(&mut stream).unwrap();
    child.signal(process::Signal::INT).unwrap();
    say_received(&mut stream, first.sequence);
    let taken = take_all(stream);
    let (status, out, err) = end(child);
    assert_eq!((status, &*err), (Some(0), ""), "{out}");
    let sent = format!("sent {} frames in ", taken.len() + 1);
    assert!(out.starts_with(&sent), "{sent:?} does not begin {out:?}");
}

#[test]
fn what_makes_no_sense_is_wrong_usage() {
    let (_listener, address) = listen();
    for args in [
        &["--loop"][..],
        &["--quality", "0"],
        &["--quality", "101"],
        &["--size", "1280"],
        &["--size", "63x64"],
        &["--size", "8193x64"],
        &["--fps", "0"],
        &["--fps", "NaN"],
        &["--fps", "-1"],
        &["--frames", "0"],
    ] {
        let (status, out, err) = end(start(address, args));
        assert_eq!((status, &*out), (Some(2), ""), "{args:?}: {err}");
    }
}
