//! What a figure is made of: boxes, texts and arrows, each at its place. All lengths are in pixels.

use language::Language;
use maud::{Markup, PreEscaped, html};

use crate::text::Text;

/// The colours, by what they mean. A figure that is shown as an image takes the light or the dark ones as its
/// viewer prefers.
const STYLE: &str = "\
svg{--ink:#1f2328;--soft:#59636e;--line:#818b98;--ground:#fff;--edge:#d1d9e0;--box:#f6f8fa;\
--first:#0550ae;--first-box:#ddf4ff;--second:#953800;--second-box:#fff1e5;--third:#6639ba;--third-box:#fbefff;\
--good:#116329;--good-box:#dafbe1;--bad:#a40e26;--bad-box:#ffebe9}\
@media(prefers-color-scheme:dark){svg{--ink:#f0f6fc;--soft:#b1bac4;--line:#9198a1;--ground:#0d1117;--edge:#3d444d;\
--box:#1b222c;--first:#a5d6ff;--first-box:#10294a;--second:#ffc680;--second-box:#432407;--third:#dec3ff;\
--third-box:#34205a;--good:#7ee787;--good-box:#0f3a1c;--bad:#ffb1af;--bad-box:#541218}}\
text{fill:var(--ink);font-size:14px}\
.call{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'Noto Sans Mono CJK SC',monospace;font-size:13px}\
.soft{fill:var(--soft);font-size:13px}.head{font-weight:600}\
.first{fill:var(--first)}.second{fill:var(--second)}.third{fill:var(--third)}.good{fill:var(--good)}.bad{fill:var(--bad)}\
rect{fill:var(--box);stroke:var(--line);stroke-width:1}\
rect.first{fill:var(--first-box);stroke:var(--first)}rect.second{fill:var(--second-box);stroke:var(--second)}\
rect.third{fill:var(--third-box);stroke:var(--third)}rect.good{fill:var(--good-box);stroke:var(--good)}\
rect.bad{fill:var(--bad-box);stroke:var(--bad)}rect.frame{fill:none;stroke:var(--edge);stroke-width:1.5}\
path{fill:none!important;stroke:var(--ink);stroke-width:1.6}path.soft{stroke:var(--line)}path.bad{stroke:var(--bad)}\
path.first{stroke:var(--first)}path.second{stroke:var(--second)}path.third{stroke:var(--third)}path.good{stroke:var(--good)}\
path.dashed{stroke:var(--line);stroke-dasharray:4 4}";

/// What something stands for, which gives it its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Nothing in particular.
    Plain,
    /// In the background: a remark, an axis.
    Soft,
    /// The first of several that are told apart: messages, clients.
    First,
    /// The second of them.
    Second,
    /// The third of them.
    Third,
    /// What is right, or arrives.
    Good,
    /// What is wrong, or is lost.
    Bad,
    /// A box around others.
    Frame,
    /// The heading of a column.
    Head,
    /// A line that only leads the eye.
    Dashed,
}

impl Role {
    fn class(self) -> &'static str {
        match self {
            Role::Plain => "",
            Role::Soft => "soft",
            Role::First => "first",
            Role::Second => "second",
            Role::Third => "third",
            Role::Good => "good",
            Role::Bad => "bad",
            Role::Frame => "frame",
            Role::Head => "head",
            Role::Dashed => "dashed",
        }
    }
}

/// Where a text stands, seen from its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The text begins there.
    Start,
    /// Its middle is there.
    Middle,
    /// It ends there.
    End,
}

enum Part {
    Box { at: (i32, i32), size: (i32, i32), role: Role },
    Text { at: (i32, i32), text: Text, role: Role, anchor: Anchor, is_call: bool },
    Line { points: Vec<(i32, i32)>, role: Role, has_head: bool },
    Cross { at: (i32, i32) },
}

/// A figure under construction.
pub struct Canvas {
    size: (i32, i32),
    parts: Vec<Part>,
}

impl Canvas {
    /// An empty one of so many pixels.
    pub fn new(width: i32, height: i32) -> Canvas {
        Canvas { size: (width, height), parts: Vec::new() }
    }

    /// A box whose upper left corner is `at`.
    pub fn rect(&mut self, at: (i32, i32), size: (i32, i32), role: Role) -> &mut Canvas {
        self.parts.push(Part::Box { at, size, role });
        self
    }

