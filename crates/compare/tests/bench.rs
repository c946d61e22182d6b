//! The bench: what is set is what is played, in the order that was asked for, whatever the framing.
#![expect(clippy::unwrap_used, reason = "a test that unwraps fails with the line that did")]

use std::process::{Command, Stdio};

use compare::bench::{
    self, Delivery, Message, Plan, Played, PlayedSide, ReaderTime, Settings, SettingsError,
    Transport, Which,
};
use trace::Action;

fn settings(texts: &[&str], reads: &[usize]) -> Settings {
    let messages = texts.iter().map(|text| Message::Text((*text).to_owned())).collect();
    Settings { reads: reads.to_vec(), ..Settings::of(messages) }
}

fn play(settings: Settings) -> Played {
    bench::play(&Plan::new(settings).unwrap()).unwrap()
}

fn got(side: &PlayedSide) -> Vec<String> {
    side.got.iter().map(|message| String::from_utf8_lossy(message).into_owned()).collect()
}

/// The sends and recvs of a side in order: `s5` and `r3`.
fn calls(side: &PlayedSide) -> String {
    let call = |action: &Action| match action {
        Action::Send { bytes, .. } => Some(format!("s{}", bytes.len())),
        Action::Recv { bytes, .. } => Some(format!("r{}", bytes.len())),
        Action::HalfClose => Some("end".to_owned()),
        _ => None,
    };
    let calls: Vec<String> = side.events.iter().filter_map(|it| call(&it.action)).collect();
    calls.join(" ")
}

#[test]
fn a_late_reader_finds_everything_and_an_early_one_each_piece() {
    let late = play(settings(&["hello", "world"], &[10]));
    assert_eq!(got(&late.sides[0]), ["helloworld"]);
    assert_eq!(calls(&late.sides[0]), "s5 s5 end r10 r0");
    assert!(late.sides[1].right && !late.sides[0].right);
    let early = Settings { reader: ReaderTime::Early, ..settings(&["hello", "world"], &[10]) };
    let early = play(early);
    assert_eq!(calls(&early.sides[0]), "s5 r5 s5 r5 end r0");
    assert!(early.sides[0].right, "right, by luck: {:?}", got(&early.sides[0]));
}

#[test]
fn each_delivery_makes_its_pieces() {
    let pieces = |delivery: &str| {
        let delivery: Delivery = delivery.parse().unwrap();
        calls(&play(Settings { delivery, ..settings(&["abc", "de"], &[9]) }).sides[0])
    };
    assert_eq!(pieces("together"), "s5 end r5 r0");
    assert_eq!(pieces("alone"), "s3 s2 end r5 r0");
    assert_eq!(pieces("bytes"), "s1 s1 s1 s1 s1 end r5 r0");
    assert_eq!(pieces("cut:4,1,99"), "s1 s3 s1 end r5 r0");
    // At the pause even a late reader reads what there is.
    assert_eq!(pieces("pause:4"), "s4 r4 s1 end r1 r0");
}

#[test]
fn with_every_framing_the_fixed_reader_is_right_at_every_delivery_and_each_broken_one_is_wrong_at_some()
 {
    let framings = [
        "<i",
        ">I",
        "!H",
        "<Q",
        "B",
        ">H+self",
        "digits:10",
        "digits:04",
        "digits:\\n",
        "line",
        "until:0d0a",
        "json:>H:size",
    ];
    for framing in framings {
        let mut wrong = 0;
        for delivery in ["together", "alone", "bytes", "cut:1,3,6", "pause:2"] {
            for reads in [vec![1], vec![3, 1], vec![1024]] {
                for reader in [ReaderTime::Early, ReaderTime::Late] {
                    let played = play(Settings {
                        broken: framing.to_owned(),
                        fixed: framing.to_owned(),
                        delivery: delivery.parse().unwrap(),
                        reader,
                        ..settings(&["hello", "wo", "汉字"], &reads)
                    });
                    let [broken, fixed] = played.sides.as_slice() else { unreachable!() };
                    assert!(
                        fixed.right,
                        "{framing} {delivery} {reads:?}: {:?} {:?}",
                        got(fixed),
                        fixed.error
                    );
                    wrong += usize::from(!broken.right);
                    let bytes = fixed.stream.iter().map(|run| run.bytes).sum::<usize>();
                    let sent = fixed.events.iter().map(|event| match &event.action {
                        Action::Send { bytes, .. } => bytes.len(),
                        _ => 0,
                    });
                    assert_eq!(bytes, sent.sum::<usize>(), "{framing}: the runs are the stream");
                }
            }
        }
        assert!(wrong > 0, "{framing}: the broken reader is never wrong");
    }
}

