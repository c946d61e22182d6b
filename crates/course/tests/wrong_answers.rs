//! Answers that learners really give, and are wrong: what the course says of each, and the hints in order, stands
//! in `golden/STAGE/NAME.txt`. `UPDATE_GOLDEN=1` writes these files anew.
//!
//! A wrong answer is the stage's solution with a few words replaced, so that it is wrong in one way only. Every
//! third is tried, all of them with `FULL_TESTS=1`, or when the files are written.
// What ended a program is said in other words elsewhere.
#![cfg(target_os = "linux")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that panics fails the test with what it could not do"
)]

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use course::difference::difference;
use course::manifest::{Manifest, Part, Stage};
use course::progress::{Progress, State};
use course::toolchain::{Choice, Source};

/// The judge mostly waits, so some programs may be tried at the same time.
const WORKERS: usize = 4;
/// How often an answer is tried until the course says of it what it should: on a busy machine a program may be
/// slower than the judge is patient.
const TRIES: usize = 3;

/// The exit status of `check` where the stage is not passed.
const NOT_PASSED: i32 = 1;

/// A stage, what is wrong, and the words of its solution that are replaced, with those in their place.
type Wrong = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const WRONG: &[Wrong] = &[
    ("01-answer-once", "sends-it-back-as-it-came", &[("request.upper()", "request")]),
    ("01-answer-once", "sends-text", &[(".encode()", "")]),
    (
        "01-answer-once",
        "waits-for-a-line",
        &[("connection.recv(1024)", "connection.makefile(\"rb\").readline()")],
    ),
    ("01-answer-again", "twice-is-not-always", &[("while True:", "for _ in range(2):")]),
    (
        "01-answer-again",
        "takes-a-client-for-each-request",
        &[
            ("connection, address = server.accept()\nwhile True:", "while True:"),
            ("    request =", "    connection, address = server.accept()\n    request ="),
        ],
    ),
    ("01-next-client", "ends-with-its-client", &[("            break", "            sys.exit()")]),
    (
        "01-next-client",
        "does-not-see-the-end",
        &[("        if not request:\n            break\n", "")],
    ),
    (
        "01-any-bytes",
        "leaves-out-what-is-no-text",
        &[("request.upper()", "request.decode(errors=\"ignore\").upper().encode()")],
    ),
    (
        "01-any-bytes",
        "takes-bytes-for-latin-1",
        &[("request.upper()", "request.decode(\"latin-1\").upper().encode(\"latin-1\")")],
    ),
    ("01-a-reset", "catches-another-error", &[("except OSError", "except BrokenPipeError")]),
    (
        "02-break-it-yourself",
        "sends-no-new-line",
        &[("return f\"{rest}\\n\".encode()", "return rest.encode()")],
    ),
    ("02-left-over", "receives-more-at-once", &[("recv(1024)", "recv(4096)")]),
    (
        "03-four-bytes-first",
        "big-endian",
        &[("\"<i\", data", "\">i\", data"), ("\"<i\", len", "\">i\", len")],
    ),
    ("03-four-bytes-first", "the-length-counts-itself", &[("len(message))", "len(message) + 4)")]),
    ("03-four-bytes-first", "the-length-alone", &[(" + message)", ")")]),
    (
        "03-until-all-are-there",
        "the-length-in-one-recv",
        &[("    data = b\"\"\n    while len(data) < 4:\n        data += ", "    data = ")],
    ),
    (
        "03-until-all-are-there",
        "the-body-in-one-recv",
        &[("    while len(data) < 4 + length:", "    if len(data) < 4 + length:")],
    ),
    ("03-two-at-once", "asks-for-too-much", &[("recv(size - len(data))", "recv(1024)")]),
    (
        "03-the-end-in-the-middle",
        "gives-out-half",
        &[("raise ConnectionError(\"the stream has ended\")", "break")],
    ),
    (
        "03-an-empty-one",
        "takes-empty-for-the-end",
        &[(
            "        send_message(",
            "        if not command:\n            break\n        send_message(",
        )],
    ),
    ("03-negative-and-2-gib", "only-negative", &[("not 0 <= length <= LIMIT", "length < 0")]),
    (
        "03-negative-and-2-gib",
        "refuses-and-dies-of-it",
        &[("except (OSError, ValueError)", "except OSError")],
    ),
    (
        "03-ask-with-a-length",
        "sends-no-length",
        &[("struct.pack(\"<i\", len(message)) + message", "message")],
    ),
    (
        "03-the-whole-answer",
        "one-recv",
        &[(
            "    data = b\"\"\n    while len(data) < size:\n        data += connection.recv(size - len(data))\n    return data\n",
            "    return connection.recv(size)\n",
        )],
    ),
    (
        "03-no-answer-comes",
        "waits-at-the-end",
        &[("raise ConnectionError(\"the stream has ended\")", "continue")],
    ),
    (
        "03-an-empty-answer",
        "takes-empty-for-the-end",
        &[(
            "    print(message",
            "    if not message:\n        sys.exit(\"the server has hung up\")\n    print(message",
        )],
    ),
    (
        "03-json-header",
        "the-header-in-one-recv",
        &[("receive_exactly(connection, length))", "connection.recv(1024))")],
    ),
    (
        "03-json-that-lies",
        "believes-any-size",
        &[
            (
                "header.get(\"total_size\") if isinstance(header, dict) else None",
                "header[\"total_size\"]",
            ),
            ("connection, checked(size)", "connection, size"),
        ],
    ),
    (
        "04-an-empty-one",
        "empty-is-not-answered",
        &[("    server.sendto", "    if question:\n        server.sendto")],
    ),
    ("04-a-long-one", "a-little-room", &[("recvfrom(65507)", "recvfrom(1000)")]),
    ("04-ask-again", "waits-for-ever", &[("client.settimeout(0.5)", "client.settimeout(None)")]),
    (
        "04-no-stranger",
        "believes-anybody",
        &[
            ("client.connect(server)\n", ""),
            ("client.send(question)", "client.sendto(question, server)"),
        ],
    ),
    (
        "05-two-at-once",
        "calls-what-it-should-hand-over",
        &[("target=serve, args=(connection,)", "target=serve(connection)")],
    ),
    ("05-a-limit-told", "gives-no-place-back", &[("    places.release()\n", "")]),
    (
        "06-upstream-down",
        "ends-with-the-upstream",
        &[("        client.close()\n        continue", "        sys.exit(1)")],
    ),
    (
        "07-a-frame",
        "counts-what-has-come",
        &[
            (
                "    while True:\n        header,",
                "    count = 0\n    while True:\n        count += 1\n        header,",
            ),
            ("\"received\": header[\"sequence\"]", "\"received\": count"),
        ],
    ),
    (
        "07-a-lying-header",
        "the-width-goes-first",
        &[("height, width = struct", "width, height = struct")],
    ),
    ("07-on-their-way", "a-thousand-on-their-way", &[("ON_THEIR_WAY = 2", "ON_THEIR_WAY = 1000")]),
    ("08-get", "takes-too-much", &[("recv(min(size, 65536))", "recv(65536)")]),
    (
        "08-get",
        "leaves-the-last-message",
        &[("    receive_header(connection)\n    print", "    print")],
    ),
    (
        "08-half-a-file",
        "renames-before-the-last-message",
        &[(
            "        receive_header(connection)\n        part.rename(path)\n",
            "        part.rename(path)\n        receive_header(connection)\n",
        )],
    ),
    (
        "08-verify",
        "hashes-text",
        &[("md5.update(piece)", "md5.update(piece.decode(errors=\"replace\").encode())")],
    ),
    (
        "08-verify",
        "shows-what-is-wrong-and-keeps-it",
        &[("            return\n        part", "        part")],
    ),
    (
        "08-put",
        "does-not-wait-for-the-ok",
        &[(
            "        header = receive_header(connection)\n        if header.get(\"status\") != \"ok\":\n            print(f\"the server refuses: {header}\")\n            return\n",
            "",
        )],
    ),
    (
        "08-all-or-nothing",
        "writes-under-the-name-at-once",
        &[
            (
                "receive_part(connection, part, size):\n            ",
                "receive_part(connection, path, size):\n            ",
            ),
            ("        part.replace(path)\n", ""),
        ],
    ),
    (
        "08-hostile-names",
        "looks-only-for-dots",
        &[
            ("path.is_relative_to(FOLDER)", "\"..\" not in name"),
            ("pathlib.Path(os.path.realpath(FOLDER / name))", "FOLDER / name"),
        ],
    ),
    (
        "08-resume-a-get",
        "resumes-without-checking",
        &[(
            "            if beginning.hexdigest() == have.get(\"md5\"):\n                start, md5 =",
            "            start, md5 =",
        )],
    ),
    ("08-resume-a-put", "opens-it-afresh", &[("\"a+b\"", "\"w+b\"")]),
    (
        "09-in-order",
        "acknowledges-the-one-that-came",
        &[("answer(packet, ACK, transfer.expected)", "answer(packet, ACK, packet.number)")],
    ),
    (
        "09-one-doubled",
        "never-acknowledges-again",
        &[(
            "            transfer.expected += 1\n        reply =",
            "            transfer.expected += 1\n        else:\n            continue\n        reply =",
        )],
    ),
    (
        "09-one-doubled",
        "takes-what-it-has",
        &[("packet.number == transfer.expected", "packet.number <= transfer.expected")],
    ),
    (
        "09-one-lost",
        "keeps-and-does-not-say",
        &[("transfer.expected, transfer.bitmap())", "transfer.expected)")],
    ),
    (
        "09-whole-or-none",
        "takes-the-end-before-all-is-there",
        &[(
            "    elif packet.kind == END and len(transfer.data) < transfer.size:\n        # It has overtaken some Data. The Ack says which.\n        reply = answer(packet, ACK, transfer.expected, transfer.bitmap())\n",
            "",
        )],
    ),
];

