@echo off
rem Runs the checks and tests that Windows can run, as scripts/test does on Linux. Lesson 07 needs an OpenCV that was
rem built for Windows, and is left out.
rem
rem   scripts\test
setlocal
cd /d "%~dp0.."
set without_opencv=--exclude video --exclude opencv-check --exclude lesson07-server --exclude lesson07-client

echo == format
cargo fmt --all --check || goto failed
echo == lints
cargo clippy --locked --workspace --exclude e2e %without_opencv% --all-targets -- -D warnings || goto failed
echo == the crates' tests
rem What only Wine cannot do is not left out here.
cargo test --locked --workspace --exclude e2e %without_opencv% --lib --bins --tests -- --include-ignored || goto failed
cargo test --locked --workspace --exclude e2e %without_opencv% --doc || goto failed
echo == end to end
cargo test --locked --package e2e || goto failed
echo == compare
cargo run --locked --quiet --package compare -- --all || goto failed
echo everything passed
exit /b 0

:failed
echo failed: see above 1>&2
exit /b 1
