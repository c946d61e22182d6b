//! Nothing is built here. But Cargo builds what a build script depends on first, and so
//! `opencv-check` is heard before the crate `opencv` if OpenCV is missing.

fn main() {}
