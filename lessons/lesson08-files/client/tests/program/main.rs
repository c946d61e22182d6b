//! The program as a process: its exit status, and what it prints where.
//!
//! Apart from the other tests, because a process that is being started holds, for a moment, all that
//! its parent has open: also the lock of a file under way.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

#[path = "../words/mod.rs"]
mod words;

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use lesson08_shared::protocol::{
    Content, Done, HEADER_LIMIT, Message, Offset, Put, Ready, Reply, Request, Status,
};
use process::Finished;
use socket2::{Domain, Socket, Type};
use tempfile::TempDir;

use words::{assert_files, digest, file, header, no, ok};

fn run(server: SocketAddr, place: &Path, args: &[&str], input: &str) -> Finished {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lesson08-client"));
    command.current_dir(place).args(["--connect", &server.to_string()]).args(args);
    process::run(command, input, Instant::now() + Duration::from_secs(60)).unwrap()
}

/// Fails in one line, which has these words.
#[track_caller]
fn assert_fails(end: &Finished, words: &[&str]) {
    assert_eq!((end.status, end.stderr.lines().count()), (Some(1), 1), "{end:#?}");
    for words in words {
        assert!(end.stderr.contains(words), "{words:?} should be in {end:#?}");
    }
}

/// A server that talks to so many clients, one after the other, and returns what came of each.
fn serve<T: Send + 'static>(
    clients: usize,
    mut talk: impl FnMut(usize, &mut TcpStream) -> T + Send + 'static,
) -> (SocketAddr, JoinHandle<Vec<T>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let accept = |number| talk(number, &mut listener.accept().unwrap().0);
        (0..clients).map(accept).collect()
    });
    (address, server)
}

fn heard(stream: &mut TcpStream) -> Option<Request> {
    let message = wire::read_header::<Message<Request>>(stream, HEADER_LIMIT).unwrap();
    message.map(|message| message.fields)
}

/// Sends a file for each name that holds no `none`, until the client leaves; the names.
fn library(stream: &mut TcpStream) -> Vec<String> {
    let mut asked = Vec::new();
    while let Some(request) = heard(stream) {
        let answer = match &request {
            Request::Get { name, .. } if name.contains("none") => no(Status::NoSuchFile),
            Request::Get { name, .. } => file(name.as_bytes(), 0),
            _ => no(Status::Failed),
        };
        stream.write_all(&answer).unwrap();
        asked.push(format!("{request:?}"));
    }
    asked
}

/// An empty folder to run in.
fn place() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A port on which nobody listens, and that nobody else can take.
fn taken_port() -> (Socket, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    (socket, address)
}

#[test]
fn a_file_is_got_into_the_folder_and_said_in_one_line() {
    let place = place();
    let (server, talk) = serve(1, |_, stream| library(stream));
    let end = run(server, place.path(), &["get", "docs/a b", "--into", "x/y"], "");
    assert_eq!((end.status, &*end.stderr), (Some(0), ""), "{end:#?}");
    assert!(end.stdout.starts_with("got \"docs/a b\": 8 bytes in "), "{end:#?}");
    assert!(end.stdout.ends_with(&format!(", MD5 {}\n", wire::md5_hex(b"docs/a b"))), "{end:#?}");
    assert_files(&place.path().join("x/y"), &[("a b", b"docs/a b")]);
    assert_eq!(talk.join().unwrap()[0].len(), 1);
}

#[test]
fn what_fails_of_several_files_is_told_and_the_others_come_over_the_same_connection() {
    let place = place();
    let (server, talk) = serve(1, |_, stream| library(stream));
    let end = run(server, place.path(), &["get", "a", "none", "..", "b"], "");
    assert_eq!((end.status, end.stdout.lines().count()), (Some(1), 2), "{end:#?}");
    let lines: Vec<&str> = end.stderr.lines().collect();
    let [none, dots, last] = lines[..] else { panic!("not three lines: {end:#?}") };
    assert!(none.starts_with("cannot get \"none\": the server says no-such-file: "), "{none}");
    assert!(dots.starts_with("cannot get \"..\": \"..\" is no name for a file here: "), "{dots}");
    assert!(last.ends_with("2 of 4 files failed"), "{last}");
    assert_files(place.path(), &[("a", b"a"), ("b", b"b")]);
    assert_eq!(talk.join().unwrap()[0].len(), 3, "`..` was not asked for");
}

