//! `none` changes nothing.

use std::time::Instant;

use fault::stream::{Spec, StreamEvent};

#[test]
fn everything_is_delivered_as_it_came() {
    use StreamEvent::{Bytes, End, More, Reset};
    let now = Instant::now();
    let mut none = "none".parse::<Spec>().unwrap().start(1);
    for event in [Bytes(b"he"), Bytes(b""), More(b"llo"), End, Reset] {
        let mut delivered = 0;
        let words = none.pass(now, event, &mut |due, passed| {
            assert_eq!((due, passed), (now, event));
            delivered += 1;
        });
        assert_eq!((words, delivered), (None, 1));
    }
}
