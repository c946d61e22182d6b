//! What the page is given is what the terminal is given: the same play has the same events.
#![expect(clippy::unwrap_used, reason = "a test that unwraps fails with the line that did")]

mod running;

use compare::bench::{self, Plan, Settings};
use compare::scenario;
use running::Lab;
use serde_json::Value;

/// The sides of a play, without what is the machine's: times, and counts of segments.
fn events(sides: &[Value]) -> Vec<Value> {
    let mut all = Vec::new();
    for side in sides {
        for event in side["events"].as_array().unwrap() {
            let mut event = event.clone();
            let fields = event.as_object_mut().unwrap();
            fields.remove("at_us");
            fields.remove("segments");
            all.push(event);
        }
    }
    assert!(!all.is_empty());
    all
}

#[test]
fn a_play_of_the_bench_has_the_events_that_the_terminal_draws() {
    let lab = Lab::start(&[]);
    let plays = [
        r#"{"messages":[{"text":"hello"},{"text":"汉字"}],"reads":[3],"reader":"early"}"#,
        r#"{"messages":[{"hex":"00 ff"},{"text":""}],"broken":">H","fixed":"digits:\\n","delivery":"bytes"}"#,
        r#"{"messages":[{"text":"a"},{"text":"b"},{"text":"c"}],"transport":"udp","loss":50,"seed":3}"#,
        r#"{"messages":[{"text":"abc"}],"delivery":"pause:2","only":"broken"}"#,
    ];
    for play in plays {
        let (status, answer) = lab.play(&format!("{{\"bench\":{play}}}"));
        assert_eq!(status, 200, "{play}: {answer}");
        let page: Value = serde_json::from_str(&answer).unwrap();
        let settings: Settings = serde_json::from_str(play).unwrap();
        // `compare --json` prints this value, and a test of compare holds its command to it.
        let played = bench::play(&Plan::new(settings).unwrap()).unwrap();
        assert_eq!(page["command"], played.command.as_str());
        let terminal = serde_json::to_value(&played).unwrap();
        let sides = |json: &Value| events(json["sides"].as_array().unwrap());
        assert_eq!(sides(&page), sides(&terminal), "{play}");
    }
}

#[test]
fn each_scenario_is_a_question_of_the_guided_row_and_so_is_each_part_of_it() {
    let lab = Lab::start(&[]);
    let scenarios = scenario::all();
    let commands: Vec<String> = scenarios.iter().map(scenario::Scenario::command).collect();
    let mut played = Vec::new();
    for number in 1..=scenarios.len() {
        let (status, answer) = lab.play(&format!("{{\"guided\":{number}}}"));
        assert_eq!(status, 200, "{number}: {answer}");
        let page: Value = serde_json::from_str(&answer).unwrap();
        let command = page["command"].as_str().unwrap();
        let at = commands.iter().position(|it| it == command).unwrap();
        let comparison =
            serde_json::to_value(compare::play(&scenarios[at], None).unwrap()).unwrap();
        let terminal = [comparison["broken"].clone(), comparison["fixed"].clone()];
        assert_eq!(events(page["sides"].as_array().unwrap()), events(&terminal), "{command}");
        played.push(command.to_owned());
    }
    assert_eq!(played, commands, "all are there, in their order");
}
