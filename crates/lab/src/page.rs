//! The page: what stands still is drawn here, what moves by the scripts in `page/`.
//!
//! All of it is in one answer: the scripts, the style, the questions and the texts that the script shows.

use axum::extract::State;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use language::{Language, text};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use rust_i18n::t;
use serde_json::{Map, Value, json};

use crate::guard::Lab;
use crate::guided::STATIONS;
use compare::bench::{MAX_MESSAGES, Which};
use compare::words::of_compare;

const STYLE: &str = include_str!("page/page.css");
/// One after the other: what is made in one is known in the next.
const SCRIPTS: [&str; 7] = [
    include_str!("page/shared.js"),
    include_str!("page/address.js"),
    include_str!("page/edges.js"),
    include_str!("page/guided.js"),
    include_str!("page/bench.js"),
    include_str!("page/stage.js"),
    include_str!("page/page.js"),
];

/// Framings that the two fields suggest; any other can be written too.
const FRAMINGS: [&str; 10] = [
    "none",
    "<i",
    ">I",
    ">H",
    "B",
    "digits:10",
    "digits:\\n",
    "line",
    "until:0d0a",
    "json:>H:size",
];

/// The page, in the language that `?lang=` names, else the lab's own.
pub(crate) async fn show(State(lab): State<Lab>, uri: Uri) -> Response {
    let language = lab.language_of(&uri);
    // The token is new at each start, and as good as any number that is used once.
    let nonce = &*lab.token;
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; \
         img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, page(language, nonce).into_string()).into_response()
}

fn page(language: Language, token: &str) -> Markup {
    let lang = language.name();
    let (other, other_name) = match language {
        Language::English => ("zh", "中文"),
        Language::Chinese => ("en", "English"),
    };
    html! {
        (DOCTYPE)
        html lang=(if language == Language::Chinese { "zh-CN" } else { "en" }) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="lab-token" content=(token);
                link rel="icon" href="data:,";
                title { (t!("The lab: what does recv return?", locale = lang)) }
                style nonce=(token) { (PreEscaped(STYLE)) }
            }
            body {
                header class="top" {
                    h1 { (t!("What does recv return?", locale = lang)) }
                    p class="lead" {
                        (t!("Foretell it, then run it: real sockets of this machine play what you see here.", locale = lang))
                    }
                    nav aria-label=(t!("The lab's two rooms", locale = lang)) {
                        a id="to-guided" href="#guided=1" { (t!("Questions", locale = lang)) }
                        a id="to-bench" href="#bench" { (t!("Your own play", locale = lang)) }
                        a id="other-language" href={ "?lang=" (other) } lang=(other) { (other_name) }
                    }
                }
                main {
                    (guided(language))
                    (bench(lang))
                    (stage(lang))
                    noscript { p { (t!("This page needs its script to play.", locale = lang)) } }
                }
                script type="application/json" id="data" { (PreEscaped(data(language))) }
                @for script in SCRIPTS { script nonce=(token) { (PreEscaped(script)) } }
            }
        }
    }
}

fn guided(language: Language) -> Markup {
    let lang = language.name();
    html! {
        section id="guided" aria-labelledby="question-title" hidden {
            ol id="stations" aria-label=(t!("The questions", locale = lang)) {
                @for (number, station) in (1..).zip(&STATIONS) {
                    li { a href={ "#guided=" (number) } title=(station.title(language)) { (number) } }
                }
            }
            p id="score" role="status" {}
            div class="asking" {
            h2 id="question-title" {}
            p id="question" {}
            div id="edges-row" hidden {
                p id="edges-help" {
                    (t!("Where does each recv end? Drag an edge out of ⇥ to that place, or press between two bytes. Drag an edge on to move it, press it to take it away.", locale = lang))
                }
                div id="edges" role="group" aria-describedby="edges-help"
                    aria-label=(t!("The bytes, and the gaps between them", locale = lang)) {}
                p id="edges-said" role="status" {}
            }
            form id="guess-form" autocomplete="off" {
                label for="guess" { (t!("In numbers: the bytes of each recv", locale = lang)) }
                input id="guess" name="guess" inputmode="numeric" placeholder="3, 2";
                button class="main" type="submit" { (t!("Run it", locale = lang)) }
            }
            p id="guess-problem" class="problem" role="alert" hidden {}
            }
            div id="outcome" role="status" {}
        }
    }
}

