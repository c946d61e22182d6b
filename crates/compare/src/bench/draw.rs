//! A play at the bench as text: its sides one below the other, an event a line.

use std::fmt::Write;

use trace::{Action, text};

use super::played::{Played, PlayedSide};
use super::settings::Which;

/// The play, event by event, as wide as its longest line.
pub fn draw(played: &Played) -> String {
    let mut picture = String::new();
    for side in &played.sides {
        draw_side(&mut picture, side);
    }
    _ = writeln!(picture, "again    {}", played.command);
    picture
}

fn draw_side(picture: &mut String, side: &PlayedSide) {
    let badge = match side.which {
        Which::Broken => "BROKEN",
        Which::Fixed => "FIXED",
    };
    _ = writeln!(picture, "{badge}  {}", side.code);
    for event in &side.events {
        _ = match &event.action {
            Action::Look { held, unread: Some(unread), .. } => {
                writeln!(picture, "kernel   {unread} B  {}", text::quote(held))
            }
            Action::Look { held, unread: None, .. } => {
                writeln!(picture, "kernel   {} B  {}", held.len(), text::quote(held))
            }
            action => writeln!(picture, "{:<9}{action}", event.lane),
        };
    }
    if let Some(error) = &side.error {
        _ = writeln!(picture, "{:<9}gives up: {}", side.reader, text::escape_controls(error));
    }
    let verdict = if side.right { "RIGHT" } else { "WRONG" };
    let got: Vec<String> = side.got.iter().map(|message| text::quote(message)).collect();
    _ = writeln!(picture, "got      {}: {}  {verdict}\n", got.len(), got.join(", "));
}
