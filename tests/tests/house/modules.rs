//! The files of a crate, and which file uses what another one defines: read with syn, from the source
//! alone.
//!
//! A file is a node. A path in a file (`use` or in the code) is an edge to the file that *defines* the item,
//! however often it is exported again on the way. `mod` and `pub use` are no edges, and neither is what
//! is compiled for tests only. A method that another file adds to a type is not seen.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree, Visibility};

/// A module by its place in the crate, such as `["event", "client"]`; the root has none.
type Place = Vec<String>;

/// A crate's modules.
pub(crate) struct Crate {
    modules: BTreeMap<Place, Module>,
}

/// What one module says about names.
struct Module {
    /// The file that it stands in: of a module in braces, its parent's.
    file: PathBuf,
    /// What is defined here, submodules included.
    defined: BTreeSet<String>,
    /// What `use` brings in: name → path, as written.
    imported: HashMap<String, Vec<String>>,
    /// The paths whose names `use …::*` brings in.
    globs: Vec<Vec<String>>,
    /// The paths that this module uses.
    used: BTreeSet<Vec<String>>,
}

impl Crate {
    /// Reads the crate whose root is this file.
    pub(crate) fn read(root: &Path) -> Crate {
        let mut crate_ = Crate { modules: BTreeMap::new() };
        let folder = root.parent().unwrap().to_owned();
        crate_.read_file(Vec::new(), root, &folder);
        crate_
    }

    /// The edges: file → file that it uses → by which paths.
    pub(crate) fn edges(&self) -> BTreeMap<&Path, BTreeMap<&Path, BTreeSet<String>>> {
        let mut edges: BTreeMap<&Path, BTreeMap<&Path, BTreeSet<String>>> = BTreeMap::new();
        for (place, module) in &self.modules {
            let targets = edges.entry(&module.file).or_default();
            for path in &module.used {
                if let Some(file) = self.defining_file(place, path, 0)
                    && file != module.file
                {
                    targets.entry(file).or_default().insert(path.join("::"));
                }
            }
        }
        edges
    }

    /// `folder` is where this module's own submodules lie.
    fn read_file(&mut self, place: Place, file: &Path, folder: &Path) {
        let text = fs::read_to_string(file).unwrap();
        let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        self.read_items(place, file, folder, parsed.items);
    }

    fn read_items(&mut self, place: Place, file: &Path, folder: &Path, items: Vec<Item>) {
        let mut module = Module {
            file: file.to_owned(),
            defined: BTreeSet::new(),
            imported: HashMap::new(),
            globs: Vec::new(),
            used: BTreeSet::new(),
        };
        for item in items.into_iter().filter(|item| !is_for_tests(attributes(item))) {
            module.defined.extend(defined_name(&item));
            match item {
                Item::Mod(inner) => {
                    let name = inner.ident.to_string();
                    let place: Place = place.iter().cloned().chain([name.clone()]).collect();
                    let below = folder.join(&name);
                    match inner.content {
                        Some((_, items)) => self.read_items(place, file, &below, items),
                        None => {
                            let beside = folder.join(format!("{name}.rs"));
                            let inside = below.join("mod.rs");
                            let file = if beside.exists() { beside } else { inside };
                            self.read_file(place, &file, &below);
                        }
                    }
                }
                Item::Use(import) => {
                    let is_private = matches!(import.vis, Visibility::Inherited);
                    flatten(&import.tree, &mut Vec::new(), &mut |name, path| {
                        if is_private {
                            module.used.insert(path.clone());
                        }
                        match name {
                            Some(name) => _ = module.imported.insert(name, path),
                            None => module.globs.push(path),
                        }
                    });
                }
                item => Paths(&mut module.used).visit_item(&item),
            }
        }
        self.modules.insert(place, module);
    }

