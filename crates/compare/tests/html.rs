//! The page for a browser: what it says, that it is safe to open, and that a browser likes it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail as tests do")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use compare::comparison::ReadError;
use compare::{Comparison, RunReport, Scenario, html, scenario, sweep};
use process::Finished;
use trace::Action;

/// Everything that a plain run finds, played once for all tests.
fn everything() -> &'static RunReport {
    static REPORT: OnceLock<RunReport> = OnceLock::new();
    REPORT.get_or_init(|| {
        let comparisons = scenario::all().iter().map(play).collect();
        RunReport { seed: 1, comparisons, sweep: sweep::run(1).unwrap() }
    })
}

fn play(scenario: &Scenario) -> Comparison {
    compare::play(scenario, None).unwrap()
}

fn own(messages: &[&str], reads: &[usize]) -> RunReport {
    let messages = messages.iter().map(ToString::to_string).collect();
    let comparison = play(&scenario::custom(messages, reads.to_vec()));
    RunReport { seed: 1, comparisons: vec![comparison], sweep: Vec::new() }
}

/// The page's sections, one for each comparison, each as its words and its two figures.
fn sections(page: &str) -> Vec<[&str; 3]> {
    let sections = page.split("<section class=\"scenario\"").skip(1);
    let parts = sections.map(|section| section.split("<figure").collect::<Vec<_>>());
    parts.filter_map(|parts| parts.try_into().ok()).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[test]
fn every_scenario_stands_there_with_its_title_reason_command_and_verdicts() {
    let report = everything();
    let page = html::page(report);
    let sections = sections(&page);
    assert!(sections.len() >= report.comparisons.len(), "{} sections", sections.len());
    for (comparison, [words, broken, fixed]) in report.comparisons.iter().zip(sections) {
        for text in [&comparison.title, &comparison.why, &comparison.command] {
            assert!(words.contains(&escaped(text)), "{}: no {text:?} in {words}", comparison.name);
        }
        for (side, figure) in [(&comparison.broken, broken), (&comparison.fixed, fixed)] {
            let (word, other) = if side.right { ("RIGHT", "WRONG") } else { ("WRONG", "RIGHT") };
            assert!(figure.contains(word), "{}: no {word} in {figure}", comparison.name);
            assert!(!figure.contains(other), "{}: {other} in {figure}", comparison.name);
        }
    }
    for sweep in &report.sweep {
        let wrong = sweep.sizes - sweep.broken_right_at.len();
        let words = format!("wrong at {wrong} of {} sizes", sweep.sizes);
        assert!(page.contains(&words), "no {words:?}");
    }
}

#[test]
fn red_stands_where_a_side_is_wrong_and_nowhere_else() {
    let report = everything();
    let page = html::page(report);
    for (comparison, [_, broken, fixed]) in report.comparisons.iter().zip(sections(&page)) {
        for (side, figure) in [(&comparison.broken, broken), (&comparison.fixed, fixed)] {
            let red = figure.contains("bracket wrong") || figure.contains("recv fails");
            assert_eq!(red, !side.right, "{}, {}: {figure}", comparison.name, side.code);
        }
    }
}

#[test]
fn a_recv_is_marked_where_it_crosses_an_edge_and_where_it_cuts_a_message() {
    // Read by threes: hel✗, lo✗w✗, orl✗, d.
    for (reads, marks) in [([10], 1), ([5], 0), ([7], 2), ([3], 4)] {
        let page = html::page(&own(&["hello", "world"], &reads));
        let [_, broken, _] = sections(&page)[0];
        let found = broken.matches("class=\"cut\"").count();
        assert_eq!(found, marks, "helloworld, read by {reads:?}: {broken}");
    }
}

#[test]
fn a_long_message_is_a_bar_and_not_a_thousand_cells() {
    let page = html::page(everything());
    let at = everything().comparisons.iter().position(|c| c.name == "left-over").unwrap();
    let [_, broken, _] = sections(&page)[at];
    let cells = broken.matches("class=\"byte").count();
    assert!(cells < 40, "{cells} cells");
    for text in ["1492 B", "1024 B", "468 B", "284 285 286"] {
        assert!(broken.contains(text), "no {text:?} in {broken}");
    }
    // One byte of it is received alone; when it is sent it is part of the bar.
    let page = html::page(&own(&["x".repeat(73).as_str()], &[72]));
    let bars: Vec<&str> = page.split(" B</b>").filter_map(|bar| bar.split("<b>").last()).collect();
    assert_eq!(bars[..3], ["73", "73", "72"], "{page}");
}

#[test]
fn invisible_bytes_and_pieces_of_characters_can_be_seen() {
    let page = html::page(&own(&["a b\n\0\x1b"], &[9]));
    for cell in ["␣", "\\n", "\\0", "1b"] {
        assert!(page.contains(&format!(">{cell}</span>")), "no cell {cell:?} in {page}");
    }
    let page = html::page(&own(&["汉字"], &[4]));
    for text in ["汉", "e6", "⅓字", "⅔字", "汉\u{fffd}"] {
        assert!(page.contains(text), "no {text:?} in {page}");
    }
}

#[test]
fn a_thousand_recvs_are_cut_in_the_middle() {
    let page = html::page(&own(&["x".repeat(300).as_str()], &[1]));
    let [_, broken, _] = sections(&page)[0];
    let rows = broken.matches("<li").count();
    assert!(rows < 70 && broken.contains("rows left out"), "{rows} rows");
}

#[test]
fn the_page_says_where_the_kernels_count_comes_from() {
    let mut report = own(&["hello", "world"], &[10]);
    let side = &mut report.comparisons[0].broken;
    for event in &mut side.events {
        if let Action::Look { unread, .. } = &mut event.action {
            *unread = Some(7);
        }
    }
    let page = html::page(&report);
    // Elsewhere it is not the kernel's word, but what peeking shows.
    let source =
        if cfg!(target_os = "linux") { "receive queue" } else { "not visible on this system" };
    assert!(page.contains("holds 7 B") && page.contains(source), "{page}");
    let comparison = &mut report.comparisons[0];
    for event in comparison.broken.events.iter_mut().chain(&mut comparison.fixed.events) {
        if let Action::Look { unread, .. } = &mut event.action {
            *unread = None;
        }
    }
    let page = html::page(&report);
    assert!(page.contains("holds 10 B") && page.contains("not visible on this system"), "{page}");
}

/// What could break out of a text, an attribute or a comment.
const HOSTILE: &str =
    r#"--></style><script>alert("1")</script>"'><img src=x onerror=alert(2)>&lt;"#;

/// A report in which everything that is text is hostile.
fn hostile() -> RunReport {
    let mut report = own(&[HOSTILE, "</bdi></p>", "\u{202e}\u{200b}汉", HOSTILE], &[30, 7]);
    let comparison = &mut report.comparisons[0];
    for text in [&mut comparison.name, &mut comparison.title, &mut comparison.why] {
        HOSTILE.clone_into(text);
    }
    HOSTILE.clone_into(&mut comparison.broken.code.words);
    comparison.fixed.error = Some(ReadError::Other(HOSTILE.to_owned()));
    report
}

#[test]
fn what_a_message_says_is_text_and_never_markup() {
    let page = html::page(&hostile());
    for markup in ["<script", "<img", "</bdi></p>", "--></style>"] {
        assert!(!page.contains(markup), "{markup} in {page}");
    }
    assert!(page.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"), "{page}");
    assert_eq!(unbalanced(&page), None, "{page}");
}

#[test]
fn the_page_refers_to_nothing_outside_of_it() {
    let page = html::page(everything());
    for outside in ["http:", "https:", "src=", "url(", "@import", "<link", "<script", "<base"] {
        assert!(!page.contains(outside), "{outside} in the page");
    }
}

#[test]
fn every_element_is_closed_where_it_should_be() {
    assert_eq!(unbalanced(&html::page(everything())), None);
}

/// The first tag that closes what is not open, or what is left open.
fn unbalanced(page: &str) -> Option<String> {
    let mut open = Vec::new();
    for tag in page.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        let name = tag.split(' ').next().unwrap_or_default();
        match name.strip_prefix('/') {
            Some(name) if open.pop() != Some(name) => return Some(tag.to_owned()),
            None if !["!DOCTYPE", "meta"].contains(&name) => open.push(name),
            _ => {}
        }
    }
    open.pop().map(ToOwned::to_owned)
}

#[test]
fn in_a_browser_the_page_has_no_error_and_no_sideways_scroll() {
    let Some(chromium) = chromium() else {
        println!("skipped: no Chromium found; scripts/setup --browser installs one");
        return;
    };
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let pages = [
        ("page", html::page(everything())),
        ("chinese", in_chinese()),
        ("hostile", html::page(&hostile())),
    ];
    for (name, page) in pages {
        let mut grounds = Vec::new();
        for (window, scheme) in [(DESK, "light"), (DESK, "dark"), (PHONE, "light"), (PHONE, "dark")]
        {
            let (width, _) = window;
            let picture = pictures.join(format!("compare-{name}-{width}-{scheme}.png"));
            let seen = look(&chromium, &page, window, scheme, &picture);
            assert_eq!(seen.console, ["opened"], "{name} at {width}, {scheme}");
            assert_eq!(seen.scroll_width, width, "{name} is wider than its window, {scheme}");
            grounds.push(seen.ground);
            println!("{}", picture.display());
        }
        assert_eq!(grounds[..2], grounds[2..], "{name}: a width changes the colours");
        assert_ne!(grounds[0], grounds[1], "{name}: dark looks like light");
    }
}

/// The page as the program writes it for a Chinese reader: here, one process speaks one language.
fn in_chinese() -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_compare"));
    let output = command.args(["--html", "-", "--lang", "zh"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Width and height in pixels; the height is that of the whole page, and some.
const DESK: (u32, u32) = (1280, 13_000);
const PHONE: (u32, u32) = (390, 25_000);

/// What a browser tells of the page.
struct Seen {
    console: Vec<String>,
    scroll_width: u32,
    ground: String,
}

/// Opens the page in a frame of this width, because a window has a least width of its own.
fn look(
    chromium: &Path,
    page: &str,
    (width, height): (u32, u32),
    scheme: &str,
    picture: &Path,
) -> Seen {
    let folder = tempfile::tempdir().unwrap();
    let frame = folder.path().join("frame.html");
    let text = format!(
        r#"<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">
        <iframe style="border:0" width="{width}" height="{height}" srcdoc="{}"></iframe>
        <script>
          onload = () => {{
            const page = document.querySelector("iframe").contentDocument;
            document.body.dataset.width = page.documentElement.scrollWidth;
            document.body.dataset.ground = getComputedStyle(page.body).backgroundColor;
            console.log("opened");
          }};
        </script>"#,
        escaped(page)
    );
    fs::write(&frame, text).unwrap();
    let mut command = Command::new(chromium);
    command.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
    ]);
    command.args(["--disable-background-networking", "--disable-component-update"]);
    command.args(["--disable-sync", "--hide-scrollbars", "--enable-logging=stderr", "--dump-dom"]);
    command.arg(format!("--user-data-dir={}", folder.path().join("profile").display()));
    // What it leaves behind when it is killed goes with the profile.
    command.env("TMPDIR", folder.path());
    command.arg(format!("--window-size={width},{height}"));
    let preferred = if scheme == "dark" { 0 } else { 1 };
    command.arg(format!("--blink-settings=preferredColorScheme={preferred}"));
    command.arg(format!("--screenshot={}", picture.display()));
    command.arg(format!("file://{}", frame.display()));
    let deadline = Instant::now() + Duration::from_secs(120);
    let Finished { stdout: dom, stderr: log, .. } = process::run(command, "", deadline).unwrap();
    let told = |name: &str| {
        let (_, rest) =
            dom.split_once(&format!("data-{name}=\"")).unwrap_or_else(|| panic!("{log}"));
        rest.split('"').next().unwrap().to_owned()
    };
    let console = log.lines().filter(|line| line.contains(":CONSOLE"));
    Seen {
        console: console.map(|line| line.split('"').nth(1).unwrap_or(line).to_owned()).collect(),
        scroll_width: told("width").parse().unwrap(),
        ground: told("ground"),
    }
}

fn chromium() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM") {
        return Some(path.into());
    }
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let paths = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    paths.into_iter().find(|path| path.is_file())
}
