//! The lessons speak the reader's language: no text without its Chinese, and it is what a Chinese reader gets.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use e2e::{Program, Server, binary, cargo, has_opencv, manifest};
use serde_json::Value;

fn chinese(command: &mut Command) -> String {
    let output = command.env("SOCKET_LANG", "zh").stderr(Stdio::inherit()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The experiments of all lessons that can be built here: the examples that are no server and no client.
fn experiments() -> Vec<PathBuf> {
    let mut command = cargo();
    command.args(["build", "--quiet", "--examples", "--message-format=json-render-diagnostics"]);
    let manifest = manifest::read();
    for lesson in manifest.built().filter(|lesson| !lesson.opencv || has_opencv()) {
        for package in lesson.packages.iter().filter(|package| package.ends_with("-server")) {
            command.args(["--package", package]);
        }
    }
    let output = command.stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "the experiments cannot be built: {command:?}");
    let executable = |line: &str| {
        let message: Value = serde_json::from_str(line).unwrap();
        let name = message["target"]["name"].as_str()?;
        let is_example = message["target"]["kind"][0] == "example";
        let is_experiment = is_example && !name.starts_with("bare-") && name != "tokio";
        message["executable"].as_str().filter(|_| is_experiment).map(PathBuf::from)
    };
    String::from_utf8(output.stdout).unwrap().lines().filter_map(executable).collect()
}

fn name(path: &Path) -> &str {
    path.file_stem().and_then(|name| name.to_str()).unwrap()
}

#[test]
fn every_experiment_says_in_chinese_what_it_claims_what_was_seen_and_why() {
    let experiments = experiments();
    assert!(experiments.len() > 20, "{experiments:?}");
    for experiment in experiments {
        let said = chinese(&mut Command::new(&experiment));
        // Two show what Python's struct and json make, and claim nothing else.
        let parts: &[&str] = match name(&experiment) {
            "struct_pack" => &["1222：4 字节", "在大端机器上是"],
            "json_header" => &["报头：223 字节", "用 64 位整数装不下它"],
            _ => &["结论：", "本机：", "原因："],
        };
        for part in parts {
            assert!(said.contains(part), "{}: no {part:?} in\n{said}", name(&experiment));
        }
    }
}

/// What a program says on both of its outputs to a Chinese reader, before it ends.
fn words(program: &str, arguments: &[&str]) -> String {
    let output = binary(program).args(arguments).env("SOCKET_LANG", "zh").output().unwrap();
    [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat()
}

#[test]
fn an_error_says_in_chinese_what_was_tried_and_what_to_do_next() {
    // Bound, and nobody listens: who calls is refused, and who would listen there cannot.
    let taken = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    taken.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let taken_at = taken.local_addr().unwrap().as_socket().unwrap().to_string();
    for (program, arguments, said) in [
        (
            "lesson01-client",
            vec!["--connect", &taken_at],
            ["连接被拒绝", "用 `cargo run -p lesson01-server` 启动它"],
        ),
        ("lesson01-server", vec!["--listen", &taken_at], ["地址已被占用", "已有别的程序在监听"]),
        (
            "lesson01-server",
            vec!["--listne", "0"],
            ["没有 --listne 这个选项", "用 --help 查看详细说明"],
        ),
        ("lesson01-client", vec!["--connect", "no.such.invalid:1"], ["找不到", "主机名写对了吗"]),
        (
            "lesson02-server",
            vec!["--shell", "--expose"],
            ["等于让任何人运行任何命令", "用法见 --help"],
        ),
        ("lesson02-server", vec!["--help"], ["把一次 recv 当成一条消息", "服务端通用选项："]),
    ] {
        let words = words(program, &arguments);
        for said in said {
            assert!(words.contains(said), "{program} {arguments:?}: no {said:?} in\n{words}");
        }
    }
}

#[test]
fn a_client_at_the_wrong_lesson_is_told_so_in_chinese() {
    let server = Server::lesson("lesson02-server", &[]);
    let mut client = binary("lesson03-client");
    client.args(["--connect", &server.address.to_string(), "--lang", "zh"]);
    let client = Program::start(client).input("echo 1234567890\n").finish();
    assert!(client.stderr.contains("对方没有发送长度：是不是 lesson02"), "{}", client.stderr);
}

#[test]
fn the_option_for_the_language_is_stronger_than_the_environment() {
    let output = binary("lesson01-client").args(["--lang", "zh", "--help"]).output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("用法："));
    assert!(words("lesson01-client", &["--lang=en", "--help"]).contains("Usage:"));
}
