//! The window, on a display without a screen (Xvfb), and what comes in its place where there is none.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use e2e::{DEADLINE, Program, Server, binary, has_opencv, socket};
use tempfile::TempDir;

use crate::browser;
use crate::film::{self, pictures};

/// A display that is kept in a file.
struct Screen {
    program: Program,
    /// Its name, as `DISPLAY` has it.
    name: String,
    folder: TempDir,
}

impl Screen {
    /// Opens one; `None`, and a word, where Xvfb is missing.
    fn open() -> Option<Screen> {
        if Command::new("Xvfb").arg("-help").output().is_err() {
            eprintln!("not run: Xvfb is missing; scripts/setup --browser installs it");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("Xvfb");
        // It takes a free number, and says on standard output which.
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-noreset"]);
        command.args(["-screen", "0", "1400x900x24", "-fbdir"]).arg(folder.path());
        let program = Program::start(command);
        let name = format!(":{}", program.wait_for_line("").trim());
        Some(Screen { program, name, folder })
    }

    /// Its pixels, four bytes each; those that have never been drawn are black.
    fn pixels(&self) -> Vec<u8> {
        // The format is that of xwd: numbers of four bytes, the first is the length of the header,
        // and the twentieth how many colours of 12 bytes follow it.
        let file: PathBuf = self.folder.path().join("Xvfb_screen0");
        let bytes = fs::read(file).unwrap();
        let number =
            |at: usize| u32::from_be_bytes(bytes[at * 4..][..4].try_into().unwrap()) as usize;
        bytes[number(0) + number(19) * 12..].to_vec()
    }

    /// Waits until the screen is as it should be, and returns its pixels.
    #[track_caller]
    fn wait(&self, what: &str, ready: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let given_up = Instant::now() + DEADLINE;
        loop {
            let pixels = self.pixels();
            if ready(&pixels) {
                return pixels;
            }
            assert!(Instant::now() < given_up, "the screen never shows {what}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// How many pixels are not black.
fn drawn(pixels: &[u8]) -> usize {
    pixels.chunks(4).filter(|pixel| pixel.iter().take(3).any(|&colour| colour > 0)).count()
}

/// A server with a window on this display.
#[track_caller]
fn server(display: &str) -> Server {
    let mut command = binary("lesson07-server");
    command.args(["--listen", "0", "--view", "window", "--http", "0"]);
    command.env("DISPLAY", display).env_remove("WAYLAND_DISPLAY");
    Server::start(command)
}

#[test]
fn the_window_shows_frame_after_frame_and_is_gone_with_the_server() {
    if !has_opencv() {
        return;
    }
    let Some(screen) = Screen::open() else { return };
    let server = server(&screen.name);
    let mut client = socket::connect(server.address);
    let [one, two, _] = pictures();
    film::assert_confirmed(&mut client, 1, one);
    // Most of 1280 by 720: the picture may keep its proportions, or not.
    let is_open = |pixels: &[u8]| drawn(pixels) > 1280 * 720 / 2;
    let first = screen.wait("the first frame", is_open);
    film::assert_confirmed(&mut client, 2, two);
    screen.wait("another frame", |pixels| is_open(pixels) && pixels != first);
    let server = server.stop();
    assert_eq!((server.status, server.stderr.as_str()), (Some(0), ""));
    // The pointer of the mouse is still there.
    screen.wait("nothing any more", |pixels| drawn(pixels) < 1000);
}

/// The server says that there is no window, and shows a film in the browser: its last of so many.
#[track_caller]
fn assert_shows_in_browser(server: &Server, films: usize) {
    film::assert_serves(server, &[]);
    server.wait_for_line("no window: ");
    let page = browser::page(server);
    server.wait_until("the end of the film", |log, _| {
        log.matches(" closed by client").count() == films
    });
    let answer = socket::receive_to_end(&mut browser::get(page, "/frame.jpg"));
    let [picture, ..] = pictures();
    assert!(answer.ends_with(picture), "the browser does not get the frame");
}

#[test]
fn where_there_is_no_display_the_browser_takes_its_place() {
    if !has_opencv() {
        return;
    }
    // None at all, and one that nobody has opened.
    for display in ["", ":4000"] {
        let server = server(display);
        assert_shows_in_browser(&server, 1);
        assert_eq!(server.stop().status, Some(0));
    }
}

#[test]
fn when_the_display_goes_in_the_middle_of_a_film_the_browser_takes_its_place() {
    if !has_opencv() {
        return;
    }
    let Some(screen) = Screen::open() else { return };
    let server = server(&screen.name);
    film::assert_serves(&server, &[]);
    screen.wait("the first frame", |pixels| drawn(pixels) > 1280 * 720 / 2);
    // Whether there still is a window, only the next frame can tell.
    drop(screen.program);
    assert_shows_in_browser(&server, 2);
    assert_eq!(server.stop().status, Some(0));
}
