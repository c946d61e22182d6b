//! `judge any`: programs with every framing, healthy and broken in each of six ways, as servers and as
//! clients. A third of them are tried in the normal run, all with `FULL_TESTS=1`.

use std::process::Command;

use e2e::{is_full, peer, root};
use wire::Framing;

use crate::golden::until_it_holds;
use crate::harness::{SHORT, finding, in_parallel, printed, program, report};

/// For healthy programs, on a busy machine.
const PATIENT: [&str; 2] = ["--patience", "20s"];

/// The framings, and what can be wrong with how a program reads them.
const FRAMINGS: [(&str, Kind); 19] = [
    ("none", Kind::None),
    ("<i", Kind::Length),
    (">I", Kind::Length),
    ("!H", Kind::ShortLength),
    ("<h", Kind::ShortLength),
    ("<Q", Kind::Length),
    (">q", Kind::Length),
    ("B", Kind::Byte),
    ("<i+self", Kind::Length),
    (">I+self", Kind::Length),
    ("digits:10", Kind::Length),
    ("digits:04", Kind::ShortLength),
    (r"digits:\n", Kind::Length),
    ("line", Kind::Mark),
    ("until:00", Kind::Mark),
    ("until:0d0a0d0a", Kind::Mark),
    ("json:<i:total_size", Kind::Length),
    ("json:>H:size", Kind::ShortLength),
    ("end", Kind::End),
];

/// What says where a message ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing.
    None,
    /// A length of several bytes.
    Length,
    /// One that cannot say more than anybody may well take.
    ShortLength,
    /// A length of one byte, which cannot be cut.
    Byte,
    /// A mark.
    Mark,
    /// The end of the stream.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Server,
    Client,
}

/// The ways in which the programs are broken, by the names that they have there.
const BREAKS: [&str; 6] = ["length", "body", "joined", "end", "reset", "limit"];

/// The requirement that a program which is broken so does not hold, and what its hint says; `None` where
/// there is no such fault: without a length none is read with one recv, and a client that asks and waits
/// has no second answer to lose, and after a reset nobody to serve. Where the end of the stream ends the
/// request, the server has hung up when its client could reset.
fn fault(side: Side, kind: Kind, broken: &str) -> Option<(&'static str, &'static str)> {
    use Kind::{Byte, End, Length, Mark, ShortLength};
    Some(match (side, broken, kind) {
        (_, "length", Length | ShortLength) => ("cuts/length-after-1-byte", "with one recv"),
        (Side::Server, "body", Length | ShortLength | Byte) => {
            ("cuts/message-in-two", "reads the message with one recv")
        }
        (Side::Server, "body", Mark | End) => {
            ("cuts/message-in-two", "takes one recv for a whole message")
        }
        (Side::Server, "joined", Length | ShortLength | Byte | Mark) => {
            ("joins/two-requests", "answers the first of the messages that arrive together")
        }
        (Side::Server, "end", Length | ShortLength | Byte | Mark | Kind::None) => {
            ("ends/half-close", "does not notice the end of the stream")
        }
        (Side::Server, "reset", Length | ShortLength | Byte | Mark | Kind::None) => {
            ("ends/reset", "ConnectionResetError")
        }
        (Side::Server, "limit", Length) => ("nonsense/long-length", "check it against a limit"),
        (Side::Server, "limit", Mark | End) => ("nonsense/no-end", "without a limit"),
        (Side::Client, "body", Length | ShortLength | Byte | Mark | End) => {
            ("cuts/message-in-two", "one recv")
        }
        (Side::Client, "end", Length | ShortLength | Byte | Mark | Kind::None) => {
            ("ends/server-closes", "An empty recv is the end of the stream")
        }
        (Side::Client, "limit", Length) => ("nonsense/long-length", "not above a limit"),
        _ => return None,
    })
}

/// Each framing and side, with what is broken in it, or with nothing.
fn matrix() -> Vec<(&'static str, Kind, Side, Option<&'static str>)> {
    let breaks = || std::iter::once(None).chain(BREAKS.into_iter().map(Some));
    let sides = [Side::Server, Side::Client];
    let all = FRAMINGS.into_iter().flat_map(|(framing, kind)| {
        sides
            .into_iter()
            .flat_map(move |side| breaks().map(move |broken| (framing, kind, side, broken)))
    });
    let is_fault = |&(_, kind, side, broken): &(_, Kind, Side, Option<&str>)| {
        broken.is_none_or(|broken| fault(side, kind, broken).is_some())
    };
    let all = all.filter(is_fault);
    // Each third has every kind of fault, on both sides.
    all.enumerate().filter(|(at, _)| is_full() || at % 3 == 0).map(|(_, one)| one).collect()
}

/// The options for a program with this framing.
fn command(framing: &str, side: Side, broken: &str) -> (&'static str, String) {
    match side {
        Side::Server => {
            let server = program(&peer("framings"));
            ("--server", format!("{server} {{port}} '{framing}' upper {broken}"))
        }
        Side::Client => {
            let client = program(&peer("framings_client"));
            ("--client", format!("{client} {{host}} {{port}} '{framing}' {broken}"))
        }
    }
}

