//! Runs what a text shows, and prints it as the text does.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use e2e::{Finished, Program, Server, binary, cargo, manifest, peer};

use crate::blocks::Block;

/// Stands in a text for lines of an output.
const LEFT_OUT: &str = "…";

/// The judge tries dozens of things, one after the other.
const RUN_TIMEOUT: Duration = Duration::from_secs(240);

/// What a command prints, below the command, in English or in Chinese; or what the Python block above
/// prints.
pub(crate) fn output(body: &str, above: Option<&Block>, in_chinese: bool) -> String {
    let (command, shown) = match (body.strip_prefix("$ "), above) {
        (Some(rest), _) => {
            let line = rest.lines().next().unwrap_or_default();
            let mut command = cargo_run(&words(line));
            speak(&mut command, in_chinese);
            if line.starts_with("cargo run -p judge ") {
                // A busy machine is no reason for another report. (No text shows a failure that
                // names the patience, as `nothing in 2s` does.)
                command.args(["--patience", "20s"]);
            }
            (command, format!("$ {line}\n"))
        }
        (None, Some(above)) if above.language == "python" => {
            let mut command = Command::new("python3");
            command.args(["-c", above.body]);
            (command, String::new())
        }
        _ => panic!("an output needs a `$` line, or a Python block above it:\n{body}"),
    };
    let finished = finish(command);
    // The judge's status says whether all requirements hold.
    let fails =
        finished.stdout.lines().any(|line| line.starts_with("FAILED") || line.starts_with("失败"));
    assert_eq!(finished.status, Some(i32::from(fails)), "{body}");
    let lines = finished.stdout.trim_end().lines();
    cut_as(body, &lines.fold(shown, |shown, line| shown + line.trim_end() + "\n"))
}

/// Has a program speak Chinese, if that is what the text shows.
fn speak(command: &mut Command, in_chinese: bool) {
    if in_chinese {
        command.env("SOCKET_LANG", "zh");
    }
}

/// Waits for the end of a program that may have much to do.
pub(crate) fn finish(command: Command) -> Finished {
    Program::start(command).finish_within(RUN_TIMEOUT)
}

/// What came, without the lines in the middle if the text leaves them out.
fn cut_as(body: &str, came: &str) -> String {
    let [body, came]: [Vec<&str>; 2] = [body, came].map(|text| text.lines().collect());
    let end = |at: usize| (body.len() - at - 1).min(came.len() - at);
    let lines = match body.iter().position(|line| *line == LEFT_OUT) {
        Some(at) if at <= came.len() => {
            [&came[..at], &[LEFT_OUT], &came[came.len() - end(at)..]].concat()
        }
        _ => came,
    };
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}

/// A server in the first terminal and its client in the last; between them there may be a proxy, whose upstream
/// is the server.
///
/// Which of the client's lines answer what was typed is found out by typing one line more each time.
pub(crate) fn transcript(body: &str, in_chinese: bool) -> String {
    let after = |mark| body.lines().filter_map(move |line: &str| line.strip_prefix(mark));
    let typed: Vec<&str> = after(">>: ").collect();
    let commands: Vec<&str> = after("$ ").collect();
    let [servers @ .., client] = &commands[..] else { panic!("a transcript without a command") };
    assert!((1..=2).contains(&servers.len()), "a server, perhaps a proxy, and a client:\n{body}");
    let mut said = converse(servers, client, &[], in_chinese);
    let opening =
        if !typed.is_empty() { opening(servers[0], client, in_chinese) } else { String::new() };
    let mut terminal = format!("{}{}{opening}", said.errors, said.answers);
    for (count, line) in typed.iter().enumerate() {
        let now = converse(servers, client, &typed[..=count], in_chinese);
        let new_errors = now.errors.strip_prefix(&said.errors).unwrap_or(&now.errors);
        let new_answers = now.answers.strip_prefix(&said.answers).unwrap_or(&now.answers);
        terminal += &format!(">>: {line}\n{new_errors}{new_answers}");
        said = now;
    }
    let label = if in_chinese { "终端" } else { "terminal" };
    let outputs = said.logs.into_iter().chain([terminal]);
    let terminals = (1..).zip(commands.iter().zip(outputs));
    let terminals =
        terminals.map(|(number, (line, said))| format!("{label} {number}\n$ {line}\n{said}"));
    terminals.collect::<Vec<_>>().join("\n")
}

