//! What is sent gives away what becomes of it.

use fastrand::Rng;
use lesson06_client::random_bytes;

fn bytes() -> Vec<u8> {
    random_bytes(&mut Rng::with_seed(7), 100_000)
}

#[test]
fn there_are_no_letters_but_every_64th_which_is_in_lower_case() {
    for (place, byte) in bytes().into_iter().enumerate() {
        match place % 64 {
            0 => assert!(byte.is_ascii_lowercase(), "byte {place} is {byte:#x}"),
            _ => assert!(!byte.is_ascii_alphabetic(), "byte {place} is {byte:#x}"),
        }
    }
}

#[test]
fn of_what_is_no_letter_every_change_on_the_way_there_changes_the_answer() {
    let mut kinds: Vec<u8> = bytes();
    kinds.retain(|byte| !byte.is_ascii_alphabetic());
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), 256 - 52, "all that are no letters are sent");
    for byte in kinds {
        let wrong = (0..=255).filter(|arrived| *arrived != byte);
        let unseen: Vec<u8> =
            wrong.filter(|arrived| arrived.to_ascii_uppercase() == byte).collect();
        assert_eq!(unseen, [0_u8; 0], "of {byte:#x}");
    }
}
