//! What a server prints holds up no client: not when nobody reads it, not when whoever read it has gone.
//! And what it was about to print is printed before it ends, if somebody reads.
// Programs are stopped, suspended and looked at by signals and /proc here, of which Windows has neither.
#![cfg(unix)]
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails with the line that panics")]

use std::io::{self, BufRead, BufReader, PipeReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ExitStatus};
use std::sync::mpsc;
use std::thread;

use e2e::{DEADLINE, Program, Server, Signal, binary, socket};
use rustix::process::Pid;

/// A server whose standard output and standard error are one pipe, which only the test reads, and only if
/// it wants to. It is killed when it is dropped.
struct Unread {
    address: SocketAddr,
    child: Option<Child>,
    pipe: BufReader<PipeReader>,
}

impl Unread {
    fn start(name: &str, args: &[&str]) -> Unread {
        let (reader, writer) = io::pipe().unwrap();
        let mut command = binary(name);
        command.args(["--listen", "0"]).args(args);
        command.stdout(writer.try_clone().unwrap()).stderr(writer);
        let child = command.spawn().unwrap();
        // It holds the pipe's other end, which would never be closed.
        drop(command);
        let mut pipe = BufReader::new(reader);
        let mut line = String::new();
        pipe.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on ").unwrap().parse().unwrap();
        Unread { address, child: Some(child), pipe }
    }

    fn terminate(&self) {
        let child = self.child.as_ref().unwrap();
        rustix::process::kill_process(Pid::from_child(child), Signal::TERM).unwrap();
    }

    /// Waits until it has ended.
    fn wait(&mut self) -> ExitStatus {
        let mut child = self.child.take().unwrap();
        let id = Pid::from_child(&child);
        let (ended, has_ended) = mpsc::channel();
        let waiting = thread::spawn(move || _ = ended.send(child.wait().unwrap()));
        let status = has_ended.recv_timeout(DEADLINE);
        if status.is_err() {
            rustix::process::kill_process(id, Signal::KILL).unwrap();
        }
        waiting.join().unwrap();
        status.unwrap_or_else(|_| panic!("one SIGTERM does not end the server"))
    }

    fn read_to_end(&mut self) -> String {
        let mut text = String::new();
        self.pipe.read_to_string(&mut text).unwrap();
        text
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            _ = child.kill();
            _ = child.wait();
        }
    }
}

/// A line of sixty bytes, of which a server quotes all, and whose answer ends with a new line too.
fn line(number: usize) -> Vec<u8> {
    format!("{number:->59}\n").into_bytes()
}

fn ask_line(stream: &mut TcpStream, number: usize) -> Vec<u8> {
    stream.write_all(&line(number)).unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\n") {
        let mut buffer = [0; 1024];
        let got = stream.read(&mut buffer).unwrap();
        assert!(got > 0, "the server has closed the connection");
        answer.extend_from_slice(&buffer[..got]);
    }
    answer
}

fn ask_frame(stream: &mut TcpStream, number: usize) -> Vec<u8> {
    let length = socket::exchange(stream, &socket::frame(&line(number)), 4);
    let length = u32::from_le_bytes(length.try_into().unwrap());
    socket::receive(stream, length as usize)
}

/// More lines than a pipe holds, which is 64 KiB on Linux (pipe(7)): with each exchange come two, of some
/// ninety bytes.
const EXCHANGES: usize = 1500;

fn fill_by(ask: fn(&mut TcpStream, usize) -> Vec<u8>, server: SocketAddr) {
    let mut stream = socket::connect(server);
    for number in 0..EXCHANGES {
        assert!(ask(&mut stream, number).ends_with(b"\n"));
    }
}

fn fill_by_lines(server: SocketAddr) {
    fill_by(ask_line, server);
}

fn fill_by_frames(server: SocketAddr) {
    fill_by(ask_frame, server);
}

fn fill_by_datagrams(server: SocketAddr) {
    let (socket, _) = socket::bind_datagrams();
    socket.connect(server).unwrap();
    for number in 0..EXCHANGES {
        socket.send(&line(number)).unwrap();
        assert_eq!(socket::receive_datagram(&socket).0, line(number));
    }
}

fn fill_by_connecting(server: SocketAddr) {
    for _ in 0..EXCHANGES {
        let mut stream = socket::connect(server);
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        // The end comes once the server has served this client.
        socket::receive_to_end(&mut stream);
    }
}

/// Datagrams that say nothing to the server, but stand in its trace.
fn fill_by_junk(server: SocketAddr) {
    let (socket, _) = socket::bind_datagrams();
    for number in 0..EXCHANGES {
        socket.send_to(&line(number), server).unwrap();
    }
}

