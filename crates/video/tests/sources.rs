//! Where pictures come from.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::fs;
use std::path::{Path, PathBuf};

use opencv::core::norm2_def;
use opencv::prelude::MatTraitConst;
use video::{Error, File, Mat, Pattern, Size, Source, write_film};

const SMALL: Size = Size { width: 160, height: 90 };

/// Writes the pattern into a film of so many pictures, 25 a second.
fn make_film(folder: &Path, pictures: usize) -> PathBuf {
    let path = folder.join("film.avi");
    let pattern = Pattern::new(SMALL).unwrap().take(pictures);
    write_film(&path, SMALL, 25.0, pattern).unwrap();
    path
}

fn all(source: impl Iterator<Item = Result<Mat, Error>>) -> Vec<Mat> {
    source.map(Result::unwrap).collect()
}

#[test]
fn each_picture_of_the_pattern_differs_from_the_one_before() {
    for size in [SMALL, Size { width: 64, height: 64 }, Size { width: 100, height: 301 }] {
        let mut pattern = Pattern::new(size).unwrap();
        let mut last = pattern.next().unwrap().unwrap();
        for number in 2..20 {
            let picture = pattern.next().unwrap().unwrap();
            assert_eq!(picture.size().unwrap(), size);
            let differs = norm2_def(&picture, &last).unwrap();
            assert!(differs > 0.0, "pictures {number} and the one before, {size:?}");
            last = picture;
        }
    }
}

#[test]
fn a_film_has_all_its_pictures_its_own_speed_and_then_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = make_film(folder.path(), 12);
    let film = File::open(&path, None, false).unwrap();
    assert_eq!(film.rate(), Some(25.0));
    let pictures = all(film);
    assert_eq!(pictures.len(), 12);
    assert!(pictures.iter().all(|picture| picture.size().unwrap() == SMALL));
}

#[test]
fn a_film_that_is_repeated_begins_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut film = File::open(&make_film(folder.path(), 3), None, true).unwrap();
    let pictures: Vec<Mat> = (0..6).map(|_| film.next().unwrap().unwrap()).collect();
    let same = |a: usize, b: usize| norm2_def(&pictures[a], &pictures[b]).unwrap() == 0.0;
    assert!(same(0, 3) && same(1, 4) && same(2, 5) && !same(0, 1));
}

#[test]
fn a_film_is_scaled_if_a_person_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = make_film(folder.path(), 2);
    for size in [Size { width: 80, height: 70 }, Size { width: 640, height: 360 }, SMALL] {
        let pictures = all(File::open(&path, Some(size), false).unwrap());
        let sizes: Vec<Size> = pictures.iter().map(|p| p.size().unwrap()).collect();
        assert_eq!(sizes, [size; 2]);
    }
}

#[test]
fn what_is_no_film_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let film = fs::read(make_film(folder.path(), 2)).unwrap();
    for path in [
        file("empty.avi", b""),
        file("text.mp4", b"no film\n"),
        file("cut.avi", &film[..200]),
        make_film(folder.path(), 0),
    ] {
        let error = File::open(&path, None, false).unwrap_err();
        assert!(matches!(&error, Error::NoFilm(named) if *named == path), "{path:?}: {error}");
    }
    for path in [folder.path().to_owned(), folder.path().join("missing.avi")] {
        let error = File::open(&path, None, false).unwrap_err();
        assert!(matches!(&error, Error::Read { path: named, .. } if *named == path), "{error}");
    }
}

#[test]
fn a_name_is_a_pattern_a_camera_or_a_file() {
    let name = |text: &str| text.parse::<Source>().unwrap();
    assert_eq!(name("pattern"), Source::Pattern);
    assert_eq!(name("camera:2"), Source::Camera(2));
    for file in ["./pattern", "camera:", "camera:-1", "camera:x", "camera", "film.mp4"] {
        assert_eq!(name(file), Source::File(file.into()));
    }
}

#[test]
fn a_film_that_cannot_be_written_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["missing/film.avi", "film.unknown"] {
        let path = folder.path().join(name);
        let error = write_film(&path, SMALL, 25.0, []).unwrap_err();
        assert!(matches!(&error, Error::Write(named) if *named == path), "{error}");
    }
}
