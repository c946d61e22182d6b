//! JSON as Python's `json.dumps` writes it.
//!
//! ```text
//! serde_json   {"name":"汉","sizes":[1,2.0]}
//! json.dumps   {"name": "\u6c49", "sizes": [1, 2.0]}
//! ```
//!
//! JSON in itself is indifferent to that; a peer that compares bytes or counts them is not.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

use crate::error::{Error, Result};

/// Writes `value` byte for byte as Python's `json.dumps(value)` does: a space after each comma
/// and colon, only ASCII (`\u6c49`, and surrogate pairs above U+FFFF), numbers as Python's `repr`.
///
/// The fields of a struct keep their order, as those of a Python dictionary do. NaN and the
/// infinities, for which JSON has no word, become `null`, where Python writes words of its own.
///
/// # Errors
/// [`Error::Unserializable`] for what JSON cannot hold, such as a map whose keys are lists.
pub fn to_python_string<T: Serialize>(value: &T) -> Result<String> {
    let mut bytes = Vec::new();
    value
        .serialize(&mut Serializer::with_formatter(&mut bytes, PythonFormatter))
        .map_err(Error::Unserializable)?;
    // All of it is ASCII.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Writes what Python writes where serde_json would write something else.
struct PythonFormatter;

impl Formatter for PythonFormatter {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    /// The fragment holds nothing that JSON itself demands to be escaped: serde_json has seen to it.
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for character in fragment.chars() {
            match character {
                ' '..='~' => write!(out, "{character}")?,
                other => {
                    for unit in other.encode_utf16(&mut [0; 2]) {
                        write!(out, "\\u{unit:04x}")?;
                    }
                }
            }
        }
        Ok(())
    }

    /// serde_json and Python's `repr` choose the same digits. `Debug` takes an exponent where
    /// `repr` does, which gives it a sign and at least two digits: `1e-5` is `1e-05` there.
    fn write_f64<W: ?Sized + Write>(&mut self, out: &mut W, value: f64) -> io::Result<()> {
        let text = format!("{value:?}");
        let Some((digits, exponent)) = text.split_once('e') else {
            return CompactFormatter.write_f64(out, value);
        };
        match exponent.strip_prefix('-') {
            Some(exponent) => write!(out, "{digits}e-{exponent:0>2}"),
            None => write!(out, "{digits}e+{exponent:0>2}"),
        }
    }

    /// Python has no shorter floats: it would hold, and write, an `f32` as an `f64`.
    fn write_f32<W: ?Sized + Write>(&mut self, out: &mut W, value: f32) -> io::Result<()> {
        self.write_f64(out, value.into())
    }
}
