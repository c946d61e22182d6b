//! The tutorial's video server, line for line, with its mistakes left in.
//!
//! `cargo run -p lesson07-server --example bare-lesson07-server`, then
//! `cargo run -p lesson07-client --example bare-lesson07-client`. It needs a display.

use std::io::{Read, Write};
use std::net::TcpListener;

use opencv::{core::Mat, highgui, imgcodecs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:8007")?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (mut conn, client) = listener.accept()?;
        println!("connected: {client}");
        loop {
            // BROKEN: one recv is taken for the whole number.
            let (mut length, mut image, mut piece) = ([0; 1024], Vec::new(), vec![0; 256_000]);
            let n = conn.read(&mut length)?;
            if n == 0 {
                break;
            }
            // BROKEN: `ok` to a number that nobody has looked at, and a bad one ends the server.
            conn.write_all(b"ok")?;
            let text = String::from_utf8_lossy(&length[..n]).into_owned();
            let total: usize = text.split(',').next().unwrap_or("").trim().parse()?;
            while image.len() < total {
                // BROKEN: may run over the end of the image, has no limit, and when the client has
                // gone in the middle of a frame, recv returns 0 and this loop never ends.
                let n = conn.read(&mut piece)?;
                image.extend_from_slice(&piece[..n]);
            }
            conn.write_all(b"ok")?;
            let frame = imgcodecs::imdecode(&Mat::from_slice(&image)?, imgcodecs::IMREAD_COLOR)?;
            highgui::imshow("server", &frame)?; // BROKEN: ends the server if that was no JPEG.
            highgui::wait_key(1)?;
        }
    }
}
