//! The main job: what each scenario shows is what it promises, on every run.
#![expect(clippy::unwrap_used, reason = "a test that unwraps fails with the line that did")]

use std::process::{Command, Output, Stdio};

use compare::terminal::Renderer;
use compare::{Comparison, play, scenario, sweep};
use serde_json::Value;
use trace::Action;

fn comparisons() -> Vec<Comparison> {
    scenario::all().iter().map(|scenario| play(scenario, None).unwrap()).collect()
}

fn plain(picture: &str) -> String {
    anstream::adapter::strip_str(picture).to_string()
}

#[test]
fn the_fixed_side_is_always_right_and_the_broken_side_wrong_but_for_one_stroke_of_luck() {
    for comparison in comparisons() {
        let picture = plain(&Renderer::new(100, false).in_full(&comparison));
        assert!(comparison.fixed.right, "the fix does not hold:\n{picture}");
        // abc read by threes: the read size happens to be the messages' length.
        let luck = comparison.title.contains("by luck");
        assert_eq!(
            comparison.broken.right, luck,
            "the broken side is not as announced:\n{picture}"
        );
    }
}

#[test]
fn the_nine_scenarios_of_the_tutorial_are_there() {
    let mut names: Vec<_> = scenario::all().into_iter().map(|scenario| scenario.name).collect();
    names.dedup();
    assert_eq!(names.len(), 9, "{names:?}");
}

#[test]
fn two_sends_become_one_message_on_the_left_and_stay_two_on_the_right() {
    let all = comparisons();
    let hello = all.iter().find(|comparison| comparison.name == "hello-world").unwrap();
    assert_eq!(hello.broken.got, [b"helloworld"]);
    assert_eq!(hello.fixed.got, [b"hello", b"world"]);
}

#[test]
fn a_long_answer_makes_every_later_answer_one_late_on_the_left() {
    let all = comparisons();
    let left_over = all.iter().find(|comparison| comparison.name == "left-over").unwrap();
    let lengths: Vec<usize> = left_over.broken.got.iter().map(Vec::len).collect();
    assert_eq!(lengths, [1024, 468], "the second is the rest of the first");
    assert_eq!(left_over.fixed.got[1], b"hi\n");
}

#[test]
fn two_runs_show_the_same_events_in_the_same_order() {
    let run = || {
        let mut json = serde_json::to_value(comparisons()).unwrap();
        forget_times(&mut json);
        format!("{json:#}")
    };
    let first = run();
    for _ in 0..5 {
        let again = run();
        let differs = first.lines().zip(again.lines()).find(|(first, again)| first != again);
        assert_eq!(differs, None, "the first line that differs");
        assert_eq!(first.lines().count(), again.lines().count());
    }
}

/// Times and segment counts are the machine's, not the program's.
fn forget_times(json: &mut Value) {
    match json {
        Value::Object(fields) => {
            fields.remove("at_us");
            fields.remove("segments");
            fields.values_mut().for_each(forget_times);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_times),
        _ => {}
    }
}

#[test]
fn what_the_kernel_says_it_holds_is_what_was_sent_and_not_received() {
    for comparison in comparisons() {
        for event in comparison.broken.events.iter().chain(&comparison.fixed.events) {
            if let Action::Look { held, unread: Some(unread), .. } = &event.action {
                assert_eq!(held.len(), *unread as usize, "{}: {event}", comparison.name);
            }
        }
    }
}

#[test]
fn your_own_messages_are_played_as_you_say() {
    let yours = scenario::custom(vec!["it's".to_owned(), "me".to_owned()], vec![3]);
    assert_eq!(yours.command(), r#"cargo run -p compare -- --send "it's" --send me --read 3"#);
    let comparison = play(&yours, None).unwrap();
    assert_eq!(comparison.broken.got, [&b"it'"[..], b"sme"]);
    assert_eq!(comparison.fixed.got, [&b"it's"[..], b"me"]);
}

#[test]
fn the_fixed_side_is_right_at_every_read_size_and_the_broken_one_only_by_luck() {
    let sweeps = sweep::run(1).unwrap();
    for sweep in &sweeps {
        assert_eq!(sweep.sizes, 4096);
        assert!(sweep.fixed_wrong_at.is_empty(), "{sweep:?}");
    }
    assert_eq!(sweeps[0].broken_right_at, [5], "hello and world are 5 bytes long");
    assert!(sweeps[1].broken_right_at.is_empty(), "{:?}", sweeps[1]);
}

#[test]
fn where_the_kernel_cannot_be_asked_the_picture_says_so() {
    let mut hello = play(&scenario::all()[0], None).unwrap();
    for event in hello.broken.events.iter_mut().chain(&mut hello.fixed.events) {
        if let Action::Look { unread, .. } = &mut event.action {
            *unread = None;
        }
    }
    let picture = plain(&Renderer::new(80, false).in_full(&hello));
    let kernel = picture.lines().find(|line| line.starts_with("kernel")).unwrap();
    assert_eq!(kernel.matches("not visible on this system").count(), 2, "{picture}");
}

#[test]
fn whoever_steps_through_udp_sees_datagrams_on_the_right_and_not_lesson_03() {
    let output = compare(&["--step", "--scenario", "udp"]);
    let stepped = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stepped}");
    let (_, right) = stepped.split_once("UDP: a datagram each").unwrap_or_default();
    assert!(!stepped.contains("lesson03"), "this is what the picture does not show:\n{stepped}");
    for words in ["next: client send 5", "next: server recv(1024)", "recv(1024) = 5"] {
        assert!(right.contains(words), "nobody could step through this ({words}):\n{stepped}");
    }
    assert!(!right.contains("\"helloworld\""), "two datagrams are not one text:\n{right}");
}

#[test]
fn a_wrong_command_line_is_told_as_one_with_what_there_is_and_status_2() {
    let too_long = "x".repeat(4097);
    for (args, words) in [(["--scenario", "ucp"], "udp"), (["--send", &too_long], "4096 in all")] {
        let output = compare(&args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(words), "{said}");
    }
}

/// Runs the program, with nobody at its keyboard.
fn compare(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_compare"));
    command.args(args).env("SOCKET_LANG", "en").stdin(Stdio::null()).output().unwrap()
}
