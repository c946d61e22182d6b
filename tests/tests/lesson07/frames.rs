//! Frames arrive whole, in order, and are shown; the next client's after the last's.

use e2e::{Program, has_opencv, socket};

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
    let client = client.finish();
    assert_eq!((client.status, client.stderr.as_str()), (Some(0), ""));
    assert!(client.stdout.starts_with("sent 10 frames in "), "{}", client.stdout);
    assert_eq!(client.stdout.lines().count(), 1, "{}", client.stdout);
    assert!(frames.len() >= 2, "{} frames of 10 have come", frames.len());
    for frame in &frames {
        assert_eq!(["width", "height"].map(|side| frame.number(side)), SIZE.map(u64::from));
        let picture = &frame.picture;
        assert!(picture.starts_with(b"\xff\xd8\xff") && picture.ends_with(b"\xff\xd9"));
        assert_eq!(film::size(picture), SIZE, "in the picture itself");
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

#[test]
fn a_film_is_sent_to_its_last_picture_in_both_dialects() {
    if !has_opencv() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.avi");
    film::make(&path, SIZE);
    let source = ["--source", path.to_str().unwrap(), "--fps", "max"];

    let (listener, address) = socket::listen();
    let client = Program::client("lesson07-client", address, &source);
    let mut stream = socket::accept(&listener);
    let mut last = 0;
    while let Some(frame) = film::receive(&mut stream) {
        assert_eq!(film::size(&frame.picture), SIZE);
        film::confirm(&mut stream, &frame);
        last = frame.number("sequence");
    }
    assert_eq!(client.finish().status, Some(0));
    assert_eq!(last, film::MADE);

    // In lock step none is dropped.
    let server = film::server(DIALECTS[1]);
    let client = server.ask("lesson07-client", &[&source, DIALECTS[1]].concat(), "");
    assert_eq!((client.status, client.stderr.as_str()), (Some(0), ""));
    let sent = format!("sent {} frames in ", film::MADE);
    assert!(client.stdout.starts_with(&sent), "{}", client.stdout);
    server.wait_for_line(&format!(" film: {} frames in ", film::MADE));
}
