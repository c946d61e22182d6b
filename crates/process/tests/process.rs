//! Processes that print, wait, fail, and start others.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::process::Command;
use std::time::{Duration, Instant};

use process::{Error, Output, Process, Signal, run};

fn command(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

fn shell(script: &str) -> Process {
    Process::start(command(script)).unwrap()
}

/// Never waited for, unless the machine is busy.
fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

#[test]
fn both_streams_are_collected_each_by_itself() {
    let finished = run(command("echo out; echo err >&2; cat; exit 3"), "typed", soon()).unwrap();
    assert_eq!((&*finished.stdout, &*finished.stderr), ("out\ntyped", "err\n"));
    assert_eq!(finished.status, Some(3));
    assert!(finished.command.contains("\"sh\" \"-c\""), "{}", finished.command);
}

#[test]
fn what_stands_between_on_standard_error_does_not_cut_a_text_on_standard_output() {
    let mut process = shell("printf 'one '; printf 'log\\n' >&2; printf 'text\\n'");
    process.expect("one text", soon()).unwrap();
    assert!(matches!(process.expect("text", soon()), Err(Error::Closed)));
    assert_eq!(process.unexpected(), "\nlog\n");
}

#[test]
fn a_text_is_expected_after_the_one_before() {
    let mut process = shell("echo a b a");
    for text in ["a", "b", "a", ""] {
        process.expect(text, soon()).unwrap();
    }
    assert!(process.expect("a", soon()).is_err());
}

#[test]
fn a_line_is_there_only_when_it_is_whole() {
    let process = shell("printf begun; read word; echo \" $word\"; sleep 600");
    let begun = process.wait_for(soon(), |output| {
        output.stdout.bytes.starts_with(b"begun").then(|| output.stdout.lines().count())
    });
    assert_eq!(begun.unwrap(), 0);
    process.type_text("ended\n");
    let line = process.wait_for(soon(), |output| output.stdout.lines().next());
    assert_eq!(line.unwrap(), "begun ended");
}

#[test]
fn a_deadline_ends_every_wait() {
    let mut process = shell("sleep 600");
    let now = Instant::now;
    assert!(matches!(process.expect("x", now()), Err(Error::Deadline)));
    assert!(matches!(process.wait(now()), Err(Error::Deadline)));
    assert!(matches!(process.finish(now()), Err(Error::Deadline)));
}

#[test]
fn a_process_that_reads_nothing_holds_up_nobody_who_types() {
    let process = shell("sleep 600");
    process.type_text(&"x".repeat(1 << 20));
    process.type_text("more than a pipe holds");
}

#[test]
fn what_is_above_the_limit_is_thrown_away_and_the_process_goes_on() {
    let script = "head -c 1000000 /dev/zero | tr '\\0' x; echo done >&2";
    let mut process = Process::start_with_limit(command(script), 1000).unwrap();
    let finished = process.finish(soon()).unwrap();
    assert_eq!((finished.stdout.len(), &*finished.stderr), (1000, "done\n"));
}

#[test]
fn a_process_can_be_interrupted_stopped_and_continued() {
    let script = "trap 'echo interrupted; exit 7' INT; echo ready; while :; do sleep 0.01; done";
    let mut process = shell(script);
    process.expect("ready", soon()).unwrap();
    process.signal(Signal::STOP).unwrap();
    process.signal(Signal::INT).unwrap();
    let briefly = Instant::now() + Duration::from_millis(50);
    assert!(matches!(process.expect("interrupted", briefly), Err(Error::Deadline)));
    process.signal(Signal::CONT).unwrap();
    assert_eq!(process.finish(soon()).unwrap().status, Some(7));
    process.signal(Signal::INT).unwrap();
}

#[test]
fn a_process_that_a_signal_ends_has_no_status() {
    let mut process = shell("kill -TERM $$");
    assert_eq!(process.finish(soon()).unwrap().status, None);
    assert_eq!(process.wait(soon()).unwrap().to_string(), "signal: 15 (SIGTERM)");
}

#[test]
fn last_words_are_the_errors_without_the_frames_of_a_traceback() {
    let process = shell("echo out; printf 'one\\n  frame\\n\\ntwo\\nthree\\n' >&2; exit 1");
    assert_eq!(process.wait(soon()).unwrap().code(), Some(1));
    assert_eq!(process.last_words(2), ["two", "three"]);
    let process = shell("echo out");
    process.wait(soon()).unwrap();
    assert_eq!(process.last_words(2), ["out"]);
    assert!(process.last_errors(2).is_empty());
}

#[test]
fn errors_are_there_while_the_process_goes_on() {
    let process =
        shell("printf -- '----\\none\\n  frame\\ntwo\\ntwo\\n---\\n' >&2; echo out; sleep 600");
    let all = |output: &Output| output.stderr.bytes.ends_with(b"\n---\n").then_some(());
    process.wait_for(soon(), all).unwrap();
    assert_eq!(process.last_errors(9), ["one", "two"]);
}

#[test]
fn a_program_that_does_not_exist_is_an_error_with_its_name() {
    let error = Process::start(Command::new("no-such-program-at-all")).unwrap_err();
    assert!(error.to_string().contains("no-such-program-at-all"), "{error}");
    assert!(matches!(error, Error::Start { .. }));
}

#[test]
fn a_process_is_killed_with_all_that_it_has_started() {
    for ends in [drop as fn(Process), |mut process| drop(process.kill())] {
        let mut process = shell("sh -c 'echo $$; exec sleep 600' & wait");
        let child = process.wait_for(soon(), |output| output.stdout.lines().next()).unwrap();
        process.expect(&child, soon()).unwrap();
        ends(process);
        wait_until_gone(&child);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_has_left_the_group_is_ended_too() {
    for ends in [drop as fn(Process), |mut process| drop(process.kill())] {
        for daemon in [
            "setsid sh -c 'echo $$; exec sleep 600' &",
            "(set -m; sh -c 'echo $$; exec sleep 600' &)",
        ] {
            let process = shell(daemon);
            process.wait(soon()).unwrap();
            let child = process.wait_for(soon(), |output| output.stdout.lines().next()).unwrap();
            assert!(process.has_descendants(), "{daemon}");
            ends(process);
            wait_until_gone(&child);
        }
    }
}

#[test]
fn a_process_that_has_ended_with_all_that_it_has_started_has_no_descendants() {
    let process = shell("sh -c : & wait");
    process.wait(soon()).unwrap();
    assert!(!process.has_descendants());
}

/// Waits until there is no such process any more, not even one that has ended and is not waited for.
fn wait_until_gone(id: &str) {
    let given_up = soon();
    while command(&format!("kill -0 {id}")).output().unwrap().status.success() {
        assert!(Instant::now() < given_up, "process {id} still runs");
    }
}
