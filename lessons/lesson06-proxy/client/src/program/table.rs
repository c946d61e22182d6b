//! The table of what was measured.

use std::time::Duration;

use bytesize::ByteSize;
use console::say;

use crate::program::probe::{Measured, Plan};

/// A column for each way, and one for the difference. What was not asked for is left out.
pub(crate) fn print_table(plan: Plan, proxy: &Measured, direct: Option<&Measured>) {
    let columns = if direct.is_some() { 3 } else { 1 };
    // Compared with itself there is no difference, but then that column is not shown.
    let direct = direct.unwrap_or(proxy);
    let mut rows = vec![["", "proxy", "direct", "difference"].map(str::to_owned)];
    for (name, part) in [("latency p50", 0.5), ("latency p99", 0.99)] {
        let [proxy, direct] = [proxy, direct].map(|way| way.latencies.value_at_quantile(part));
        let cells = [name.to_owned(), time(proxy), time(direct), difference(proxy, direct)];
        rows.extend((plan.count > 0).then_some(cells));
    }
    let [proxy, direct] = [proxy, direct].map(|way| way.throughput);
    let ratio = format!("x {:.2}", proxy / direct);
    let cells = ["throughput".to_owned(), iec(proxy) + "/s", iec(direct) + "/s", ratio];
    rows.extend((plan.size > 0).then_some(cells));
    if rows.len() == 1 {
        return;
    }
    for [name, cells @ ..] in rows {
        let cells: String = cells.iter().take(columns).map(|cell| format!("{cell:>14}")).collect();
        say(format_args!("{name:<12}{cells}"));
    }
}

fn time(nanoseconds: u64) -> String {
    format!("{:.1?}", Duration::from_nanos(nanoseconds))
}

/// How much longer the way through the proxy takes; chance can make it the shorter one.
fn difference(proxy: u64, direct: u64) -> String {
    let sign = if proxy < direct { '-' } else { '+' };
    format!("{sign}{}", time(proxy.abs_diff(direct)))
}

/// A number of bytes with its unit, such as `16.0 MiB`.
pub(crate) fn iec(bytes: f64) -> String {
    ByteSize::b(bytes as u64).display().iec().to_string()
}
