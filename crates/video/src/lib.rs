//! What lesson 07 needs of a machine: something that films, JPEG, and somewhere to show it. In `src`,
//! this is the only crate of the workspace that calls OpenCV; some examples and tests of lesson 07 do.
//!
//! ```text
//!   Source ──▶ Mat ──▶ Encoder ──▶ Jpeg  ═══ the lesson ═══▶  Jpeg::check ──▶ Window
//!   pattern, camera, film                                                 └─▶ Browser
//! ```
//!
//! * [`Source`]: a test pattern, a camera or a film; each is an iterator over pictures.
//! * [`FrameRate`] and [`FrameTimer`]: when the next picture is to be captured.
//! * [`Encoder`] and [`Jpeg`]: a picture as it travels. Its size is read before it is decoded.
//! * [`Window`]: a window in a process of its own, for which [`run_window`] is the main function.
//! * [`Browser`]: a page in a browser, over HTTP.

mod browser;
mod error;
mod frame_rate;
mod jpeg;
mod source;
mod window;

pub use browser::{Browser, MAX_CONNECTIONS, Site};
pub use error::{Error, JpegError, WindowError, silence_opencv};
pub use frame_rate::{FrameRate, FrameTimer};
pub use jpeg::{Encoder, Jpeg};
pub use opencv::core::{Mat, Size};
pub use source::{DEFAULT_RATE, DEFAULT_SIZE, File, Opened, Pattern, Pictures, Source, write_film};
pub use window::Window;
pub use window::child::run as run_window;