/// The line with which our client's prompt opens. It does at a terminal only, and [`converse`] has none.
fn opening(server: &str, client: &str, in_chinese: bool) -> String {
    if !client.starts_with("cargo") {
        return String::new();
    }
    let server = Server::start(at_port(server, "--listen", "0").0);
    let (mut client, _) = at_port(client, "--connect", &server.address.to_string());
    let begins = if in_chinese { "请输入" } else { "Type " };
    speak(&mut client, in_chinese);
    let line = Program::at_a_terminal(200, &client).wait_for_line(begins);
    format!("{}\n", line.trim_end())
}

/// What a conversation looks like in each terminal.
struct Said {
    /// What each server printed.
    logs: Vec<String>,
    /// What the client printed on its standard error.
    errors: String,
    /// What it printed on its standard output.
    answers: String,
}

/// Runs the servers and their client to the client's end, each line typed when the first server has got the one
/// before.
fn converse(servers: &[&str], client: &str, typed: &[&str], in_chinese: bool) -> Said {
    let is_ours = servers[0].starts_with("cargo");
    // Over UDP nobody connects, and nobody closes.
    let speaks_udp = servers[0].contains("lesson04") || servers[0].contains("--udp");
    let mut running: Vec<(Server, String)> = Vec::new();
    for line in servers {
        let (mut command, shown) = at_port(line, "--listen", "0");
        if let Some((upstream, _)) = running.last() {
            command.args(["--upstream", &upstream.address.to_string()]);
        }
        speak(&mut command, in_chinese);
        running.push((Server::start(command), shown));
    }
    // Which address stands for which in a text.
    let mut shown: Vec<(String, String)> = Vec::new();
    for (server, port) in &running {
        shown.push((server.address.to_string(), format!("127.0.0.1:{port}")));
        shown.push((format!("[{}]", server.address.port()), format!("[{port}]")));
    }
    let address = running.last().map(|(server, _)| server.address.to_string()).unwrap_or_default();
    let mut client = at_port(client, "--connect", &address).0;
    speak(&mut client, in_chinese);
    let mut client = Program::start(client);
    for line in typed {
        client.type_text(&format!("{line}\n"));
        if *line != "quit" {
            running[0].0.wait_for_line(line);
        }
    }
    let client = client.input("").finish();
    let count = running.len();
    let logs: Vec<String> = running
        .into_iter()
        .map(|(server, _)| {
            // When the tutorial's programs print what, is not for us to say.
            if !is_ours {
                return format!("listening on {}\n", server.address);
            }
            if !speaks_udp {
                server.wait_for_line(" closed");
            }
            server.stop().stdout.clone()
        })
        .collect();
    for (number, log) in logs.iter().enumerate() {
        // Whoever calls the server behind a proxy is the proxy.
        let first = if number + 1 == count { 41234 } else { 50012 };
        let known = |it: &String| !shown.iter().any(|(address, _)| address == it);
        let callers = callers(log).into_iter().filter(known).collect::<Vec<_>>();
        shown.extend((first..).zip(callers).map(|(port, it)| (it, format!("127.0.0.1:{port}"))));
    }
    let as_in_text = |text: &str| {
        let text = shown.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        text.lines().map(without_duration).map(|line| on_paper(&line)).collect::<String>()
    };
    Said {
        logs: logs.iter().map(|log| as_in_text(log)).collect(),
        errors: as_in_text(&client.stderr),
        answers: as_in_text(&client.stdout),
    }
}