fn bench(lang: &str) -> Markup {
    html! {
        section id="bench" aria-labelledby="bench-title" hidden {
            h2 id="bench-title" { (t!("Your own play", locale = lang)) }
            form id="bench-form" autocomplete="off" {
                fieldset class="messages" {
                    legend { (t!("Messages, at most %{count}", locale = lang, count = MAX_MESSAGES)) }
                    ol id="messages" {}
                    button type="button" id="add-message" { (t!("One more message", locale = lang)) }
                }
                fieldset class="on-tcp" {
                    legend { (t!("Where a message ends", locale = lang)) }
                    datalist id="framings" { @for framing in FRAMINGS { option value=(framing) {} } }
                    (field("broken", &t!("Left, the broken reader", locale = lang), html! {
                        input id="broken" list="framings" maxlength="64" spellcheck="false" value="none";
                    }))
                    (field("fixed", &t!("Right, the fixed reader", locale = lang), html! {
                        input id="fixed" list="framings" maxlength="64" spellcheck="false" value="<i";
                    }))
                }
                fieldset {
                    legend { (t!("The network", locale = lang)) }
                    (field("transport", &t!("Carried by", locale = lang), html! {
                        select id="transport" {
                            option value="tcp" { (t!("TCP, a stream", locale = lang)) }
                            option value="udp" { (t!("UDP, datagrams", locale = lang)) }
                        }
                    }))
                    (field("delivery", &t!("Sent", locale = lang), html! {
                        select id="delivery" class="for-tcp" {
                            option value="alone" { (t!("each message by itself", locale = lang)) }
                            option value="together" { (t!("all together", locale = lang)) }
                            option value="bytes" { (t!("byte by byte", locale = lang)) }
                            option value="cut" { (t!("cut at places of the stream", locale = lang)) }
                            option value="pause" { (t!("with a pause after a byte", locale = lang)) }
                        }
                    }))
                    (field("places", &t!("At byte", locale = lang), html! {
                        input id="places" class="for-tcp" inputmode="numeric" value="3";
                    }))
                    (field("loss", &t!("Lost, in percent", locale = lang), html! {
                        input id="loss" class="for-udp" type="number" min="0" max="100" value="0";
                    }))
                    (field("seed", &t!("Seed of the loss", locale = lang), html! {
                        input id="seed" class="for-udp" type="number" min="0" max="999999" value="1";
                    }))
                }
                fieldset {
                    legend { (t!("The reader", locale = lang)) }
                    (field("reads", &t!("Sizes of recv, the last one repeated", locale = lang), html! {
                        input id="reads" inputmode="numeric" value="1024";
                    }))
                    (field("reader", &t!("Reads", locale = lang), html! {
                        select id="reader" {
                            option value="late" { (t!("late, when all is sent", locale = lang)) }
                            option value="early" { (t!("early, after each piece", locale = lang)) }
                        }
                    }))
                    (field("only", &t!("Sides", locale = lang), html! {
                        select id="only" {
                            option value="" { (t!("both", locale = lang)) }
                            option value="broken" { (t!("the broken one", locale = lang)) }
                            option value="fixed" { (t!("the fixed one", locale = lang)) }
                        }
                    }))
                }
                button class="main" type="submit" { (t!("Play", locale = lang)) }
            }
            p id="bench-problem" class="problem" role="alert" hidden {}
        }
    }
}

fn field(id: &str, label: &str, control: Markup) -> Markup {
    html! { div class="field" { label for=(id) { (label) } (control) } }
}

