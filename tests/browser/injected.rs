//! What the owner puts into pages runs in a real browser under the real policy; what nobody put in
//! does not.

use serde_json::json;

use super::chromium::browse;
use super::site::Site;

const CODE: &str = "<script>\r\ndocument.documentElement.dataset.ran = 'site';\r\n</script>\n\
    <style>h1 { letter-spacing: 7px !important }</style>";

#[test]
fn browser_runs_what_the_owner_put_in() {
    let site = Site::start();
    site.token();
    site.inkstand(&["settings", "set", "code_head", CODE]).ok();
    let post = json!({
        "title": "With code", "status": "published",
        "markdown": "<p id=\"red\" style=\"color: rgb(255, 0, 0)\">red</p>",
        "code_foot": "<script>document.documentElement.dataset.post = 'a < b && \"c\"';</script>",
    });
    site.owner().ask("POST", "/api/v1/posts", &post).expect(201);
    browse(async |browser| {
        browser.open_page(&site.url("/with-code")).await;
        let found = browser
            .script(
                "const style = selector => getComputedStyle(document.querySelector(selector));
                 return [document.documentElement.dataset.ran, document.documentElement.dataset.post,
                     style('h1').letterSpacing, style('#red').color]",
            )
            .await;
        let expected = json!(["site", "a < b && \"c\"", "7px", "rgb(255, 0, 0)"]);
        assert_eq!(found, expected);
        browser
    });
}
