//! A program that meets the wrong peer says so: one line, which names what the peer seems to be and
//! what to type instead.

use std::io::Write;

use e2e::{Finished, Program, Server, binary};

/// Long enough for an answer that comes, short enough to wait for one that does not.
const CLIENT_TIMEOUT: [&str; 2] = ["--timeout", "2s"];
const SERVER_TIMEOUT: [&str; 2] = ["--message-timeout", "300ms"];

/// What lesson 03's client says of a server that does not speak as it does.
#[track_caller]
fn assert_client_says(server: &Server, options: &[&str], words: &[&str]) {
    let options = [options, &CLIENT_TIMEOUT].concat();
    let client = server.ask("lesson03-client", &options, "seq 1 5\n");
    assert_eq!(client.status, Some(1), "the client does not notice");
    assert_eq!(client.stdout, "", "this is no answer");
    assert_eq!(client.stderr.lines().count(), 1, "an error is one line");
    assert_says("lesson03-client", &client.stderr, words);
}

/// What lesson 03's server says of a client that does not speak as it does.
#[track_caller]
fn assert_server_says(server: &Server, words: &[&str]) {
    assert_says("lesson03-server", &server.wait_for_line(" closed: "), words);
}

/// The line has these words, and tells of no option that the program does not have.
#[track_caller]
fn assert_says(program: &str, line: &str, words: &[&str]) {
    for word in words {
        assert!(line.contains(word), "{line:?} should speak of {word}");
    }
    let mut command = binary(program);
    command.arg("--help");
    let help = Program::start(command).finish();
    for (at, _) in line.match_indices("--") {
        let is_end = |letter: char| !letter.is_ascii_lowercase() && letter != '-';
        let option = line[at..].split(is_end).next().unwrap();
        assert!(help.stdout.contains(option), "{line:?}: {program} has no option {option}");
    }
}

#[test]
fn a_client_of_lesson_03_at_a_server_of_lesson_02_says_that_it_is_lesson_02() {
    let server = Server::lesson("lesson02-server", &SERVER_TIMEOUT);
    for header in ["struct", "announce", "json"] {
        assert_client_says(&server, &["--header", header], &["lesson02"]);
    }
}

#[test]
fn a_client_with_another_header_than_its_server_says_that_it_may_be_the_header() {
    for serving in ["struct", "announce", "json"] {
        let options = [&["--header", serving][..], &SERVER_TIMEOUT].concat();
        let server = Server::lesson("lesson03-server", &options);
        for asking in ["struct", "announce", "json"] {
            if asking != serving {
                assert_client_says(&server, &["--header", asking], &["--header"]);
            }
        }
    }
}

#[test]
fn a_client_in_our_dialect_at_a_server_in_the_tutorials_says_that_it_may_be_the_dialect() {
    // With a struct there is an answer, and it asks what the client is.
    for header in ["announce", "json"] {
        let options =
            [&["--header", header, "--dialect", "tutorial"][..], &SERVER_TIMEOUT].concat();
        let server = Server::lesson("lesson03-server", &options);
        assert_client_says(&server, &["--header", header], &["--dialect"]);
    }
}

#[test]
fn a_client_in_the_tutorials_dialect_at_a_server_in_ours_says_that_it_may_be_the_dialect() {
    for header in ["struct", "announce", "json"] {
        let server = Server::lesson("lesson03-server", &["--header", header]);
        let options = ["--header", header, "--dialect", "tutorial"];
        assert_client_says(&server, &options, &["--dialect"]);
    }
}

/// The client of a Python pair meets our server without `--dialect tutorial`.
fn ask_as_peer(pair: &str, header: &str) -> (Server, Finished) {
    let server = Server::lesson("lesson03-server", &["--header", header]);
    let client = server.ask_peer(pair, "echo hi\n");
    (server, client)
}

#[test]
fn s001_5_without_the_dialect_is_told_to_add_it() {
    let server = Server::peer("s001_5");
    assert_client_says(&server, &["--header", "announce"], &["--dialect tutorial"]);
    let (server, _client) = ask_as_peer("s001_5", "announce");
    assert_server_says(&server, &["--dialect"]);
}

#[test]
fn s001_8_without_the_dialect_is_told_to_add_it() {
    let server = Server::peer("s001_8");
    assert_client_says(&server, &["--header", "json"], &["--dialect"]);
    let (server, _client) = ask_as_peer("s001_8", "json");
    assert_server_says(&server, &["tutorial program", "--dialect tutorial"]);
}

#[test]
fn s002_2_without_the_dialect_is_told_to_add_it() {
    let server = Server::peer("s002_2");
    assert_client_says(&server, &[], &["--dialect"]);
    let (server, _client) = ask_as_peer("s002_2", "struct");
    assert_server_says(&server, &["tutorial program", "--dialect tutorial"]);
}

#[test]
fn s004_5_without_the_dialect_is_told_to_add_it() {
    let server = Server::peer("s004_5");
    assert_client_says(&server, &[], &["--dialect"]);
    let (server, _client) = ask_as_peer("s004_5", "struct");
    assert_server_says(&server, &["tutorial program", "--dialect tutorial"]);
}

#[test]
fn commands_that_are_sent_with_announce_and_a_half_close_are_told_to_be_typed() {
    let server = Server::lesson("lesson03-server", &["--header", "announce"]);
    let sending = ["--header", "announce", "--send", "echo hi"];
    let client = server.ask("lesson03-client", &[&sending[..], &CLIENT_TIMEOUT].concat(), "");
    assert_eq!((client.status, &*client.stdout), (Some(1), ""), "{}", client.stderr);
    assert_eq!(client.stderr.lines().count(), 1, "an error is one line: {}", client.stderr);
    assert_says("lesson03-client", &client.stderr, &["`messages`", "at the prompt"]);
}

#[test]
fn a_browser_is_called_a_browser_and_not_sent_to_the_tutorial() {
    let server = Server::lesson("lesson03-server", &[]);
    let mut browser = e2e::socket::connect(server.address);
    browser.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    assert_server_says(&server, &["browser"]);
}

#[test]
fn a_big_endian_client_is_told_what_its_length_is_the_other_way_round() {
    for request in [b"\0\0\0\x07echo hi".to_vec(), [&[0, 0, 0, 200][..], &[b' '; 200]].concat()] {
        let server = Server::lesson("lesson03-server", &[]);
        let mut client = e2e::socket::connect(server.address);
        client.write_all(&request).unwrap();
        let round = format!("the other way round it is {}: is the peer big-endian?", request[3]);
        assert_server_says(&server, &[&round]);
    }
}
