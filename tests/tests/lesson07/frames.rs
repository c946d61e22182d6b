//! Frames arrive whole, in order, and are shown; the next client's after the last's.

use e2e::{has_opencv, socket};

use crate::film::{self, DIALECTS, SIZE};

#[test]
fn every_frame_is_a_picture_of_its_own_with_a_number_and_a_time() {
    if !has_opencv() {
        return;
    }
    let (listener, address) = socket::listen();
    let client = film::client(address, &["--frames", "10"]);
    let mut stream = socket::accept(&listener);
    let mut frames = Vec::new();
    while let Some(frame) = film::receive(&mut stream) {
        film::confirm(&mut stream, &frame);
        frames.push(frame);
    }
    drop(stream);
    assert_eq!(client.finish().status, Some(0));
    assert!(frames.len() >= 2, "{} frames of 10 have come", frames.len());
    for frame in &frames {
        assert_eq!(["width", "height"].map(|side| frame.number(side)), SIZE.map(u64::from));
        let picture = &frame.picture;
        assert!(picture.starts_with(b"\xff\xd8\xff") && picture.ends_with(b"\xff\xd9"));
    }
    for pair in frames.windows(2) {
        let [before, after] = pair else { unreachable!() };
        assert!(before.number("sequence") < after.number("sequence"));
        assert!(before.number("captured") < after.number("captured"));
        assert_ne!(before.picture, after.picture);
    }
}

#[test]
fn what_one_client_after_the_other_sends_is_received_in_both_dialects() {
    if !has_opencv() {
        return;
    }
    for dialect in DIALECTS {
        let server = film::server(dialect);
        for clients in 1..=3 {
            let client = film::client(server.address, &[&["--frames", "20"], dialect].concat());
            let client = client.finish();
            assert_eq!((client.status, client.stderr.as_str()), (Some(0), ""));
            assert!(client.stdout.starts_with("sent 20 frames in "), "{}", client.stdout);
            server.wait_until("that it has had another film", |log, _| {
                log.matches(" film: 20 frames in ").count() == clients
                    && log.matches(" closed by client\n").count() == clients
            });
        }
        assert_eq!(server.stop().status, Some(0));
    }
}
