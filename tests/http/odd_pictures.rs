//! Odd and hostile pictures: each is taken or clearly refused, soon, and the server lives on as before.

use std::io::Cursor;
use std::time::{Duration, Instant};

use image::{DynamicImage, ImageFormat, RgbImage};

use super::form::{Sender, bytes_at};
use super::painted::{Odd, hostile, odd_pngs};
use super::site::{Browser, Site};

/// Each answer comes within this.
const PATIENCE: Duration = Duration::from_secs(5);
/// What the server may hold more after all of it: nothing of what was sent stays with it.
const MAX_GROWTH_BYTES: u64 = 64 << 20;

fn site() -> Site {
    Site::start_with(&["--set", "metrics.listen=127.0.0.1:0"])
}

fn memory_bytes(metrics: &Browser) -> u64 {
    let page = metrics.get("/metrics").expect(200).body;
    let line = page
        .lines()
        .find_map(|line| line.strip_prefix("process_resident_memory_bytes "));
    line.unwrap().trim().parse().unwrap()
}

/// Sends all of them and gives how many were taken.
fn send_all(site: &Site, all: &[Odd]) -> usize {
    let owner = Sender::owner(site);
    let metrics = site.metrics().unwrap();
    let before = memory_bytes(&metrics);
    let (mut taken, mut slowest) = (0, (Duration::ZERO, ""));
    for Odd {
        name,
        bytes,
        is_sound,
    } in all
    {
        let began = Instant::now();
        let answer = owner.upload(name, bytes);
        let took = began.elapsed();
        slowest = slowest.max((took, name));
        assert!(took < PATIENCE, "{name} took {took:?}");
        match answer.status {
            201 => {
                taken += 1;
                let item = answer.json();
                let shown = site.anyone().get(item["url"].as_str().unwrap()).expect(200);
                let kind = shown.header("content-type").unwrap();
                assert!(kind.starts_with("image/"), "{name}: {kind}");
                assert_eq!(shown.header("x-content-type-options"), Some("nosniff"));
                assert!(!shown.body.contains("<script"), "{name}");
            }
            status => {
                assert!(!is_sound, "{name} is sound: {}", answer.body);
                assert!(matches!(status, 413 | 415 | 422), "{name}: {status}");
                let told = answer.json();
                let detail = told["errors"][0]["message"].as_str();
                let detail = detail.or(told["detail"].as_str()).unwrap();
                assert!(detail.len() > 25, "{name}: “{detail}” says too little");
            }
        }
    }
    let after = memory_bytes(&metrics);
    println!(
        "{taken} of {} taken, the slowest {slowest:?}, memory {before} to {after}",
        all.len()
    );
    assert!(after < before + MAX_GROWTH_BYTES, "{before} to {after}");
    site.anyone().get("/").expect(200);
    taken
}

#[test]
fn odd_pngs_are_taken_or_refused() {
    let site = site();
    let all = odd_pngs();
    assert!(all.len() >= 175, "only {}", all.len());
    let sound = all.iter().filter(|odd| odd.is_sound).count();
    assert!(send_all(&site, &all) >= sound);
}

#[test]
fn hostile_files_do_no_harm() {
    let picture = DynamicImage::from(RgbImage::from_fn(64, 48, |x, y| {
        image::Rgb([x, y, x ^ y].map(|channel| u8::try_from(channel * 3).unwrap()))
    }));
    let written = |format| {
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, format).unwrap();
        out.into_inner()
    };
    let whole = [
        ("whole.png", written(ImageFormat::Png)),
        ("whole.jpg", written(ImageFormat::Jpeg)),
        ("whole.gif", written(ImageFormat::Gif)),
        ("whole.webp", written(ImageFormat::WebP)),
    ];
    let all = hostile(&whole);
    assert!(all.len() >= 100, "only {}", all.len());
    let site = site();
    send_all(&site, &all);
}

#[test]
fn what_stands_behind_a_picture_is_not_kept() {
    let site = site();
    let owner = Sender::owner(&site);
    let mut out = Cursor::new(Vec::new());
    let picture = DynamicImage::from(RgbImage::new(9, 9));
    picture.write_to(&mut out, ImageFormat::Png).unwrap();
    let behind = b"PK\x03\x04<script>alert(1)</script>";
    let both = [&out.get_ref()[..], behind].concat();
    let item = owner.upload("gifar.html", &both).expect(201).json();
    let url = item["url"].as_str().unwrap();
    assert!(url.ends_with("/gifar.png"));
    assert_eq!(bytes_at(&site, url), out.into_inner());
}
