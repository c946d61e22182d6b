//! Where frames are shown: in a window, in a browser, or nowhere.
//!
//! A window needs a display, and OpenCV ends the whole process where there is none. So the window
//! is a process of its own, and when that has no display, or dies, the browser takes over.

pub mod browser;
pub mod window;

use std::net::SocketAddr;
use std::sync::Arc;

use clap::ValueEnum;
use endpoint::Stop;
use opencv::core::Mat;

use crate::Error;
use crate::figures::Figures;
use crate::picture::{Limits, Picture};
use browser::Browser;
use window::{Trouble, Window};

/// Shows one frame after the other.
pub trait View: Send {
    /// Shows a frame; returns when that is done, or when the view has failed.
    ///
    /// # Errors
    /// [`Error::Undecodable`] when the frame is not what it seemed to be: that film is over.
    fn show(&mut self, picture: &Arc<Picture>) -> Result<(), Error>;
}

/// Where frames are to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// In a window; `q`, Esc or closing it ends the server.
    Window,
    /// On a page for a browser, at --http.
    Browser,
    /// Nowhere: frames are decoded, and only the figures are shown.
    None,
}

/// The page in a browser: where it is to be, and what it shows beside the frames.
#[derive(Debug, Clone)]
pub struct Site {
    /// Where to listen; port 0 takes a free one.
    pub address: SocketAddr,
    /// The host as the person wrote it: a browser may ask for it by this name.
    pub host: String,
    /// The figures of the film that is on.
    pub figures: Arc<Figures>,
}

impl Kind {
    /// The window where there seems to be a display, and the browser elsewhere.
    pub fn fitting() -> Kind {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        // Windows and macOS have one way to a display, and no variable that says so.
        let has_display = cfg!(any(windows, target_os = "macos"))
            || is_set("DISPLAY")
            || is_set("WAYLAND_DISPLAY");
        if has_display { Kind::Window } else { Kind::Browser }
    }

    /// Opens it. `stop` is what closing the window asks for.
    ///
    /// # Errors
    /// When there can be no page at the site's address. A window that cannot be opened is no error:
    /// it is said, and the browser takes its place.
    pub fn open(self, site: Site, limits: Limits, stop: &Stop) -> Result<Box<dyn View>, Error> {
        Ok(match self {
            Kind::None => Box::new(Nowhere::default()),
            Kind::Browser => Box::new(Browser::open(&site)?),
            Kind::Window => match Window::open(limits, stop) {
                Ok(window) => Box::new(Screen::Window { window, site, stop: stop.clone() }),
                Err(why) => Box::new(Screen::Browser(instead(&why, &site)?)),
            },
        })
    }
}

/// The figures only. Frames are decoded all the same, so that the figures mean something.
#[derive(Default)]
struct Nowhere {
    image: Mat,
}

impl View for Nowhere {
    fn show(&mut self, picture: &Arc<Picture>) -> Result<(), Error> {
        picture.decode(&mut self.image)
    }
}

/// A window, as long as there is one.
enum Screen {
    Window { window: Window, site: Site, stop: Stop },
    Browser(Browser),
}

impl View for Screen {
    fn show(&mut self, picture: &Arc<Picture>) -> Result<(), Error> {
        if let Screen::Window { window, site, stop } = self {
            match window.show(picture) {
                Ok(()) => return Ok(()),
                Err(Trouble::Picture(error)) => return Err(error),
                // The person has closed it, or has pressed Ctrl-C.
                Err(Trouble::Window(_)) if stop.is_requested() => return Err(Error::Gone),
                Err(Trouble::Window(why)) => *self = Screen::Browser(instead(&why, site)?),
            }
        }
        match self {
            Screen::Browser(browser) => browser.show(picture),
            Screen::Window { .. } => Ok(()),
        }
    }
}

fn instead(why: &str, site: &Site) -> Result<Browser, Error> {
    console::say(format_args!("no window: {why}; a browser shows the frames instead"));
    Browser::open(site)
}
