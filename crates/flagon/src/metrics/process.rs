//! What the system knows of this process, by Prometheus' own names.

use std::fs;

use super::exposition::{Exposition, float};

/// Writes what the system knows; nothing where there is no `/proc`.
pub(crate) fn write_process(out: &mut Exposition) {
    let (Ok(stat), Ok(status)) =
        (fs::read_to_string("/proc/self/stat"), fs::read_to_string("/proc/self/status"))
    else {
        return;
    };
    // The name in the second field may hold anything, parentheses too.
    let fields: Vec<&str> =
        stat.rsplit_once(')').map_or(Vec::new(), |(_, rest)| rest.split_whitespace().collect());
    let number = |field: usize| fields.get(field).and_then(|text| text.parse::<u64>().ok());
    if let (Some(user), Some(system)) = (number(11), number(12)) {
        out.counter("process_cpu_seconds_total", "Processor time that the process has used, in seconds.");
        out.sample(&[], float(user + system) / TICKS);
    }
    let kilobytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok())
    };
    if let Some(resident) = kilobytes("VmRSS:") {
        out.gauge("process_resident_memory_bytes", "Memory that the process holds.");
        out.sample(&[], float(resident * 1024));
    }
    if let Some(threads) = kilobytes("Threads:") {
        out.gauge("process_threads", "Threads of the process.");
        out.sample(&[], float(threads));
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        out.gauge("process_open_fds", "Open files and sockets.");
        out.sample(&[], float(open.count() as u64));
    }
    let limit = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let limit = limit.lines().find_map(|line| line.strip_prefix("Max open files"));
    if let Some(limit) = limit.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()) {
        out.gauge("process_max_fds", "How many may be open.");
        out.sample(&[], float(limit));
    }
}

/// Ticks of the clock in `/proc`, per second: on Linux always a hundred, whatever the kernel counts itself.
const TICKS: f64 = 100.0;
