//! Lesson 04 as processes: answers that are lost, come twice, or come from a stranger.
// Programs are stopped, suspended and looked at by signals and /proc here, of which Windows has neither.
#![cfg(unix)]

use std::time::Duration;

use e2e::{Program, Server, binary, socket, typed};
use lesson09_shared::packet::{Kind, Packet};

/// Twenty questions and their answers.
fn questions() -> (String, String) {
    let questions: Vec<String> = (0..20).map(|number| format!("question {number}")).collect();
    let questions = typed(&questions.iter().map(String::as_str).collect::<Vec<_>>());
    let answers = questions.to_ascii_uppercase();
    (questions, answers)
}

#[test]
fn answers_that_are_lost_are_asked_for_again_and_come_in_order() {
    let (questions, answers) = questions();
    let mut again = 0;
    for seed in 1..=5 {
        let lossy = ["--fault", "loss=50%", "--seed", &seed.to_string()];
        let server = Server::lesson("lesson04-server", &lossy);
        let patient = ["--timeout", "20ms", "--retries", "100"];
        let client = server.ask("lesson04-client", &patient, &questions);
        assert_eq!((client.stdout.as_str(), client.status), (answers.as_str(), Some(0)));
        again += client.stderr.matches("no answer within 20ms; asked again (").count();
        let server = server.stop();
        assert!(server.stderr.contains(": is lost"));
    }
    assert!(again > 0, "nothing was lost");
}

#[test]
fn answers_that_come_twice_answer_no_other_question() {
    let (questions, answers) = questions();
    let twice = ["--fault", "duplicate=100%"];
    let server = Server::lesson("lesson04-server", &twice);
    let client = server.ask("lesson04-client", &twice, &questions);
    assert_eq!((client.stdout.as_str(), client.status), (answers.as_str(), Some(0)));
    let server = server.stop();
    // Each question came twice, and each of the two was answered twice.
    assert_eq!(server.stdout.matches(" recv ").count(), 40);
    assert_eq!(server.stderr.matches(": goes out twice").count(), 40);
}

#[test]
fn a_stranger_cannot_answer_in_the_place_of_the_server() {
    let (server, address) = socket::bind_datagrams();
    let (stranger, _) = socket::bind_datagrams();
    let client = Program::client("lesson04-client", address, &["--timeout", "30s"]);
    let client = client.input(&typed(&["one", "two"]));
    for answer in ["ONE", "TWO"] {
        let (_, from) = socket::receive_datagram(&server);
        stranger.send_to(b"FROM A STRANGER", from).unwrap();
        server.send_to(answer.as_bytes(), from).unwrap();
    }
    let client = client.finish();
    assert_eq!((client.stdout.as_str(), client.status), ("ONE\nTWO\n", Some(0)));
}

#[test]
#[cfg(target_os = "linux")]
fn a_server_on_all_addresses_answers_from_the_one_that_was_asked() {
    // What each program answers to: for lesson 09, that there was no offer.
    let unknown =
        Packet { transfer: 1, transmission: 0, number: 0, kind: Kind::End, payload: b"{}" };
    for (program, options, question) in [
        ("lesson04-server", &[][..], b"hello".to_vec()),
        ("lesson05-server", &["--udp"][..], b"hello".to_vec()),
        ("lesson05-server", &["--udp", "--model", "serial"], b"hello".to_vec()),
        ("lesson09-server", &["--fault", "delay=1ms"], unknown.encode()),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = binary(program);
        command.args(["--listen", "0.0.0.0:0", "--expose"]).args(options).current_dir(&folder);
        let server = Server::start(command);
        // A connected socket hears nobody but the address that it is connected to.
        let (peer, _) = socket::bind_datagrams();
        peer.connect(("127.0.0.2", server.address.port())).unwrap();
        peer.send(&question).unwrap();
        let (answer, from) = socket::receive_datagram(&peer);
        assert!(!answer.is_empty() && from.ip().to_string() == "127.0.0.2", "{program} {from}");
    }
}

#[test]
fn a_server_that_is_answered_by_another_one_stops_answering() {
    for (program, options) in
        [("lesson04-server", &[][..]), ("lesson05-server", &["--udp", "--model", "serial"])]
    {
        let server = Server::lesson(program, &[&["--quiet"], options].concat());
        // The other one: it sends back what it gets.
        let (other, _) = socket::bind_datagrams();
        other.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        other.send_to(b"hello", server.address).unwrap();
        let (mut buffer, mut rounds) = ([0; 64], 0);
        while let Ok((length, from)) = other.recv_from(&mut buffer) {
            rounds += 1;
            assert!(rounds < 100_000, "{program} {options:?} goes on for ever");
            other.send_to(&buffer[..length], from).unwrap();
        }
        // One in lower case, and then the same thing until the thousandth.
        assert_eq!(rounds, 1000, "{program} {options:?}");
        // A client is answered all the same.
        let (client, _) = socket::bind_datagrams();
        client.send_to(b"hello", server.address).unwrap();
        assert_eq!(socket::receive_datagram(&client).0, b"HELLO");
    }
}
