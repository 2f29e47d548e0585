//! The metrics recorder and the page Prometheus reads. Opens no listener: the web layer decides who
//! may see the page.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::metrics::gauge;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::{catalogue, process};

/// Histograms collect samples until somebody sorts them into buckets; this is how often that
/// happens when nobody reads the page.
const UPKEEP_SECONDS: u64 = 5;

type Sampler = Box<dyn Fn() + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    #[error("the metrics recorder could not be made: {0}")]
    Build(#[from] metrics_exporter_prometheus::BuildError),
    #[error("metrics have already been set up in this process")]
    Twice,
}

/// The page of metrics. Clones share one recorder.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
    samplers: Arc<Mutex<Vec<Sampler>>>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// Sets up the recorder for the whole process. Call it before anything is measured: what was
    /// registered earlier is lost.
    pub fn install(version: &str) -> Result<Self, MetricsError> {
        let recorder = builder()?.build_recorder();
        let handle = recorder.handle();
        ::metrics::set_global_recorder(recorder).map_err(|_| MetricsError::Twice)?;
        catalogue::describe();
        gauge!(catalogue::BUILD_INFO, "version" => version.to_owned()).set(1.0);
        Ok(Self {
            handle,
            samplers: Arc::default(),
        })
    }

    /// Adds something to be looked at each time the page is read, for what is cheaper to look up
    /// than to keep counting (the size of a cache, the length of a queue).
    pub fn on_read(&self, sampler: impl Fn() + Send + Sync + 'static) {
        let mut samplers = self.samplers.lock().unwrap_or_else(PoisonError::into_inner);
        samplers.push(Box::new(sampler));
    }

    /// The page, in Prometheus' text format.
    pub fn render(&self) -> String {
        let samplers = self.samplers.lock().unwrap_or_else(PoisonError::into_inner);
        samplers.iter().for_each(|sampler| sampler());
        drop(samplers);
        let mut page = self.handle.render();
        process::render(&mut page);
        page
    }

    /// Keeps the histograms small. Run it as a task as long as the program runs.
    pub async fn upkeep(self) {
        loop {
            tokio::time::sleep(Duration::from_secs(UPKEEP_SECONDS)).await;
            self.handle.run_upkeep();
        }
    }
}

fn builder() -> Result<PrometheusBuilder, MetricsError> {
    let duration = Matcher::Full(catalogue::HTTP_DURATION.to_owned());
    Ok(PrometheusBuilder::new()
        .set_buckets_for_metric(duration, &catalogue::DURATION_BUCKETS_SECONDS)?)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use super::*;

    /// Everything in the catalogue measured once, without touching the process' own recorder.
    fn page_of_everything() -> String {
        let recorder = builder().unwrap().build_recorder();
        let handle = recorder.handle();
        ::metrics::with_local_recorder(&recorder, || {
            catalogue::describe();
            ::metrics::counter!(catalogue::HTTP_REQUESTS, "method" => "GET", "status" => "2xx")
                .increment(1);
            ::metrics::histogram!(catalogue::HTTP_DURATION).record(0.000_2);
            gauge!(catalogue::HTTP_IN_FLIGHT).set(1.0);
            gauge!(catalogue::HTTP_CONNECTIONS).set(1.0);
            ::metrics::counter!(catalogue::HTTP_REFUSED_CONNECTIONS, "limit" => "total")
                .increment(1);
            ::metrics::counter!(catalogue::WEBHOOK_DELIVERIES, "outcome" => "delivered")
                .increment(1);
            ::metrics::counter!(catalogue::CACHE_HITS).absolute(3);
            ::metrics::counter!(catalogue::CACHE_MISSES).absolute(3);
            gauge!(catalogue::CACHE_BYTES).set(1.0);
            gauge!(catalogue::CACHE_ENTRIES).set(1.0);
            gauge!(catalogue::BUILD_INFO, "version" => "1").set(1.0);
        });
        let mut page = handle.render();
        process::render(&mut page);
        page
    }

    #[test]
    fn every_metric_says_what_it_means() {
        let page = page_of_everything();
        let names = page
            .lines()
            .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
        let names: Vec<_> = names.collect();
        assert!(names.len() > 15, "{names:?}");
        for name in names {
            assert!(page.contains(&format!("# HELP {name} ")), "{name}");
        }
    }

    /// Skipped, aloud, where Prometheus' own checker is not installed (`apt-get install prometheus`).
    #[test]
    fn promtool_finds_nothing_to_say() {
        let spawned = Command::new("promtool")
            .args(["check", "metrics"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut promtool) = spawned else {
            eprintln!("skipped: promtool is not installed (apt-get install prometheus)");
            return;
        };
        let page = page_of_everything();
        promtool
            .stdin
            .take()
            .unwrap()
            .write_all(page.as_bytes())
            .unwrap();
        let verdict = promtool.wait_with_output().unwrap();
        let said =
            String::from_utf8_lossy(&verdict.stderr) + String::from_utf8_lossy(&verdict.stdout);
        assert!(
            verdict.status.success() && said.trim().is_empty(),
            "{said}\n{page}"
        );
    }
}
