//! A request to run something: only what is allowed gets through, and what got through is read as the same
//! words when it is written for a shell.

use command::{DEFAULT_ALLOWED, Runner};

pub(crate) fn run(bytes: &[u8]) {
    let runner = Runner::allowing(DEFAULT_ALLOWED.iter().copied());
    let Ok((program, arguments)) = runner.parse(bytes) else { return };
    assert!(DEFAULT_ALLOWED.contains(&program.as_str()), "{program:?} is not allowed");
    let words = std::iter::once(program.as_str()).chain(arguments.iter().map(String::as_str));
    let written = shlex::try_join(words).expect("a word has a NUL");
    let again = runner.parse(written.as_bytes()).expect("what is allowed is allowed again");
    assert_eq!(again, (program, arguments), "{written}");
}