    /// A box with a text in its middle.
    pub fn labelled(
        &mut self,
        at: (i32, i32),
        size: (i32, i32),
        role: Role,
        text: Text,
    ) -> &mut Canvas {
        let middle = (at.0 + size.0 / 2, at.1 + size.1 / 2 + 5);
        let colour = if role == Role::Frame { Role::Plain } else { role };
        self.rect(at, size, role).text(middle, Anchor::Middle, colour, text)
    }

    /// A text whose base line is at `at`.
    pub fn text(&mut self, at: (i32, i32), anchor: Anchor, role: Role, text: Text) -> &mut Canvas {
        self.parts.push(Part::Text { at, text, role, anchor, is_call: false });
        self
    }

    /// A call or bytes, in letters of equal width.
    pub fn call(&mut self, at: (i32, i32), anchor: Anchor, role: Role, text: Text) -> &mut Canvas {
        self.parts.push(Part::Text { at, text, role, anchor, is_call: true });
        self
    }

    /// A line through these points.
    pub fn line(&mut self, points: &[(i32, i32)], role: Role) -> &mut Canvas {
        self.parts.push(Part::Line { points: points.to_vec(), role, has_head: false });
        self
    }

    /// An arrow through these points.
    pub fn arrow(&mut self, points: &[(i32, i32)], role: Role) -> &mut Canvas {
        self.parts.push(Part::Line { points: points.to_vec(), role, has_head: true });
        self
    }

    /// The mark of what is lost there.
    pub fn cross(&mut self, at: (i32, i32)) -> &mut Canvas {
        self.parts.push(Part::Cross { at });
        self
    }

    /// The SVG file in this language.
    pub fn svg(&self, title: Text, language: Language) -> String {
        let (width, height) = self.size;
        let title = title.of(language);
        let svg = html! {
            svg xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {width} {height}")) width=(width)
                height=(height) role="img" lang=(language.name())
                font-family="system-ui,-apple-system,'Segoe UI','Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif" {
                title { (title) }
                style { (PreEscaped(STYLE)) }
                rect style="fill:var(--ground);stroke:var(--edge)" x="0.5" y="0.5" width=(width - 1)
                    height=(height - 1) rx="8" {}
                @for part in &self.parts { "\n" (part.draw(language)) }
            }
        };
        svg.into_string() + "\n"
    }
}

impl Part {
    fn draw(&self, language: Language) -> Markup {
        match self {
            Part::Box { at, size, role } => html! {
                rect x=(at.0) y=(at.1) width=(size.0) height=(size.1) rx="4" class=[class(*role)] {}
            },
            Part::Text { at, text, role, anchor, is_call } => {
                let anchor = match anchor {
                    Anchor::Start => None,
                    Anchor::Middle => Some("middle"),
                    Anchor::End => Some("end"),
                };
                let call = is_call.then_some("call");
                let classes = call.into_iter().chain(class(*role)).collect::<Vec<_>>().join(" ");
                let classes = (!classes.is_empty()).then_some(classes);
                html! {
                    text x=(at.0) y=(at.1) text-anchor=[anchor] class=[classes] { (text.of(language)) }
                }
            }
            Part::Line { points, role, has_head } => {
                let mut path = String::new();
                for (number, (x, y)) in points.iter().enumerate() {
                    path += &format!("{}{x} {y}", if number == 0 { 'M' } else { 'L' });
                }
                if let ([.., before, end], true) = (points.as_slice(), has_head) {
                    path += &head(*before, *end);
                }
                html! { path d=(path) class=[class(*role)] {} }
            }
            Part::Cross { at: (x, y) } => {
                let path = format!(
                    "M{} {}L{} {}M{} {}L{} {}",
                    x - 6,
                    y - 6,
                    x + 6,
                    y + 6,
                    x - 6,
                    y + 6,
                    x + 6,
                    y - 6
                );
                html! { path d=(path) class="bad" {} }
            }
        }
    }
}

fn class(role: Role) -> Option<&'static str> {
    Some(role.class()).filter(|class| !class.is_empty())
}

/// The two strokes at the end of an arrow.
fn head(before: (i32, i32), end: (i32, i32)) -> String {
    let (dx, dy) = (f64::from(end.0 - before.0), f64::from(end.1 - before.1));
    let angle = dy.atan2(dx);
    let stroke = |turn: f64| {
        let (x, y) = ((angle + turn).cos() * 9.0, (angle + turn).sin() * 9.0);
        format!("M{} {}L{:.1} {:.1}", end.0, end.1, f64::from(end.0) - x, f64::from(end.1) - y)
    };
    stroke(0.42) + &stroke(-0.42)
}
