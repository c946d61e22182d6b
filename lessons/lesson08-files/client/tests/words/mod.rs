//! What servers say in these tests, and what is in a folder afterwards.

use std::collections::BTreeMap;
use std::path::Path;

use lesson08_shared::protocol::{Content, Digest, Done, Message, Refusal, Reply, Status};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::md5_hex;

/// A header, behind which so many bytes follow.
pub(crate) fn header<T: Serialize + DeserializeOwned>(fields: T, size: u64) -> Vec<u8> {
    wire::encode_header(&Message { fields, size }).unwrap()
}

pub(crate) fn ok<T: Serialize + DeserializeOwned>(fields: T) -> Vec<u8> {
    header(Reply::ok(fields), 0)
}

pub(crate) fn no(status: Status) -> Vec<u8> {
    let refusal = Refusal { status, message: "it is like this".to_owned() };
    header(Reply::<Done>::refused(refusal), 0)
}

pub(crate) fn digest(content: &[u8]) -> Vec<u8> {
    ok(Digest { md5: md5_hex(content) })
}

/// A server's answer to a get, which begins in this place.
pub(crate) fn file(content: &[u8], from: usize) -> Vec<u8> {
    let rest = &content[from..];
    let body = Content {
        file_size: content.len() as u64,
        modified: Some(1_763_700_000),
        from: from as u64,
    };
    [header(Reply::ok(body), rest.len() as u64), rest.to_vec(), digest(content)].concat()
}

/// All files in a folder, also those whose names begin with a dot.
pub(crate) fn files(place: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(place).unwrap().map(Result::unwrap);
    let file = |entry: std::fs::DirEntry| {
        (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())
    };
    entries.map(file).collect()
}

/// These files, and no others.
#[track_caller]
pub(crate) fn assert_files(place: &Path, expected: &[(&str, &[u8])]) {
    let expected =
        expected.iter().map(|(name, content)| ((*name).to_owned(), content.to_vec())).collect();
    let found = files(place);
    assert!(found == expected, "there are {found:?}\ninstead of {expected:?}");
}
