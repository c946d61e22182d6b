//! A file that changes while it is sent: the announced number of bytes, and the word `changed`.

use std::fs::OpenOptions;

use lesson08_shared::protocol::Status;

use super::*;

/// A client during whose first answer something else happens.
struct Meanwhile<'a, F> {
    says: &'a [u8],
    heard: Vec<u8>,
    act: Option<F>,
}

impl<F> Read for Meanwhile<'_, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.says.read(buffer)
    }
}

impl<F: FnOnce()> Write for Meanwhile<'_, F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(act) = self.act.take() {
            act();
        }
        self.heard.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What comes of a get of 1,000,000 bytes during whose first write `change` happens to the file.
fn get_while(change: impl FnOnce(&Path)) -> Vec<u8> {
    let (place, store) = root();
    let path = place.path().join("x");
    std::fs::write(&path, vec![b'x'; 1_000_000]).unwrap();
    std::fs::write(place.path().join("next"), "next").unwrap();
    let says = [get("x", None), get("next", None)].concat();
    let mut stream = Meanwhile { says: &says, heard: Vec::new(), act: Some(|| change(&path)) };
    converse(&mut stream, &store, &mut Ignore).unwrap();

    let mut heard = stream.heard.as_slice();
    let (body, size) = reply::<Content>(&mut heard);
    assert_eq!((body.unwrap().file_size, size), (1_000_000, 1_000_000));
    let bytes = wire::read_body(&mut heard, size, usize::MAX).unwrap();
    assert_eq!(reply::<Digest>(&mut heard).0.unwrap_err().status, Status::Changed);
    assert_eq!(file(&mut heard).unwrap().1, b"next", "and the next request");
    bytes
}

#[test]
fn a_file_that_shrinks_is_filled_up_with_zeros() {
    let bytes = get_while(|path| {
        OpenOptions::new().write(true).open(path).unwrap().set_len(300_000).unwrap();
    });
    assert!(bytes.ends_with(&[0; 700_000]), "the end should be zeros");
}

#[test]
fn a_file_that_grows_is_cut_where_it_ended_when_it_was_announced() {
    get_while(|path| {
        OpenOptions::new().append(true).open(path).unwrap().write_all(b"more").unwrap();
    });
}

#[test]
fn a_file_that_is_rewritten_in_place_is_called_changed() {
    get_while(|path| {
        let file = OpenOptions::new().write(true).open(path).unwrap();
        (&file).write_all(b"y").unwrap();
        // The clock of a file system may stand still for some milliseconds.
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
    });
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine renames nothing to the name of an open file; a Windows of its own runs this"
)]
fn a_file_that_is_replaced_by_its_name_goes_on_as_it_was() {
    let (place, store) = root();
    let path = place.path().join("x");
    std::fs::write(&path, vec![b'x'; 1_000_000]).unwrap();
    let says = get("x", None);
    let replace = || {
        std::fs::write(place.path().join("y"), "new").unwrap();
        std::fs::rename(place.path().join("y"), &path).unwrap();
    };
    let mut stream = Meanwhile { says: &says, heard: Vec::new(), act: Some(replace) };
    converse(&mut stream, &store, &mut Ignore).unwrap();
    let (_, bytes, _) = file(&mut stream.heard.as_slice()).unwrap();
    assert!(bytes == vec![b'x'; 1_000_000], "it should be the old file, whole");
}
