//! Nothing to call: what this package does is in its build script, which ends the build in one line
//! where OpenCV is missing.
//!
//! It has to do so before the build of the crate `opencv` ends in three hundred lines. When two steps
//! can be taken, Cargo takes the one for which more of the build is waiting, and only a few steps wait
//! for the build script of `video`: about as many as for that of `opencv`. Hence this package, on which
//! the build script of `video` depends: for its own build script, some more are waiting.
