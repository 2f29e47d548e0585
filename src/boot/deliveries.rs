//! How telling webhooks goes, for those who watch over the site.

use std::sync::Arc;

use metrics::counter;

use crate::app::App;
use crate::telemetry::catalogue;
use crate::telemetry::metrics::Metrics;

/// What was counted is looked up when somebody reads it.
pub(super) fn measure(metrics: &Metrics, app: &App) {
    let tally = Arc::clone(&app.tally);
    metrics.on_read(move || {
        for (outcome, count) in tally.read() {
            counter!(catalogue::WEBHOOK_DELIVERIES, "outcome" => outcome).absolute(count);
        }
    });
}
