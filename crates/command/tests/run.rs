//! Real commands: what they print, what stops them, and what they leave behind.

#![cfg(unix)]
#![allow(clippy::panic, reason = "helpers of tests may fail as tests do")]

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use command::{Cut, Error, Output, Runner};
use rustix::io::Errno;
use rustix::process::{Pid, Signal};

/// Long enough for a command to begin and print a line on a slow machine.
const SHORT: Duration = Duration::from_secs(1);

/// Longer than any of these tests may take, even on a slow machine.
const LONG: Duration = Duration::from_secs(60);

#[track_caller]
fn run(runner: &Runner, request: &str) -> Output {
    match runner.run(request.as_bytes()) {
        Ok(output) => output,
        Err(error) => panic!("{request:?} was not run: {error}"),
    }
}

#[track_caller]
fn assert_answer(runner: &Runner, request: &str, expected: &str) {
    let answer = runner.answer(request.as_bytes());
    assert_eq!(String::from_utf8_lossy(&answer), expected, "for {request:?}");
}

/// The process whose number is the first line of the output.
#[track_caller]
fn printed_pid(output: &Output) -> Pid {
    let text = String::from_utf8_lossy(&output.stdout);
    let number = text.lines().next().and_then(|line| line.parse().ok());
    number.and_then(Pid::from_raw).unwrap_or_else(|| panic!("no process number: {output:?}"))
}

/// Whether a process has ended. One that waits to be collected by whoever adopted it has ended too.
fn has_ended(pid: Pid) -> bool {
    let is_zombie = fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|rest| rest.starts_with(" Z")));
    is_zombie || rustix::process::test_kill_process(pid) == Err(Errno::SRCH)
}

#[track_caller]
fn assert_ends(pid: Pid, who: &str) {
    let started = Instant::now();
    while !has_ended(pid) {
        assert!(started.elapsed() < LONG, "{who}, process {pid}, still runs");
        std::thread::yield_now();
    }
}

#[test]
fn an_allowed_program_answers_with_what_it_prints() {
    assert_answer(&Runner::default(), " echo 'hello   world' 你好\r\n", "hello   world 你好\n");
    assert_answer(&Runner::default(), "seq -s ' ' 1 5", "1 2 3 4 5\n");
    assert_answer(&Runner::default(), "true", "");
}

#[test]
fn standard_output_comes_before_standard_error() {
    assert_answer(&Runner::shell(), "echo err >&2; echo out", "out\nerr\n");
}

#[test]
fn the_exit_status_is_told_and_a_signal_has_none() {
    assert_eq!(run(&Runner::shell(), "exit 7").status, Some(7));
    assert_eq!(run(&Runner::shell(), "kill -9 $$").status, None);
}

#[test]
fn a_refusal_is_one_line_and_runs_nothing() {
    assert_answer(
        &Runner::allowing(["echo", "ls"]),
        "rm -r x",
        "command: `rm` is not on the allow-list (echo ls); the server's --allow names others\n",
    );
    assert_answer(
        &Runner::default(),
        "echo a; rm x",
        "command: no shell here: `;` is not understood \
         (put it in single quotes to mean itself, or start the server with --shell to allow that)\n",
    );
}

#[test]
fn a_program_that_is_not_there_is_told_with_the_systems_reason() {
    let runner = Runner::allowing(["no-such-program"]);
    let error = runner.run(b"no-such-program").unwrap_err();
    assert!(matches!(error, Error::Start { .. }), "{error:?}");
    let answer = String::from_utf8(runner.answer(b"no-such-program").into_bytes()).unwrap();
    assert!(answer.starts_with("command: cannot start `no-such-program`: No such"), "{answer}");
    assert_eq!(answer.lines().count(), 1, "{answer}");
}

