//! The whole way of a new site, in one go: claimed, written in, read, found, changed.

use fantoccini::key::Key;

use super::chromium::browse;
use super::editor::{await_script, go_to_end, markdown};
use super::site::{Site, eventually};
use super::ways_in::claim;

/// Puts a picture of eight by eight points on the clipboard and pastes it.
const PASTE_PICTURE: &str = "
    const done = arguments[arguments.length - 1];
    const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 });
    canvas.getContext('2d').fillRect(0, 0, 8, 4);
    canvas.toBlob((bytes) => {
        const data = new DataTransfer();
        data.items.add(new File([bytes], 'lamp.png', { type: 'image/png' }));
        const paste = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
        document.getElementById('markdown').dispatchEvent(paste);
        done(null);
    });";

#[test]
fn browser_goes_from_an_empty_directory_to_a_read_found_and_changed_post() {
    let site = Site::start();
    browse(async |browser| {
        claim(&browser, &site).await;
        await_script(&browser).await;
        browser.type_keys("The lamp").await;
        browser.press(Key::Enter).await;
        browser.type_keys("It burns with whale oil.\n\n/hea").await;
        browser
            .await_true("document.querySelector('.listbox:not([hidden])')")
            .await;
        browser.press(Key::Enter).await;
        browser.type_keys("Its keeper\n\nNobody knows.\n\n").await;
        browser.script_async(PASTE_PICTURE).await;
        browser
            .await_true("document.getElementById('markdown').value.includes('](/media/')")
            .await;
        let written = markdown(&browser).await;
        assert!(!written.contains("being uploaded"), "{written}");
        let enter = char::from(Key::Enter);
        browser.press_with(Key::Control, enter).await;
        browser.click("dialog .buttons .main").await;
        browser
            .await_true("document.querySelector('dialog a.button.main')")
            .await;

        let read = site.anyone().get("/the-lamp").expect(200).body;
        assert!(read.contains("whale oil") && read.contains("Its keeper</a></h2>"));
        let picture = read.split("src=\"/media/").nth(1).expect("a picture");
        let picture = format!("/media/{}", picture.split('"').next().unwrap());
        let shown = site.anyone().get(&picture).expect(200);
        assert_eq!(shown.header("content-type"), Some("image/png"));
        let finds = |word: &str| {
            let found = site.anyone().get(&format!("/search?q={word}")).body;
            found.contains("href=\"/the-lamp\"")
        };
        eventually("the search finds it", || finds("whale").then_some(()));

        browser.press(Key::Escape).await;
        browser
            .script(
                "const field = document.getElementById('markdown');
                 field.focus();
                 field.setSelectionRange(field.value.indexOf('whale'), field.value.indexOf(' oil'));
                 document.execCommand('insertText', false, 'colza')",
            )
            .await;
        go_to_end(&browser).await;
        browser.press_with(Key::Control, enter).await;
        eventually("readers see the change", || {
            let read = site.anyone().get("/the-lamp").body;
            (read.contains("colza oil") && !read.contains("whale")).then_some(())
        });
        eventually("the search knows it too", || {
            (finds("colza") && !finds("whale")).then_some(())
        });
        browser
    });
}
