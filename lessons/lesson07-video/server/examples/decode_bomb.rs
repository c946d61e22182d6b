//! A few hundred bytes that announce a picture of gigabytes.
//!
//! `cargo run -p lesson07-server --example decode_bomb`
//!
//! Claim: in a JPEG of less than 2 KiB, two numbers can be changed so that it announces 65,500 x
//! 65,500 pixels. A decoder would take 12 GiB for it; imagesize says the size and takes nothing, so
//! this server refuses it first.

use anyhow::{Context, ensure};
use console::{claim, here, why};
use language::text;
use lesson07_server::Error;
use lesson07_server::picture::{DEFAULT_MAX_PIXELS, Limits, Picture};
use opencv::core::{CV_8UC3, Mat, MatTraitConst, Scalar, Vector};
use opencv::imgcodecs::{IMREAD_COLOR, imdecode, imencode};
use video::JpegError;

language::catalogue!();

/// The size that the JPEG is to announce, in each direction, in pixels.
const CLAIM: u16 = 65_500;

fn main() -> anyhow::Result<()> {
    claim!(
        "less than 2 KiB of JPEG can announce 65,500 x 65,500 pixels, 12 GiB once\n\
         decoded; the size can be read before anything is decoded"
    );

    let grey = Mat::new_rows_cols_with_default(64, 64, CV_8UC3, Scalar::all(128.0))?;
    let mut encoded = Vector::new();
    imencode(".jpg", &grey, &mut encoded, &Vector::new())?;
    let mut bomb = encoded.as_slice().to_vec();
    announce(&mut bomb, CLAIM).context("no frame header in OpenCV's own JPEG")?;

    let size = imagesize::blob_size(&bomb)?;
    let decoded = size.width as u64 * size.height as u64 * 3;
    let gibibytes = decoded as f64 / f64::from(1 << 30);
    here!("{} bytes announce {} x {} pixels", bomb.len(), size.width, size.height);
    here!("decoded: {decoded} bytes, {gibibytes:.1} GiB");
    ensure!(bomb.len() < 2048 && gibibytes > 11.9, "it should be small, and announce much");

    let opencv = match imdecode(&Mat::from_slice(&bomb)?, IMREAD_COLOR) {
        Ok(image) if image.empty() => text!("an empty picture").to_owned(),
        Ok(image) => format!("a picture of {} bytes", image.total() * image.elem_size()?),
        Err(error) => error.message.lines().next().unwrap_or_default().to_owned(),
    };
    here!("OpenCV, which has a limit of its own at 2^30 pixels: {opencv}");

    let limits = Limits { bytes: 1 << 20, pixels: DEFAULT_MAX_PIXELS };
    match Picture::unannounced(1, bomb, &limits) {
        Err(error @ Error::Jpeg { source: JpegError::TooManyPixels { .. }, .. }) => {
            here!("this server: {error}")
        }
        other => anyhow::bail!("this server should refuse it, and says {other:?}"),
    }
    why!(
        "the frame header has room for 16 bits in each direction, and grey costs\n\
         nearly nothing. A length that a peer sends is checked before memory is taken\n\
         for it; a width and a height are lengths too"
    );
    Ok(())
}

/// Writes the size into the frame header: marker, length, precision, height, width (T.81, B.2.2).
fn announce(jpeg: &mut [u8], size: u16) -> Option<()> {
    let header = jpeg.windows(2).position(|marker| marker == b"\xff\xc0")?;
    let [high, low] = size.to_be_bytes();
    jpeg.get_mut(header + 5..header + 9)?.copy_from_slice(&[high, low, high, low]);
    Some(())
}
