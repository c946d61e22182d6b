//! Whether a crate's catalogue and its code know the same texts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};

use crate::template::Template;

/// The macros whose first argument is a text that needs its Chinese.
const MARKS: [&str; 6] = ["t", "text", "claim", "here", "why", "show"];
/// The characters that are written in full width behind a Chinese one.
const HALF_WIDTH: [char; 5] = [',', ';', ':', '?', '!'];

/// Asserts that each text of the crate in this folder has its Chinese in `locales/zh.toml`, with the same
/// placeholders, and that each Chinese there has its text. A text is what `t!` or `text!` begins with
/// somewhere under `src` or `examples`; `more` are those that are put together in another way.
///
/// # Panics
///
/// If one is missing, left over or different, with a list of all of them.
#[track_caller]
#[expect(clippy::panic, reason = "it is a test that calls this")]
pub fn assert_translated(folder: &str, more: impl IntoIterator<Item = String>) {
    let folder = Path::new(folder);
    let mut texts: BTreeSet<String> = more.into_iter().collect();
    for name in ["src", "examples"] {
        for file in rust_files(&folder.join(name)) {
            texts.extend(texts_in(&file));
        }
    }
    let catalogue = catalogue(&folder.join("locales/zh.toml"));
    let faults = faults(&texts, &catalogue);
    assert!(!texts.is_empty(), "{} holds no text", folder.display());
    if !faults.is_empty() {
        panic!("{}/locales/zh.toml:\n{faults}", folder.display());
    }
}

/// The texts of the errors that the crate in this folder defines with thiserror, `#[error("…")]`: for `more`.
///
/// # Panics
///
/// If a file of it is no Rust.
#[track_caller]
pub fn errors_in(folder: impl AsRef<Path>) -> Vec<String> {
    let files = rust_files(&folder.as_ref().join("src"));
    let mut texts = BTreeSet::new();
    for file in files {
        collect(tokens_of(&file), &mut texts, &is_error);
    }
    // One that is only its cause has no words of its own.
    texts.retain(|text| Template::of(text).has_words());
    texts.into_iter().collect()
}

/// What is wrong, a line each; a missing text as the catalogue would have it.
fn faults(texts: &BTreeSet<String>, catalogue: &BTreeMap<String, String>) -> String {
    let mut faults = String::new();
    for text in texts.iter().filter(|text| !catalogue.contains_key(*text)) {
        _ = writeln!(faults, "no Chinese for:\n{} = \"\"", toml::Value::from(text.as_str()));
    }
    for (text, chinese) in catalogue {
        let mut fault = |what: &str| _ = writeln!(faults, "{what}: {text:?} = {chinese:?}");
        if !texts.contains(text) {
            fault("no text for");
        }
        if placeholders(text) != placeholders(chinese) {
            fault("other placeholders");
        }
        if !chinese.chars().any(is_chinese) {
            fault("no Chinese in");
        }
        let mut pairs = chinese.chars().zip(chinese.chars().skip(1));
        if pairs.any(|(left, right)| is_chinese(left) && HALF_WIDTH.contains(&right)) {
            fault("half-width punctuation");
        }
    }
    faults
}

fn is_chinese(character: char) -> bool {
    matches!(character, '\u{4e00}'..='\u{9fff}')
}

/// What stands in `%{name}`, and in the `{name:?}` of a format string, as often as it stands there.
fn placeholders(text: &str) -> Vec<&str> {
    let mut names = Template::of(text).into_places();
    names.sort_unstable();
    names
}

#[track_caller]
#[expect(clippy::panic, reason = "it is a test that calls this")]
fn catalogue(path: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(path);
    let text = text.unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All Rust files in a folder and below; none if there is no such folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            files.push(path);
        }
    }
    files
}

fn texts_in(file: &Path) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    collect(tokens_of(file), &mut texts, &is_marked);
    texts.retain(|text| Template::of(text).has_words());
    texts
}

#[track_caller]
#[expect(clippy::panic, reason = "it is a test that calls this")]
fn tokens_of(file: &Path) -> TokenStream {
    let source = fs::read_to_string(file).unwrap_or_default();
    source.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Finds each literal that begins a group in brackets, if what stands before the group is what we look for,
/// inside of macros and attributes too.
fn collect(
    tokens: TokenStream,
    texts: &mut BTreeSet<String>,
    is_sought: &impl Fn([Option<&TokenTree>; 2]) -> bool,
) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        collect(group.stream(), texts, is_sought);
        let before = |n: usize| at.checked_sub(n).and_then(|at| tokens.get(at));
        if is_sought([before(2), before(1)])
            && let Some(TokenTree::Literal(literal)) = group.stream().into_iter().next()
            && let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string())
        {
            texts.insert(text.value());
        }
    }
}

/// `t!("…")` or `text!("…")`.
fn is_marked(before: [Option<&TokenTree>; 2]) -> bool {
    let [Some(TokenTree::Ident(name)), Some(TokenTree::Punct(mark))] = before else { return false };
    mark.as_char() == '!' && MARKS.iter().any(|mark| name == mark)
}

/// `error("…")`, as it stands in `#[error("…")]`.
fn is_error(before: [Option<&TokenTree>; 2]) -> bool {
    matches!(before, [None, Some(TokenTree::Ident(name))] if name == "error")
}
