//! Runs the probes of a lesson, one after the other.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use language::text;
use rust_i18n::t;

use crate::Error;
use crate::client::Client;
use crate::discover;
use crate::failure::{Failure, FailureKind};
use crate::port::{Transport, may_listen};
use crate::probe::{Lesson, Probe, Run, Side};
use crate::program::Aftermath;
use crate::record::Record;
use crate::report::{Failed, Finding, LessonReport, Stopped, VERSION, Verdict};
use crate::server::Server;
use crate::setting::Setting;

/// The time limit of one probe, in patiences: a slow program may use up one, not all of them.
const LIMIT: u32 = 5;

/// Who is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A server that runs at this address.
    Running(SocketAddr),
    /// A server that this command starts: its words, one of them with `{port}` in it.
    Server(Vec<String>),
    /// A client that this command starts: its words, with `{host}` and `{port}` in them.
    Client(Vec<String>),
}

/// What a probe has come to: its verdict, and the program under test.
type Tried = Result<(), (Aftermath, Failure)>;

impl Target {
    /// Which side it is.
    pub fn side(&self) -> Side {
        match self {
            Target::Running(_) | Target::Server(_) => Side::Server,
            Target::Client(_) => Side::Client,
        }
    }
}

/// The probes of a lesson for this side and setting; of these only those with an id or a topic in `only`,
/// unless that is empty.
pub fn chosen<'a>(
    lesson: &'a Lesson,
    side: Side,
    setting: &Setting,
    only: &[String],
) -> Vec<&'a Probe> {
    let wanted = |probe: &&Probe| only.is_empty() || only.iter().any(|name| probe.is_named(name));
    let fits = |probe: &&Probe| probe.side() == side && probe.applies(setting);
    lesson.probes.iter().filter(fits).filter(wanted).collect()
}

/// Runs `probes` against `target`, and shows `watch` each finding as soon as it is there.
///
/// If the lesson's first requirement does not hold, the others mean nothing, and are not tried. Nor
/// are they when a server that the judge cannot start again is gone.
///
/// # Errors
/// When the target cannot be tried at all. A target that is gone later fails its probe.
pub fn run(
    lesson: &Lesson,
    probes: &[&Probe],
    target: &Target,
    setting: &Setting,
    mut watch: impl FnMut(&Finding),
) -> Result<LessonReport, Error> {
    let basis = chosen(lesson, target.side(), setting, &[]).first().map(|probe| probe.id);
    let mut findings: Vec<Finding> = Vec::new();
    let (mut stopped, mut speaks) = (None, None);
    for probe in probes {
        if stopped.is_some() {
            findings.push(not_tried(probe));
            continue;
        }
        let finding = try_one(lesson, probe, target, setting, findings.is_empty())?;
        watch(&finding);
        if basis == Some(finding.id) && lesson.transport == Transport::Tcp {
            speaks = spoken_instead(lesson, target, setting, &finding);
        }
        stopped = why_stop(target, basis, &finding).filter(|_| probes.len() > findings.len() + 1);
        findings.push(finding);
    }
    let (side, setting) = (target.side(), setting.clone());
    let (version, lesson) = (VERSION, lesson.number);
    Ok(LessonReport { version, lesson, side, setting, probes: findings, speaks, stopped })
}

/// What the program speaks, if it could be reached and does not speak what it should.
fn spoken_instead(
    lesson: &Lesson,
    target: &Target,
    setting: &Setting,
    basis: &Finding,
) -> Option<String> {
    let failed = basis.failed.as_ref()?;
    let is_reached = basis.steps.iter().any(|step| step.connection.is_some());
    if !is_reached || matches!(failed.kind, FailureKind::Refused | FailureKind::NotStarted) {
        return None;
    }
    let is_any = lesson.is_any();
    match target {
        Target::Running(address) => discover::running(*address, setting, is_any),
        Target::Server(words) => discover::started(words, setting, is_any),
        Target::Client(words) => discover::client(words, setting, is_any),
    }
}

/// Why nothing more is tried after this finding, if so.
fn why_stop(target: &Target, basis: Option<&str>, last: &Finding) -> Option<Stopped> {
    let failed = last.failed.as_ref()?;
    // A server that runs is not started again: once it refuses, there is nobody left to try.
    let is_gone = matches!(target, Target::Running(_)) && failed.kind == FailureKind::Refused;
    if is_gone || failed.kind == FailureKind::NotStarted {
        return Some(Stopped::Gone);
    }
    (basis == Some(last.id)).then_some(Stopped::Basis)
}

