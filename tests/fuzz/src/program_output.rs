//! What the judge reads of a program: its lines, what its bytes would be as any framing, and how both are
//! shown, in few characters and with none that moves a terminal's cursor.

use judge::show;
use process::Captured;
use wire::{Decoder, Framing};

pub(crate) fn run(bytes: &[u8]) {
    let captured = Captured { bytes: bytes.to_vec(), is_ended: false };
    let text = captured.text();
    let lines: String = captured.lines().map(|line| line + "\n").collect();
    assert!(text.starts_with(&lines), "the lines are not the beginning of the text");
    assert!(!text[lines.len()..].contains('\n'), "a whole line is missing");

    let pieces: Vec<&[u8]> = bytes.chunks(3).collect();
    for shown in [show::bytes(bytes), show::end(&text), show::pieces(&pieces)] {
        assert!(!shown.chars().any(char::is_control), "{shown:?} moves the cursor");
        assert!(shown.chars().count() < 1000, "{} characters are shown", shown.chars().count());
    }

    for framing in Framing::candidates(bytes) {
        let (mut decoder, mut input) = (Decoder::new(&framing, usize::MAX), bytes);
        if let Err(error) = decoder.decode(&mut input) {
            panic!("{framing} is said to fit {bytes:?}, and {error}");
        }
    }
}
