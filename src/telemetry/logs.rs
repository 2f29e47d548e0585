//! Log lines on standard error: text for a person at a terminal, JSON for everything else.

use std::fmt;
use std::io::IsTerminal as _;

use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{Format, Json, Writer};
use tracing_subscriber::fmt::writer::MakeWriterExt as _;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::recent::Recent;
use super::request;

/// What is logged when nothing else is asked for. What strangers can provoke by sending rubbish is
/// not worth a line: the metrics count it.
pub const DEFAULT_FILTER: &str = "info";
const ALWAYS: [&str; 4] = [
    "actix_http=off",
    "tantivy=warn",
    // These log parameters, and so password hashes and whole texts.
    "postgres=info",
    "tokio_postgres=info",
];

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Text when standard error is a terminal, JSON otherwise.
    #[default]
    Auto,
    Text,
    Json,
}

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error(
        "“{0}” is not a log filter; write a level (error, warn, info, debug, trace) or target=level, separated by commas"
    )]
    Filter(String),
    #[error("logging has already been set up in this process")]
    Twice,
}

/// Sets up logging for the whole process. Call it once, first of all.
pub fn init(filter: &str, format: LogFormat) -> Result<(), LogError> {
    let filter = parse_filter(filter)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr.and(|| Recent));
    let json = match format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !std::io::stderr().is_terminal(),
    };
    if json {
        let lines = json_lines();
        builder
            .json()
            .event_format(WithRequestId { lines, json })
            .try_init()
            .map_err(|_| LogError::Twice)
    } else {
        let lines = tracing_subscriber::fmt::format();
        builder
            .with_ansi(std::io::stderr().is_terminal())
            .event_format(WithRequestId { lines, json })
            .try_init()
            .map_err(|_| LogError::Twice)
    }
}

/// A log of JSON lines into something else than standard error, for those who look at what is logged.
pub fn json_to<W>(writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> tracing_subscriber::fmt::MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = json_lines();
    tracing_subscriber::fmt()
        .with_writer(writer)
        .json()
        .event_format(WithRequestId { lines, json: true })
        .finish()
}

fn json_lines() -> Format<Json> {
    tracing_subscriber::fmt::format()
        .json()
        .flatten_event(true)
        .with_current_span(false)
}

/// A filter people wrote may name the noisy targets itself; then theirs counts.
fn parse_filter(wanted: &str) -> Result<EnvFilter, LogError> {
    let wanted = if wanted.trim().is_empty() {
        DEFAULT_FILTER
    } else {
        wanted
    };
    let mut directives = String::new();
    for directive in ALWAYS {
        let target = directive.split('=').next().unwrap_or_default();
        if !wanted.contains(target) {
            directives.push_str(directive);
            directives.push(',');
        }
    }
    directives.push_str(wanted);
    EnvFilter::try_new(directives).map_err(|_| LogError::Filter(wanted.to_owned()))
}

/// Adds the current request's id to the lines another format makes.
struct WithRequestId<F> {
    lines: F,
    json: bool,
}

impl<S, N, F> FormatEvent<S, N> for WithRequestId<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some(id) = request::current() else {
            return self.lines.format_event(context, writer, event);
        };
        let mut line = String::new();
        // A buffer of our own knows no colours; the id is worth more than they are.
        let inner = Writer::new(&mut line);
        self.lines.format_event(context, inner, event)?;
        match line.strip_prefix('{') {
            Some(rest) if self.json => write!(writer, "{{\"request_id\":\"{id}\",{rest}"),
            _ => writeln!(writer, "{} request_id={id}", line.trim_end()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(json: bool) -> String {
        let lines = Lines::default();
        let sink = lines.clone();
        let base = tracing_subscriber::fmt()
            .with_writer(move || sink.clone())
            .with_ansi(false);
        let log = || {
            let _current = request::enter(request::RequestId::from_u64(0x2a));
            tracing::warn!(attempts = 3, "the disk is full");
        };
        if json {
            let format = tracing_subscriber::fmt::format()
                .json()
                .flatten_event(true)
                .without_time();
            let subscriber = base
                .json()
                .event_format(WithRequestId {
                    lines: format,
                    json,
                })
                .finish();
            tracing::subscriber::with_default(subscriber, log);
        } else {
            let format = tracing_subscriber::fmt::format().without_time();
            let subscriber = base
                .event_format(WithRequestId {
                    lines: format,
                    json,
                })
                .finish();
            tracing::subscriber::with_default(subscriber, log);
        }
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn json_lines_carry_the_request_id_as_a_field() {
        let line: serde_json::Value = serde_json::from_str(&logged(true)).unwrap();
        assert_eq!(line["request_id"], "000000000000002a");
        assert_eq!(line["attempts"], 3);
        assert_eq!(line["message"], "the disk is full");
    }

    #[test]
    fn text_lines_end_with_the_request_id() {
        let line = logged(false);
        assert!(line.contains("the disk is full attempts=3"), "{line}");
        assert!(line.ends_with(" request_id=000000000000002a\n"), "{line}");
    }

    #[test]
    fn a_filter_that_makes_no_sense_is_refused() {
        assert!(parse_filter("info,inkstand::web=debug").is_ok());
        assert!(parse_filter("").is_ok());
        let refused = parse_filter("inkstand=loud").unwrap_err();
        assert!(refused.to_string().contains("“inkstand=loud”"));
    }
}
