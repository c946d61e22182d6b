//! The page in a browser: it is asked, answered, stepped through and opened anew, in both languages.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

#[path = "../running/mod.rs"]
mod running;

use std::fs;
use std::path::Path;

use browser::Tab;
use running::Lab;

/// A lab, and a tab in which its page is open; none if there is no browser.
fn open(language: &str) -> Option<(Lab, Tab, String)> {
    let Some(tab) = Tab::open() else {
        println!("skipped: no Chromium found; scripts/setup --browser installs one");
        return None;
    };
    let lab = Lab::start(&[]);
    let url = format!("http://{}/?lang={language}", lab.address);
    Some((lab, tab, url))
}

/// Nothing was said in the console, and nobody else was asked.
fn assert_quiet(lab: &Lab, tab: &Tab) {
    assert_eq!(tab.console(), [""; 0], "the console has a message");
    let asked = tab.asked();
    assert!(asked.len() > 1, "{asked:?}");
    let ours = format!("http://{}/", lab.address);
    for url in asked {
        assert!(
            url.starts_with(&ours) || url == "about:blank" || url == "data:,",
            "{url} was asked"
        );
        assert!(!url.contains(&lab.token), "the token stands in an address: {url}");
    }
}

fn guess(tab: &mut Tab, sizes: &str) {
    tab.value(&format!("byId('guess').value = '{sizes}', byId('guess-form').requestSubmit()"));
    tab.wait("!byId('stage').hidden && byId('outcome').querySelector('dl')");
}

fn truth(tab: &mut Tab) -> String {
    tab.text("[...document.querySelectorAll('#outcome .sizes')[1].querySelectorAll('b')].map((size) => size.textContent).join()")
}

#[test]
fn the_guided_row_is_taken_with_right_and_wrong_answers_in_both_languages() {
    for language in ["en", "zh"] {
        let Some((lab, mut tab, url)) = open(language) else { return };
        tab.open_anew(&url);
        let truths = ["10", "1024,468", "2,8", "2", "5,4", "3,3,3", "9", "0,3", "4,2", "2", "5,5"];
        for (at, expected) in truths.iter().enumerate() {
            let number = at + 1;
            tab.value(&format!("location.hash = '#guided={number}&score=' + state.seen"));
            tab.wait(&format!("state.station === {number} && byId('stage').hidden"));
            // Every second answer is wrong.
            let is_right = number % 2 == 1;
            guess(&mut tab, if is_right { expected } else { "7, 7" });
            assert_eq!(truth(&mut tab), *expected, "question {number}");
            let verdict = tab.text("byId('outcome').querySelector('.verdict').className");
            assert_eq!(
                verdict,
                if is_right { "verdict good" } else { "verdict bad" },
                "question {number}"
            );
            // What to try next is set up at the bench, and plays.
            tab.value("document.querySelector('#outcome .next a').click()");
            tab.wait("state.room === 'bench' && !byId('stage').hidden && location.hash.includes('read=')");
            assert_eq!(tab.value("byId('bench-problem').hidden"), true, "question {number}");
        }
        assert!(
            tab.text("location.hash").contains("score=21212121212"),
            "{}",
            tab.text("location.hash")
        );
        assert!(tab.text("byId('score').textContent").contains('6'));
        // The score goes along to the bench.
        assert!(tab.text("byId('to-bench').hash").contains("score=21212121212"));
        assert_quiet(&lab, &tab);
    }
}

/// The middle of what a selector names, in the window.
fn middle(tab: &mut Tab, selector: &str) -> (f64, f64) {
    let middle = tab.value(&format!(
        "(() => {{ const one = document.querySelector('{selector}'); byId('edges').scrollIntoView({{ block: 'center' }});
                   const box = one.getBoundingClientRect();
                   return [(box.left + box.right) / 2, (box.top + box.bottom) / 2]; }})()"
    ));
    (middle[0].as_f64().unwrap(), middle[1].as_f64().unwrap())
}

const GRIP: &str = "#edges .grip";

fn gap(place: u32) -> String {
    format!("#edges .gap[data-place=\"{place}\"]")
}

