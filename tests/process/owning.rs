//! What the owner sets from the shell, beside a running site.

use super::site::{Site, eventually};

#[test]
fn settings_show_on_the_running_site() {
    let site = Site::start();
    site.inkstand(&["settings", "set", "title", "Letters & Lamps"])
        .ok();
    eventually("the new title is on the home page", || {
        let home = site.anyone().get("/");
        home.body.contains("Letters &amp; Lamps").then_some(())
    });
    let unknown = site.inkstand(&["settings", "set", "titel", "x"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("title"), "{}", unknown.stderr);
    let refused = site.inkstand(&["settings", "set", "time_zone", "Moon/Crater"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("time_zone"), "{}", refused.stderr);
}

#[test]
fn redirects_lead_elsewhere_and_never_in_a_circle() {
    let site = Site::start();
    for (from, to) in [("/2019/alt-übung", "/b"), ("/b", "https://example.org/c")] {
        site.inkstand(&["redirect", "add", from, to]).ok();
    }
    eventually("the old address leads on", || {
        let answer = site.anyone().get("/2019/alt-%C3%BCbung");
        (answer.status == 301).then(|| assert_eq!(answer.header("location"), Some("/b")))
    });
    site.anyone().get("/b").expect(301);
    site.inkstand(&["redirect", "add", "/c", "/2019/alt-übung"])
        .ok();
    for (from, to) in [("/b", "/c"), ("/x", "/x"), ("/b", "/2019/alt-übung?y#z")] {
        let refused = site.inkstand(&["redirect", "add", from, to]);
        assert_eq!(refused.code, 1, "{from} to {to}");
        assert!(refused.stderr.contains("circle"), "{}", refused.stderr);
    }
}
