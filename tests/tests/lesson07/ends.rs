//! How both programs begin and end: Ctrl-C, a server that goes and comes back, and what cannot work.

use std::net::TcpListener;

use e2e::{Finished, Program, Server, Signal, binary, has_opencv, socket};

use crate::film::{self, DIALECTS};

/// Filming without end: the test decides when it is over.
fn filming(server: &Server, options: &[&str]) -> Program {
    let client = film::client(server.address, options);
    server.wait_for_line(" connected");
    client
}

#[test]
fn ctrl_c_ends_a_client_in_order_with_its_figures_and_the_server_serves_the_next() {
    if !has_opencv() {
        return;
    }
    for dialect in DIALECTS {
        let server = film::server(dialect);
        let client = filming(&server, dialect);
        client.signal(Signal::INT);
        let client = client.finish();
        assert_eq!((client.status, client.stderr.as_str()), (Some(0), ""));
        assert!(client.stdout.lines().any(|line| line.starts_with("sent ")), "no figures");
        server.wait_for_line(" closed by client");
        film::assert_serves(&server, dialect);
    }
}

#[test]
fn ctrl_c_ends_a_server_in_the_middle_of_a_film_and_its_client_says_so() {
    if !has_opencv() {
        return;
    }
    for dialect in DIALECTS {
        let server = film::server(dialect);
        let client = filming(&server, &[&["--retries", "0"], dialect].concat());
        let server = server.stop();
        assert_eq!((server.status, server.stderr.as_str()), (Some(0), ""));
        let client = client.finish();
        assert_eq!(client.status, Some(1));
        assert_eq!(client.stderr.lines().count(), 1, "an error is one line");
    }
}

#[test]
fn a_client_goes_on_with_a_server_that_has_come_back() {
    if !has_opencv() {
        return;
    }
    let server = film::server(&[]);
    let address = server.address;
    let client = filming(&server, &["--retries", "100"]);
    server.stop();
    let mut again = binary("lesson07-server");
    again.args(["--view", "none", "--listen", &address.to_string()]);
    let server = Server::start(again);
    server.wait_for_line(" connected");
    client.signal(Signal::INT);
    let client = client.finish();
    assert_eq!(client.status, Some(0));
    // The first pause is a tenth of a second, and up to a quarter more.
    assert!(client.stderr.contains("; calling again in 1"), "{}", client.stderr);
    assert!(client.stderr.contains("ms (1 of 100)"), "{}", client.stderr);
}

#[test]
fn ctrl_c_ends_a_server_that_nobody_calls() {
    if !has_opencv() {
        return;
    }
    for view in [&["--view", "none"][..], &["--view", "browser", "--http", "0"]] {
        assert_eq!(Server::lesson("lesson07-server", view).stop().status, Some(0));
    }
}

/// Runs a program to its end.
fn run(name: &str, args: &[&str]) -> Finished {
    let mut command = binary(name);
    command.args(args);
    Program::start(command).input("").finish()
}

/// The program has ended with this status, and one line of error that says this.
#[track_caller]
fn assert_error(program: &Finished, status: i32, text: &str) {
    assert_eq!(program.status, Some(status));
    assert!(program.stderr.contains(text), "no {text:?} in {:?}", program.stderr);
    assert_eq!(program.stderr.lines().count(), 1, "{:?}", program.stderr);
}

#[test]
fn a_port_that_is_taken_ends_the_server_with_a_line_that_names_it() {
    if !has_opencv() {
        return;
    }
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let listen = ["--listen", &taken, "--view", "none"];
    let http = ["--listen", "0", "--view", "browser", "--http", &taken];
    for options in [&listen[..], &http] {
        let server = run("lesson07-server", options);
        assert_error(&server, 1, &taken);
    }
}

#[test]
fn a_server_that_hung_up_first_can_be_restarted_on_its_port() {
    if !has_opencv() {
        return;
    }
    let server = film::server(&[]);
    let address = server.address;
    let mut client = socket::connect(address);
    server.wait_for_line(" connected");
    server.stop();
    // Now that both sides have closed, the server's side of the connection is in TIME_WAIT.
    socket::receive_to_end(&mut client);
    drop(client);
    let mut again = binary("lesson07-server");
    again.args(["--view", "none", "--listen", &address.to_string()]);
    assert_eq!(Server::start(again).address, address);
}

#[test]
fn an_address_that_other_machines_can_reach_is_refused_without_expose() {
    if !has_opencv() {
        return;
    }
    let frames = ["--view", "none", "--listen", "0.0.0.0:0"];
    let pages = ["--view", "browser", "--listen", "0", "--http", "0.0.0.0:0"];
    for options in [&frames[..], &pages] {
        assert_error(&run("lesson07-server", options), 2, "--expose");
    }
}

#[test]
fn wrong_usage_ends_with_status_2() {
    if !has_opencv() {
        return;
    }
    for args in [&["--no-such-option"][..], &["unasked"], &["--dialect", "klingon"]] {
        for name in ["lesson07-server", "lesson07-client"] {
            assert_eq!(run(name, args).status, Some(2), "{name} {args:?}");
        }
    }
    for args in [
        "--loop",
        "--quality=0",
        "--quality=101",
        "--size=large",
        "--size=63x64",
        "--size=8193x64",
        "--fps=0",
        "--fps=NaN",
        "--fps=-1",
        "--frames=0",
        "--frames=-1",
    ] {
        assert_eq!(run("lesson07-client", &[args]).status, Some(2), "{args}");
    }
    assert_eq!(run("lesson07-server", &["--view", "cinema"]).status, Some(2));
}

#[test]
fn a_client_without_a_server_says_how_to_start_one() {
    if !has_opencv() {
        return;
    }
    // Bound, so that nobody else takes the port; not listening, so calls are refused.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap().to_string();
    let client = run("lesson07-client", &["--connect", &address]);
    assert_error(&client, 1, "`cargo run -p lesson07-server`");
}

#[test]
fn a_source_that_is_not_there_ends_the_client_with_a_line_that_names_it_before_it_calls() {
    if !has_opencv() {
        return;
    }
    let (listener, address) = socket::listen();
    let folder = tempfile::tempdir().unwrap();
    let [empty, absent] = ["empty.avi", "absent.avi"].map(|name| folder.path().join(name));
    std::fs::write(&empty, b"").unwrap();
    let [empty, absent] = [&empty, &absent].map(|file| file.to_str().unwrap());
    for (source, text) in [
        ("camera:99", "camera 99 cannot be opened"),
        (empty, empty),
        (absent, absent),
        ("/", "cannot read the film /: it is not a file"),
    ] {
        let client = Program::client("lesson07-client", address, &["--source", source]).finish();
        assert_error(&client, 1, text);
    }
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "somebody has called");
}