/// What is wrong with the report of such a program; empty if it is as it should be.
fn is_unlike(framing: &str, kind: Kind, side: Side, broken: Option<&str>) -> String {
    let (option, command) = command(framing, side, broken.unwrap_or("none"));
    let speak = ["any", "--framing", framing, "--service", "upper", option, &command];
    let told = format!("{framing} {side:?} {broken:?}");
    let Some((id, words)) = broken.and_then(|broken| fault(side, kind, broken)) else {
        let report = report(&[&speak[..], &PATIENT].concat());
        let is_healthy = report.all_hold() && report.probes.len() > 10;
        return if is_healthy {
            String::new()
        } else {
            format!("---- {told}\n{}", printed(&report))
        };
    };
    let report = report(&[&speak[..], &SHORT, &["--only", id]].concat());
    let failed = finding(&report, id).failed.as_ref();
    match failed.is_some_and(|failed| failed.hint.contains(words)) {
        true => String::new(),
        false => format!("---- {told}: no {words:?} in\n{}", printed(&report)),
    }
}

#[test]
fn every_framing_is_judged_right_where_it_is_whole_and_where_it_is_broken() {
    let unlike = in_parallel(&matrix(), |&(framing, kind, side, broken)| {
        is_unlike(framing, kind, side, broken)
    });
    let unlike = unlike.concat();
    assert!(unlike.is_empty(), "{unlike}");
}

/// What is said of a program with this framing, where lesson 03's was expected; empty if that names it.
fn is_unrecognised(framing: &str, side: Side) -> String {
    let (option, command) = command(framing, side, "none");
    let command = command.replace(" upper ", " command ");
    let first = if side == Side::Server { "answers/first" } else { "lines/first" };
    let speaks = || {
        let report = report(&["lesson03", option, &command, "--only", first, "--patience", "8s"]);
        report.speaks.clone().unwrap_or_else(|| printed(&report))
    };
    let words = match framing {
        "none" => "Try `judge lesson02`.".to_owned(),
        "line" => "Try `judge any --framing 'line' --send 'echo hi' --expect hi`.".to_owned(),
        "json:<i:total_size" => "Try `judge lesson03 --header json`.".to_owned(),
        framing => {
            // Whether a length has a sign, no message shows.
            let framing = framing.replace('h', "H").replace('q', "Q");
            let framing: Framing = framing.parse().unwrap();
            format!("Try `judge any --framing '{framing}' --service command`.")
        }
    };
    until_it_holds(|| {
        let speaks = speaks();
        match speaks.ends_with(&words) {
            true => String::new(),
            false => format!("---- {framing} {side:?}: {speaks}\n"),
        }
    })
}

#[test]
fn every_framing_is_recognised_where_another_was_expected() {
    let sides = [Side::Server, Side::Client];
    let all = FRAMINGS.into_iter().flat_map(|(framing, _)| sides.map(|side| (framing, side)));
    // What is expected is no news; and what comes from a client up to the end of the stream could also be
    // a message without an end.
    let all =
        all.filter(|&(framing, side)| framing != "<i" && (framing, side) != ("end", Side::Client));
    let all: Vec<_> = all.enumerate().filter(|(at, _)| is_full() || at % 3 == 0).collect();
    let unlike = in_parallel(&all, |&(_, (framing, side))| is_unrecognised(framing, side)).concat();
    assert!(unlike.is_empty(), "{unlike}");
}

/// A healthy server: its language, the command that builds it, if it has to be built, the command that
/// starts it, and its service. SOURCE stands for its folder, BUILT for that of what is built.
type Healthy = (&'static str, &'static [&'static str], &'static str, &'static str);

const HEALTHY: [Healthy; 4] = [
    ("Rust", &["rustc", "-O", "SOURCE/echo.rs", "-o", "BUILT/echo"], "BUILT/echo {port}", "echo"),
    ("JavaScript", &["node", "--check", "SOURCE/echo.js"], "node SOURCE/echo.js {port}", "echo"),
    (
        "Java",
        &["javac", "-d", "BUILT", "SOURCE/Upper.java"],
        "java -cp BUILT Upper {port}",
        "upper",
    ),
    ("C", &["cc", "-O2", "SOURCE/upper.c", "-o", "BUILT/upper"], "BUILT/upper {port}", "upper"),
];

#[test]
fn healthy_servers_in_four_languages_hold_every_requirement() {
    let built = tempfile::tempdir().unwrap();
    let source = root().join("tests/peers/healthy");
    let fill_in = |text: &str| {
        let text = text.replace("SOURCE", source.to_str().unwrap());
        text.replace("BUILT", built.path().to_str().unwrap())
    };
    let unlike = in_parallel(&HEALTHY, |(language, build, start, service)| {
        let words: Vec<String> = build.iter().map(|word| fill_in(word)).collect();
        let Ok(status) = Command::new(&words[0]).args(&words[1..]).status() else {
            println!("{language} not run: there is no {}", words[0]);
            return String::new();
        };
        assert!(status.success(), "{words:?}");
        let speak = ["any", "--framing", ">I", "--service", service, "--server", &fill_in(start)];
        let report = report(&[&speak[..], &PATIENT].concat());
        if report.all_hold() {
            String::new()
        } else {
            format!("---- {language}\n{}", printed(&report))
        }
    });
    let unlike = unlike.concat();
    assert!(unlike.is_empty(), "{unlike}");
}
