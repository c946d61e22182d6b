//! What a person has at a terminal, and a pipe has not: a prompt that says what may be typed and how to
//! leave, keys that do what they do elsewhere, and help that is as wide as the terminal.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::fs;
use std::process::Command;

use anstream::adapter::strip_str;
use e2e::{Finished, Program, Server, binary, has_opencv, manifest};

const ENTER: &str = "\r";
const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";
const TAB: &str = "\t";

/// A client at a terminal, whose prompt is there.
struct Prompt {
    program: Program,
    /// How many bytes have been shown that a test has looked at already.
    seen: usize,
}

impl Prompt {
    fn start(client: &str, server: &Server, args: &[&str]) -> Prompt {
        let mut command = binary(client);
        command.args(["--connect", &server.address.to_string()]).args(args);
        Prompt::of(&command)
    }

    fn of(command: &Command) -> Prompt {
        let mut prompt = Prompt { program: Program::at_a_terminal(80, command), seen: 0 };
        prompt.wait_for(">>: ");
        prompt
    }

    /// Waits until `text` is shown behind what was waited for before.
    #[track_caller]
    fn wait_for(&mut self, text: &str) {
        let (seen, mut end) = (self.seen, 0);
        let found = std::cell::Cell::new(None);
        self.program.wait_until(&format!("{text:?}"), |stdout, _| {
            found.set(stdout.get(seen..).and_then(|new| new.find(text)));
            found.get().is_some()
        });
        end += seen + found.get().unwrap() + text.len();
        self.seen = end;
    }

    fn keys(&mut self, keys: &str) {
        self.program.type_text(keys);
    }

    /// Waits until the program has ended by itself, and says all that was shown.
    #[track_caller]
    fn end(self) -> String {
        let finished: Finished = self.program.finish();
        assert_eq!(finished.status, Some(0));
        finished.stdout.clone()
    }
}

/// The clients that prompt, each with its server, and what it says at first.
const CLIENTS: [(&str, &[&str], &str); 7] = [
    ("lesson01", &[], "Type a line for the server to answer; "),
    ("lesson02", &[], "Type a command for the server, such as `echo hi`; "),
    ("lesson03", &[], "Type a command for the server, such as `echo hi`; "),
    ("lesson04", &[], "Type a line for the server to answer, even an empty one; "),
    ("lesson05", &[], "Type a line for the server to answer; "),
    ("lesson05", &["--service", "command"], "Type a command for the server, such as `echo hi`; "),
    ("lesson05", &["--udp"], "Type a line for the server to answer, even an empty one; "),
];

#[test]
fn a_prompt_says_what_may_be_typed_and_how_to_leave_and_answers_help_without_asking_the_server() {
    for (lesson, args, first) in CLIENTS {
        let server = Server::lesson(&format!("{lesson}-server"), args);
        let mut prompt = Prompt::start(&format!("{lesson}-client"), &server, args);
        // The server's log would say `recv 4`, as it does of any other word.
        for word in ["help", "?"] {
            prompt.keys(&format!("{word}{ENTER}"));
            prompt.wait_for("exit, quit, Ctrl-D");
            prompt.wait_for(">>: ");
        }
        prompt.keys(&format!("exit{ENTER}"));
        let shown = prompt.end();
        assert!(shown.starts_with(&format!("{first}help says more, exit ends.\r\n")), "{shown}");
        let stopped = server.stop();
        assert!(!stopped.stdout.contains("recv 4"), "{lesson} was sent a word of the prompt");
    }
}

#[test]
fn ctrl_c_drops_what_is_typed_and_where_nothing_is_it_ends_the_prompt() {
    for (lesson, args, _) in CLIENTS {
        let server = Server::lesson(&format!("{lesson}-server"), args);
        let mut prompt = Prompt::start(&format!("{lesson}-client"), &server, args);
        prompt.keys(&format!("echo half{CTRL_C}echo hello{ENTER}"));
        prompt.wait_for("\r\n");
        prompt.wait_for(">>: ");
        prompt.keys(CTRL_C);
        let shown = prompt.end();
        let answers: Vec<_> = shown.lines().filter(|line| !line.contains(">>: ")).collect();
        let answer = answers.iter().skip(1).any(|line| line.to_lowercase().contains("hello"));
        assert!(
            answer && !answers.iter().any(|line| line.to_lowercase().contains("half")),
            "{shown}"
        );
    }
}

