//! What a tap records of the calls that pass it.

use std::io::{self, Cursor, Read, Write};
use std::sync::Arc;

use trace::{Action, Call, Gate, Lane, Recorder, Tap};

#[test]
fn every_call_is_recorded_with_what_was_asked_and_what_came() {
    let recorder = Recorder::keeping();
    let mut tap = Tap::new(Cursor::new(b"hello".to_vec()), &recorder, "client");
    tap.read_exact(&mut [0; 2]).unwrap();
    let got = [tap.read(&mut [0; 9]).unwrap(), tap.read(&mut [0; 9]).unwrap()];
    assert_eq!(got, [3, 0]);
    let actions: Vec<Action> = recorder.events().into_iter().map(|event| event.action).collect();
    assert_eq!(actions[0], Action::Recv { asked: 2, bytes: b"he".to_vec() });
    assert_eq!(actions[1], Action::Recv { asked: 9, bytes: b"llo".to_vec() });
    assert!(matches!(&actions[2], Action::Recv { bytes, .. } if bytes.is_empty()), "{actions:?}");
}

#[test]
fn a_gate_that_refuses_keeps_the_call_from_the_stream() {
    struct Shut;
    impl Gate for Shut {
        fn before(&self, _: &Lane, _: Call) -> io::Result<()> {
            Err(io::Error::other("shut"))
        }
    }
    let recorder = Recorder::keeping();
    let mut tap = Tap::new(Cursor::new(vec![]), &recorder, "client").with_gate(Arc::new(Shut));
    assert_eq!(tap.write(b"x").unwrap_err().to_string(), "shut");
    assert!(recorder.events().is_empty(), "{:?}", recorder.events());
}
