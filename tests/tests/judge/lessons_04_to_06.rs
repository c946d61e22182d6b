//! The judge on lessons 04 to 06: datagrams, many clients, proxies.

use crate::golden::{Bad, Fault, assert_complete, assert_named, assert_reports};
use crate::harness::{
    SHORT, assert_all_hold, assert_same_twice, bad, failed, in_parallel, lesson, peer_command,
    report, side,
};

/// Our own servers in every way that the judge can speak with them: the judge's lesson and options,
/// the program and its options.
const SERVERS: [(&str, &str, &str); 17] = [
    ("any --transport udp --service upper", "lesson04-server", ""),
    ("any --transport udp --send hi --expect HI --send a --expect A", "lesson04-server", ""),
    ("lesson04", "lesson04-server", ""),
    ("lesson04 --service reply", "lesson04-server", "--service reply"),
    ("lesson04", "lesson05-server", "--udp"),
    ("lesson04", "lesson05-server", "--udp --model serial"),
    ("lesson05", "lesson05-server", ""),
    // In it there is a place for everyone.
    ("lesson05", "lesson05-server", "--model pool --queue 300"),
    ("lesson05", "lesson05-server", "--model event"),
    ("lesson05 --service reply", "lesson05-server", "--service reply"),
    ("lesson05 --service reply", "lesson05-server", "--service reply --model event"),
    ("lesson05 --service command", "lesson05-server", "--service command"),
    (
        "lesson05 --service command --dialect tutorial",
        "lesson05-server",
        "--service command --dialect tutorial",
    ),
    (
        "lesson05 --promise clients=3 --promise silence=1s --only promises",
        "lesson05-server",
        "--max-connections 3 --idle-timeout 1s",
    ),
    ("lesson06", "lesson06-server", "--upstream {upstream}"),
    ("lesson06", "lesson06-server", "--upstream {upstream} --engine threads"),
    ("lesson06", "lesson06-server", "--upstream {upstream} --fault slice=1..9"),
];

/// Our own clients in the same way.
const CLIENTS: [(&str, &str, &str); 6] = [
    ("any --transport udp --service upper", "lesson04-client", ""),
    ("lesson04", "lesson04-client", ""),
    // By itself it is more patient than the judge.
    ("lesson04", "lesson05-client", "--udp --retries 3"),
    ("lesson05", "lesson05-client", ""),
    ("lesson05 --service command", "lesson05-client", "--service command"),
    (
        "lesson05 --service command --dialect tutorial",
        "lesson05-client",
        "--service command --dialect tutorial",
    ),
];

#[test]
fn our_servers_hold_every_requirement_of_lessons_04_to_06() {
    in_parallel(&SERVERS, |(judged, name, options)| {
        assert_holds(judged, "--server", &lesson(name, options));
    });
}

#[test]
fn our_clients_hold_every_requirement_of_lessons_04_and_05() {
    in_parallel(&CLIENTS, |(judged, name, options)| {
        assert_holds(judged, "--client", &lesson(name, options));
    });
}

#[test]
fn good_programs_in_another_language_hold_every_requirement() {
    let programs = [
        ("lesson04", "good_l4_server"),
        ("lesson04", "good_l4_client"),
        ("lesson05", "good_l5_server"),
        ("lesson05", "good_l5_client"),
        ("lesson06", "good_l6_server"),
    ];
    in_parallel(&programs, |&(judged, name)| {
        let place = if judged == "lesson06" { between } else { str::to_owned };
        assert_holds(judged, side(name), &place(&bad(name)));
    });
}

/// The command of a proxy, which is told where its upstream is.
fn between(command: &str) -> String {
    format!("{command} {{host}} {{upstream}}")
}

/// `judged` is a lesson, and the options that the judge needs for it.
#[track_caller]
fn assert_holds(judged: &str, side: &str, command: &str) {
    let judged: Vec<&str> = judged.split(' ').collect();
    assert_all_hold(&[&judged[..], &[side, command]].concat());
}

#[test]
fn a_server_for_one_client_at_a_time_fails_where_clients_meet_and_nowhere_else() {
    let serial = lesson("lesson05-server", "--model serial");
    let report = report(&[&["lesson05", "--server", &serial][..], &SHORT].concat());
    assert_eq!(
        failed(&report),
        [
            "crowds/one-is-silent",
            "crowds/one-is-slow",
            "crowds/one-does-not-read",
            "crowds/five-in-turn",
            "crowds/one-resets",
            "crowds/one-leaves",
            "crowds/one-sends-no-text"
        ],
        "{report:#?}"
    );
}