    /// The file that defines what `path` means in the module at `place`; `None` for what another crate
    /// defines, a local variable, or a part of an item such as an associated function.
    fn defining_file(&self, place: &[String], path: &[String], depth: usize) -> Option<&Path> {
        let (first, rest) = path.split_first()?;
        let module = self.modules.get(place)?;
        if depth > 32 {
            return None;
        }
        match first.as_str() {
            "crate" => return self.within(&[], rest, depth),
            "self" => return self.within(place, rest, depth),
            "super" => return self.within(place.split_last()?.1, rest, depth),
            _ => {}
        }
        if module.defined.contains(first) {
            return self.within(place, path, depth);
        }
        if let Some(import) = module.imported.get(first) {
            // `use x::x` brings in a name that begins with itself: it is another crate's.
            if import.first() == Some(first) && !module.defined.contains(first) {
                return None;
            }
            let whole: Vec<String> = import.iter().chain(rest).cloned().collect();
            return self.defining_file(place, &whole, depth + 1);
        }
        module.globs.iter().find_map(|glob| {
            let whole: Vec<String> = glob.iter().chain(path).cloned().collect();
            self.defining_file(place, &whole, depth + 1)
        })
    }

    /// The same for a path that begins in the module at `place`.
    fn within(&self, place: &[String], path: &[String], depth: usize) -> Option<&Path> {
        let module = self.modules.get(place)?;
        let Some((first, rest)) = path.split_first() else { return Some(&module.file) };
        let inner: Place = place.iter().chain([first]).cloned().collect();
        if self.modules.contains_key(&inner) {
            return match rest {
                [] => self.modules.get(&inner).map(|module| module.file.as_path()),
                rest => self.within(&inner, rest, depth),
            };
        }
        match module.defined.contains(first) {
            true => Some(&module.file),
            false => self.defining_file(place, path, depth + 1),
        }
    }
}

/// Whether `#[cfg(test)]`, or `cfg(all(test, …))`, stands before an item.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let mut is_test = false;
        if attribute.path().is_ident("cfg")
            && let syn::Meta::List(list) = &attribute.meta
        {
            let mut words = list.tokens.clone().into_iter();
            is_test = match words.next() {
                Some(TokenTree::Ident(word)) if word == "test" => true,
                Some(TokenTree::Ident(word)) if word == "all" => {
                    words.next().is_some_and(|inner| match inner {
                        TokenTree::Group(inner) => inner
                            .stream()
                            .into_iter()
                            .any(|t| matches!(t, TokenTree::Ident(word) if word == "test")),
                        _ => false,
                    })
                }
                _ => false,
            };
        }
        is_test
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn defined_name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Mod(item) => &item.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

/// Calls `found` with each name that a `use` brings in (none for `*`), and with its whole path.
fn flatten(
    tree: &UseTree,
    before: &mut Vec<String>,
    found: &mut impl FnMut(Option<String>, Vec<String>),
) {
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            flatten(&path.tree, before, found);
            before.pop();
        }
        UseTree::Name(name) if name.ident == "self" => {
            found(before.last().cloned(), before.clone())
        }
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            found(Some(name.clone()), [before.as_slice(), &[name]].concat());
        }
        UseTree::Rename(rename) => {
            let mut path = before.clone();
            if rename.ident != "self" {
                path.push(rename.ident.to_string());
            }
            found(Some(rename.rename.to_string()), path);
        }
        UseTree::Glob(_) => found(None, before.clone()),
        UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, before, found);
            }
        }
    }
}

/// Collects the paths in an item's code.
struct Paths<'a>(&'a mut BTreeSet<Vec<String>>);

impl Paths<'_> {
    /// The paths in what syn does not parse: the arguments of a macro or of an attribute.
    fn visit_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(word) if path.is_empty() || colons == 2 => {
                    path.push(word.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                other => {
                    self.add(std::mem::take(&mut path));
                    colons = 0;
                    match other {
                        TokenTree::Group(group) => self.visit_tokens(group.stream()),
                        TokenTree::Ident(word) => path.push(word.to_string()),
                        _ => {}
                    }
                }
            }
        }
        self.add(path);
    }

    /// A single word that begins in lower case is mostly a variable.
    fn add(&mut self, path: Vec<String>) {
        let is_variable = |word: &String| word.starts_with(|c: char| c.is_lowercase() || c == '_');
        if path.len() > 1 || path.first().is_some_and(|word| !is_variable(word)) {
            self.0.insert(path);
        }
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.add(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        // A word that is called is a function, and seldom a closure of the same name.
        if let syn::Expr::Path(function) = &*call.func {
            let words = function.path.segments.iter().map(|segment| segment.ident.to_string());
            self.0.insert(words.collect());
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.visit_tokens(call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.visit_tokens(list.tokens.clone());
        }
    }

    fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {
        // A module has been read by itself.
    }
}
