//! Pictures without a camera and without a library: the smallest baseline JPEG that every decoder takes
//! (ITU-T T.81).

/// A picture, and what a header says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// In pixels.
    pub(crate) width: u16,
    /// In pixels.
    pub(crate) height: u16,
    /// The JPEG.
    pub(crate) jpeg: Vec<u8>,
}

/// Bytes that are no JPEG, and do not begin like one.
pub(crate) const NONE: &[u8] = b"this is no picture, and never was one";

/// A gray picture; another number is another gray.
pub(crate) fn picture(width: u16, height: u16, number: u8) -> Picture {
    let blocks = usize::from(width.div_ceil(8)) * usize::from(height.div_ceil(8));
    let jpeg = [
        &b"\xff\xd8"[..],
        &before_the_scan(width, height),
        &scan(blocks, number % 64),
        b"\xff\xd9",
    ]
    .concat();
    Picture { width, height, jpeg }
}

/// A picture of so few bytes that announces more pixels than anybody has memory for.
pub(crate) fn bomb() -> Picture {
    let (width, height) = (65_500, 65_500);
    let jpeg =
        [&b"\xff\xd8"[..], &before_the_scan(width, height), &scan(1, 1), b"\xff\xd9"].concat();
    Picture { width, height, jpeg }
}

impl Picture {
    /// The same picture with comments in it, so that it has at least so many bytes.
    pub(crate) fn with_comments(mut self, bytes: usize) -> Picture {
        let mut comments = Vec::new();
        while self.jpeg.len() + comments.len() < bytes {
            comments.extend(segment(0xfe, &[b' '; 60_000]));
        }
        // Behind the marker with which every JPEG begins.
        self.jpeg.splice(2..2, comments);
        self
    }
}

/// Tables, and the frame header, for one colour.
fn before_the_scan(width: u16, height: u16) -> Vec<u8> {
    let [[high_w, low_w], [high_h, low_h]] = [width, height].map(u16::to_be_bytes);
    [
        segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        // A step of 8 makes the one coefficient of a block its brightness.
        segment(0xdb, &[&[0][..], &[8; 64]].concat()),
        segment(0xc0, &[8, high_h, low_h, high_w, low_w, 1, 1, 0x11, 0]),
        // Differences of 0 to 8 bits, each by a code of 4 bits; and "no more", by one of 1 bit.
        codes(0x00, 4, &[0, 1, 2, 3, 4, 5, 6, 7, 8]),
        codes(0x10, 1, &[0]),
        segment(0xda, &[1, 1, 0, 0, 63, 0]),
    ]
    .concat()
}

/// The picture itself: the first block is so much lighter than black, the others as it is.
fn scan(blocks: usize, level: u8) -> Vec<u8> {
    let size = u8::try_from(8 - level.leading_zeros()).unwrap_or_default();
    let mut bits: Vec<bool> = Vec::new();
    let mut push =
        |value: u8, count: u8| bits.extend((0..count).rev().map(|at| value >> at & 1 == 1));
    push(size, 4);
    push(level, size);
    push(0, 1);
    (1..blocks).for_each(|_| push(0, 5));
    let byte = |bits: &[bool]| {
        // What is left over of the last byte is filled with ones.
        (0..8).fold(0_u8, |byte, at| byte << 1 | u8::from(*bits.get(at).unwrap_or(&true)))
    };
    // A byte ff would be a marker, and has a zero behind it.
    let stuffed = |byte: u8| std::iter::once(byte).chain((byte == 0xff).then_some(0));
    bits.chunks(8).map(byte).flat_map(stuffed).collect()
}

/// A segment: its marker, its length, and what is in it.
fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).unwrap_or(u16::MAX);
    [&[0xff, marker][..], &length.to_be_bytes(), data].concat()
}

/// A Huffman table whose codes all have this length in bits, and count from zero.
fn codes(kind: u8, length: u8, symbols: &[u8]) -> Vec<u8> {
    let count = u8::try_from(symbols.len()).unwrap_or_default();
    let counts: Vec<u8> = (1..=16).map(|bits| if bits == length { count } else { 0 }).collect();
    segment(0xc4, &[&[kind][..], &counts, symbols].concat())
}

/// Whether these bytes begin and end as a JPEG does.
pub(crate) fn is_whole(jpeg: &[u8]) -> bool {
    jpeg.starts_with(b"\xff\xd8") && jpeg.ends_with(b"\xff\xd9")
}

/// Width and height that a baseline JPEG says itself, in pixels; `None` for what is none.
pub(crate) fn size(jpeg: &[u8]) -> Option<(u64, u64)> {
    let mut rest = jpeg.get(2..).filter(|_| is_whole(jpeg))?;
    loop {
        let &[0xff, marker, high, low, ..] = rest else { return None };
        // The frame header, of a baseline JPEG: the lesson's server takes no other.
        if matches!(marker, 0xc0 | 0xc1) {
            let &[_, h1, h0, w1, w0, ..] = rest.get(4..)? else { return None };
            let [width, height] = [[w1, w0], [h1, h0]].map(|side| u16::from_be_bytes(side).into());
            return Some((width, height));
        }
        rest = rest.get(2 + usize::from(u16::from_be_bytes([high, low]))..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_says_its_own_size_and_is_whole() {
        for (width, height) in [(8, 8), (64, 48), (1280, 720), (17, 9)] {
            let picture = picture(width, height, 3);
            assert_eq!(size(&picture.jpeg), Some((width.into(), height.into())));
        }
        assert_eq!(size(&picture(64, 48, 3).with_comments(300_000).jpeg), Some((64, 48)));
        assert!(picture(64, 48, 3).with_comments(300_000).jpeg.len() >= 300_000);
        assert_eq!(size(&bomb().jpeg), Some((65_500, 65_500)));
        assert!(bomb().jpeg.len() < 300);
    }

    #[test]
    fn what_is_no_jpeg_has_no_size() {
        let whole = picture(8, 8, 1).jpeg;
        assert_eq!(size(b"no picture"), None);
        assert_eq!(size(b""), None);
        assert_eq!(size(whole.split_last().unwrap().1), None);
    }

    #[test]
    fn no_byte_of_the_scan_is_a_marker() {
        for number in 0..64 {
            let scan = scan(1000, number);
            assert!(scan.windows(2).all(|pair| pair[0] != 0xff || pair[1] == 0), "{number}");
        }
    }
}