#[test]
fn edges_are_dragged_by_mouse_finger_and_pen_on_a_desk_and_on_a_phone() {
    for (pointer, width) in [("mouse", 1280), ("mouse", 390), ("pen", 390), ("touch", 390)] {
        let Some((lab, mut tab, url)) = open("en") else { return };
        tab.look_like(width, "light", "reduce");
        // Nine bytes, of three messages; the edges below are what comes of recv(5) and recv(4).
        tab.open_anew(&format!("{url}#guided=5"));
        tab.wait("document.querySelectorAll('#edges .gap').length === 9");
        let mut drag = |from: &str, to: &str, expected: &str| {
            let (from, to) = (middle(&mut tab, from), middle(&mut tab, to));
            tab.drag(pointer, from, to);
            assert_eq!(tab.text("byId('guess').value"), expected, "{pointer} {width}");
        };
        drag(GRIP, &gap(3), "3, 6");
        drag(GRIP, &gap(6), "3, 3, 3");
        drag(&gap(6), GRIP, "3, 6");
        drag(&gap(3), &gap(5), "5, 4");
        // Pressed, and not moved, an edge is taken away, and is set where there was none.
        drag(&gap(5), &gap(5), "9");
        drag(&gap(9), &gap(9), "");
        drag(&gap(5), &gap(5), "5, 4");
        assert_eq!(tab.text("byId('edges-said').textContent"), "recv 1: 5 B · recv 2: 4 B");
        tab.value("byId('guess-form').requestSubmit()");
        tab.wait("byId('outcome').querySelector('.verdict.good')");
        assert_quiet(&lab, &tab);
    }
}

#[test]
fn where_only_the_first_recv_is_asked_for_there_is_one_edge() {
    let Some((_lab, mut tab, url)) = open("en") else { return };
    // On a phone these bytes take two rows, and an edge is dragged from one to the other.
    tab.look_like(390, "light", "reduce");
    tab.open_anew(&format!("{url}#guided=10"));
    tab.wait("document.querySelectorAll('#edges .gap').length === 18");
    for (from, to, expected) in [(GRIP, gap(4), "4"), (GRIP, gap(16), "16"), (GRIP, gap(2), "2")] {
        let (from, to) = (middle(&mut tab, from), middle(&mut tab, &to));
        tab.drag("mouse", from, to);
        assert_eq!(tab.text("byId('guess').value"), expected);
    }
    assert_eq!(tab.value("document.querySelectorAll('#edges [aria-pressed=true]').length"), 1);
}

#[test]
fn edges_are_set_by_the_keyboard_and_are_the_numbers() {
    let Some((lab, mut tab, url)) = open("en") else { return };
    tab.open_anew(&format!("{url}#guided=3"));
    tab.wait("document.querySelectorAll('#edges .gap').length === 10");
    tab.value("document.querySelector('#edges .gap').focus()");
    tab.press("ArrowRight");
    tab.press("Enter");
    assert_eq!(tab.text("byId('guess').value"), "2, 8");
    tab.press("End");
    tab.press("ArrowLeft");
    tab.press(" ");
    assert_eq!(tab.text("byId('guess').value"), "2, 7, 1");
    tab.press("Enter");
    tab.value("byId('guess').focus()");
    tab.press("Enter");
    tab.wait("byId('outcome').querySelector('.verdict.good')");
    // What is no answer is told, and nothing is played.
    tab.value("byId('guess').value = 'many', byId('guess-form').requestSubmit()");
    tab.wait("!byId('guess-problem').hidden");
    assert_quiet(&lab, &tab);
}

/// A play of one's own, as somebody sets it up.
const SET_UP: &str = "
    byId('add-message').click();
    const rows = [...byId('messages').children];
    rows[0].children[1].value = \"it's\";
    rows[1].children[0].value = 'hex';
    rows[1].children[1].value = 'e6 b1 89';
    rows[2].children[1].value = 'a & b=c#%20';
    byId('broken').value = '>H';
    byId('fixed').value = 'digits:\\\\n';
    byId('delivery').value = 'cut';
    byId('places').value = '1,4';
    byId('reads').value = '2, 9';
    byId('reader').value = 'early';
    byId('bench-form').requestSubmit();";

