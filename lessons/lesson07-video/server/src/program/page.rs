//! The page for a browser. It is whole: it asks this server for the film and the figures, and nobody
//! else for anything.

use maud::{DOCTYPE, PreEscaped, html};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The figures, as the page's script names them, with what stands beside them.
const FIGURES: [(&str, &str); 7] = [
    ("received", "frames/s"),
    ("shown", "shown/s"),
    ("dropped", "dropped here"),
    ("missing", "dropped by the client"),
    ("age", "ms old (most)"),
    ("bytes", "KiB each"),
    ("size", "pixels"),
];

/// The page, in HTML.
pub(crate) fn page() -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Lesson 07: video" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    img id="film" src="/stream" alt="the film, as it comes";
                    p id="word" role="status" { "waiting for a film" }
                }
                dl {
                    @for (id, name) in FIGURES {
                        div { dt { (name) } dd id=(id) { "–" } }
                    }
                }
                p class="note" {
                    "The newest frame wins: what cannot be shown in time is dropped, and never "
                    "queued. The age is true where both ends have the same clock."
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}