/// How long a connection of a proxy has lasted is another at each run: a text shows a millisecond.
fn without_duration(line: &str) -> String {
    let seconds = |it: &&str| it.len() == "0.001".len() && it.parse::<f64>().is_ok();
    let before = line.strip_suffix(" s").and_then(|line| line.rsplit_once(", "));
    match before.filter(|(_, it)| seconds(it)) {
        Some((line, _)) => format!("{line}, 0.001 s"),
        None => line.to_owned(),
    }
}

/// The clients of a server's log, in the order in which they appear. Over UDP each question comes
/// from a port of its own.
fn callers(log: &str) -> Vec<String> {
    let mut callers = Vec::new();
    for word in log.lines().filter_map(|line| line.split(' ').next()) {
        if word.parse::<SocketAddr>().is_ok() && !callers.iter().any(|known| known == word) {
            callers.push(word.to_owned());
        }
    }
    callers
}

/// The command of a line, but at another address; and the port that the line means.
fn at_port(line: &str, option: &str, address: &str) -> (Command, String) {
    let mut words = words(line);
    if words[0] == "python3" {
        let mut command = peer(&Path::new(&words[1]).file_stem().unwrap().to_string_lossy());
        command.arg(address);
        return (command, words[2].clone());
    }
    let lessons = manifest::read().lesson;
    let lesson = lessons.iter().find(|lesson| lesson.packages.contains(&words[3])).unwrap();
    let given = words.iter().position(|word| word == option);
    let port = match given {
        Some(at) => words.drain(at..at + 2).next_back().unwrap(),
        None => lesson.port.to_string(),
    };
    let mut command = cargo_run(&words);
    command.args([option, address]);
    (command, port)
}

/// What `cargo run -p NAME …` runs. The lessons' programs are built once, not at each run.
pub(crate) fn cargo_run(words: &[String]) -> Command {
    let [_, _, _, name, options @ ..] = words else { panic!("not `cargo run -p`: {words:?}") };
    let is_tool = ["compare", "course", "judge", "lab"].contains(&name.as_str());
    if is_tool || options.first().is_some_and(|word| word == "--example") {
        // What is not built yet may take longer than a program may.
        let what = words[2..].iter().take_while(|word| *word != "--");
        let built = cargo().args(["build", "--quiet"]).args(what).status().unwrap();
        assert!(built.success(), "cannot build {words:?}");
        let mut command = cargo();
        command.args(["run", "--quiet"]).args(&words[2..]);
        return command;
    }
    let mut command = binary(name);
    command.args(options.iter().skip(1));
    command
}

/// A line as it is printed here: without times and the kernel's view, and with what is too long for a
/// page shortened, or folded at a space or behind a Chinese mark.
fn on_paper(line: &str) -> String {
    let line = line.trim_end();
    let (time, call) = line.trim_start().split_once("  ").unwrap_or_default();
    // The place of a dump's bytes is a number too.
    let is_traced = time.contains('.') && time.parse::<f64>().is_ok();
    let mut line =
        if is_traced { call.split("  [kernel:").next().unwrap() } else { line }.to_owned();
    let letters: Vec<char> = line.chars().collect();
    if letters.len() > 300 {
        let [start, end] = [&letters[..40], &letters[letters.len() - 30..]];
        line = format!("{} […] {}", String::from_iter(start), String::from_iter(end));
    }
    let (mut out, mut width) = (String::new(), 0);
    for word in line.split_inclusive([' ', '，', '。', '；', '：']) {
        if width + columns(word.trim_end()) > 90 {
            out = format!("{}\n    ", out.trim_end());
            width = 4;
        }
        width += columns(word);
        out += word;
    }
    out + "\n"
}

/// How many columns a text takes; a Chinese character takes two.
fn columns(text: &str) -> usize {
    text.chars().map(|it| 1 + usize::from(('\u{2e80}'..='\u{ffef}').contains(&it))).sum()
}

/// A command line's words.
pub(crate) fn words(line: &str) -> Vec<String> {
    shlex::split(line).unwrap_or_else(|| panic!("not a command line: {line}"))
}
