//! The configuration as its users meet it: what is read, which source wins, what is refused.

use std::path::{Path, PathBuf};

use super::*;

fn file(text: &str) -> Sources {
    Sources {
        file: Some(FileSource {
            name: "inkstand.toml".to_owned(),
            text: text.to_owned(),
        }),
        ..Sources::default()
    }
}

fn environment(variables: &[(&str, &str)]) -> Sources {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Sources {
        environment: variables.iter().map(own).collect(),
        ..Sources::default()
    }
}

fn refused(sources: &Sources) -> String {
    list(&Config::load(sources).unwrap_err())
}

#[test]
fn nothing_needs_to_be_set() {
    let config = Config::load(&Sources::default()).unwrap();
    assert_eq!(config.data_dir, Path::new("data"));
    assert_eq!(config.base_url().as_str(), "http://localhost:8080");
    assert_eq!(config.database, Database::InDataDir);
}

#[test]
fn a_file_is_read_in_all_its_notations() {
    let config = Config::load(&file(
        r#"
        listen = ["0.0.0.0:80", "[::]:80"]
        trusted_proxies = "10.0.0.0/8"
        database = "sqlite:/var/blog.db"
        cache.size_mb = 0x40
        [site]
        url = "https://blog.example/notes/"
        [log]
        access = true
        format = "json"
        [metrics]
        listen = "127.0.0.1:9090"
        "#,
    ))
    .unwrap();
    assert_eq!(config.listen.len(), 2);
    assert_eq!(config.trusted_proxies.len(), 1);
    assert_eq!(
        config.database,
        Database::Sqlite(PathBuf::from("/var/blog.db"))
    );
    assert_eq!(config.cache.size_mb, 64);
    assert_eq!(config.base_url().as_str(), "https://blog.example/notes");
    assert!(config.log.access && config.log.format == LogFormat::Json);
    assert_eq!(
        config.metrics.listen.map(|address| address.port()),
        Some(9090)
    );
}

#[test]
fn a_flag_beats_the_environment_beats_the_file_beats_systemd() {
    let mut sources = file("data_dir = \"from-file\"\nworkers = 2");
    sources.state_directory = Some(PathBuf::from("/var/lib/inkstand"));
    assert_eq!(
        Config::load(&sources).unwrap().data_dir,
        Path::new("from-file")
    );
    sources.environment = vec![("INKSTAND_DATA_DIR".to_owned(), "from-env".to_owned())];
    assert_eq!(
        Config::load(&sources).unwrap().data_dir,
        Path::new("from-env")
    );
    sources.flags = vec![
        Flag::named("--data-dir", "data_dir", "from-flag"),
        Flag::from_set("workers=3").unwrap(),
        Flag::named("--listen", "listen", "127.0.0.1:1"),
        Flag::named("--listen", "listen", "127.0.0.1:2"),
    ];
    let config = Config::load(&sources).unwrap();
    assert_eq!(
        (config.data_dir.as_path(), config.workers),
        (Path::new("from-flag"), 3)
    );
    assert_eq!(config.listen.len(), 2, "flags of a list add up");
    sources = Sources {
        state_directory: sources.state_directory,
        ..Sources::default()
    };
    let config = Config::load(&sources).unwrap();
    assert_eq!(config.data_dir, Path::new("/var/lib/inkstand"));
}

#[test]
fn every_mistake_is_reported_at_once_with_its_line() {
    let mut sources = file(
        r#"lisen = "127.0.0.1:8080"
listen = ":8080"
workers = -1
data_dir = 7
cache = 3
size_mb = 9

[limits]
body_mb = "big"
connections = 99999999999999999999
header_seconds = 1.5

[log]
level = "loud"
access = "maybe"

[site]
url = "blog.example"

[server.inner]
port = 80

[metrics]
token = "short"
"#,
    );
    sources.environment = environment(&[
        ("INKSTAND_CACHE_SIZE", "1"),
        ("INKSTAND_DATABASE", "mysql://root:hunter2@host/db"),
        ("INKSTAND_DATABASE_FILE", "/nonexistent"),
        ("INKSTAND_LISTEN_FILE", "/nonexistent"),
        ("INKSTAND_METRICS_TOKEN_FILE", "/nonexistent"),
        ("INKSTAND_TRUSTED_PROXIES", "10.0.0.0/8, 10.0.0.0/99"),
        ("INKSTAND_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
        ("INKSTAND_SERVICE_HOST", "10.0.0.1"),
    ])
    .environment;
    sources.flags = vec![Flag::from_set("oplog.keep_mb=0").unwrap()];
    let mistakes = refused(&sources);
    assert!(!mistakes.contains("hunter2"), "a secret was repeated");
    insta::assert_snapshot!(mistakes);
}

#[test]
fn broken_toml_does_not_hide_other_mistakes() {
    insta::assert_snapshot!(refused(&file(
        "workers = \nlisen = 1\n[log\nlevel = \"loud\"\ncolour = \"red\"\nlog.level = \"info\"\n"
    )));
}

#[test]
fn sound_values_must_go_together() {
    let mistakes = refused(&file(
        "listen = \"127.0.0.1:80\"\n\
         database = \"postgres://u@h/d\"\n\
         metrics.listen = \"127.0.0.1:80\"\n\
         oplog.keep_hours = 1\n\
         limits.connections = 16\n",
    ));
    insta::assert_snapshot!(mistakes);
}

#[test]
fn secrets_come_from_files_too_and_are_never_shown() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("url");
    std::fs::write(&path, "postgres://ink:hunter2@db/blog\n").unwrap();
    let sources = environment(&[
        ("INKSTAND_DATABASE_FILE", path.to_str().unwrap()),
        ("INKSTAND_METRICS_TOKEN", "hunter2hunter2hunter2"),
    ]);
    let config = Config::load(&sources).unwrap();
    let Database::Postgres(url) = &config.database else {
        panic!("{:?}", config.database);
    };
    assert_eq!(url.expose(), "postgres://ink:hunter2@db/blog");
    for shown in [format!("{config:?}"), show(&sources).unwrap()] {
        assert!(
            shown.contains("(hidden)") && !shown.contains("hunter2"),
            "{shown}"
        );
    }
}

