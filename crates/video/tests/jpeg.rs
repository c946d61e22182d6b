//! JPEGs: how they are made, and what one must be before it is decoded.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use opencv::core::{CV_8UC3, MatTraitConst, Scalar, Vector};
use opencv::imgcodecs::imencode;
use video::{Encoder, Jpeg, JpegError, Mat, Pattern, Size};

/// A picture of one colour.
fn plain(width: i32, height: i32) -> Mat {
    let colour = Scalar::new(10.0, 90.0, 200.0, 0.0);
    Mat::new_rows_cols_with_default(height, width, CV_8UC3, colour).unwrap()
}

/// A picture of 16 x 16 pixels in this format.
fn encoded(format: &str, options: &[i32]) -> Vec<u8> {
    let mut bytes = Vector::new();
    imencode(format, &plain(16, 16), &mut bytes, &Vector::from_slice(options)).unwrap();
    bytes.as_slice().to_vec()
}

/// Where a JPEG's frame header begins: its marker.
fn frame_header(jpeg: &[u8]) -> usize {
    jpeg.windows(2).position(|marker| marker == b"\xff\xc0").unwrap()
}

/// The size that is found, with a limit of 16 x 16 pixels.
fn check(jpeg: &[u8]) -> Result<(u32, u32), JpegError> {
    Jpeg::check(jpeg.to_vec(), 256).map(|jpeg| (jpeg.width, jpeg.height))
}

#[test]
fn a_jpeg_has_the_size_of_its_picture_and_a_better_one_is_larger() {
    let mut pattern = Pattern::new(Size { width: 160, height: 90 }).unwrap();
    let picture = pattern.next().unwrap().unwrap();
    let lengths = [1, 40, 100].map(|quality| {
        let jpeg = Encoder::new(quality).encode(&picture).unwrap();
        assert_eq!(Jpeg::check(jpeg.bytes.clone(), 160 * 90).as_ref(), Ok(&jpeg));
        assert_eq!((jpeg.width, jpeg.height), (160, 90));
        assert!(jpeg.bytes.starts_with(b"\xff\xd8\xff\xe0"), "{:x?}", &jpeg.bytes[..4]);
        jpeg.bytes.len()
    });
    assert!(lengths.is_sorted() && lengths[0] * 2 < lengths[2], "{lengths:?}");
    let error = Encoder::new(40).encode(&Mat::default()).unwrap_err();
    assert!(error.to_string().starts_with("cannot encode a picture: "), "{error}");
}

#[test]
fn a_picture_that_is_encoded_and_decoded_has_its_size() {
    let jpeg = Encoder::new(40).encode(&plain(16, 8)).unwrap();
    let mut image = Mat::default();
    jpeg.decode(&mut image).unwrap();
    assert_eq!((image.cols(), image.rows()), (16, 8));
}

#[test]
fn a_jpeg_that_announces_too_many_pixels_is_refused_although_its_bytes_are_few() {
    let mut bomb = encoded(".jpg", &[]);
    assert_eq!(check(&bomb), Ok((16, 16)));
    let size = frame_header(&bomb) + 5;
    bomb[size..size + 4].copy_from_slice(&[0xff, 0xdc, 0xff, 0xdc]);
    let error = JpegError::TooManyPixels { width: 65_500, height: 65_500, limit: 256 };
    assert_eq!(check(&bomb), Err(error));
}

/// A JPEG that passes every check, and that no decoder can make a picture of.
fn undecodable() -> Jpeg {
    let mut broken = encoded(".jpg", &[]);
    // A Huffman table with more codes than there can be: DHT, length, class, and 16 counts.
    let table = broken.windows(2).position(|marker| marker == b"\xff\xc4").unwrap();
    broken[table + 5..table + 21].fill(0xff);
    Jpeg::check(broken, 256).unwrap()
}

#[test]
fn a_jpeg_that_is_broken_inside_is_found_to_be_so_when_it_is_decoded() {
    let error = undecodable().decode(&mut Mat::default()).unwrap_err();
    assert!(matches!(error, JpegError::Undecodable(_)), "{error:?}");
}

/// The memory of the picture before is used again, and what is in it is still that picture.
#[test]
fn a_jpeg_that_cannot_be_decoded_is_not_taken_for_the_picture_before_it() {
    let mut image = Mat::default();
    Jpeg::check(encoded(".jpg", &[]), 256).unwrap().decode(&mut image).unwrap();
    let outcome = undecodable().decode(&mut image);
    assert!(matches!(outcome, Err(JpegError::Undecodable(_))), "{outcome:?}");
}

#[test]
fn a_jpeg_that_is_not_whole_or_not_baseline_is_refused() {
    let whole = encoded(".jpg", &[]);
    // OpenCV's number for IMWRITE_JPEG_PROGRESSIVE.
    let progressive = encoded(".jpg", &[2, 1]);
    let png = encoded(".png", &[]);
    let mut trailing = whole.clone();
    trailing.push(0);
    for (name, jpeg) in [
        ("empty", &b""[..]),
        ("cut", &whole[..whole.len() - 1]),
        ("two markers", b"\xff\xd8\xff\xd9"),
        ("with a byte behind its end", &trailing),
        ("progressive", &progressive),
        ("PNG", &png),
    ] {
        assert_eq!(check(jpeg), Err(JpegError::NotBaseline), "{name}");
    }
}

/// Decoders skip a restart marker that does not belong there, and imagesize skips as many bytes as
/// seem to stand behind it; so what lies in these bytes is seen by one of the two only.
#[test]
fn a_jpeg_with_two_sizes_is_refused() {
    let whole = encoded(".jpg", &[]);
    let at = frame_header(&whole);
    let mut hidden = whole[at..at + 19].to_vec();
    hidden[5..9].copy_from_slice(&[0xff, 0xdc, 0xff, 0xdc]);
    let length = u16::try_from(hidden.len() + 2).unwrap().to_be_bytes();
    let restart = [&[0xff, 0xd0], &length[..], &hidden].concat();
    let jpeg = [&whole[..2], &restart, &whole[2..]].concat();
    assert_eq!(imagesize::blob_size(&jpeg).unwrap().width, 16, "the claim that this test is about");
    assert_eq!(check(&jpeg), Err(JpegError::NotBaseline));
}

/// A scan that has not all colours makes the decoder go over the picture again for the next one.
#[test]
fn a_jpeg_with_a_scan_for_each_colour_is_refused() {
    let mut jpeg = encoded(".jpg", &[]);
    let scan = jpeg.windows(2).position(|marker| marker == b"\xff\xda").unwrap();
    jpeg[scan + 4] = 1;
    assert_eq!(check(&jpeg), Err(JpegError::NotBaseline));
}
