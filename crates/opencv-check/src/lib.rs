//! Nothing to call: what this package does is in its build script, which ends the build in one line
//! where OpenCV is missing.
//!
//! It has to do so before the build of the crate `opencv` ends in three hundred lines. Cargo starts
//! first what most of the build is waiting for, and for the build script of a program nearly
//! nothing waits. So this is a package of its own, on which the build scripts of the two programs
//! depend.
