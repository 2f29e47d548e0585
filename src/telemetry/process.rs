//! What the operating system knows about this process, under the names every Prometheus dashboard
//! expects. Read from `/proc` when somebody asks; what cannot be read is left out.

use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage};
use nix::sys::time::TimeValLike as _;

static START_SECONDS: OnceLock<f64> = OnceLock::new();

/// Remembers now as the start of the process. Called at start-up; later calls change nothing.
pub fn mark_start() {
    START_SECONDS.get_or_init(|| {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        since_epoch.map_or(0.0, |elapsed| elapsed.as_secs_f64())
    });
}

/// How long the process has been running.
pub fn uptime_seconds() -> Option<u64> {
    let start = std::time::Duration::try_from_secs_f64(*START_SECONDS.get()?).ok()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Some(now.saturating_sub(start).as_secs())
}

/// Memory in use that is not swapped out.
pub fn resident_memory_bytes() -> Option<u64> {
    status_bytes("VmRSS:")
}

fn status_bytes(field: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1024)
}

fn cpu_seconds() -> Option<f64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Some(std::time::Duration::from_micros(u64::try_from(micros).ok()?).as_secs_f64())
}

fn open_files() -> Option<usize> {
    // The directory being read is itself one open file.
    Some(
        std::fs::read_dir("/proc/self/fd")
            .ok()?
            .count()
            .saturating_sub(1),
    )
}

pub(super) fn render(page: &mut String) {
    mark_start();
    let mut line = |name: &str, kind: &str, help: &str, value: Option<String>| {
        if let Some(value) = value {
            // Writing to a string cannot fail.
            let _ = write!(
                page,
                "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n\n"
            );
        }
    };
    let text = |bytes: u64| bytes.to_string();
    line(
        "process_resident_memory_bytes",
        "gauge",
        "Resident memory size in bytes.",
        resident_memory_bytes().map(text),
    );
    line(
        "process_virtual_memory_bytes",
        "gauge",
        "Virtual memory size in bytes.",
        status_bytes("VmSize:").map(text),
    );
    line(
        "process_cpu_seconds_total",
        "counter",
        "Total user and system CPU time spent in seconds.",
        cpu_seconds().map(|seconds| seconds.to_string()),
    );
    line(
        "process_open_fds",
        "gauge",
        "Number of open file descriptors.",
        open_files().map(|count| count.to_string()),
    );
    let max_open = getrlimit(Resource::RLIMIT_NOFILE)
        .ok()
        .map(|(soft, _hard)| soft);
    line(
        "process_max_fds",
        "gauge",
        "Maximum number of open file descriptors.",
        max_open.map(text),
    );
    line(
        "process_start_time_seconds",
        "gauge",
        "Start time of the process since unix epoch in seconds.",
        START_SECONDS.get().map(f64::to_string),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_some_memory_and_files() {
        assert!(resident_memory_bytes().unwrap() > 100_000);
        assert!(open_files().unwrap() >= 3);
        assert!(cpu_seconds().unwrap() >= 0.0);
    }
}