fn try_one(
    lesson: &Lesson,
    probe: &Probe,
    target: &Target,
    setting: &Setting,
    is_first: bool,
) -> Result<Finding, Error> {
    let begun = Instant::now();
    let record = Record::new(setting.patience, setting.patience * LIMIT);
    // The same seed cuts the same probe at the same places, whatever other probes are run.
    let number =
        probe.id.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let random =
        fastrand::Rng::with_seed(setting.seed.wrapping_mul(0x9e37_79b9).wrapping_add(number));
    let tried = match (probe.run, target) {
        (Run::Client(run), Target::Client(words)) => {
            let client = Client::new(words, setting, record.clone(), random);
            run(&client).map_err(|failure| (client.aftermath(&failure), failure))
        }
        (Run::Server(run), Target::Running(_) | Target::Server(_)) => {
            match open(lesson, target, setting, &record, random, is_first)? {
                Ok(server) => run(&server).map_err(|failure| (server.aftermath(&failure), failure)),
                Err(failure) => Err((Aftermath::default(), failure)),
            }
        }
        // The other side's probes are not among those that `chosen` gives.
        _ => return Ok(not_tried(probe)),
    };
    match tried {
        Err((_, failure)) if is_first && failure.kind == FailureKind::NotStarted => {
            Err(Error::Absent { why: failure.actual })
        }
        tried => Ok(finding(probe, &record, tried, begun.elapsed())),
    }
}

/// The server, ready; or why this probe fails already, or why all of them do.
fn open(
    lesson: &Lesson,
    target: &Target,
    setting: &Setting,
    record: &Record,
    random: fastrand::Rng,
    is_first: bool,
) -> Result<Result<Server, Failure>, Error> {
    let words = match target {
        Target::Server(words) | Target::Client(words) => words,
        &Target::Running(address) => {
            // Another machine's is not looked at: that would be a connection, which a server that
            // serves one client could not spare.
            let transport = lesson.transport;
            if is_first && transport == Transport::Tcp && !may_listen(transport, address) {
                return Err(Error::Unreachable { address });
            }
            return Ok(Ok(Server::running(address, setting, record.clone(), random)));
        }
    };
    match Server::start(words, lesson.transport, setting, record.clone(), random) {
        Ok(server) => Ok(Ok(server)),
        Err(error) if is_first => Err(error),
        Err(error) => Ok(Err(Failure::new(
            FailureKind::NotStarted,
            text!("that the server starts"),
            error.to_string(),
        ))),
    }
}

fn not_tried(probe: &Probe) -> Finding {
    Finding {
        id: probe.id,
        requirement: probe.requirement,
        verdict: Verdict::NotTried,
        steps: Vec::new(),
        failed: None,
        took_ms: 0,
    }
}

fn finding(probe: &Probe, record: &Record, tried: Tried, took: Duration) -> Finding {
    let verdict = if tried.is_ok() { Verdict::Held } else { Verdict::Failed };
    let failed = tried.err().map(|(aftermath, failure)| Failed {
        kind: failure.kind,
        hint: spoken(failure.hint.as_deref().unwrap_or(general_hint(failure.kind, &aftermath))),
        expected: spoken(&failure.expected),
        actual: record.without_ports(&spoken(&failure.actual)),
        ended: aftermath.ended,
        last_words: aftermath.words.iter().map(|word| record.without_ports(word)).collect(),
    });
    let took_ms = took.as_millis();
    let steps = record.steps();
    Finding { id: probe.id, requirement: probe.requirement, verdict, steps, failed, took_ms }
}

/// A text of the probes in the language that is spoken. What has placeholders has been told in it already.
fn spoken(text: &str) -> String {
    t!(text).into_owned()
}

/// What can be said when the probe itself knows no better.
fn general_hint(kind: FailureKind, aftermath: &Aftermath) -> &'static str {
    let Aftermath { ended, words } = aftermath;
    match kind {
        FailureKind::Timeout => {
            text!(
                "The program waits for something that does not come: more bytes, or an end. Or it \
                 has lost what came."
            )
        }
        FailureKind::Closed | FailureKind::Refused if !words.is_empty() => match ended {
            Some(_) => text!("The program has ended. Its last words, above, should say why."),
            None => text!("What stands on the program's standard error, above, may say why."),
        },
        FailureKind::Closed => {
            text!(
                "The program has closed the connection where it should have gone on, and has said \
                 nothing of an error: look for a return, a break or a close that leads there."
            )
        }
        FailureKind::Refused => {
            text!("The server does not listen any more, and has said nothing of an error.")
        }
        FailureKind::Mismatch => {
            text!(
                "Something else came than what the protocol has here: compare the two from their \
                 first byte on."
            )
        }
        FailureKind::Excess => text!("The program says more than the protocol has a place for."),
        FailureKind::NotStarted => {
            text!("It has started before. Does it use the port that it is given, and no other?")
        }
    }
}
