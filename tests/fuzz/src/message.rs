//! Messages with a JSON header, and JSON as Python writes it: what is written is read, and text decodes the
//! same in pieces.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wire::{Encoding, Header, TextDecoder};

use crate::choices::Choices;
use crate::pieces::{Script, pieces};

/// A header with one field of each kind that the lessons have.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Any {
    size: u64,
    #[serde(default)]
    name: String,
    modified: Option<i64>,
}

impl Header for Any {
    const SIZE_FIELD: &'static str = "size";

    fn body_length(&self) -> u64 {
        self.size
    }
}

pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let encoding: Encoding =
        choices.one_of(&["utf-8", "gbk", "big5", "shift_jis"]).parse().unwrap();
    let mut sizes = choices.clone();

    if let Ok(header) = wire::parse_header::<Any>(choices.0) {
        let sent = wire::encode_header(&header).unwrap();
        assert_eq!(wire::parse_header::<Any>(&sent[4..]).unwrap(), header);
    }
    if let Ok(value) = serde_json::from_slice::<Value>(choices.0) {
        let python = wire::to_python_string(&value).unwrap();
        assert!(python.is_ascii(), "Python escapes what is not ASCII: {python}");
        assert_eq!(serde_json::from_str::<Value>(&python).unwrap(), value);
    }

    let body = choices.0;
    let name = String::from_utf8_lossy(body).into_owned();
    let header = Any { size: body.len() as u64, name, modified: Some(-1) };
    let mut sent = Vec::new();
    wire::write_message(&mut sent, &header, body).unwrap();
    let mut script = Script::new(&sent, &mut sizes.clone());
    assert_eq!(wire::read_header::<Any>(&mut script, 1 << 20).unwrap(), Some(header));
    let read = wire::read_body(&mut script, body.len() as u64, body.len()).unwrap();
    assert!(read == body && script.left() == 0, "another body has come");
    assert!(wire::read_header::<Any>(&mut script, 10).unwrap().is_none());

    // As the header of a stream that somebody else has made up.
    let whole = wire::read_header::<Any>(&mut Script::whole(body), 1000).map_err(|e| e.to_string());
    let mut cut = Script::new(body, &mut sizes.clone());
    assert_eq!(wire::read_header::<Any>(&mut cut, 1000).map_err(|e| e.to_string()), whole);

    let mut decoder = TextDecoder::new(encoding);
    let mut text: String =
        pieces(body, &mut sizes).iter().map(|piece| decoder.push(piece)).collect();
    text += &decoder.finish();
    assert_eq!(text, encoding.decode(body), "{encoding}: it depends on the cuts");
}
