//! What the whole program costs, measured on the real binary: `cargo bench --bench appliance`. With
//! `-- growth` only whether a cached page costs more when there are more posts.
//!
//! Prints a table: pages from the cache and without it at several sizes of store, publishing, cold
//! start and memory. Processor time is what the server's process used; it travels better between
//! machines than seconds do.

mod library;
mod site;

use std::error::Error;
use std::time::{Duration, Instant};

use library::Library;
use site::Site;

type Outcome<T> = Result<T, Box<dyn Error>>;

const SIZES: [u32; 3] = [100, 10_000, 100_000];
const PAGE_REQUESTS: u32 = 4_000;
const WARM_REQUESTS: u32 = 500;
const PUBLICATIONS: u32 = 200;
const COLD_STARTS: usize = 15;
const MEMORY_REQUESTS: u32 = 10_000;
const GROWTH_ROUNDS: usize = 9;
const GROWTH_REQUESTS: u32 = 20_000;

fn main() -> Outcome<()> {
    if std::env::args().any(|argument| argument == "growth") {
        return growth();
    }
    println!("| what | posts | figure |\n|---|--:|--:|");
    for posts in SIZES {
        let library = Library::of(posts)?;
        pages(&library)?;
        if posts == 10_000 {
            cold_start(&library)?;
            memory(&library)?;
        }
        publish(&library)?;
    }
    Ok(())
}

fn row(what: &str, posts: u32, figure: impl std::fmt::Display) {
    println!("| {what} | {posts} | {figure} |");
}

/// Processor time a request, in microseconds.
fn cost_of(site: &Site, requests: u32, path: impl Fn(u32) -> String) -> Outcome<f64> {
    let mut client = site.connect()?;
    for n in 0..WARM_REQUESTS {
        client.get(&path(n))?;
    }
    let before = site.processor_time()?;
    for n in 0..requests {
        client.get(&path(WARM_REQUESTS + n))?;
    }
    let used = site.processor_time()?.saturating_sub(before);
    Ok(used.as_secs_f64() * 1e6 / f64::from(requests))
}

fn pages(library: &Library) -> Outcome<()> {
    let posts = library.posts;
    let site = Site::start(library, &[])?;
    let cached = cost_of(&site, PAGE_REQUESTS, |_| library.path(7))?;
    row("page from the cache, CPU µs", posts, format!("{cached:.0}"));
    drop(site);
    let site = Site::start(library, &["--set", "cache.size_mb=0"])?;
    // Steps of a prime walk through the whole store.
    let uncached = cost_of(&site, PAGE_REQUESTS, |n| library.path(n * 7919))?;
    row(
        "post page without the cache, CPU µs",
        posts,
        format!("{uncached:.0}"),
    );
    let home = cost_of(&site, PAGE_REQUESTS, |_| "/".to_owned())?;
    row(
        "home page without the cache, CPU µs",
        posts,
        format!("{home:.0}"),
    );
    Ok(())
}

/// The same page from sites of all sizes, in turns, so that whatever else the machine does meets all of
/// them alike.
fn growth() -> Outcome<()> {
    let mut sites = Vec::new();
    for posts in SIZES {
        let library = Library::of(posts)?;
        let site = Site::start(&library, &["--set", "workers=1"])?;
        sites.push((library, site, Vec::new()));
    }
    for _ in 0..GROWTH_ROUNDS {
        for (library, site, costs) in &mut sites {
            let cost = cost_of(site, GROWTH_REQUESTS, |_| library.path(7))?;
            costs.push(Duration::from_secs_f64(cost / 1e6));
        }
    }
    println!(
        "| posts | cached page, CPU µs, middle of {GROWTH_ROUNDS} rounds | beside the smallest |\n|--:|--:|--:|"
    );
    let mut smallest = None;
    for (library, _, costs) in &mut sites {
        let cost = middle(costs).as_secs_f64() * 1e6;
        let ratio = cost / *smallest.get_or_insert(cost);
        println!("| {} | {cost:.1} | {ratio:.2} |", library.posts);
    }
    Ok(())
}

fn publish(library: &Library) -> Outcome<()> {
    let copy = library.copy()?;
    let site = Site::start(&copy, &[])?;
    let token = copy.token()?;
    let mut client = site.connect()?;
    let mut times = Vec::new();
    for n in 0..PUBLICATIONS {
        let begun = Instant::now();
        client.publish(&token, n)?;
        times.push(begun.elapsed());
    }
    row(
        "publish, median ms",
        copy.posts,
        milliseconds(middle(&mut times)),
    );
    Ok(())
}

fn cold_start(library: &Library) -> Outcome<()> {
    let mut times = Vec::new();
    for _ in 0..COLD_STARTS {
        let begun = Instant::now();
        let site = Site::start(library, &[])?;
        site.connect()?.get(&library.path(3))?;
        times.push(begun.elapsed());
    }
    let median = milliseconds(middle(&mut times));
    row(
        "cold start to the first page, median ms",
        library.posts,
        median,
    );
    Ok(())
}

fn memory(library: &Library) -> Outcome<()> {
    let site = Site::start(library, &[])?;
    let mut client = site.connect()?;
    for n in 0..MEMORY_REQUESTS {
        match n % 10 {
            0 => client.get("/")?,
            1 => client.get("/search?q=letter+harbour")?,
            _ => client.get(&library.path(n))?,
        }
    }
    let mib = site.resident_kib()? / 1024;
    row("resident after 10,000 requests, MiB", library.posts, mib);
    Ok(())
}

fn middle(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1e3)
}
