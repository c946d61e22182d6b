//! What to do with `--resume` when the whole file is there already: find out whether it is the same.

use std::io::{Read, Write};

use partial::Folder;
use trace::Observer;

use crate::protocol::{Body, Digest, Have, Request};
use crate::talk::{hear, hear_alone, say};
use crate::transfer::Source;
use crate::{Error, LocalFile, Moved, Start, Wanted, keep};

/// A file of that name is here already: is it the server's?
pub(crate) fn compare_with_here(
    stream: &mut (impl Read + Write),
    wanted: &Wanted<'_>,
    folder: &Folder,
    observer: &mut impl Observer,
) -> Result<Moved, Error> {
    if !wanted.resume {
        return Err(Error::Here(wanted.as_name.to_string()));
    }
    let (file, length, _) = folder.read(wanted.as_name)?;
    let md5 = Source::new(file).and_then(|mut source| source.md5_of_first(length, &|| true));
    let ours = Have { length, md5: md5.map_err(keep)?.finish() };
    compare(stream, wanted.name, ours, observer)
}

/// The server has a file of that name already: is it ours? So it is when a connection broke before the
/// last word of a put had come.
pub(crate) fn compare_with_there(
    stream: &mut (impl Read + Write),
    file: &mut LocalFile,
    name: &str,
    observer: &mut impl Observer,
) -> Result<Moved, Error> {
    let length = file.source.length();
    let ours = Have { length, md5: file.md5_of_first(length)?.finish() };
    compare(stream, name, ours, observer)
}

/// Asks for the server's file as if all of it were here. If it is the same, no byte of it comes.
fn compare(
    stream: &mut (impl Read + Write),
    name: &str,
    ours: Have,
    observer: &mut impl Observer,
) -> Result<Moved, Error> {
    let request = Request::Get { name: name.to_owned(), have: Some(ours.clone()) };
    say(stream, request, observer)?;
    let (body, size) = hear::<Body>(stream, observer)?;
    let as_long = (size, body.from, body.file_size) == (0, ours.length, ours.length);
    if !as_long || hear_alone::<Digest>(stream, observer)?.md5 != ours.md5 {
        return Err(Error::Differs);
    }
    Ok(Moved { size: ours.length, md5: ours.md5, start: Start::Whole })
}