#[test]
fn nothing_after_an_allowed_word_does_anything() {
    let directory = tempfile::tempdir().unwrap();
    let made = directory.path().join("made");
    let file = made.display();
    for line in [
        format!("true; touch {file}"),
        format!("true;touch {file}"),
        format!("true && touch {file}"),
        format!("ls /does-not-exist || touch {file}"),
        format!("true & touch {file}"),
        format!("echo a | tee {file}"),
        format!("echo a > {file}"),
        format!("echo a>{file}"),
        format!("echo a >> {file}"),
        format!("echo a >| {file}"),
        format!("ls /does-not-exist 2> {file}"),
        format!("true <> {file}"),
        format!("echo $(touch {file})"),
        format!("echo \"$(touch {file})\""),
        format!("echo ${{nothing:-$(touch {file})}}"),
        format!("echo `touch {file}`"),
        format!("echo \"`touch {file}`\""),
        format!("true\ntouch {file}"),
        format!("echo 'a' \\\n; touch {file}"),
        format!("(touch {file})"),
        format!("! touch {file}"),
        format!("x=1 touch {file}"),
    ] {
        let answer = Runner::default().answer(line.as_bytes());
        assert!(!made.exists(), "{line:?} was run and made a file");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.starts_with("command: "), "{line:?} was not refused: {answer:?}");

        // The line is a real danger: a shell would have made the file.
        Runner::shell().answer(line.as_bytes());
        assert!(made.exists(), "{line:?} makes no file in a shell either, so it proves nothing");
        fs::remove_file(&made).unwrap();
    }
}

#[test]
fn a_quoted_operator_is_printed() {
    assert_answer(&Runner::default(), "echo 'a; b' \"c > d\" '$(e)'", "a; b c > d $(e)\n");
}

#[test]
fn a_shell_reads_several_lines() {
    assert_answer(&Runner::shell(), "a=1\necho $a | tr 1 2\n", "2\n");
}

#[test]
fn a_megabyte_on_either_pipe_in_either_order_does_not_block() {
    let megabyte = "head -c 1048576 /dev/zero";
    for (script, stdout, stderr) in [
        (format!("{megabyte} >&2; {megabyte}"), 1, 1),
        (format!("{megabyte}; {megabyte} >&2"), 1, 1),
        (format!("{megabyte} >&2; {megabyte}; {megabyte} >&2; {megabyte}"), 2, 2),
    ] {
        let output = run(&Runner::shell().time_limit(LONG), &script);
        assert_eq!(output.stdout.len(), stdout << 20, "{script}");
        assert_eq!(output.stderr.len(), stderr << 20, "{script}");
        assert_eq!((output.cut, output.status), (None, Some(0)), "{script}");
    }
}

#[test]
fn a_command_that_waits_for_input_gets_its_end_at_once() {
    let output = run(&Runner::allowing(["cat"]).time_limit(LONG), "cat");
    assert_eq!(output, Output { stdout: vec![], stderr: vec![], status: Some(0), cut: None });
}

#[test]
fn what_a_command_printed_before_its_time_was_up_is_kept() {
    let runner = Runner::shell().time_limit(SHORT);
    assert_answer(
        &runner,
        "echo before; sleep 300; echo after",
        "before\ncommand: ended after 1 s\n",
    );
}

#[test]
fn a_command_that_closes_its_outputs_and_runs_on_is_ended_in_time() {
    let script = "echo $$; exec >&- 2>&-; exec sleep 300";
    let output = run(&Runner::shell().time_limit(SHORT), script);
    assert_eq!(output.cut, Some(Cut::Time(SHORT)));
    assert_ends(printed_pid(&output), "the command");
}

#[test]
fn a_time_limit_of_any_length_is_taken() {
    assert_answer(&Runner::default().time_limit(Duration::MAX), "echo hi", "hi\n");
    let output = run(&Runner::shell().time_limit(Duration::ZERO), "sleep 300");
    assert_eq!(output.cut, Some(Cut::Time(Duration::ZERO)));
}

#[test]
fn the_time_limit_ends_the_commands_children_too() {
    let output = run(&Runner::shell().time_limit(SHORT), "sleep 300 & echo $!; wait");
    assert_eq!(output.cut, Some(Cut::Time(SHORT)));
    assert_ends(printed_pid(&output), "the command's child");
}

