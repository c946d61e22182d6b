//! A network is free to cut a stream anywhere. These cuts are only smaller than most.

use e2e::{Server, typed};

use crate::proxy;

/// A thousand letters a second: each slice is gone before the next one comes.
const SLICES: [&str; 4] = ["--fault", "slice=1", "--fault", "rate=1000"];

#[test]
fn in_slices_one_send_of_lesson_02_comes_out_of_several_recvs() {
    let server = Server::lesson("lesson02-server", &["--service", "messages", "--reads", "1024"]);
    let proxy = proxy(server.address, &SLICES);
    let message = "x".repeat(500);
    assert_eq!(proxy.ask("lesson02-client", &["--send", &message], "").status, Some(0));
    server.wait_for_line(" closed by client");
    let server = server.stop();
    let lengths: Vec<usize> = server.stdout.lines().filter_map(received).collect();
    assert!(lengths.len() > 1, "the message was not cut");
    assert_eq!(lengths.iter().sum::<usize>(), message.len());
}

/// How many bytes a line `… recv N …` tells of.
fn received(line: &str) -> Option<usize> {
    line.split_once(" recv ")?.1.split(' ').next()?.parse().ok()
}

#[test]
fn in_slices_an_answer_of_lesson_02_is_cut_and_the_rest_answers_the_next_command() {
    let server = Server::lesson("lesson02-server", &[]);
    let down = ["--fault", "down:slice=1", "--fault", "down:rate=1000"];
    let proxy = proxy(server.address, &down);
    let client = proxy.ask("lesson02-client", &[], &typed(&["seq -s ' ' 1 100", "echo late"]));
    let whole = (1..=100).map(|number| number.to_string()).collect::<Vec<_>>().join(" ");
    assert!(client.stdout.starts_with("1"), "{:?}", client.stdout);
    assert!(!client.stdout.contains(&whole) && !client.stdout.contains("late"));
}

#[test]
fn in_slices_lesson_03_is_right() {
    for header in ["struct", "announce", "json"] {
        let server = Server::lesson("lesson03-server", &["--header", header]);
        let proxy = proxy(server.address, &["--fault", "slice=1"]);
        let input = typed(&["seq -s ' ' 1 100", "echo 汉字", "true"]);
        let through = proxy.ask("lesson03-client", &["--header", header], &input);
        let directly = server.ask("lesson03-client", &["--header", header], &input);
        assert_eq!((through.status, through.stderr.as_str()), (Some(0), ""));
        assert!(through.stdout.contains(" 99 100\n汉字\n"));
        assert_eq!(through.stdout, directly.stdout);
    }
}
