//! Both ends of lesson 08, over a real connection: any file under any name is put, listed and got, and is the same;
//! and what is no name is refused.

use std::fs;
use std::os::unix::net::UnixStream;
use std::thread;

use lesson08_client::{Error, Transfer, get, list, put};
use partial::{Folder, Name};

use crate::choices::Choices;
use crate::lesson08_server::{Ignore, place, store};

pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let Some(text) = choices.line() else { return };
    let file = choices.0.repeat(1 + choices.below(40));
    let place = place();
    let [root, ours] = ["root", "ours"].map(|name| place.path().join(name));
    fs::create_dir(&root).unwrap();
    fs::create_dir(&ours).unwrap();
    fs::write(ours.join("source"), &file).unwrap();
    let folder = Folder::open(&ours).unwrap();
    let (mut client, mut server) = UnixStream::pair().unwrap();
    let store = store(&root);
    let serving =
        thread::spawn(move || lesson08_server::converse(&mut server, &store, &mut Ignore));

    let transfer = Transfer { name: text, resume: false, force: false, max_size: 100_000 };
    let mut source = folder.read(&"source".parse().unwrap()).unwrap();
    let put = put(&mut client, &mut source, &transfer, |_| false, &mut (), &mut |_, _| ());
    match (&put, text.parse::<Name>()) {
        (Ok(moved), Ok(name)) => {
            assert_eq!(moved.md5, wire::md5_hex(&file));
            let listed =
                list(&mut client, name.folders().unwrap_or_default(), 10_000, &mut ()).unwrap();
            assert!(listed.iter().any(|entry| entry.name == name.last()), "{text:?} is not listed");
            let back = "back".parse().unwrap();
            let got = get(&mut client, &transfer, &folder, &back, &mut (), &mut |_, _| ()).unwrap();
            assert_eq!(got.md5, moved.md5);
            assert!(fs::read(ours.join("back")).unwrap() == file, "another file has come back");
        }
        (Ok(_), Err(error)) => panic!("{text:?} was taken, and {error}"),
        // The disk may not hold what is a name, or it is too long for it.
        (Err(Error::Refused(_)), _) => {}
        (Err(error), _) => panic!("{text:?}: {error}"),
    }
    drop(client);
    serving.join().unwrap().unwrap();
}
