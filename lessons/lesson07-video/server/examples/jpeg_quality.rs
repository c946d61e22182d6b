//! What JPEG's quality costs, and what it gives.
//!
//! `cargo run -p lesson07-server --example jpeg_quality`
//!
//! Claim: at quality 40, which the tutorial takes, a picture is at least ten times smaller than its
//! pixels; a higher quality makes it larger, and nearer to what it was.

use anyhow::ensure;
use console::{claim, here, why};
use opencv::core::{CV_8UC3, Mat, MatTraitConst, Point, Scalar, Vector, norm2_def};
use opencv::imgcodecs::{IMREAD_COLOR, IMWRITE_JPEG_QUALITY, imdecode, imencode};
use opencv::imgproc::{FILLED, LINE_AA, circle};

language::catalogue!();

fn main() -> anyhow::Result<()> {
    claim!(
        "at quality 40 a picture is at least ten times smaller than its pixels; a higher\n\
         quality makes it larger, and nearer to what it was"
    );

    let picture = draw()?;
    let raw = picture.total() * picture.elem_size()?;
    here!("{} x {} pixels, {raw} bytes as they are", picture.cols(), picture.rows());
    let mut before: Option<(usize, f64)> = None;
    for quality in [10, 40, 70, 95] {
        let mut jpeg = Vector::new();
        let options = Vector::from_slice(&[IMWRITE_JPEG_QUALITY, quality]);
        imencode(".jpg", &picture, &mut jpeg, &options)?;
        let decoded = imdecode(&jpeg, IMREAD_COLOR)?;
        // The root of the mean square: how far a colour is off, of 255.
        let error = norm2_def(&picture, &decoded)? / (raw as f64).sqrt();
        let (bytes, times) = (jpeg.len(), raw / jpeg.len());
        here!("quality {quality}: {bytes:7} bytes, {times:3} times smaller, off by {error:.2}");
        ensure!(quality != 40 || times >= 10, "quality 40 should save at least ten times");
        if let Some((fewer, worse)) = before {
            ensure!(bytes > fewer && error < worse, "more bytes should be nearer to the picture");
        }
        before = Some((bytes, error));
    }
    why!(
        "JPEG drops what the eye sees least, fine changes of colour first; the quality\n\
         says how much. A smaller frame is sooner through the link, so it is younger\n\
         when it is shown: quality 40 looks poor beside 95, and moves"
    );
    Ok(())
}

/// Shades and discs, with edges as a camera has them.
fn draw() -> opencv::Result<Mat> {
    let mut picture = Mat::new_rows_cols_with_default(720, 1280, CV_8UC3, Scalar::all(0.0))?;
    for step in 0..160 {
        let place = Point::new(step * 397 % 1280, step * 211 % 720);
        let shade = |by: i32| f64::from(40 + step * by % 200);
        let colour = Scalar::new(shade(7), shade(13), shade(29), 0.0);
        circle(&mut picture, place, 40 + step % 60, colour, FILLED, LINE_AA, 0)?;
    }
    Ok(picture)
}