#[test]
fn a_play_of_ones_own_steps_back_and_forth_and_its_address_gives_the_same_picture() {
    for language in ["en", "zh"] {
        let Some((lab, mut tab, url)) = open(language) else { return };
        tab.open_anew(&url);
        tab.value("location.hash = '#bench'");
        tab.wait("!byId('bench').hidden");
        tab.value(SET_UP);
        tab.wait("!byId('stage').hidden");
        let picture = tab.text("byId('sides').innerHTML");
        let steps: u64 = tab.value("state.steps").as_u64().unwrap();
        assert!(steps > 6, "{steps} steps");
        let at = |tab: &mut Tab| tab.value("state.at").as_u64().unwrap();
        let held = "[...document.querySelectorAll('.held [data-place]')].length";
        tab.value("document.activeElement.blur()");
        for (key, expected) in
            [("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", steps)]
        {
            tab.press(key);
            assert_eq!(at(&mut tab), expected, "{key}");
        }
        for (button, expected) in [("first", 0), ("forward", 1), ("back", 0), ("forward", 1)] {
            tab.value(&format!("byId('{button}').click()"));
            assert_eq!(at(&mut tab), expected, "{button}");
        }
        assert!(tab.value(held).as_u64().unwrap() > 0, "the first piece lies in the kernel");
        tab.press("d");
        assert!(at(&mut tab) > 1, "{}", tab.text("byId('sides').innerText"));
        tab.press("Home");
        tab.press(" ");
        // The page presses the second one itself: from out here it might come when the play has ended.
        tab.wait(
            "state.at > 0 && document.body.dispatchEvent(
               new KeyboardEvent('keydown', { key: ' ', bubbles: true, cancelable: true })) !== undefined",
        );
        assert_eq!(tab.value("state.timer"), serde_json::Value::Null, "space pauses");
        assert!(at(&mut tab) < steps, "nothing was left to pause");
        tab.press("End");
        assert_eq!(tab.text("byId('sides').innerHTML"), picture, "the end is the end");
        let command = tab.text("byId('command').textContent");
        assert!(
            command.contains("--send-hex \"69 74 27 73\"") && command.contains("--deliver cut:1,4"),
            "{command}"
        );
        let address = tab.text("location.href");
        tab.open_anew(&address);
        tab.wait("!byId('stage').hidden");
        assert_eq!(tab.text("byId('sides').innerHTML"), picture, "{address}");
        assert_eq!(tab.text("location.href"), address);
        assert_quiet(&lab, &tab);
    }
}

#[test]
fn what_the_lab_refuses_stands_in_the_page_in_its_language() {
    let lines = "#bench&text=a&framing=lines,<i&deliver=alone&read=9&reader=late";
    for (language, words) in [("en", "write none, line"), ("zh", "可以写 none、line")] {
        let Some((_lab, mut tab, url)) = open(language) else { return };
        tab.open_anew(&format!("{url}{lines}"));
        tab.wait("!byId('bench-problem').hidden");
        assert!(tab.text("byId('bench-problem').textContent").contains(words));
        assert_eq!(tab.value("byId('stage').hidden"), true);
        assert_fits(&mut tab, "error", language);
        // What is no number is told without asking the lab.
        tab.value("byId('reads').value = 'many', byId('bench-form').requestSubmit()");
        tab.wait("byId('bench-problem').textContent === texts.writeSizes");
    }
}

/// What is shown fits, in light and dark, on a desk and on a phone; pictures of it are left to be looked at.
fn assert_fits(tab: &mut Tab, room: &str, language: &str) {
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut grounds = Vec::new();
    for (width, scheme) in [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")] {
        tab.look_like(width, scheme, "reduce");
        let scroll = tab.value("document.documentElement.scrollWidth");
        assert_eq!(scroll, width, "{room} is wider than its window, {scheme}");
        grounds.push(tab.text("getComputedStyle(document.body).backgroundColor"));
        tab.picture(&pictures.join(format!("lab-{room}-{language}-{width}-{scheme}.png")));
    }
    assert_ne!(grounds[0], grounds[1], "dark looks like light");
}

