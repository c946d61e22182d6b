//! How to read the pictures: a sample of each sign that is in them.

use maud::{Markup, html};
use rust_i18n::t;

pub(super) fn legend() -> Markup {
    html! {
        section class="legend" aria-labelledby="legend" {
            h2 id="legend" { (t!("How to read it")) }
            dl {
                (entry(&t!("Bytes"), html! { (hi()) (you()) },
                    &t!("Letter and colour say whose they are: message A’s, message B’s.")))
                (entry(&t!("A length"), length(),
                    &t!("Hatched: the 4 bytes in front of a message, in hexadecimal.")))
                (entry(&t!("The kernel"), html! { i class="tray" style="grid-column:1/6" {} (hi()) (you()) },
                    &t!("The box is as wide as the bytes that wait in it.")))
                (entry(&t!("A recv"), recv(),
                    &t!("The bracket holds what one call took; dashed is what it left.")))
                (entry(&t!("A wrong one"), wrong(),
                    &t!("Red: taken for one message, but at each ✗ it crosses an edge or cuts a message.")))
                div {
                    dt { (t!("Time")) }
                    dd {
                        div class="sample time" aria-hidden="true" {
                            i class="call out" {}
                            i class="call out" {}
                        }
                        (t!("It runs down. Arrows are calls: send puts bytes into the kernel, recv takes them out."))
                    }
                }
            }
        }
    }
}

fn entry(name: &str, sample: Markup, words: &str) -> Markup {
    html! {
        div {
            dt { (name) }
            dd {
                div class="sample" aria-hidden="true" { (sample) }
                (words)
            }
        }
    }
}

/// Message A, of two bytes.
fn hi() -> Markup {
    html! {
        span class="run m0" style="grid-column:1/3" {
            b class="letter" { "A" }
            @for byte in ["h", "i"] { span class="byte" { (byte) } }
        }
    }
}

/// Message B, of three bytes.
fn you() -> Markup {
    html! {
        span class="run m1" style="grid-column:3/6" {
            b class="letter" { "B" }
            @for byte in ["y", "o", "u"] { span class="byte" { (byte) } }
        }
    }
}

fn length() -> Markup {
    html! {
        span class="run m0" style="grid-column:1/5" {
            b class="letter" { "A" }
            @for byte in ["02", "00", "00", "00"] { span class="byte header" { (byte) } }
        }
    }
}

fn recv() -> Markup {
    html! {
        (hi())
        i class="bracket" style="grid-column:1/3" {}
        span class="left" style="grid-column:3/6" { b { "3" } span { (t!("B")) } span class="roomy" { (t!("left")) } }
    }
}

fn wrong() -> Markup {
    html! {
        (hi())
        (you())
        i class="bracket wrong" style="grid-column:1/6" {}
        b class="cut" style="grid-column:3" { "✗" }
    }
}
