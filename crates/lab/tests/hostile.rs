//! Who may not play is refused in words, whoever is slow is cut off, and the lab goes on.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod running;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use running::{Lab, post};

const GUIDED: &str = r#"{"guided":1}"#;

#[test]
fn the_page_plays_with_its_token_and_nobody_without() {
    let lab = Lab::start(&[]);
    let (status, answer) = lab.play(GUIDED);
    assert_eq!(status, 200, "{answer}");
    assert!(answer.contains("68 65 6c 6c 6f 77 6f 72 6c 64"), "{answer}");
    for token in ["", "x-lab-token: 00000000000000000000000000000000\r\n"] {
        let request = post(&lab.address, token, GUIDED);
        let (status, words) = lab.ask(&request);
        assert_eq!(status, 403, "{words}");
        assert!(words.contains("open it anew"), "{words}");
    }
    let address =
        format!("GET /play?token={} HTTP/1.1\r\nhost: {}\r\n\r\n", lab.token, lab.address);
    assert_eq!(lab.ask(&address).0, 405, "nothing is played by an address");
}

#[test]
fn a_foreign_host_and_a_foreign_origin_are_refused_even_with_the_token() {
    let lab = Lab::start(&[]);
    let token = format!("x-lab-token: {}\r\n", lab.token);
    for host in ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1.evil.example", ""] {
        for request in
            [post(host, &token, GUIDED), format!("GET / HTTP/1.1\r\nhost: {host}\r\n\r\n")]
        {
            let (status, words) = lab.ask(&request);
            assert_eq!(status, 421, "{host}: {words}");
            assert!(words.contains("Host"), "{words}");
            assert!(!words.contains(&lab.token), "the token is told to {host}");
        }
    }
    for origin in ["http://evil.example", "null", "https://127.0.0.1:80", "http://127.0.0.1"] {
        let (status, words) =
            lab.ask(&post(&lab.address, &format!("{token}origin: {origin}\r\n"), GUIDED));
        assert_eq!(status, 403, "{origin}: {words}");
        assert!(words.contains("Origin"), "{words}");
    }
    let ours = format!("{token}origin: http://{}\r\n", lab.address);
    assert_eq!(lab.ask(&post(&lab.address, &ours, GUIDED)).0, 200);
}

#[test]
fn a_gigabyte_is_refused_before_it_is_read_and_so_is_one_that_nobody_announced() {
    let lab = Lab::start(&[]);
    let head = |length: &str| {
        format!(
            "POST /play HTTP/1.1\r\nhost: {}\r\nx-lab-token: {}\r\n{length}\r\n\r\n",
            lab.address, lab.token
        )
    };
    let announced = head("content-length: 1000000000") + &"x".repeat(300_000);
    let (status, words) = lab.ask(&announced);
    assert_eq!(status, 413, "{words}");
    assert!(words.contains("too long"), "{words}");
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let (status, words) = lab.ask(&(head("transfer-encoding: chunked") + &chunk.repeat(4)));
    assert_eq!(status, 413, "{words}");
    assert_eq!(lab.play(GUIDED).0, 200);
}

