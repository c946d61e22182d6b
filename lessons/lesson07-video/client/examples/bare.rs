//! The tutorial's client that films, line for line, with its mistakes left in. Without a camera it
//! dies of its first picture; give it a film as its argument, and it dies at the film's end.
//!
//! `cargo run -p lesson07-server --example bare-lesson07-server`, then
//! `cargo run -p lesson07-client --example bare-lesson07-client`.

use std::io::{Read, Write};
use std::{env::args, net::TcpStream, time::Instant};

use opencv::core::{Mat, Vector};
use opencv::imgcodecs::{IMWRITE_JPEG_QUALITY, imencode};
use opencv::prelude::VideoCaptureTrait;
use opencv::videoio::{CAP_ANY, VideoCapture};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut sock = TcpStream::connect("127.0.0.1:8007")?;
    let mut capture = match args().nth(1) {
        None => VideoCapture::new(0, CAP_ANY)?,
        Some(film) => VideoCapture::from_file(film, CAP_ANY)?,
    };
    let quality = Vector::from_slice(&[IMWRITE_JPEG_QUALITY, 40]);
    let (mut frame, mut image, mut answer) = (Mat::default(), Vector::new(), [0; 1024]);
    loop {
        let begun = Instant::now();
        let _ret = capture.read(&mut frame)?; // BROKEN: nobody looks whether there was a picture
        imencode(".jpg", &frame, &mut image, &quality)?; // so this fails at the end of the film
        sock.write_all(format!("{}, ", image.len()).as_bytes())?;
        // BROKEN: one recv is taken for one answer. Whatever is not exactly `ok` is passed over
        // without a word: the image is not sent, and the two sides are out of step from then on.
        let n = sock.read(&mut answer)?;
        if &answer[..n] == b"ok" {
            sock.write_all(image.as_slice())?; // two round trips for each, however fast the link is
            let n = sock.read(&mut answer)?;
            if &answer[..n] == b"ok" {
                println!("delay: {}ms", begun.elapsed().as_millis());
            }
        }
    }
}
