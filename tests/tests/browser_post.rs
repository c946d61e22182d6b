//! No web page gets a command run, and no request gets a shell.
//!
//! A page in a browser may post anything to a port of the machine that it is read on, and never sees
//! the answer. So the evidence is on the disk: each server here works in an empty folder, and what
//! is smuggled in would make a folder there. Each test ends with a request that does make it.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::fs;
use std::io::Write;

use clap::ValueEnum;
use console::Dialect;
use e2e::{Server, binary, socket};
use lesson03_client::header::HeaderKind;
use tempfile::TempDir;

/// A way to speak to a server that runs commands.
#[derive(Debug, Clone, Copy)]
enum Speech {
    Lesson02,
    Lesson03(HeaderKind, Dialect),
    Lesson05(Dialect),
}

/// A server in a folder of its own.
struct Trapped {
    speech: Speech,
    server: Server,
    folder: TempDir,
}

fn all_speeches() -> Vec<Speech> {
    let mut all = vec![Speech::Lesson02];
    for header in [HeaderKind::Struct, HeaderKind::Announce, HeaderKind::Json] {
        all.extend([Dialect::Ours, Dialect::Tutorial].map(|d| Speech::Lesson03(header, d)));
    }
    all.extend([Dialect::Ours, Dialect::Tutorial].map(Speech::Lesson05));
    all
}

impl Speech {
    fn serve(self, options: &[&str]) -> Trapped {
        let folder = TempDir::new().unwrap();
        let mut command = match self {
            Speech::Lesson02 => binary("lesson02-server"),
            Speech::Lesson03(header, dialect) => {
                let [header, dialect] = [header.to_possible_value(), dialect.to_possible_value()];
                let mut command = binary("lesson03-server");
                command.args(["--header", header.unwrap().get_name()]);
                command.args(["--dialect", dialect.unwrap().get_name()]);
                command
            }
            Speech::Lesson05(dialect) => {
                let dialect = dialect.to_possible_value().unwrap();
                let mut command = binary("lesson05-server");
                command.args(["--service", "command", "--dialect", dialect.get_name()]);
                command
            }
        };
        command.args(["--listen", "0", "--trace"]).args(options).current_dir(folder.path());
        Trapped { speech: self, server: Server::start(command), folder }
    }
}

impl Trapped {
    /// The answer to a request that comes as it should.
    fn ask(&self, request: &[u8]) -> String {
        let mut stream = socket::connect(self.server.address);
        let mut answers = Vec::new();
        match self.speech {
            Speech::Lesson02 => {
                lesson02_client::ask(&mut stream, request, 1024, &mut answers).unwrap();
            }
            Speech::Lesson03(header, dialect) => {
                let header = (header, dialect);
                lesson03_client::header::ask(header, &mut stream, request, 1024, &mut answers)
                    .unwrap();
            }
            Speech::Lesson05(dialect) => {
                let header = (HeaderKind::Struct, dialect);
                lesson03_client::header::ask(header, &mut stream, request, 1024, &mut answers)
                    .unwrap();
            }
        }
        String::from_utf8(answers.concat()).unwrap()
    }

    /// What the commands have left on the disk.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// Sends pieces, each when the server has read the one before, and gives what comes back until
    /// the server closes.
    fn deliver(&self, pieces: &[&[u8]]) -> Vec<u8> {
        let mut stream = socket::connect(self.server.address);
        let from = stream.local_addr().unwrap();
        for (read, piece) in (1..).zip(pieces) {
            // It may have closed after the piece before, which is as it should be.
            _ = stream.write_all(piece);
            self.server.wait_until("that it has read, or closed", |log, trace| {
                trace.matches(&format!("{from}  recv")).count() >= read
                    || log.contains(&format!("{from} closed"))
            });
        }
        let came = socket::receive_to_end(&mut stream);
        self.server.wait_for_line(&format!("{from} closed: "));
        came
    }
}

