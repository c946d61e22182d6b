//! The same server on tokio, as `examples/tokio.rs` of the lesson has it.

use e2e::{Program, binary, cargo};

#[test]
fn the_server_on_tokio_holds_what_the_judge_asks_on_one_thread_and_on_several() {
    let built = cargo()
        .args(["build", "--quiet", "--package", "lesson05-server", "--example", "tokio"])
        .status()
        .unwrap();
    assert!(built.success());
    let folder = binary("lesson05-server").get_program().to_owned();
    let server = std::path::Path::new(&folder).with_file_name("examples").join("tokio");
    for runtime in ["multi-thread", "current-thread"] {
        let words = format!("{} 127.0.0.1:{{port}} {runtime}", server.display());
        let mut judge = binary("judge");
        judge.args(["lesson05", "--server", &words]);
        let judged = Program::start(judge).finish_within(JUDGE_TIMEOUT);
        assert_eq!(judged.status, Some(0), "{runtime}\n{}{}", judged.stdout, judged.stderr);
    }
}

/// The judge tries some thirty things, one after the other.
const JUDGE_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(120);