/// Where a play is shown, step by step.
fn stage(lang: &str) -> Markup {
    let step = |id: &str, key: &str, label: &str| {
        html! { button type="button" id=(id) aria-keyshortcuts=(key) { (label) } }
    };
    html! {
        section id="stage" aria-label=(t!("The play", locale = lang)) hidden {
            div id="controls" role="group" aria-label=(t!("Stepping", locale = lang)) {
                (step("first", "Home", &t!("Start", locale = lang)))
                (step("back", "ArrowLeft", &t!("Back", locale = lang)))
                (step("run", "Space", &t!("Play", locale = lang)))
                (step("forward", "ArrowRight", &t!("Forward", locale = lang)))
                (step("last", "End", &t!("End", locale = lang)))
                (step("difference", "D", &t!("First difference", locale = lang)))
                label for="step" class="spoken" { (t!("Step", locale = lang)) }
                input id="step" type="range" min="0" value="0";
                output id="step-count" for="step" {}
            }
            p class="keys" {
                (t!("Keys: space plays and pauses, ← and → step, Home and End, D goes to the first difference.", locale = lang))
            }
            div id="sides" {}
            div class="again" {
                p { (t!("The address of this page holds all of this play.", locale = lang)) }
                p { (t!("In a terminal:", locale = lang)) }
                code id="command" {}
            }
        }
    }
}

/// What the script needs: the questions, and its texts in this language.
fn data(language: Language) -> String {
    let lang = language.name();
    let stations: Vec<Value> = STATIONS
        .iter()
        .map(|station| {
            json!({
                "title": station.title(language),
                "question": t!(station.question, locale = lang),
                "reason": t!(station.reason, locale = lang),
                "next": t!(station.next, locale = lang),
                "nextAt": station.next_at,
                "asked": if station.asked == Which::Broken { "broken" } else { "fixed" },
                "laidOut": station.laid_out(),
                "firstOnly": station.asks_for_first_only(),
            })
        })
        .collect();
    let data = json!({
        "stations": stations,
        "texts": texts(language),
        "mostMessages": MAX_MESSAGES,
    });
    // Nothing in it can end the element that it stands in.
    data.to_string().replace('<', "\\u003c")
}

/// The texts that the script shows, under the names by which it knows them; these are compare's.
const TEXTS_OF_COMPARE: &[(&str, &str)] = &[
    ("broken", "BROKEN"),
    ("fixed", "FIXED"),
    ("right", "RIGHT"),
    ("wrong", "WRONG"),
    ("client", "client"),
    ("kernel", "kernel"),
    ("server", "server"),
    ("lost", "lost"),
    ("nothing", "nothing comes"),
    ("empty", "empty"),
];

/// And these are the lab's own.
const TEXTS: &[(&str, &str)] = &[
    ("asks", text!("asks")),
    ("ended", text!(", the end")),
    ("bracketed", text!("(%{what})")),
    ("halfClose", text!("half-close")),
    ("givesUp", text!("gives up: ")),
    ("log", text!("all calls, in order")),
    ("counts", text!("%{sent} sent, %{got} came out: ")),
    ("none", text!("none")),
    ("play", text!("Play")),
    ("pause", text!("Pause")),
    ("playing", text!("playing…")),
    ("foreseen", text!("Foreseen!")),
    ("notQuite", text!("Not quite, and that is the point of it.")),
    ("youSaid", text!("You said")),
    ("itWas", text!("It was")),
    ("why", text!("Why")),
    ("tryNext", text!("Try next")),
    ("nextQuestion", text!("The next question")),
    ("gap", text!("recv ends after byte %{place}")),
    ("grip", text!("Drag an edge out of here")),
    ("oneRecv", text!("recv %{number}: %{size} B")),
    ("score", text!("%{seen} of %{all} run, %{right} foreseen")),
    ("writeNumbers", text!("Write how many bytes each recv returns, such as 3, 2.")),
    ("writeSizes", text!("Write the sizes of the recv calls, such as 5, 4.")),
    ("text", text!("text")),
    ("hex", text!("hex")),
    ("form", text!("Form of message %{number}")),
    ("messageNumber", text!("Message %{number}")),
    ("remove", text!("Remove message %{number}")),
    (
        "gone",
        text!(
            "The lab does not answer. Is it still running? Start it again and open this page anew."
        ),
    ),
    ("bytes", text!("%{count} B")),
    ("step", text!("step %{at} of %{all}")),
];

fn texts(language: Language) -> Map<String, Value> {
    let of_compare =
        TEXTS_OF_COMPARE.iter().map(|&(name, text)| (name, of_compare(text, language)));
    let own =
        TEXTS.iter().map(|&(name, text)| (name, t!(text, locale = language.name()).into_owned()));
    of_compare.chain(own).map(|(name, text)| (name.to_owned(), text.into())).collect()
}
