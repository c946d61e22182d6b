//! Copies the texts of the project to where mdBook builds books of them, and rewrites their links.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::lab::Lab;
use crate::links::links;
use crate::order::{Edition, Language, summary_in};
use crate::{FOLDER, listing, place};

/// The folder, beside the two editions, of the book whose pages print source files.
const FILES: &str = "files";

/// The whole book: two editions, and what they point to.
#[derive(Debug)]
pub struct Book<'a> {
    root: &'a Path,
    editions: [Edition; 2],
    lab: Lab,
}

impl<'a> Book<'a> {
    /// Reads the tables of contents of the project at `root`.
    ///
    /// # Errors
    /// When one cannot be read, or lists what is not there, or what the other one does not list.
    pub fn read(root: &'a Path) -> Result<Book<'a>> {
        let [english, chinese] = Language::ALL.map(|language| Edition::read(root, language));
        let editions = [english?, chinese?];
        for (edition, other) in [(0, 1), (1, 0)].map(|(a, b)| (&editions[a], &editions[b])) {
            for page in &edition.pages {
                if other.page(&page.name).is_none() {
                    bail!(
                        "{} lists {}, and the other language has no such page",
                        summary_in(edition.language),
                        page.source
                    );
                }
            }
        }
        Ok(Book { root, editions, lab: Lab::read(root)? })
    }

    /// The edition of a language.
    #[must_use]
    pub fn edition(&self, language: Language) -> &Edition {
        let [english, chinese] = &self.editions;
        language.choose(english, chinese)
    }

    /// The plays of the lab that are named in the book.
    #[must_use]
    pub fn lab(&self) -> &Lab {
        &self.lab
    }

    /// Writes the sources of the three books below `out`: `en`, `zh` and `files`, each with its `book.toml`.
    ///
    /// # Errors
    /// When a text has a link that leads nowhere, or a file cannot be read or written.
    pub fn arrange(&self, out: &Path) -> Result<()> {
        let wanted = RefCell::new(BTreeSet::new());
        for edition in &self.editions {
            let language = edition.language;
            let book = out.join(language.folder());
            let title = language.choose("Socket lessons you can run", "跑得起来的 socket 课");
            self.write_settings(&book, title, language.tag())?;
            for page in &edition.pages {
                let mut text = listing::text_of(self.root, &page.source)?;
                self.lab.insert(&page.name, language, &mut text)?;
                let at = Writer {
                    book: self,
                    language,
                    source: &page.source,
                    out: &book,
                    wanted: &wanted,
                };
                write(&book.join("src").join(format!("{}.md", page.name)), &at.rewrite(&text)?)?;
            }
            let source = &summary_in(language);
            let at = Writer { book: self, language, source, out: &book, wanted: &wanted };
            write(&book.join("src/SUMMARY.md"), &at.rewrite(&edition.summary)?)?;
        }
        self.print_files(&out.join(FILES), wanted.into_inner())
    }

    /// The book of the files to which the chapters point.
    fn print_files(&self, book: &Path, mut wanted: BTreeSet<String>) -> Result<()> {
        self.write_settings(book, "Files of the project · 项目中的文件", "en")?;
        let mut printed = BTreeSet::new();
        // A folder's page points to its files, which are printed too.
        while let Some(place) = wanted.pop_first() {
            let page = listing::page(self.root, &place);
            let text = if place::file(self.root, &place).is_dir() {
                let mut text = format!("# {place}\n\n");
                for name in listing::texts_in(self.root, &place)? {
                    let inner = format!("{place}/{name}");
                    let link = place::relative(&page, &listing::page(self.root, &inner));
                    text += &format!("- [`{name}`]({link})\n");
                    if !printed.contains(&inner) {
                        wanted.insert(inner);
                    }
                }
                text
            } else {
                listing::print(&place, &listing::text_of(self.root, &place)?)
            };
            write(&book.join("src").join(&page), &text)?;
            printed.insert(place);
        }
        let mut summary = "# Summary\n\n[The files that the chapters name](index.md)\n".to_owned();
        // A folder's own files stand together, before those of the folders in it.
        let mut in_folders: Vec<(&str, &str)> =
            printed.iter().map(|place| place.rsplit_once('/').unwrap_or((".", place))).collect();
        in_folders.sort_unstable();
        let mut last = None;
        for (folder, name) in in_folders {
            if last != Some(folder) {
                summary += &format!("\n# {folder}\n\n");
                last = Some(folder);
            }
            let place = if folder == "." { name.to_owned() } else { format!("{folder}/{name}") };
            summary += &format!("- [{name}]({})\n", listing::page(self.root, &place));
        }
        write(&book.join("src/SUMMARY.md"), &summary)?;
        let index = format!("{FOLDER}/files.md");
        write(&book.join("src/index.md"), &listing::text_of(self.root, &index)?)
    }

    /// mdBook's settings: those of all three books, with a title and a language.
    fn write_settings(&self, book: &Path, title: &str, tag: &str) -> Result<()> {
        let name = format!("{FOLDER}/mdbook.toml");
        let mut settings: toml::Table = listing::text_of(self.root, &name)?
            .parse()
            .with_context(|| format!("cannot understand {name}"))?;
        let mut about = toml::Table::new();
        about.insert("title".to_owned(), title.into());
        about.insert("language".to_owned(), tag.into());
        settings.insert("book".to_owned(), about.into());
        write(&book.join("book.toml"), &settings.to_string())?;
        for name in ["book.css", "search.js"] {
            let text = listing::text_of(self.root, &format!("{FOLDER}/{name}"))?;
            write(&book.join(name), &text)?;
        }
        Ok(())
    }
}

/// One text on its way into the book.
struct Writer<'a> {
    book: &'a Book<'a>,
    language: Language,
    /// The place of the text in the project.
    source: &'a str,
    /// The folder of its edition.
    out: &'a Path,
    /// The files that are to be printed.
    wanted: &'a RefCell<BTreeSet<String>>,
}