#[test]
fn a_datagram_that_is_too_long_loses_its_end_and_lost_ones_never_come() {
    let udp = Settings { transport: Transport::Udp, ..settings(&["hello", "hi"], &[3]) };
    let played = play(udp.clone());
    assert_eq!(got(&played.sides[0]), ["hel", "hi"]);
    assert_eq!(got(&played.sides[1]), ["hello", "hi"]);
    let nothing = play(Settings { loss: 100, ..udp });
    assert!(nothing.sides.iter().all(|side| side.got.is_empty() && !side.right));
}

#[test]
fn what_cannot_be_played_is_refused_in_words() {
    let error = |settings: Settings| Plan::new(settings).unwrap_err();
    assert_eq!(error(settings(&[], &[1])), SettingsError::NoMessage);
    assert_eq!(error(settings(&["a"; 9], &[1])), SettingsError::TooManyMessages(9));
    assert_eq!(error(settings(&[&"x".repeat(1025)], &[1])), SettingsError::TooManyBytes(1025));
    assert_eq!(error(settings(&["a"], &[0])), SettingsError::Reads);
    assert_eq!(error(settings(&["a"], &[])), SettingsError::Reads);
    for hex in ["abc", "zz", "é"] {
        let wrong =
            Settings { messages: vec![Message::Hex(hex.to_owned())], ..settings(&[], &[1]) };
        assert_eq!(error(wrong), SettingsError::NotHex(hex.to_owned()));
    }
    let framing = |fixed: &str| Settings { fixed: fixed.to_owned(), ..settings(&["a\nb"], &[1]) };
    assert!(error(framing("lines")).to_string().contains("write none, line"));
    assert!(error(framing("line")).to_string().contains("cannot carry"));
}

#[test]
fn the_command_of_a_play_plays_the_same_in_a_terminal() {
    let plays = [
        Settings {
            broken: ">H".to_owned(),
            fixed: "digits:\\n".to_owned(),
            delivery: Delivery::Cuts(vec![1, 4]),
            reader: ReaderTime::Early,
            ..settings(&["it's", "", "汉字"], &[2, 7])
        },
        Settings {
            transport: Transport::Udp,
            loss: 50,
            seed: 7,
            ..settings(&["a", "b", "c"], &[9])
        },
        Settings {
            messages: vec![Message::Hex("00 ff".to_owned()), Message::Text("x".to_owned())],
            only: Some(Which::Fixed),
            ..settings(&[], &[4])
        },
    ];
    for settings in plays {
        let played = play(settings);
        let (_, options) = played.command.split_once(" -- ").unwrap();
        let mut compare = Command::new(env!("CARGO_BIN_EXE_compare"));
        compare.arg("--json").args(shlex::split(options).unwrap()).stdin(Stdio::null());
        let output = compare.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{}: {said}", played.command);
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let ours = serde_json::to_value(&played.sides).unwrap();
        assert_eq!(without_times(json["sides"].clone()), without_times(ours), "{}", played.command);
    }
}

/// Times and segment counts are the machine's, not the program's.
fn without_times(mut sides: serde_json::Value) -> serde_json::Value {
    for side in sides.as_array_mut().unwrap() {
        for event in side["events"].as_array_mut().unwrap() {
            let event = event.as_object_mut().unwrap();
            event.remove("at_us");
            event.remove("segments");
        }
    }
    sides
}
