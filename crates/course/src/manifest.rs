//! The road: the stages of the course, in order, with their starters and solutions. All of it is in the
//! program, so that an installed one needs no other file.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};
use judge::Side;
use language::Language;
use serde::Deserialize;

use crate::toolchain::Source;

/// The manifest, as it stands beside this crate.
const STAGES: &str = include_str!("../stages.toml");
/// The starters and the solutions.
static FILES: Dir = include_dir!("$CARGO_MANIFEST_DIR/stages");

/// All stages, and the programs that grow in them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// What there is to say of a program, where it is not as most are.
    #[serde(default, rename = "program")]
    programs: BTreeMap<String, Program>,
    /// The stages, in the order of the road.
    #[serde(rename = "stage")]
    pub stages: Vec<Stage>,
}

/// What a learner writes over several stages.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// What stands behind its command, in the judge's words: `{port}`, `{host}`, `{upstream}`, `{dir}`. If
    /// nothing is said, that is the port for a server, the host and the port for a client.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// The crates that its Rust package depends on, with their versions.
    #[serde(default)]
    pub crates: BTreeMap<String, String>,
}

/// One step of the road.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The lesson's number, and what the program learns: `01-answer-once`. Progress keeps it.
    pub id: String,
    /// Which program grows here: `lesson01-server`.
    pub program: String,
    /// What it is called.
    pub title: Spoken,
    /// What to do, and what the judge will try.
    pub text: Spoken,
    /// The section that explains it: a file of this project, perhaps with `#` and a heading.
    pub read: Spoken,
    /// Options of the judge: what is spoken.
    #[serde(default)]
    pub options: Vec<String>,
    /// The probes that this stage adds. Those of the program's earlier stages must hold too.
    #[serde(default)]
    pub probes: Vec<String>,
    /// The probes that must fail: the learner breaks something, to see it broken.
    #[serde(default)]
    pub must_fail: Vec<String>,
    /// A question; where to look; the idea.
    #[serde(rename = "hint")]
    pub hints: Vec<Spoken>,
}

/// A text in each language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spoken {
    en: String,
    zh: String,
}

/// A file of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What the learner begins with.
    Starter,
    /// What the stage asks for.
    Solution,
}

impl Manifest {
    /// The course's own.
    ///
    /// # Errors
    /// When it is no manifest, which the tests exclude.
    pub fn ours() -> Result<Manifest, toml::de::Error> {
        toml::from_str(STAGES)
    }

    /// The stage of this id.
    pub fn stage(&self, id: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id == id)
    }

    /// The program's arguments, in the judge's words.
    pub fn arguments(&self, program: &str) -> Vec<String> {
        let written = self.programs.get(program).map(|it| it.arguments.clone()).unwrap_or_default();
        let usual: &[&str] = match side(program) {
            _ if !written.is_empty() => return written,
            Side::Server => &["{port}"],
            Side::Client => &["{host}", "{port}"],
        };
        usual.iter().map(|&it| it.to_owned()).collect()
    }

    /// The crates that the program's Rust package depends on, with their versions.
    pub fn crates(&self, program: &str) -> BTreeMap<String, String> {
        self.programs.get(program).map(|it| it.crates.clone()).unwrap_or_default()
    }

    /// What must hold when `stage` is passed: its program's probes up to there, in the order in which they were
    /// added. Those of an earlier stage only if it `counts`, which one does not that was skipped.
    pub fn demands<'a>(
        &'a self,
        stage: &'a Stage,
        counts: impl Fn(&Stage) -> bool,
    ) -> Vec<&'a str> {
        let before = self.stages.iter().take_while(|it| it.id != stage.id);
        let of_program = before.filter(|it| it.program == stage.program && counts(it));
        of_program.chain([stage]).flat_map(|it| &it.probes).map(String::as_str).collect()
    }

    /// All programs, in the order of the road.
    pub fn programs(&self) -> Vec<&str> {
        let mut programs: Vec<&str> = Vec::new();
        for stage in &self.stages {
            if !programs.contains(&stage.program.as_str()) {
                programs.push(&stage.program);
            }
        }
        programs
    }

    /// The stages of a program, in order.
    pub fn stages_of<'a>(&'a self, program: &'a str) -> impl Iterator<Item = &'a Stage> {
        self.stages.iter().filter(move |stage| stage.program == program)
    }

    /// At which place of the road a stage is, from 1.
    pub fn place(&self, stage: &Stage) -> usize {
        self.stages.iter().take_while(|it| it.id != stage.id).count() + 1
    }

    /// The names of all programs that have something to say of themselves.
    pub fn described_programs(&self) -> impl Iterator<Item = &str> {
        self.programs.keys().map(String::as_str)
    }
}

impl Stage {
    /// The judge's name of the lesson: `lesson01`.
    pub fn lesson(&self) -> &str {
        self.program.split_once('-').map_or(&self.program, |(lesson, _)| lesson)
    }

    /// Which side of a connection the program is.
    pub fn side(&self) -> Side {
        side(&self.program)
    }

    /// The starter, or the solution; nothing if there is none in this language.
    pub fn file(&self, part: Part, source: Source) -> Option<&'static str> {
        let name = match part {
            Part::Starter => "starter",
            Part::Solution => "solution",
        };
        let path = format!("{}/{name}.{}", self.id, source.extension());
        FILES.get_file(path)?.contents_utf8()
    }
}

impl Spoken {
    /// The text in the language that is spoken.
    pub fn text(&self) -> &str {
        match language::spoken() {
            Language::English => self.en.trim(),
            Language::Chinese => self.zh.trim(),
        }
    }

    /// The text in each language.
    pub fn all(&self) -> [&str; 2] {
        [&self.en, &self.zh]
    }
}

/// The lock file for the learners' Rust programs.
pub fn lock_file() -> &'static str {
    FILES.get_file("Cargo.lock").and_then(|it| it.contents_utf8()).unwrap_or_default()
}

/// A client's name ends so; all others listen.
fn side(program: &str) -> Side {
    if program.ends_with("client") { Side::Client } else { Side::Server }
}