/// Fills the pipe, and expects that this client is served all the same, and that one SIGTERM ends the server.
fn assert_goes_on(name: &str, args: &[&str], fill: fn(SocketAddr), client: &str, input: &str) {
    println!("{name} {}", args.join(" "));
    let mut server = Unread::start(name, args);
    fill(server.address);
    let mut words = client.split_whitespace();
    let program = words.next().unwrap();
    let client = Program::client(program, server.address, &words.collect::<Vec<_>>());
    assert_eq!(client.input(input).finish().status, Some(0));
    server.terminate();
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn servers_of_a_stream_go_on_while_nobody_reads_what_they_print() {
    let client = "lesson05-client --service upper";
    assert_goes_on("lesson01-server", &[], fill_by_lines, "lesson01-client", "hello\n");
    assert_goes_on("lesson02-server", &[], fill_by_lines, "lesson02-client", "echo hi\n");
    assert_goes_on("lesson03-server", &[], fill_by_frames, "lesson03-client", "echo hi\n");
    for model in ["serial", "thread", "pool", "event"] {
        assert_goes_on("lesson05-server", &["--model", model], fill_by_lines, client, "hello\n");
    }
    let trace = ["--trace", "--model", "event"];
    assert_goes_on("lesson05-server", &trace, fill_by_lines, client, "hello\n");
    assert_goes_on("lesson05-server", &["--trace"], fill_by_lines, client, "hello\n");
}

#[test]
fn servers_of_datagrams_go_on_while_nobody_reads_what_they_print() {
    assert_goes_on("lesson04-server", &[], fill_by_datagrams, "lesson04-client", "hello\n");
    for model in ["serial", "thread"] {
        let args = ["--udp", "--model", model];
        let client = "lesson05-client --udp --service upper";
        assert_goes_on("lesson05-server", &args, fill_by_datagrams, client, "hello\n");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.txt");
    std::fs::write(&file, "content").unwrap();
    let root = folder.path().join("root");
    let args = ["--trace", "--root", root.to_str().unwrap()];
    let client = format!("lesson09-client send {}", file.display());
    assert_goes_on("lesson09-server", &args, fill_by_junk, &client, "");
}

#[test]
fn a_proxy_goes_on_while_nobody_reads_what_it_prints() {
    let upstream = Server::lesson("lesson05-server", &["--quiet"]);
    let upstream = upstream.address.to_string();
    for engine in ["relay", "threads"] {
        let args = ["--upstream", &upstream, "--engine", engine, "--hex"];
        let client = "lesson05-client --service upper";
        assert_goes_on("lesson06-server", &args, fill_by_lines, client, "hello\n");
    }
}

#[test]
fn a_server_of_files_goes_on_while_nobody_reads_what_it_prints() {
    let root = tempfile::tempdir().unwrap();
    let args = ["--root", root.path().to_str().unwrap()];
    assert_goes_on("lesson08-server", &args, fill_by_connecting, "lesson08-client list", "");
}

#[test]
fn lines_that_were_left_out_are_counted_and_those_of_one_client_stay_in_their_order() {
    const CLIENTS: usize = 4;
    // The two lines of an exchange have some 180 bytes, and no more than four MiB may wait.
    const EXCHANGES: usize = 8000;
    for model in ["thread", "event"] {
        let mut server = Unread::start("lesson05-server", &["--model", model]);
        let address = server.address;
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                thread::spawn(move || {
                    let mut stream = socket::connect(address);
                    (0..EXCHANGES).for_each(|number| _ = ask_line(&mut stream, number));
                    stream
                })
            })
            .collect();
        let streams: Vec<_> = clients.into_iter().map(|client| client.join().unwrap()).collect();
        let mut lines = Vec::new();
        // Now somebody reads, and comes to the place where lines are missing; from there on all are shown.
        while !lines.last().is_some_and(|line: &String| line.contains(" not shown")) {
            let mut line = String::new();
            server.pipe.read_line(&mut line).unwrap();
            lines.push(line);
        }
        drop(streams);
        server.terminate();
        lines.extend(server.read_to_end().lines().map(str::to_owned));
        assert_eq!(server.wait().code(), Some(0));

        let mut left_out = 0;
        let mut clients = std::collections::HashMap::new();
        for line in &lines {
            if let Some(note) = line.strip_prefix("… ") {
                let (count, _) = note.split_once(' ').unwrap();
                left_out += count.replace(',', "").parse::<usize>().unwrap();
            } else if let Some((peer, message)) = line.split_once(" recv 60 ") {
                let number: usize =
                    message.trim_matches(['"', '-', 'n', '\\', '\n']).parse().unwrap();
                if let Some(before) = clients.insert(peer, number) {
                    assert!(before < number, "{peer}: {before}, and then {number}");
                }
            }
        }
        let notes = lines.iter().filter(|line| line.starts_with('…')).count();
        println!("{model}: {} lines, and {left_out} in {notes} gaps", lines.len() - notes);
        // Each client connects, asks, is answered, and leaves; and at the end stands how many there were.
        assert_eq!(lines.len() - notes + left_out, CLIENTS * (2 + 2 * EXCHANGES) + 1);
        assert!(left_out > 0, "nothing was left out");
        assert_eq!(lines.last().unwrap(), "served: 4, refused: 0");
    }
}

#[test]
fn lines_that_wait_when_a_server_ends_are_written_if_somebody_reads() {
    let mut server = Unread::start("lesson05-server", &[]);
    fill_by_lines(server.address);
    server.terminate();
    let text = server.read_to_end();
    assert_eq!(server.wait().code(), Some(0));
    assert_eq!(text.lines().count(), 2 + 2 * EXCHANGES + 1, "{text}");
    assert!(text.ends_with("served: 1, refused: 0\n"), "{text}");
}

#[test]
fn a_server_goes_on_when_whoever_read_what_it_prints_has_gone() {
    for model in ["serial", "thread", "pool", "event"] {
        let server = Unread::start("lesson05-server", &["--model", model]);
        let Unread { address, .. } = server;
        let mut server = close_pipe(server);
        fill_by_lines(address);
        server.terminate();
        assert_eq!(server.wait().code(), Some(0));
    }
}

/// Closes the end of the pipe that a server's lines come out of.
fn close_pipe(mut server: Unread) -> Unread {
    let (closed, _) = io::pipe().unwrap();
    server.pipe = BufReader::new(closed);
    server
}

#[test]
fn a_server_whose_output_nobody_reads_runs_commands_which_have_pipes_of_their_own() {
    let server = Unread::start("lesson03-server", &[]);
    fill_by_frames(server.address);
    let mut stream = socket::connect(server.address);
    let answer = socket::exchange(&mut stream, &socket::frame(b"echo hi"), 7);
    assert_eq!(answer, socket::frame(b"hi\n"));
}
