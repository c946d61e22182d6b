//! The kernel settings that the tutorial tells one to change, as they are here.
//!
//! `cargo run -p lesson01-server --example kernel_settings`
//!
//! Claim: one of them, `tcp_tw_recycle`, has been gone since Linux 4.12, and none of the others lets
//! a server restart sooner. Only the first is asserted: the others are yours to set.

use std::fs;

use anyhow::{Context, ensure};
use console::{claim, here, why};
use language::text;
use rust_i18n::t;

language::catalogue!();

fn main() -> anyhow::Result<()> {
    claim!("tcp_tw_recycle does not exist since Linux 4.12; no other helps a restart");
    if cfg!(not(target_os = "linux")) {
        here!("not visible on this system: these are settings of Linux");
        return Ok(());
    }

    let release = fs::read_to_string("/proc/sys/kernel/osrelease").context("which kernel?")?;
    here!("Linux {}", release.trim());
    show("tcp_syncookies", text!("answers a SYN flood when the queue is full"));
    show("tcp_tw_reuse", text!("for outgoing calls: 0 no, 1 yes, 2 on loopback"));
    show("tcp_fin_timeout", text!("seconds in FIN_WAIT_2, once the program has closed"));
    let recycle = show("tcp_tw_recycle", text!("broke clients behind NAT"));
    if version(&release) >= Some((4, 12)) {
        ensure!(recycle.is_none(), "Linux 4.12 and later should not have tcp_tw_recycle");
    } else {
        here!("the removal is not visible here: this kernel is older than 4.12");
    }

    why!(
        "none shortens the TIME_WAIT of a server: 60 s, fixed when Linux is\n\
         compiled. tcp_syncookies has long been 1 by default, tcp_tw_reuse is 2\n\
         by now (ip-sysctl in the documentation of the kernel). What lets a\n\
         server restart is SO_REUSEADDR, see the example time_wait"
    );
    Ok(())
}

/// Prints a setting of `net.ipv4` with what it does, and returns its value if it exists.
fn show(name: &str, meaning: &str) -> Option<String> {
    let value = fs::read_to_string(format!("/proc/sys/net/ipv4/{name}")).ok();
    let shown = value.as_deref().map_or("none", str::trim);
    here!("{name:15} {shown:>4}  {}", t!(meaning));
    value
}

/// `6.18.44-generic` is `(6, 18)`.
fn version(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}