#[test]
#[cfg(unix)]
fn who_keeps_no_promise_fails_each_of_them() {
    let promises = "--promise clients=3 --promise silence=1s --promise ctrl-c --only promises";
    let options: Vec<&str> = promises.split(' ').collect();
    let command = bad("l5_keeps_no_promise_server");
    let report = report(&[&["lesson05", "--server", &command][..], &SHORT, &options].concat());
    assert_eq!(failed(&report), ["promises/clients", "promises/silence", "promises/ctrl-c"]);
}

#[test]
#[cfg(unix)]
fn our_server_ends_in_order_on_ctrl_c() {
    let server = lesson("lesson05-server", "");
    assert_holds("lesson05 --promise ctrl-c --only promises", "--server", &server);
}

const BAD_04: [Bad; 12] = [
    ("l4_sends_the_whole_buffer_server", "answers/one-datagram", ""),
    ("l4_sends_old_bytes_server", "answers/again", "answers/one-datagram"),
    ("l4_empty_is_the_end_server", "datagrams/empty-is-answered", "answers/again"),
    ("l4_hears_the_first_client_server", "crowds/each-its-own-answer", "answers/again"),
    ("l4_answers_from_elsewhere_server", "answers/one-datagram", ""),
    ("l4_little_room_server", "sizes/1024-bytes", "sizes/longer-than-the-room"),
    ("l4_waits_for_the_rest_server", "sizes/longer-than-the-room", "sizes/1024-bytes"),
    ("l4_answers_once_server", "loss/asked-twice", "crowds/each-its-own-answer"),
    ("l4_waits_for_ever_client", "loss/asks-again", "datagrams/from-a-stranger"),
    ("l4_believes_anybody_client", "datagrams/from-a-stranger", "loss/asks-again"),
    ("l4_takes_the_second_answer_client", "loss/answered-twice", "datagrams/from-a-stranger"),
    ("l4_never_gives_up_client", "loss/nobody-answers", "loss/asks-again"),
];

const BAD_05: [Bad; 6] = [
    ("l5_one_at_a_time_server", "crowds/one-is-silent", "crowds/300-in-turn"),
    ("l5_shares_a_variable_server", "crowds/five-in-turn", "answers/again"),
    ("l5_one_reset_ends_all_server", "crowds/one-resets", "crowds/one-leaves"),
    ("l5_waits_in_send_server", "crowds/one-does-not-read", "crowds/one-resets"),
    ("l5_does_not_come_back_client", "reconnect/after-a-reset", "cuts/message-in-two"),
    ("l5_calls_without_a_pause_client", "reconnect/pauses", "reconnect/after-an-end"),
];

const BAD_05_COMMAND: [Bad; 1] =
    [("l5_sends_a_command_twice_client", "reconnect/no-command-twice", "reconnect/after-an-end")];

const BAD_05_PROMISES: [Bad; 1] =
    [("l5_keeps_no_promise_server", "promises/clients", "answers/first")];

const BAD_06: [Bad; 14] = [
    ("l6_sleeps_server", "relay/question-and-answer", ""),
    ("l6_waits_for_a_word_server", "relay/question-and-answer", ""),
    ("l6_collects_server", "relay/question-and-answer", ""),
    ("l6_one_client_server", "crowds/one-is-silent", "relay/again"),
    ("l6_ignores_the_end_server", "ends/client-half-closes", "relay/upstream-first"),
    ("l6_closes_both_server", "ends/client-half-closes", "ends/client-closes"),
    ("l6_takes_turns_server", "relay/upstream-first", "relay/again"),
    ("l6_waits_for_lines_server", "relay/one-byte", "relay/again"),
    ("l6_decodes_server", "relay/every-value", "relay/one-byte"),
    ("l6_keeps_everything_server", "relay/back-pressure", "relay/upstream-first"),
    ("l6_waits_in_send_server", "relay/up-while-down-is-full", "sizes/million-bytes"),
    ("l6_reset_becomes_an_end_server", "ends/upstream-resets", "ends/client-half-closes"),
    ("l6_ends_without_upstream_server", "upstream/is-back", "upstream/is-down"),
    ("l6_listens_anew_server", "crowds/thirty-in-succession", "crowds/five-at-once"),
];

