//! What a peer may call a file: a name is a path of plain parts, and what every system takes is a name.

use std::path::{Component, Path};

use partial::{MAX_LENGTH, Name};

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let name = text.parse::<Name>();
    if let Ok(name) = &name {
        assert_eq!(name.to_string(), text);
        assert!(text.len() <= MAX_LENGTH && !text.contains('\0'));
        let mut parts = Path::new(text).components();
        assert!(parts.all(|part| matches!(part, Component::Normal(_))), "{text:?} leads elsewhere");
        let joined = match name.folders() {
            Some(folders) => format!("{folders}/{}", name.last()),
            None => name.last().to_owned(),
        };
        assert_eq!(joined, text);
        if let Some(folders) = name.folders() {
            assert_eq!(folders.parse::<Name>().unwrap().join(name.last()).as_ref(), Ok(name));
        }
    }
    if let Ok(plain) = Name::plain(text) {
        assert_eq!(Ok(&plain), name.as_ref());
        assert!(!text.contains(['/', '\\', ':']) && !text.starts_with('.'), "{text:?}");
    }
}