#[test]
fn one_file_that_fails_is_one_line() {
    let place = place();
    let (server, _talk) = serve(1, |_, stream| library(stream));
    let end = run(server, place.path(), &["get", "none"], "");
    assert_fails(&end, &["cannot get \"none\": ", "no-such-file", "`list`"]);
    std::fs::write(place.path().join("a"), b"old").unwrap();
    let (server, _talk) = serve(1, |_, stream| library(stream));
    assert_fails(&run(server, place.path(), &["get", "a"], ""), &["\"a\"", "--force"]);
    assert_files(place.path(), &[("a", b"old")]);
}

#[test]
fn the_prompt_takes_the_same_words_and_an_error_does_not_end_it() {
    let place = place();
    let (server, talk) = serve(1, |_, stream| library(stream));
    let input = "get \"a b\"\n\nfetch x\nget none\nget \"a\nhelp\n?\nput nowhere\nget c --into d\nquit\nget e\n";
    let end = run(server, place.path(), &[], input);
    assert_eq!(end.status, Some(1), "{end:#?}");
    assert_files(&place.path().join("d"), &[("c", b"c")]);
    assert_eq!(std::fs::read(place.path().join("a b")).unwrap(), b"a b");
    assert_eq!(end.stdout.matches("Usage:").count(), 2, "two times help: {end:#?}");
    let lines: Vec<&str> = end.stderr.lines().collect();
    for (line, words) in [
        "unrecognized subcommand 'fetch'; `help` says the words",
        "cannot get \"none\"",
        "a quote in the line is not closed",
        "cannot put \"nowhere\": cannot read it: ",
        "commands that failed: 4",
    ]
    .iter()
    .enumerate()
    {
        assert!(lines[line].contains(words), "{words:?} should be in {:?}", lines[line]);
    }
    assert_eq!((lines.len(), talk.join().unwrap()[0].len()), (5, 3), "{end:#?}");
}

#[test]
fn a_prompt_in_which_all_went_well_ends_with_status_0() {
    let place = place();
    let (server, _talk) = serve(1, |_, stream| library(stream));
    let end = run(server, place.path(), &[], "get a\nget b");
    assert_eq!((end.status, &*end.stderr), (Some(0), ""), "{end:#?}");
}

#[test]
fn a_list_in_a_pipe_is_plain_and_the_same_each_time() {
    let json = "[{\"name\":\"a b\",\"size\":1048576,\"modified\":1763730600},\
                {\"name\":\"\\u001b[2J\\n\",\"folder\":true,\"size\":0}]";
    let (server, talk) = serve(1, move |_, stream| {
        let asked = heard(stream);
        let answer = header(Reply::ok(Done {}), json.len() as u64);
        stream.write_all(&[&answer, json.as_bytes()].concat()).unwrap();
        asked
    });
    let end = run(server, place().path(), &["list", "docs"], "");
    let expected = "     1048576  2025-11-21T13:10:00Z  a b\n           -  -                     \
                    \\u{1b}[2J\\n/\n";
    assert_eq!((end.status, &*end.stdout), (Some(0), expected), "{end:#?}");
    assert_eq!(talk.join().unwrap(), [Some(Request::List { name: "docs".to_owned() })]);
}