#[test]
fn each_bad_program_fails_where_it_is_meant_to_and_is_told_why() {
    assert_reports("lesson04", &BAD_04, str::to_owned);
    assert_reports("lesson05", &BAD_05, str::to_owned);
    assert_reports("lesson05 --service command", &BAD_05_COMMAND, str::to_owned);
    assert_reports("lesson05 --promise clients=3", &BAD_05_PROMISES, str::to_owned);
    assert_reports("lesson06", &BAD_06, between);
}

#[test]
fn every_bad_program_and_every_report_of_one_is_tried() {
    assert_complete("l4_", &BAD_04);
    assert_complete("l5_", &[&BAD_05[..], &BAD_05_COMMAND, &BAD_05_PROMISES].concat());
    assert_complete("l6_", &BAD_06);
}

const POLITE: &str = "lesson05 --service reply --text 我已收到您的请求[{}],感谢您的关注!";
const SHELL: &str = "lesson05 --service command --dialect tutorial";

const TUTORIAL: [Fault; 23] = [
    ("B04", "s004_5_client", SHELL, "cuts/length-after-2-bytes", "with one recv"),
    (
        "B05",
        "s002_4_client",
        "lesson05",
        "sizes/answer-of-3000-bytes",
        "one recv for the whole answer",
    ),
    ("B05", "s002_4_client", "lesson05", "cuts/message-in-two", "one recv for the whole answer"),
    ("B11", "s004_4_server", POLITE, "ends/half-close", "An empty recv is the end"),
    ("B11", "s004_5_server", SHELL, "ends/half-close", "An empty recv is the end"),
    ("B12", "s004_5_client", SHELL, "ends/inside-an-answer", "in a loop"),
    ("B14", "s004_5_client", SHELL, "nonsense/negative-length", "not below 0"),
    ("B14", "s004_5_client", SHELL, "nonsense/long-length", "not above a limit"),
    ("B24", "s001_9_client", "lesson04", "loss/asks-again", "waits for ever"),
    ("B24", "s001_9_client", "lesson04", "datagrams/from-a-stranger", "from anybody"),
    ("B24", "s002_3_client", "lesson04", "loss/nobody-answers", "waits for ever"),
    ("B26", "s004_4_client", "lesson05", "reconnect/pauses", "Wait before each try"),
    ("B30", "s000_3_proxy", "lesson06", "ends/client-half-closes", "not pass on the end"),
    ("B30", "s000_3_proxy", "lesson06", "ends/upstream-half-closes", "not pass on the end"),
    ("B30", "s000_3_proxy", "lesson06", "ends/client-closes", "not pass on the end"),
    ("B30", "s000_3_proxy", "lesson06", "ends/upstream-closes", "not pass on the end"),
    ("B30", "s000_3_proxy", "lesson06", "ends/last-bytes", "not pass on the end"),
    ("B30", "s000_3_proxy", "lesson06", "ends/client-resets", "not pass on a reset"),
    ("B30", "s000_3_proxy", "lesson06", "ends/upstream-resets", "not pass on a reset"),
    ("B30", "s000_3_proxy", "lesson06", "ends/nothing-is-left", "Close both sockets"),
    ("B31", "s000_3_proxy", "lesson06", "upstream/is-back", "has ended the proxy"),
    (
        "B31",
        "s000_3_proxy",
        "lesson06",
        "crowds/thirty-in-succession",
        "closes its listening socket",
    ),
    ("B37", "s002_4_client", "lesson05", "reconnect/after-an-end", "does not come back"),
];

#[test]
fn the_faults_of_the_tutorials_programs_are_named() {
    assert_named(&TUTORIAL, |name| match name {
        "s000_3_proxy" => between(&peer_command(name)),
        _ => peer_command(name),
    });
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let tried = [
        ("lesson04", "good_l4_server", "datagrams"),
        ("lesson05", "l5_does_not_come_back_client", "reconnect"),
        ("lesson06", "l6_reset_becomes_an_end_server", "ends"),
    ];
    in_parallel(&tried, |&(judged, name, topic)| {
        let place = if judged == "lesson06" { between } else { str::to_owned };
        let command = place(&bad(name));
        assert_same_twice(judged, side(name), &command, topic);
    });
}
