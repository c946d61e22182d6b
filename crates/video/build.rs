//! Nothing is built here. But Cargo builds what a build script depends on first, and so
//! `opencv-check` speaks before the crate `opencv` does if OpenCV is missing.

fn main() {}
