//! Where frames are shown: in a window, in a browser, or nowhere.
//!
//! Where the window has no display, or dies, the browser takes over.

use std::io;
use std::net::SocketAddr;

use clap::ValueEnum;
use console::say;
use endpoint::Stop;
use lesson07_server::Error;
use lesson07_server::picture::Picture;
use video::{Browser, JpegError, Mat, Site, Window, WindowError};

/// The hidden option that makes this program the window's process.
pub(crate) const WINDOW_OPTION: &str = "--window-child";

/// Where frames are to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ViewKind {
    /// In a window; `q`, Esc or closing it ends the server.
    Window,
    /// On a page for a browser, at --http.
    Browser,
    /// Nowhere: frames are decoded, and only the figures are shown.
    None,
}

/// A place where frames are shown.
pub(crate) enum View {
    /// A window, as long as there is one, and then a page.
    Window(Window, Site, Stop),
    Browser(Browser),
    /// Frames are decoded all the same, so that the figures mean something.
    Nowhere(Mat),
}

/// There can be no page at this address.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot show on http://{address}/: {source}; another program may be there, perhaps this one in \
     another terminal: take a free port with --http 0"
)]
pub(crate) struct SiteError {
    address: SocketAddr,
    source: io::Error,
}

impl ViewKind {
    /// The window where there seems to be a display, and the browser elsewhere.
    pub(crate) fn fitting() -> ViewKind {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        // Windows and macOS have one way to a display, and no variable that says so.
        let has_display = cfg!(any(windows, target_os = "macos"))
            || is_set("DISPLAY")
            || is_set("WAYLAND_DISPLAY");
        if has_display { ViewKind::Window } else { ViewKind::Browser }
    }

    /// Opens the view, for frames of at most `max_bytes` bytes. To close the window requests `stop`.
    ///
    /// A window that cannot be opened is no error: a line says so, and the browser takes its place.
    pub(crate) fn open(self, site: Site, max_bytes: usize, stop: &Stop) -> Result<View, SiteError> {
        Ok(match self {
            ViewKind::None => View::Nowhere(Mat::default()),
            ViewKind::Browser => View::Browser(open_page(&site)?),
            ViewKind::Window => {
                let closed = stop.clone();
                match Window::open(&[WINDOW_OPTION, &max_bytes.to_string()], move || {
                    closed.request()
                }) {
                    Ok(window) => View::Window(window, site, stop.clone()),
                    Err(why) => View::Browser(open_page_instead(&why, &site)?),
                }
            }
        })
    }
}

impl View {
    /// Shows a frame; returns when that is done.
    pub(crate) fn show(&mut self, picture: &Picture) -> Result<(), Error> {
        let jpeg = &picture.jpeg;
        let undecodable = |source: JpegError| Error::Jpeg { sequence: picture.sequence, source };
        if let View::Window(window, site, stop) = self {
            match window.show(jpeg) {
                Ok(()) => return Ok(()),
                Err(WindowError::Picture(error)) => return Err(undecodable(error)),
                // The person has closed the window, or has pressed Ctrl-C.
                Err(_) if stop.is_requested() => return Err(Error::ViewClosed),
                Err(why) => {
                    let page = open_page_instead(&why, site);
                    *self = View::Browser(page.map_err(|error| Error::View(error.into()))?);
                }
            }
        }
        match self {
            View::Browser(browser) => browser.show(jpeg),
            View::Nowhere(image) => jpeg.decode(image).map_err(undecodable)?,
            View::Window(..) => {}
        }
        Ok(())
    }
}

fn open_page_instead(why: &WindowError, site: &Site) -> Result<Browser, SiteError> {
    say(format_args!("no window: {why}; a browser shows the frames instead"));
    open_page(site)
}

fn open_page(site: &Site) -> Result<Browser, SiteError> {
    let address = site.address;
    let browser = Browser::open(site).map_err(|source| SiteError { address, source })?;
    say(format_args!("showing on http://{}/", browser.address()));
    Ok(browser)
}