#[test]
fn a_get_that_breaks_goes_on_over_the_next_connection_and_the_person_is_told() {
    let place = place();
    let content = vec![7; 300_000];
    let (server, talk) = serve(2, move |number, stream| {
        let Some(Request::Get { have, .. }) = heard(stream) else { panic!("no get") };
        let from = have.map_or(0, |have| have.length as usize);
        let answer = file(&content, from);
        let end = if number == 0 { 150_000 } else { answer.len() };
        stream.write_all(&answer[..end]).unwrap();
        from
    });
    let end = run(server, place.path(), &["get", "a"], "");
    let from = talk.join().unwrap()[1];
    assert!((149_000..150_000).contains(&from), "{from}: {end:#?}");
    assert_eq!(end.status, Some(0), "{end:#?}");
    assert!(end.stdout.contains(&format!(", from byte {from} (")), "{end:#?}");
    assert!(end.stderr.contains("; trying again in ") && end.stderr.ends_with("(1 of 3)\n"));
    assert_files(place.path(), &[("a", &vec![7; 300_000])]);
}

#[test]
fn a_put_to_which_the_server_says_no_in_the_middle_stops_and_the_next_file_goes() {
    let place = place();
    // More than all buffers hold.
    std::fs::write(place.path().join("big"), vec![7; 100_000_000]).unwrap();
    std::fs::write(place.path().join("small"), b"twelve bytes").unwrap();
    let (server, talk) = serve(2, |number, stream| {
        let Some(Request::Put(Put { file_size, .. })) = heard(stream) else { panic!("no put") };
        stream.write_all(&ok(Ready::default())).unwrap();
        let announced = wire::read_header::<Message<Offset>>(stream, HEADER_LIMIT).unwrap();
        assert_eq!(announced.unwrap().size, file_size);
        let answer = if number == 0 { no(Status::DiskFull) } else { ok(Done {}) };
        if number == 0 {
            stream.read_exact(&mut [0; 1000]).unwrap();
            stream.write_all(&answer).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
        } else {
            let mut body = vec![0; file_size as usize];
            stream.read_exact(&mut body).unwrap();
            let digest = digest(&body);
            stream.read_exact(&mut vec![0; digest.len()]).unwrap();
            stream.write_all(&answer).unwrap();
        }
        std::io::copy(stream, &mut std::io::sink()).unwrap()
    });
    let end = run(server, place.path(), &["put", "big", "nowhere", "small"], "");
    assert_eq!(end.status, Some(1), "{end:#?}");
    assert!(end.stdout.starts_with("put \"small\": 12 bytes"), "{end:#?}");
    let lines: Vec<&str> = end.stderr.lines().collect();
    assert!(lines[0].contains("cannot put \"big\": the server says disk-full"), "{end:#?}");
    assert!(lines[2].ends_with("2 of 3 files failed"), "{end:#?}");
    let came = talk.join().unwrap()[0];
    assert!(came < 50_000_000, "{came} bytes came after the no");
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_no_file_is_not_put_and_nobody_waits_for_a_pipe() {
    use std::os::unix::ffi::OsStrExt;
    let place = place();
    let pipe = place.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (_socket, nobody) = taken_port();
    for (path, words) in [
        ("pipe", "it is not a file"),
        ("/dev/zero", "it is not a file"),
        (".", "it is not a file"),
        ("none", "cannot read it: "),
    ] {
        assert_fails(&run(nobody, place.path(), &["put", path], ""), &["cannot put", words]);
    }
    let strange = std::ffi::OsStr::from_bytes(b"\xff");
    std::fs::write(place.path().join(strange), b"x").unwrap();
    let mut client = Command::new(env!("CARGO_BIN_EXE_lesson08-client"));
    let output = client.current_dir(place.path()).arg("put").arg(strange).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("its name is not UTF-8"), "{words}");
}

#[test]
fn a_name_on_the_server_has_the_folder_and_the_last_part_of_the_path() {
    let place = place();
    std::fs::create_dir(place.path().join("here")).unwrap();
    std::fs::write(place.path().join("here/a"), b"x").unwrap();
    let (server, talk) = serve(1, |_, stream| {
        let asked = heard(stream);
        stream.write_all(&no(Status::ReadOnly)).unwrap();
        asked
    });
    let args = ["put", "here/a", "--into", "there/", "--force", "--resume"];
    assert_fails(&run(server, place.path(), &args, ""), &["read-only", "\"here/a\""]);
    let Some(Request::Put(Put { name, force, resume, .. })) = talk.join().unwrap().remove(0) else {
        panic!("no put")
    };
    assert_eq!((&*name, force, resume), ("there/a", true, true));
}

