//! Lesson 04 as processes: answers that are lost, come twice, or come from a stranger.

use e2e::{Program, Server, socket, typed};

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
