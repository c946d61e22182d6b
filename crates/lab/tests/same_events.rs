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
fn each_question_of_the_guided_row_plays_the_scenario_of_that_name() {
    let lab = Lab::start(&[]);
    let mut scenarios = scenario::all();
    scenarios.dedup_by_key(|scenario| scenario.name);
    let mut played = Vec::new();
    for number in 1..=9 {
        let (status, answer) = lab.play(&format!("{{\"guided\":{number}}}"));
        assert_eq!(status, 200, "{number}: {answer}");
        let page: Value = serde_json::from_str(&answer).unwrap();
        let command = page["command"].as_str().unwrap();
        let scenario = scenarios.iter().find(|scenario| scenario.command() == command).unwrap();
        let name = scenario.name;
        let comparison = serde_json::to_value(compare::play(scenario, None).unwrap()).unwrap();
        let terminal = [comparison["broken"].clone(), comparison["fixed"].clone()];
        assert_eq!(events(page["sides"].as_array().unwrap()), events(&terminal), "{name}");
        played.push(name);
    }
    let all: Vec<&str> = scenarios.iter().map(|scenario| scenario.name).collect();
    played.sort_by_key(|name| all.iter().position(|it| it == name));
    assert_eq!(played, all, "all nine are there");
}
