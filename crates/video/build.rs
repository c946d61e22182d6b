//! Nothing is built here. But Cargo builds what a build script depends on first, and so
//! `opencv-check` speaks before the crate `opencv` does if OpenCV is missing.

use opencv_check as _;

fn main() {}