impl Writer<'_> {
    /// The text, with links that lead to the same places within the book.
    fn rewrite(&self, text: &str) -> Result<String> {
        let mut rewritten = String::with_capacity(text.len());
        let mut done = 0;
        for link in links(text) {
            let destination = self
                .destination(&link.destination)
                .with_context(|| format!("{}: the link {}", self.source, link.destination))?;
            rewritten += &text[done..link.at.start];
            rewritten += &destination;
            done = link.at.end;
        }
        rewritten += &text[done..];
        Ok(rewritten)
    }

    /// Where a link of this text leads within the book.
    fn destination(&self, link: &str) -> Result<String> {
        if link.contains("://") || link.starts_with("mailto:") || link.starts_with('#') {
            return Ok(link.to_owned());
        }
        let Some((place, fragment)) = place::resolve(self.source, link) else {
            bail!("leads out of the project");
        };
        let mark = if fragment.is_empty() { "" } else { "#" };
        if let Some(page) = self.book.edition(self.language).page_of(&place) {
            return Ok(format!("{}.md{mark}{fragment}", page.name));
        }
        let other = self.language.other();
        if let Some(page) = self.book.edition(other).page_of(&place) {
            return Ok(format!("../{}/{}.html{mark}{fragment}", other.folder(), page.name));
        }
        let file = place::file(self.book.root, &place);
        if !file.exists() {
            bail!("leads to nothing");
        }
        if !fragment.is_empty() {
            bail!(
                "leads to a part of {place}, which is no page of the book: list it in the table of contents"
            );
        }
        if ["svg", "png", "jpg"].iter().any(|kind| place.ends_with(&format!(".{kind}"))) {
            // Pictures of one name lie in different folders.
            let name = format!("pictures/{}", place.replace('/', "-"));
            let copy = self.out.join("src").join(&name);
            create_folder_of(&copy)?;
            fs::copy(&file, &copy).with_context(|| format!("cannot copy {place}"))?;
            return Ok(name);
        }
        let page = listing::page(self.book.root, &place);
        self.wanted.borrow_mut().insert(place);
        let page = page.strip_suffix(".md").unwrap_or(&page);
        Ok(format!("../{FILES}/{page}.html"))
    }
}

fn create_folder_of(file: &Path) -> Result<()> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot create the folder {}", folder.display()))
}

fn write(file: &Path, text: &str) -> Result<()> {
    create_folder_of(file)?;
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}