#[test]
fn ctrl_d_ends_a_prompt() {
    let server = Server::lesson("lesson01-server", &[]);
    let mut prompt = Prompt::start("lesson01-client", &server, &[]);
    prompt.keys(CTRL_D);
    prompt.end();
}

#[test]
fn what_a_pipe_holds_is_asked_and_nothing_else_is_printed() {
    let server = Server::lesson("lesson01-server", &[]);
    let client = Program::client("lesson01-client", server.address, &[]);
    let finished = client.input("help\nexit\n?\nquit\nnever\n").finish();
    assert_eq!((finished.status, &*finished.stdout), (Some(0), "HELP\nEXIT\n?\n"));
}

#[test]
fn lesson_08_completes_words_and_the_names_at_either_end_and_knows_the_home_folder() {
    let [here, home, root] = [(); 3].map(|()| tempfile::tempdir().unwrap());
    fs::write(here.path().join("letter to all.txt"), "dear all").unwrap();
    fs::write(home.path().join("at-home.txt"), "home").unwrap();
    fs::create_dir(root.path().join("docs")).unwrap();
    fs::write(root.path().join("docs/far away.txt"), "far").unwrap();
    let server = Server::lesson("lesson08-server", &["--root", root.path().to_str().unwrap()]);
    let mut command = binary("lesson08-client");
    command.args(["--connect", &server.address.to_string()]).current_dir(&here);
    command.env("HOME", home.path());
    let mut prompt = Prompt::of(&command);
    for (keys, answer) in [
        (format!("ls{ENTER}"), "docs/"),
        (format!("g{TAB}doc{TAB}f{TAB}{ENTER}"), "got \"docs/far away.txt\""),
        (format!("pu{TAB}lett{TAB}{ENTER}"), "put \"letter to all.txt\""),
        (format!("put ~/at{TAB}{ENTER}"), "put \"at-home.txt\""),
        (format!("get at-{TAB} --in{TAB}~/copies{ENTER}"), "got \"at-home.txt\""),
        (format!("half{CTRL_C}?{ENTER}"), "At a terminal so do exit and Ctrl-D"),
    ] {
        prompt.keys(&keys);
        prompt.wait_for(answer);
        prompt.wait_for(">>: ");
    }
    prompt.keys(&format!("exit{ENTER}"));
    let shown = prompt.end();
    assert!(shown.starts_with("Type list, get NAME or put FILE; help says more, exit ends.\r\n"));
    assert_eq!(fs::read(home.path().join("copies/at-home.txt")).unwrap(), b"home");
    assert_eq!(fs::read(here.path().join("far away.txt")).unwrap(), b"far");
}

#[test]
fn help_is_as_wide_as_the_terminal() {
    let manifest = manifest::read();
    let lessons = manifest.built().filter(|lesson| !lesson.opencv || has_opencv());
    for name in lessons.flat_map(|lesson| &lesson.packages).map(String::as_str).chain(["judge"]) {
        let lines_at = |columns: usize| {
            let mut command = binary(name);
            command.arg("--help");
            let help = Program::at_a_terminal(columns, &command).finish();
            assert_eq!(help.status, Some(0), "{name}");
            let shown = strip_str(&help.stdout).to_string();
            let wide = shown.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(wide <= columns, "{name} --help has {wide} columns of {columns}");
            shown.lines().count()
        };
        let [narrow, middle, wide] = [60, 80, 120].map(lines_at);
        assert!(
            narrow > middle && middle >= wide,
            "{name} --help: {narrow}, {middle}, {wide} lines"
        );
    }
}