/// A wrong answer, in a folder of its own, in which the learner has come to its stage.
struct Answer<'a> {
    stage: &'a Stage,
    name: &'static str,
    program: String,
}

impl Answer<'_> {
    /// All that the learner sees, the hints after the last one; nothing if the answer is taken for a right one.
    fn transcript(&self, manifest: &Manifest, solution: &str) -> Option<String> {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("my-course");
        fs::create_dir_all(folder.join(&self.stage.program)).unwrap();
        let mut progress = Progress::new(Choice::Python, None);
        for before in manifest.stages.iter().take_while(|it| it.id != self.stage.id) {
            progress.at_mut(before).state = State::Passed;
        }
        progress.save(&folder).unwrap();
        fs::write(folder.join(&self.stage.program).join("main.py"), &self.program).unwrap();
        let mut shown =
            format!("from a solution to what was written:\n{}", wrong(solution, &self.program));
        let course = |word: &str| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_course"));
            command.arg(word).current_dir(place.path());
            command.env("SOCKET_LANG", "en").env("NO_COLOR", "1").env_remove("CARGO_PKG_NAME");
            let output = command.output().unwrap();
            let said = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it));
            // Stages that are added elsewhere change no golden file.
            let place =
                format!("stage {} of {}: ", manifest.place(self.stage), manifest.stages.len());
            (output.status.code(), said.concat().replace(&place, ""))
        };
        let (status, said) = course("check");
        let hints = stage_hints(&course, self.stage.hints.len());
        shown += &format!("\n$ course check\n{said}\n$ course hint\n{hints}");
        (status == Some(NOT_PASSED)).then_some(shown)
    }

    fn golden(&self) -> PathBuf {
        golden().join(&self.stage.id).join(format!("{}.txt", self.name))
    }

    /// How what the learner sees differs from the golden file; nothing if it does not.
    fn fault(&self, manifest: &Manifest) -> Option<String> {
        let solution = self.stage.file(Part::Solution, Source::Python).unwrap();
        let mut fault = None;
        for _ in 0..TRIES {
            let Some(came) = self.transcript(manifest, solution) else {
                return Some(format!("{} passes {}", self.name, self.stage.id));
            };
            let path = self.golden();
            if env::var_os("UPDATE_GOLDEN").is_some() {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, &came).unwrap();
            }
            let golden = fs::read_to_string(&path).unwrap_or_default();
            fault = difference(&steady(&golden), &steady(&came));
            if fault.is_none() {
                break;
            }
        }
        let fault = anstream::adapter::strip_str(&fault?).to_string();
        Some(format!("{}\n{fault}", self.golden().display()))
    }
}

