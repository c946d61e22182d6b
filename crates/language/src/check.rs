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

/// The texts of the errors that the crate in this folder makes, for `more`: in `#[error("…")]` of thiserror, in
/// `context("…")`, `with_context(|| format!("…"))`, `bail!("…")` and `anyhow!("…")` of anyhow, and in `Usage("…")`.
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
        for context in groups_behind("with_context", tokens_of(&file)) {
            collect(context, &mut texts, &is_format);
        }
    }
    // One that is only its cause has no words of its own.
    texts.retain(|text| Template::of(text).has_words());
    texts.into_iter().collect()
}

/// The texts of the help that the crate in this folder has by clap's derive, for `more`: what a program is for,
/// and what its options, their values and its subcommands are, as clap makes it of the comments on them.
///
/// # Panics
///
/// If a file of it is no Rust.
#[track_caller]
pub fn help_in(folder: impl AsRef<Path>) -> Vec<String> {
    let mut texts = BTreeSet::new();
    for file in rust_files(&folder.as_ref().join("src")) {
        for item in file_of(&file).items {
            match item {
                syn::Item::Struct(item) if derives(&item.attrs, "Parser") => {
                    texts.extend(help(&item.attrs));
                    texts.extend(item.fields.iter().filter_map(|field| help(&field.attrs)));
                }
                syn::Item::Struct(item) if derives(&item.attrs, "Args") => {
                    texts.extend(item.fields.iter().filter_map(|field| help(&field.attrs)));
                }
                syn::Item::Enum(item)
                    if derives(&item.attrs, "Subcommand") || derives(&item.attrs, "ValueEnum") =>
                {
                    for variant in &item.variants {
                        texts.extend(help(&variant.attrs));
                        texts.extend(variant.fields.iter().filter_map(|field| help(&field.attrs)));
                    }
                }
                _ => {}
            }
        }
    }
    texts.into_iter().collect()
}

fn derives(attributes: &[syn::Attribute], name: &str) -> bool {
    attributes.iter().filter(|it| it.path().is_ident("derive")).any(|it| {
        matches!(&it.meta, syn::Meta::List(list) if words(&list.tokens).any(|word| word == name))
    })
}

/// The comment above something, as clap makes it a help; nothing if it has another, or none.
fn help(attributes: &[syn::Attribute]) -> Option<String> {
    let mut lines = Vec::new();
    let mut is_verbatim = false;
    for attribute in attributes {
        match &attribute.meta {
            syn::Meta::NameValue(syn::MetaNameValue {
                path,
                value: syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(line), .. }),
                ..
            }) if path.is_ident("doc") => {
                let line = line.value();
                lines.push(line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned());
            }
            syn::Meta::List(list) => {
                let elsewhere = ["help", "flatten", "subcommand"];
                if words(&list.tokens).any(|word| elsewhere.iter().any(|it| word == it)) {
                    return None;
                }
                is_verbatim |= words(&list.tokens).any(|word| word == "verbatim_doc_comment");
            }
            _ => {}
        }
    }
    if is_verbatim {
        return Some(lines.join("\n"));
    }
    let paragraphs = lines.split(String::is_empty).map(|lines| lines.join(" "));
    let paragraphs: Vec<_> = paragraphs.filter(|it| !it.is_empty()).collect();
    match paragraphs.as_slice() {
        [] => None,
        [one] => Some(one.strip_suffix('.').unwrap_or(one).to_owned()),
        several => Some(several.join("\n\n")),
    }
}

/// The identifiers of an attribute.
fn words(tokens: &TokenStream) -> impl Iterator<Item = proc_macro2::Ident> {
    tokens.clone().into_iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word),
        _ => None,
    })
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
        if placeholders(text, text) != placeholders(chinese, text) {
            fault("other placeholders");
        }
        if !chinese.chars().any(|it| is_chinese(it) || is_full_width(it)) {
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

/// Punctuation of Chinese: all that `（%{reason}）` has of it.
fn is_full_width(character: char) -> bool {
    matches!(character, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}')
}

/// What stands in `%{name}`, and in the `{name:?}` of a format string, as often as it stands there.
/// `{1}` is the second of `original`, where that has no such name.
fn placeholders<'a>(text: &'a str, original: &'a str) -> Vec<&'a str> {
    let originals = Template::of(original).into_places();
    let name = |name: &'a str| match name.parse::<usize>() {
        Ok(at) if !originals.contains(&name) => originals.get(at).copied().unwrap_or(name),
        _ => name,
    };
    let mut names: Vec<_> = Template::of(text).into_places().into_iter().map(name).collect();
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
    // One without words puts values side by side, and needs Chinese only for the punctuation between them.
    let needs_chinese = |text: &str| {
        let has_punctuation = text.contains(HALF_WIDTH) || text.contains('(');
        Template::of(text).has_words() || text.contains("%{") && has_punctuation
    };
    texts.retain(|text| needs_chinese(text));
    texts
}

#[track_caller]
#[expect(clippy::panic, reason = "it is a test that calls this")]
fn tokens_of(file: &Path) -> TokenStream {
    let source = fs::read_to_string(file).unwrap_or_default();
    source.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[track_caller]
#[expect(clippy::panic, reason = "it is a test that calls this")]
fn file_of(file: &Path) -> syn::File {
    let tokens = tokens_of(file);
    syn::parse2(tokens).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
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

/// What stands in the brackets behind this name, wherever that is.
fn groups_behind(name: &str, tokens: TokenStream) -> Vec<TokenStream> {
    let mut groups = Vec::new();
    let mut is_behind = false;
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            if is_behind {
                groups.push(group.stream());
            }
            groups.extend(groups_behind(name, group.stream()));
        }
        is_behind = matches!(&token, TokenTree::Ident(word) if word == name);
    }
    groups
}

/// `t!("…")` or `text!("…")`.
fn is_marked(before: [Option<&TokenTree>; 2]) -> bool {
    let [Some(TokenTree::Ident(name)), Some(TokenTree::Punct(mark))] = before else { return false };
    mark.as_char() == '!' && MARKS.iter().any(|mark| name == mark)
}

/// `#[error("…")]`, and what else makes an error of a text.
fn is_error(before: [Option<&TokenTree>; 2]) -> bool {
    match before {
        [Some(TokenTree::Ident(name)), Some(TokenTree::Punct(mark))] if mark.as_char() == '!' => {
            name == "bail" || name == "anyhow"
        }
        [_, Some(TokenTree::Ident(name))] => {
            name == "error" || name == "context" || name == "Usage"
        }
        _ => false,
    }
}

/// `format!("…")`.
fn is_format(before: [Option<&TokenTree>; 2]) -> bool {
    matches!(before, [Some(TokenTree::Ident(name)), Some(TokenTree::Punct(mark))]
        if mark.as_char() == '!' && name == "format")
}
