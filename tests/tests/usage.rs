//! Wrong usage ends every program with status 2, also where only the program itself can tell that it is
//! wrong: with one line on standard error, and before anything has been done.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use e2e::{Finished, Program, binary, has_opencv, manifest};

/// Runs a program to its end, in a folder that is to stay empty.
fn run(name: &str, args: &[&str]) -> Finished {
    let folder = tempfile::tempdir().unwrap();
    let mut command = binary(name);
    command.args(args).current_dir(&folder);
    let finished = Program::start(command).input("").finish();
    let made = folder.path().read_dir().unwrap().count();
    assert_eq!((made, &*finished.stdout), (0, ""), "{name} {args:?} has begun");
    finished
}

#[track_caller]
fn assert_wrong(name: &str, args: &[&str], why: &str) {
    let finished = run(name, args);
    assert_eq!(finished.status, Some(2), "{name} {args:?}");
    assert!(finished.stderr.contains(why), "no {why:?}: {name} {args:?}");
}

/// The programs of the lessons that can be built here, by the end of their names.
fn programs(end: &str) -> Vec<String> {
    let manifest = manifest::read();
    let lessons = manifest.built().filter(|lesson| !lesson.opencv || has_opencv());
    let names = lessons.flat_map(|lesson| lesson.packages.clone());
    names.filter(|name| name.ends_with(end)).collect()
}

#[test]
fn no_server_listens_for_other_machines_unless_that_is_asked_for() {
    for name in programs("-server") {
        assert_wrong(&name, &["--listen", "0.0.0.0:0"], "--expose");
    }
    assert_wrong("lesson06-server", &["--route", "0.0.0.0:0=8005"], "--expose");
}

#[test]
fn no_client_calls_port_0() {
    for name in programs("-client") {
        let task: &[&str] = if name == "lesson09-client" { &["send", "file"] } else { &[] };
        for address in ["0", "127.0.0.1:0"] {
            let args = [task, &["--connect", address]].concat();
            assert_wrong(&name, &args, "the server says where it listens");
        }
    }
    for args in [["--upstream", "0"], ["--route", "8006=0"]] {
        assert_wrong("lesson06-server", &args, "the server says where it listens");
    }
    assert_wrong("lesson06-client", &["--direct", "0"], "the server says where it listens");
}

#[test]
fn what_does_not_go_together_is_said_before_anything_is_done() {
    let commands = "go with --service command";
    let together: [(&str, &[&str], &str); 16] = [
        ("lesson01-server", &["--text", "x"], "--service reply or greet"),
        ("lesson02-server", &["--service", "messages", "--shell"], commands),
        ("lesson02-server", &["--service", "messages", "--allow", "ls"], commands),
        ("lesson03-server", &["--service", "messages", "--shell"], commands),
        ("lesson03-server", &["--shell", "--expose"], "would let anyone run anything"),
        ("lesson04-server", &["--text", "x"], "--service reply"),
        ("lesson05-server", &["--allow", "ls"], commands),
        ("lesson05-server", &["--workers", "3"], "--model pool"),
        ("lesson05-client", &["--send", ""], "an empty message sends no byte"),
        ("lesson05-client", &["--udp", "--service", "command"], "needs a connection"),
        ("lesson06-server", &["--udp", "--fault", "slice=1"], "without --udp"),
        ("lesson06-server", &["--upstream", "8006"], "where this proxy listens itself"),
        ("lesson08-client", &["get", "a", "b", "--as", "c"], "--as is the name of one"),
        ("lesson08-client", &["get", "a", "--as", "../b"], "--as \"../b\" is no name for a file"),
        ("lesson08-client", &["list", "--dialect", "tutorial"], "knows nothing of"),
        ("lesson08-client", &["get", "a", "--resume", "--dialect", "tutorial"], "no --resume"),
    ];
    for (name, args, why) in together {
        assert_wrong(name, args, why);
    }
}

#[test]
fn what_cannot_be_done_is_said_in_one_line_with_the_reason_and_what_to_do_next() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let folder = env!("CARGO_MANIFEST_DIR");
    let tried: [(&str, &[&str], &str); 4] = [
        ("lesson08-server", &["--root", file], "choose another folder with --root"),
        ("lesson09-server", &["--root", file], "choose another folder with --root"),
        ("lesson08-client", &["get", "a", "--into", file], "choose another folder with --into"),
        ("lesson09-client", &["send", folder], "name one file"),
    ];
    for (name, args, next) in tried {
        let finished = run(name, args);
        assert_eq!((finished.status, finished.stderr.lines().count()), (Some(1), 1), "{name}");
        assert!(finished.stderr.trim_end().ends_with(next), "{name} does not end with {next:?}");
    }
}