#[test]
fn nothing_scrolls_sideways_in_light_and_dark_on_a_desk_and_on_a_phone() {
    for language in ["en", "zh"] {
        let Some((lab, mut tab, url)) = open(language) else { return };
        let rooms = [
            ("question", "#guided=5"),
            ("answer", "#guided=5&guess=3,3,3&score=20001000000"),
            ("long", "#guided=2&guess=1492,3"),
            (
                "bench",
                "#bench&text=hello&text=汉字 and a message that is longer&framing=none,json:>H:size&read=7&deliver=alone&reader=early",
            ),
            (
                "udp",
                "#bench&text=hello&text=world&text=again&udp&loss=50&seed=1&read=3&reader=late",
            ),
        ];
        for (room, fragment) in rooms {
            tab.open_anew(&format!("{url}{fragment}"));
            let plays = fragment.contains("guess=") || fragment.contains("text=");
            tab.wait(if plays { "!byId('stage').hidden" } else { "byId('question').textContent" });
            assert_fits(&mut tab, room, language);
        }
        assert_quiet(&lab, &tab);
    }
}

#[test]
fn motion_is_left_out_for_who_asks_for_that() {
    let Some((_lab, mut tab, url)) = open("en") else { return };
    for (motion, moves) in [("no-preference", true), ("reduce", false)] {
        tab.look_like(1280, "light", motion);
        tab.open_anew(&format!("{url}#guided=1&guess=10"));
        tab.wait("!byId('stage').hidden");
        let running = "stepTo(0), stepTo(1), document.querySelectorAll('.byte').length > 0 \
             && document.getAnimations().some((one) => !(one instanceof CSSTransition))";
        assert_eq!(tab.value(running), moves, "{motion}");
    }
}

#[test]
fn every_control_is_reached_by_the_keyboard_and_has_a_name() {
    for fragment in [
        "#guided=1&guess=5,5",
        "#bench&text=a&text=b&framing=none,<i&deliver=alone&read=9&reader=late",
    ] {
        let Some((_lab, mut tab, url)) = open("en") else { return };
        tab.open_anew(&format!("{url}{fragment}"));
        tab.wait("!byId('stage').hidden");
        let all = tab.value(
            "window.controls = [...document.querySelectorAll('button, a[href], input, select, [tabindex=\"0\"]')]
               .filter((one) => !one.disabled && one.checkVisibility());
             window.reached = new Set(); controls.length",
        );
        let all = all.as_u64().unwrap();
        assert!(all > 15, "{all} controls");
        for _ in 0..all + 2 {
            tab.press("Tab");
            tab.value("reached.add(document.activeElement), 0");
        }
        let missed = tab.text(
            "controls.filter((one) => !reached.has(one)).map((one) => one.outerHTML).join('\\n')",
        );
        assert_eq!(missed, "", "never reached");
        let nameless = tab.text(
            "controls.filter((one) => !(one.getAttribute('aria-label') || one.labels?.length || one.textContent.trim()))
               .map((one) => one.outerHTML).join('\\n')",
        );
        assert_eq!(nameless, "", "without a name");
    }
}

#[test]
fn axe_finds_nothing_serious() {
    let axe = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/node_modules/axe-core/axe.min.js");
    let Ok(axe) = fs::read_to_string(axe) else {
        println!(
            "skipped: no axe-core found; scripts/setup --browser installs it where there is npm"
        );
        return;
    };
    for language in ["en", "zh"] {
        let Some((_lab, mut tab, url)) = open(language) else { return };
        for fragment in [
            "#guided=1",
            "#guided=5&guess=3,3,3",
            "#bench&text=hello&text=world&framing=none,line&deliver=alone&read=9&reader=late",
        ] {
            for scheme in ["light", "dark"] {
                tab.look_like(1280, scheme, "reduce");
                tab.open_anew(&format!("{url}{fragment}"));
                tab.wait("byId('question').textContent || !byId('stage').hidden");
                if fragment.contains("guess") || fragment.contains("text") {
                    tab.wait("!byId('stage').hidden");
                }
                tab.value(&format!("{axe}; 0"));
                let found = tab.text(
                    "axe.run().then(({ violations }) => violations
                       .filter(({ impact }) => ['serious', 'critical'].includes(impact))
                       .map(({ id, nodes }) => id + ': ' + nodes.map(({ html, any }) => html + ' ' + any.map(({ message }) => message).join()).join('\\n  ')).join('\\n'))",
                );
                assert_eq!(found, "", "{language} {fragment} {scheme}");
            }
        }
    }
}