#[test]
fn what_is_shown_can_be_loaded_and_says_the_same() {
    let mut sources = file("[cache]\nsize_mb = 64\n[site]\nurl = \"https://a.example\"");
    sources.environment = environment(&[("INKSTAND_LOG_ACCESS", "yes")]).environment;
    sources.flags = vec![Flag::named("--data-dir", "data_dir", "C:\\\"quoted\"\n")];
    let shown = show(&sources).unwrap();
    insta::assert_snapshot!(shown);
    let again = show(&file(&shown)).unwrap();
    let values = |text: &str| -> Vec<String> {
        let value_of = |line: &str| {
            line.split(" # ")
                .next()
                .unwrap_or(line)
                .trim_end()
                .to_owned()
        };
        text.lines().map(value_of).collect()
    };
    assert_eq!(values(&shown), values(&again));
}

#[test]
fn a_report_counts() {
    let report = check_report(&file("workers = 2")).unwrap();
    assert_eq!(
        report,
        "The configuration is sound: 1 option is set (from inkstand.toml, the environment and \
         flags).\n"
    );
    let report = check_report(&file("worker = 2\nlisten = 5")).unwrap_err();
    assert!(
        report.ends_with("There are 2 mistakes in the configuration.\n"),
        "{report}"
    );
}

#[test]
fn a_set_flag_needs_a_key_and_a_value() {
    for assignment in ["", "=", "=x", "workers"] {
        let mistake = Flag::from_set(assignment).unwrap_err().to_string();
        assert!(mistake.contains("--set cache.size_mb=64"), "{mistake}");
    }
}

#[test]
fn every_default_is_accepted_by_its_own_rule() {
    let defaults = Config::default();
    for row in options::ROWS {
        let Some(value) = (row.show)(&defaults) else {
            continue;
        };
        let sources = file(&format!("{} = {value}", row.key));
        let problems = Config::load(&sources)
            .map(|_| ())
            .map_err(|mistakes| list(&mistakes));
        assert_eq!(problems, Ok(()), "{}", row.key);
    }
}

/// `INKSTAND_WRITE_DOCS=1 cargo nextest run reference` writes the page anew.
#[test]
fn the_reference_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    if std::env::var_os("INKSTAND_WRITE_DOCS").is_some() {
        std::fs::write(&path, reference()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == reference(),
        "docs/configuration.md differs from the table of options; run\n    \
         INKSTAND_WRITE_DOCS=1 cargo nextest run reference"
    );
}

/// The package brings it as its configuration file.
#[test]
fn the_reference_as_a_file_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/deb/inkstand.toml");
    if std::env::var_os("INKSTAND_WRITE_DOCS").is_some() {
        std::fs::write(&path, example()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == example(),
        "packaging/deb/inkstand.toml differs from the table of options; run\n    \
         INKSTAND_WRITE_DOCS=1 cargo nextest run reference"
    );
}

#[test]
fn the_example_sets_nothing_and_shows_the_defaults() {
    let untouched = Config::load(&file(&example())).unwrap();
    let default = format!("{:?}", Config::default());
    assert_eq!(format!("{untouched:?}"), default);
    let set: String = example()
        .lines()
        .filter(|line| !line.starts_with("# "))
        .filter(|line| !line.ends_with(" ="))
        .map(|line| line.trim_start_matches('#').to_owned() + "\n")
        .collect();
    assert!(set.contains("listen = [\"127.0.0.1:8080\"]"), "{set}");
    let set = Config::load(&file(&set)).unwrap();
    assert_eq!(format!("{set:?}"), default);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(?s).{0,200}", key in "[a-z_.]{0,20}", value in ".{0,40}") {
        let mut sources = file(&text);
        sources.flags = vec![Flag::named("--set", &key, value)];
        let _ = show(&sources);
    }
}