/// What a browser sends for `fetch(url, { method, body, mode: "no-cors" })`.
fn request(method: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "{method} / HTTP/1.1\r\nHost: 127.0.0.1:8002\r\nConnection: keep-alive\r\n\
         Content-Length: {}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n\
         Content-Type: text/plain;charset=UTF-8\r\nAccept: */*\r\n\
         Origin: https://example.org\r\nReferer: https://example.org/\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

const SMUGGLED: &[u8] = b"mkdir -v ran";

/// A post in whose stream the command begins at this offset, and ends at the end of the stream.
fn padded(offset: usize) -> Vec<u8> {
    let head = request("POST", b"").len();
    // The length takes another digit or three; the body is cut to fit.
    let body = [" ".repeat(offset - head).as_bytes(), SMUGGLED].concat();
    let surplus = request("POST", &body).len() - offset - SMUGGLED.len();
    request("POST", &body[surplus..])
}

fn posts() -> Vec<Vec<u8>> {
    let lines = [b"\r\n", SMUGGLED, b"\r\n"].concat();
    let with_json = {
        let mut bytes = Vec::new();
        lesson03_client::json::send_message(&mut bytes, SMUGGLED).unwrap();
        bytes
    };
    let mut posts: Vec<Vec<u8>> =
        [SMUGGLED, &lines, &socket::frame(SMUGGLED), b"12\nmkdir -v ran", &with_json]
            .map(|body| request("POST", body))
            .into();
    posts.extend([1024, 2048].map(padded));
    posts.extend(["GET", "OPTIONS", "PUT", "HEAD", "DELETE"].map(|m| request(m, SMUGGLED)));
    posts
}

#[test]
fn a_padded_post_has_the_command_where_a_recv_of_1024_bytes_begins() {
    for offset in [1024, 2048] {
        assert_eq!(&padded(offset)[offset..], SMUGGLED);
    }
}

#[test]
fn a_post_is_closed_before_anything_is_run_and_without_an_answer() {
    for speech in all_speeches() {
        for options in [&["--allow", "mkdir"][..], &["--shell"]] {
            let trapped = speech.serve(options);
            for post in posts() {
                let came = trapped.deliver(&[&post]);
                assert_eq!(String::from_utf8_lossy(&came), "", "{speech:?} {options:?}");
            }
            assert_eq!(trapped.files(), [""; 0], "{speech:?} {options:?}");
            assert!(trapped.ask(SMUGGLED).contains("ran"), "{speech:?} {options:?}");
            assert_eq!(trapped.files(), ["ran"], "{speech:?} {options:?}");
        }
    }
}

#[test]
fn a_method_that_is_a_command_gets_nothing_run_however_long_its_path_is() {
    let padding = "x".repeat(1000);
    let lines = ["mkdir /".to_owned(), format!("mkdir /;mkdir$IFS'ran';{padding}")];
    for speech in all_speeches() {
        for options in [&["--allow", "mkdir"][..], &["--shell"]] {
            let trapped = speech.serve(options);
            for line in &lines {
                let head = format!("{line} HTTP/1.1\r\nHost: example.org:8002\r\n\r\n");
                let came = trapped.deliver(&[head.as_bytes()]);
                assert_eq!(String::from_utf8_lossy(&came), "", "{speech:?} {options:?}");
            }
            assert_eq!(trapped.files(), [""; 0], "{speech:?} {options:?}");
            assert!(trapped.ask(SMUGGLED).contains("ran"), "{speech:?} {options:?}");
        }
    }
}

#[test]
fn a_method_that_fills_a_whole_recv_gets_nothing_run_and_neither_does_any_other_form_of_http() {
    let head = " / HTTP/1.1\r\nHost: example.org:8002\r\n\r\n";
    let opens = [
        format!("{:A<1024}{head}", "`mkdir$IFS$1ran`"),
        // This one has a space in its method, which a browser does not send.
        format!("{:A<1024}{head}", "`mkdir ran`"),
        format!("{:A<200}{head}", "`mkdir$IFS$1ran`"),
        format!("mkdir /{:x<800}/../ran{head}", ""),
        "mkdir http://ran HTTP/1.1\r\n\r\n".to_owned(),
        format!("\r\nmkdir{head}"),
        format!("\r\n\r\nmkdir\t{head}"),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
        "\x16\x03\x01\x02\0\x01\0\x01\u{7c}\x03\x03;mkdir ran".to_owned(),
    ];
    for speech in all_speeches() {
        let trapped = speech.serve(&["--shell"]);
        for open in &opens {
            let came = trapped.deliver(&[open.as_bytes()]);
            assert_eq!(String::from_utf8_lossy(&came), "", "{speech:?} {open:?}");
            assert_eq!(trapped.files(), [""; 0], "{speech:?} {open:?}");
        }
        // Where a request has no length in front, the log says what it was.
        if matches!(speech, Speech::Lesson02 | Speech::Lesson05(Dialect::Tutorial)) {
            for words in ["speaks HTTP,", "speaks HTTP/2", "speaks TLS", "first word has more than"]
            {
                trapped.server.wait_for_line(words);
            }
        }
        assert!(trapped.ask(SMUGGLED).contains("ran"), "{speech:?}");
    }
}

#[test]
fn a_recv_of_a_few_bytes_is_not_run_before_what_has_come_behind_it_is_seen() {
    let trapped = Speech::Lesson02.serve(&["--shell", "--reads", "9"]);
    for line in ["mkdir ran / HTTP/1.1\r\n\r\n", "mkdir /x/../ran HTTP/1.1\r\n\r\n"] {
        assert_eq!(trapped.deliver(&[line.as_bytes()]), b"");
        assert_eq!(trapped.files(), [""; 0], "{line:?}");
    }
    // A person's commands come one after the other, and each is run at once.
    for command in ["echo GET", "echo /", "PUT", "pwd"] {
        assert_ne!(trapped.ask(command.as_bytes()), "", "{command:?}");
    }
}

#[test]
fn a_post_in_pieces_gets_nothing_of_its_own_run() {
    let post = padded(1024);
    for speech in all_speeches() {
        for options in [&["--allow", "mkdir"][..], &["--shell"]] {
            let trapped = speech.serve(options);
            for cut in 1..="POST /".len() {
                // Each piece is a recv of its own, the command too.
                let [method, padding] = [&post[..cut], &post[cut..1024]];
                trapped.deliver(&[method, padding, SMUGGLED]);
            }
            assert_eq!(trapped.files(), [""; 0], "{speech:?} {options:?}");
            assert!(trapped.ask(SMUGGLED).contains("ran"), "{speech:?} {options:?}");
            assert_eq!(trapped.files(), ["ran"], "{speech:?} {options:?}");
        }
    }
}

#[test]
fn what_only_a_shell_would_do_is_refused_after_an_allowed_word_too() {
    const REQUESTS: [&str; 19] = [
        "echo a; mkdir -v ran",
        "echo a;mkdir -v ran",
        "echo a && mkdir -v ran",
        "echo a || mkdir -v ran",
        "false || mkdir -v ran",
        "echo a & mkdir -v ran",
        "echo a | mkdir -v ran",
        "echo $(mkdir -v ran)",
        "echo \"$(mkdir -v ran)\"",
        "echo `mkdir -v ran`",
        "echo <(mkdir -v ran)",
        "echo a > ran",
        "echo a>>ran",
        "echo a 2> ran",
        "echo a\nmkdir -v ran",
        "echo a\r\nmkdir -v ran",
        "echo a\0mkdir -v ran",
        "(mkdir -v ran)",
        "mkdir -v ran",
    ];
    for speech in all_speeches() {
        let trapped = speech.serve(&[]);
        for request in REQUESTS {
            let answer = trapped.ask(request.as_bytes());
            assert!(answer.starts_with("command: "), "{speech:?} {request:?}: {answer:?}");
        }
        assert_eq!(trapped.files(), [""; 0], "{speech:?}");
        let trapped = speech.serve(&["--shell"]);
        assert!(trapped.ask(REQUESTS[0].as_bytes()).starts_with("a\n"), "{speech:?}");
        assert_eq!(trapped.files(), ["ran"], "{speech:?}");
    }
}