#[test]
fn what_is_no_play_is_refused_in_words() {
    let lab = Lab::start(&[]);
    let long = format!(r#"{{"bench":{{"messages":[{{"text":"{}"}}]}}}}"#, "x".repeat(2000));
    let cases = [
        ("", 400, "no settings"),
        ("[1,2", 400, "no settings"),
        (r#"{"guided":0}"#, 400, "no such station"),
        (r#"{"guided":18446744073709551615}"#, 400, "no such station"),
        (r#"{"bench":{"messages":[]}}"#, 422, "no message"),
        (r#"{"bench":{"messages":[{"text":"a"}],"colour":1}}"#, 400, "colour"),
        (r#"{"bench":{"messages":[{"text":"a"}],"reads":[0]}}"#, 422, "recv"),
        (r#"{"bench":{"messages":[{"text":"a"}],"fixed":"lines"}}"#, 422, "write none, line"),
        (r#"{"bench":{"messages":[{"hex":"abc"}]}}"#, 422, "hexadecimal"),
        (r#"{"bench":{"messages":[{"text":"a"}],"delivery":"cut:"}}"#, 400, "cut:3,7"),
        (long.as_str(), 422, "2000 bytes"),
    ];
    for (body, expected, part) in cases {
        let (status, words) = lab.play(body);
        assert_eq!(status, expected, "{body}: {words}");
        assert!(words.contains(part), "{body}: {words}");
    }
}

#[test]
fn the_page_in_another_language_is_answered_in_that_language() {
    let lab = Lab::start(&[]);
    let chinese = |text: &str| text.chars().any(|sign| ('\u{4e00}'..='\u{9fff}').contains(&sign));
    let ask = |token: &str, body: &str| {
        let token = format!("x-lab-token: {token}\r\n");
        lab.ask(&post(&lab.address, &token, body).replacen("/play", "/play?lang=zh", 1))
    };
    let wrong = r#"{"bench":{"messages":[]}}"#;
    // The lab itself speaks English, and what `wire` says is in its reader's language too.
    let lines = r#"{"bench":{"messages":[{"text":"a"}],"fixed":"lines"}}"#;
    let (_, words) = ask(&lab.token, lines);
    assert!(words.starts_with("没有 \"lines\" 这种分帧方式：可以写 none、line"), "{words}");
    let page = lab.page("?lang=zh");
    // These texts are compare's.
    for text in ["发了两次，读得晚", "坏的", "修好的", "什么也没来", "丢失"] {
        assert!(page.contains(text), "no {text}");
    }
    for (token, body) in [("", GUIDED), (&*lab.token, wrong), (&*lab.token, "")] {
        let (_, words) = ask(token, body);
        assert!(chinese(&words), "{words}");
    }
    let framings = r#"{"bench":{"messages":[{"text":"a"}],"broken":">H","fixed":"line"}}"#;
    let lines = r#"{"bench":{"messages":[{"text":"a"}],"broken":"line","transport":"udp"}}"#;
    let guided: Vec<String> = (1..=11).map(|number| format!("{{\"guided\":{number}}}")).collect();
    for body in guided.iter().map(String::as_str).chain([framings, lines]) {
        let (_, answer) = ask(&lab.token, body);
        let codes: Vec<&str> =
            answer.split("\"code\":\"").skip(1).filter_map(|it| it.split('"').next()).collect();
        assert_eq!(codes.len(), 2, "{answer}");
        assert!(codes.iter().all(|code| chinese(code)), "{codes:?}");
    }
    assert_eq!(lab.play(wrong), (422, "there is no message to send\n".to_owned()));
}

#[test]
fn of_a_thousand_plays_at_once_each_is_played_or_refused_and_the_lab_goes_on() {
    let lab = Lab::start(&[]);
    // A lost datagram keeps its play busy for as long as a reader waits for it.
    let body = r#"{"bench":{"messages":[{"text":"a"}],"transport":"udp","loss":100}}"#;
    let statuses: Vec<(u16, String)> = thread::scope(|scope| {
        let ask = || (0..20).map(|_| lab.play(body)).collect::<Vec<_>>();
        let askers: Vec<_> = (0..50).map(|_| scope.spawn(ask)).collect();
        askers.into_iter().flat_map(|asker| asker.join().unwrap()).collect()
    });
    assert_eq!(statuses.len(), 1000);
    for (status, words) in &statuses {
        match status {
            200 => {}
            503 => assert!(words.contains("busy"), "{words}"),
            _ => panic!("{status}: {words}"),
        }
    }
    let played = statuses.iter().filter(|(status, _)| *status == 200).count();
    assert!(played > 0 && played < 1000, "{played} were played");
    assert_eq!(lab.play(GUIDED).0, 200);
}

#[test]
fn clients_that_say_nothing_or_read_nothing_keep_no_other_out_for_good() {
    let lab = Lab::start(&[]);
    // Its answer is long: each look at what the kernel holds is an event, with all the bytes.
    let long = format!(
        r#"{{"bench":{{"messages":[{{"text":"{}"}}],"delivery":"bytes"}}}}"#,
        "x".repeat(1024)
    );
    let long = post(&lab.address, &format!("x-lab-token: {}\r\n", lab.token), &long);
    // More than there is room for: some say nothing, some ask for the page or for a play and never read it.
    let silent: Vec<TcpStream> = (0..100)
        .map(|number| {
            let mut client = TcpStream::connect(&lab.address).unwrap();
            if number % 20 == 0 {
                client.write_all(long.as_bytes()).unwrap();
            } else if number % 2 == 0 {
                write!(client, "GET / HTTP/1.1\r\nhost: {}\r\n\r\n", lab.address).unwrap();
            } else {
                write!(client, "GET / HT").unwrap();
            }
            client
        })
        .collect();
    assert_eq!(lab.play(GUIDED).0, 200, "the lab goes on while they are there");
    for mut client in silent {
        client.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut rest = Vec::new();
        let ended = client.read_to_end(&mut rest);
        let is_reset = |error: &std::io::Error| error.kind() == std::io::ErrorKind::ConnectionReset;
        assert!(ended.as_ref().map_or_else(is_reset, |_| true), "left open: {ended:?}");
    }
}

#[test]
fn a_port_in_use_is_told_with_what_to_do_and_other_addresses_are_wrong_usage() {
    let lab = Lab::start(&[]);
    let (status, words) = running::fails(&["--listen", &lab.address]);
    assert_eq!(status, Some(1), "{words}");
    assert!(words.contains("--listen 0"), "{words}");
    let (status, words) = running::fails(&["--listen", "0.0.0.0:8017"]);
    assert_eq!(status, Some(2), "{words}");
    assert!(words.contains("127.0.0.1"), "{words}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_lab_in_order() {
    let lab = Lab::start(&["--lang", "zh"]);
    let (page, _) = (lab.page(""), lab.play(GUIDED));
    assert!(page.contains("lang=\"zh-CN\"") && page.contains("猜一猜"), "{page}");
    lab.program.signal(process::Signal::INT).unwrap();
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    let status = lab.program.wait(deadline).unwrap();
    assert!(status.success(), "{status}: {:?}", lab.program.last_words(9));
}
