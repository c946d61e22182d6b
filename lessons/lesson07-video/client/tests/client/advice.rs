//! What a person reads when a film has ended before its time.

use std::io::{self, ErrorKind};
use std::time::Duration;

use console::{WRONG_PEER_HINT, explain};
use endpoint::Expired;
use lesson07_client::Error;
use lesson07_client::pace::OutOfTurn;

use crate::failure::Failure;

#[test]
fn each_failure_says_what_to_look_at_next() {
    let refused =
        "did it refuse a frame (its terminal says why), or does it speak another --dialect?";
    let silent = "the server takes no frame: nothing came for 5s (--timeout); it shows one film at a \
                  time, and may be showing another's";
    let out_of_turn = OutOfTurn { received: 7, expected: Some(5) };
    let cases: [(Error, String); 6] = [
        (Error::Ended, format!("the server ended the connection; was it stopped, {refused}")),
        (
            io::Error::from(ErrorKind::ConnectionReset).into(),
            format!("the connection broke: connection reset; was the server stopped, {refused}"),
        ),
        (io::Error::from(Expired::Answer(Duration::from_secs(5))).into(), silent.to_owned()),
        (
            Error::MoreFollows { more: 1 },
            format!("the server announces 1 bytes where nothing may follow; {WRONG_PEER_HINT}"),
        ),
        (
            out_of_turn.into(),
            "the server says that frame 7 has arrived, but it is the turn of frame 5; is it lesson \
             07's server?"
                .to_owned(),
        ),
        (
            Error::NotOk { words: b"okok".to_vec() },
            format!("the server said \"okok\" instead of \"ok\"; {WRONG_PEER_HINT}"),
        ),
    ];
    for (error, words) in cases {
        let failure = Failure::from(error);
        assert_eq!(failure.to_string(), words);
        assert_eq!(explain(&failure), words, "`console` adds nothing");
        let last = Failure::GaveUp { tries: 2, last: Box::new(failure) };
        assert_eq!(explain(&last), format!("gave up after --retries 2: {words}"));
    }
}