/// What is said when so many hints were asked for.
fn stage_hints(course: &impl Fn(&str) -> (Option<i32>, String), count: usize) -> String {
    (0..count).map(|_| course("hint").1).last().unwrap_or_default()
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("golden")
}

fn wrong(solution: &str, program: &str) -> String {
    anstream::adapter::strip_str(&difference(solution, program).unwrap()).to_string()
}

/// What is said the same in every run: whether a program that runs on has said something of its errors before
/// the report was made is a race.
fn steady(text: &str) -> String {
    let mut is_racing = false;
    let lines = text.lines().filter(|line| {
        let is_head = line.trim_start() == "the program runs on; its standard error:";
        is_racing = is_head || is_racing && line.starts_with(&" ".repeat(14));
        !is_racing
    });
    lines.map(|line| format!("{line}\n")).collect()
}

fn answers(manifest: &Manifest) -> Vec<Answer<'_>> {
    let answer = |&(id, name, changes): &Wrong| {
        let stage = manifest.stage(id).unwrap_or_else(|| panic!("there is no stage {id}"));
        let solution = stage.file(Part::Solution, Source::Python).unwrap().to_owned();
        let program = changes.iter().fold(solution, |text, (from, to)| {
            assert!(text.contains(from), "the solution of {id} has no {from:?}");
            text.replace(from, to)
        });
        Answer { stage, name, program }
    };
    WRONG.iter().map(answer).collect()
}

#[test]
fn a_wrong_answer_is_told_what_is_wrong_and_hints_that_lead_on() {
    let manifest = Manifest::ours().unwrap();
    let answers = answers(&manifest);
    let is_full = env::var_os("FULL_TESTS").is_some() || env::var_os("UPDATE_GOLDEN").is_some();
    let tried = answers.iter().step_by(if is_full { 1 } else { 3 });
    let (left, faults) = (Mutex::new(tried), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                let next = || left.lock().unwrap().next();
                while let Some(answer) = next() {
                    let fault = answer.fault(&manifest);
                    faults.lock().unwrap().extend(fault);
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    let how = "write them anew with UPDATE_GOLDEN=1 if they should be so";
    assert!(faults.is_empty(), "{how}\n{}", faults.join("\n"));
}

#[test]
fn each_golden_file_is_of_a_wrong_answer() {
    let manifest = Manifest::ours().unwrap();
    let of_answers: BTreeSet<PathBuf> = answers(&manifest).iter().map(Answer::golden).collect();
    let folders = fs::read_dir(golden()).unwrap().map(|it| it.unwrap().path());
    let files = folders.flat_map(|it| fs::read_dir(it).unwrap()).map(|it| it.unwrap().path());
    assert_eq!(files.collect::<BTreeSet<_>>(), of_answers);
}