#[test]
fn a_child_in_the_background_does_not_hold_the_answer_and_is_ended() {
    let started = Instant::now();
    let output = run(&Runner::shell().time_limit(LONG), "sleep 300 & echo $!");
    assert_eq!((output.cut, output.status), (None, Some(0)));
    assert!(started.elapsed() < LONG / 2, "answered after {:?}", started.elapsed());
    assert_ends(printed_pid(&output), "the child in the background");
}

#[test]
fn a_child_in_the_background_that_goes_on_printing_is_read_to_its_end() {
    let script = "(head -c 3000000 /dev/zero; head -c 5 /dev/zero >&2) & echo";
    let output = run(&Runner::shell().time_limit(LONG), script);
    assert_eq!((output.stdout.len(), output.stderr.len()), (3_000_001, 5));
}

#[test]
fn the_command_is_waited_for_and_leaves_no_zombie() {
    let finished = run(&Runner::shell(), "echo $$");
    let ended = run(&Runner::shell().time_limit(SHORT), "echo $$; sleep 300");
    for output in [finished, ended] {
        let pid = printed_pid(&output);
        let found = rustix::process::test_kill_process(pid);
        assert_eq!(found, Err(Errno::SRCH), "process {pid} is still there after {output:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_child_that_left_the_group_and_holds_the_pipe_does_not_hold_the_answer() {
    for (script, limit, cut) in [
        ("setsid sleep 300 & echo $!", LONG, false),
        ("setsid sleep 300 & echo $!; sleep 300", SHORT, true),
    ] {
        let started = Instant::now();
        let output = run(&Runner::shell().time_limit(limit), script);
        let took = started.elapsed();
        let pid = printed_pid(&output);
        let had_left_the_group = !has_ended(pid);
        _ = rustix::process::kill_process(pid, Signal::KILL);
        assert!(had_left_the_group, "{script}: it was ended, so this test shows nothing");
        assert!(took < LONG / 2, "{script}: answered after {took:?}");
        assert_eq!(output.cut.is_some(), cut, "{script}: {:?}", output.cut);
    }
}

#[test]
fn too_much_output_is_cut_and_the_answer_still_fits_the_limit() {
    let runner = Runner::default().output_limit(100_000).time_limit(LONG);
    let output = run(&runner, "seq 1 1000000000");
    assert_eq!((output.stdout.len(), output.cut), (100_000, Some(Cut::Size(100_000))));

    let answer = runner.answer(b"seq 1 1000000000");
    let text = String::from_utf8(answer.into_bytes()).unwrap();
    assert!(text.starts_with("1\n2\n3\n"), "{:?}", text.get(..20));
    assert_eq!(text.lines().last(), Some("command: output cut at 100000 bytes"));
    assert!((99_000..=100_000).contains(&text.len()), "{} bytes", text.len());
}

#[test]
fn the_output_limit_counts_both_streams_and_allows_its_last_byte() {
    let script = "printf abc; printf de >&2";
    let output = run(&Runner::shell().output_limit(5), script);
    assert_eq!((output.stdout.len(), output.stderr.len(), output.cut), (3, 2, None));
    let output = run(&Runner::shell().output_limit(4), script);
    assert_eq!(output.stdout.len() + output.stderr.len(), 4);
    assert_eq!(output.cut, Some(Cut::Size(4)));
}

#[test]
fn a_limit_below_the_length_of_its_own_line_still_gets_the_line() {
    let runner = Runner::shell().output_limit(5);
    assert_answer(&runner, "printf abcdef", "command: output cut at 5 bytes\n");
}

#[test]
fn a_time_limit_of_less_than_a_second_is_told_in_parts_of_one() {
    let runner = Runner::shell().time_limit(Duration::from_millis(250));
    assert_answer(&runner, "sleep 300", "command: ended after 0.25 s\n");
}

#[test]
fn a_command_that_prints_without_end_is_ended() {
    let output = run(&Runner::shell().output_limit(100_000).time_limit(LONG), "echo $$; exec yes");
    assert_eq!(output.cut, Some(Cut::Size(100_000)));
    assert_ends(printed_pid(&output), "the command");
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_does_not_inherit_our_sockets() {
    use std::os::fd::AsRawFd;

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = fs::read_link(format!("/proc/self/fd/{}", listener.as_raw_fd())).unwrap();
    let answer = Runner::default().answer(b"ls -l /proc/self/fd");
    let answer = String::from_utf8(answer.into_bytes()).unwrap();
    assert!(answer.contains("pipe:["), "this should list the command's descriptors: {answer}");
    let socket = socket.to_str().unwrap();
    assert!(!answer.contains(socket), "{socket} of this process is in: {answer}");
}

#[test]
fn many_commands_can_run_at_once() {
    let runner = Runner::default();
    std::thread::scope(|scope| {
        for n in 0..8 {
            let runner = &runner;
            scope.spawn(move || {
                for m in 0..10 {
                    let text = format!("{n}-{m}");
                    assert_answer(runner, &format!("echo {text}"), &format!("{text}\n"));
                }
            });
        }
    });
}

#[test]
fn a_server_that_stops_does_not_wait_for_a_command() {
    let stop = Arc::new(AtomicBool::new(false));
    let runner = Runner::shell().time_limit(LONG).stopped_by(stop.clone());
    let running = thread::spawn(move || run(&runner, "echo $$; exec sleep 600"));
    stop.store(true, Ordering::Relaxed);
    let output = running.join().unwrap();
    assert_eq!((output.cut, output.status), (Some(Cut::Stop), None));
}

#[test]
fn a_command_begins_with_limits_for_memory_and_for_the_processor_with_a_shell_and_without() {
    let runner = Runner::shell().memory_limit(64 << 20).time_limit(LONG);
    assert_answer(&runner, "ulimit -d; ulimit -t; ulimit -c", "65536\n61\n0\n");
    let runner =
        Runner::allowing(["sh"]).memory_limit(64 << 20).time_limit(Duration::from_millis(500));
    assert_answer(&runner, "sh -c 'ulimit -d; ulimit -t'", "65536\n1\n");
    // No word of the request is read by the shell that sets them.
    assert_answer(&Runner::default(), "echo '$0' '; id' '\"' -- '$(id)'", "$0 ; id \" -- $(id)\n");
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_that_wants_all_memory_gets_none_and_ends() {
    // It keeps the last line of what it reads, which here has no end.
    let runner = Runner::allowing(["tail"]).memory_limit(64 << 20).time_limit(LONG);
    let output = run(&runner, "tail /dev/zero");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("memory exhausted"), "{output:?}");
    assert_eq!((output.status, output.cut), (Some(1), None));
}

#[cfg(target_os = "linux")]
#[test]
fn a_child_that_left_the_group_is_ended_when_its_time_on_the_processor_is_over() {
    let runner = Runner::shell().time_limit(Duration::from_millis(500));
    let output = run(&runner, "setsid sh -c 'while :; do :; done' & echo $!");
    assert_ends(printed_pid(&output), "the child that left the group");
}

#[test]
fn answers_that_are_kept_have_a_limit_together_and_what_is_dropped_makes_room() {
    let runner = Runner::allowing(["head"]).answers_limit(1 << 20).time_limit(LONG);
    let ask = |runner: &Runner| runner.answer(b"head -c 400000 /dev/zero");
    // A clone is for another client of the same server.
    let kept = [ask(&runner), ask(&runner.clone())];
    assert_eq!(kept.each_ref().map(|answer| answer.len()), [400_000; 2]);
    let third = ask(&runner);
    let said = String::from_utf8_lossy(&third).into_owned();
    let note = "command: output cut: the answers that clients have still to read take all of the 1048576 \
                bytes that there are for them; try again later\n";
    assert!(said.ends_with(note), "{:?}", said.trim_start_matches('\0'));
    drop((kept, third));
    assert_eq!(ask(&runner).len(), 400_000);
    assert_eq!(ask(&runner).len(), 400_000);
}