#[test]
fn a_server_that_says_nothing_or_stalls_in_the_middle_is_left_after_the_time_out() {
    for says in [vec![], file(&vec![7; 100_000], 0)[..50_000].to_vec()] {
        let place = place();
        let (server, _talk) = serve(1, move |_, stream| {
            stream.write_all(&says).unwrap();
            std::io::copy(stream, &mut std::io::sink()).unwrap()
        });
        let args = ["get", "a", "--timeout", "200ms", "--retries", "0"];
        let end = run(server, place.path(), &args, "");
        assert_fails(&end, &["cannot get \"a\"", "200ms (--timeout)"]);
        assert!(!place.path().join("a").exists());
    }
}

#[test]
fn where_no_server_is_nobody_waits_and_the_words_say_how_to_start_one() {
    let (_socket, server) = taken_port();
    for args in [&["list"][..], &["get", "a", "b"], &["put", "main.rs"], &[]] {
        let place = place();
        std::fs::write(place.path().join("main.rs"), b"x").unwrap();
        let end = run(server, place.path(), args, "list\n");
        assert_fails(&end, &["cannot connect to ", "cargo run -p lesson08-server"]);
    }
}

#[test]
fn in_the_tutorials_dialect_there_is_get_and_nothing_else() {
    let place = place();
    let (_socket, nobody) = taken_port();
    for args in [&["list"][..], &["put", "a"], &["get", "a", "--resume"]] {
        let args = [args, &["--dialect", "tutorial"]].concat();
        let end = run(nobody, place.path(), &args, "");
        assert_eq!((end.status, &*end.stdout), (Some(2), ""), "{end:#?}");
        assert!(end.stderr.contains("a tutorial server knows nothing of"), "{end:#?}");
    }
    let (server, talk) = serve(1, |_, stream| {
        let mut name = [0; 1024];
        let got = stream.read(&mut name).unwrap();
        let md5 = wire::md5_hex(b"hi\n");
        let json = format!(r#"{{"lenth": 3, "md5": "{md5}", "size(MB)": 0.0}}"#);
        wire::write_frame(stream, json.as_bytes()).unwrap();
        stream.write_all(b"hi\n").unwrap();
        String::from_utf8(name[..got].to_vec()).unwrap()
    });
    let end = run(server, place.path(), &["get", "汉 a.txt", "--dialect", "tutorial"], "");
    assert_eq!((end.status, &*end.stderr), (Some(0), ""), "{end:#?}");
    assert_files(place.path(), &[("汉 a.txt", b"hi\n")]);
    assert_eq!(talk.join().unwrap(), ["汉 a.txt"]);
}

#[test]
fn what_does_not_go_together_is_wrong_usage() {
    let (_socket, server) = taken_port();
    for args in [&["get"][..], &["put"], &["list", "a", "b"], &["fetch"], &["get", "a", "--into"]] {
        let end = run(server, place().path(), args, "");
        assert_eq!((end.status, &*end.stdout), (Some(2), ""), "{args:?}: {end:#?}");
    }
}

#[test]
fn a_server_that_lies_about_a_size_gives_no_file_and_no_second_try() {
    let place = place();
    let (server, talk) = serve(1, |_, stream| {
        heard(stream);
        let body = Content { file_size: 12, modified: None, from: 0 };
        let says = [header(Reply::ok(body), 13), b"twelve bytes!".to_vec(), digest(b"")].concat();
        stream.write_all(&says).unwrap();
    });
    let end = run(server, place.path(), &["get", "a"], "");
    assert_fails(&end, &["the server contradicts itself", "do not add up"]);
    assert_files(place.path(), &[]);
    talk.join().unwrap();
}
