//! Entries of others' programs. The tests named by a number are those of micropub.rocks for servers, each
//! with what it sends and what it looks at; `docs/micropub.md` lists them.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use serde_json::{Value, json};

use super::admin::{look, send, signed_in};
use super::indieauth::token;
use super::people::join;
use super::site::{Answer, Site};

const BOUNDARY: &str = "inkstand-boundary-2b5f";
const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
const ALL: &str = "create update delete undelete media";

/// A program with a token, got by way of the consent page.
struct Program {
    site: Site,
    /// The cookie of its person.
    cookie: String,
    bearer: String,
}

impl Program {
    fn new(scope: &str) -> Self {
        let (site, cookie) = signed_in();
        let bearer = format!("Bearer {}", token(&site, &cookie, scope));
        Self {
            site,
            cookie,
            bearer,
        }
    }

    /// The same, let in by somebody else.
    fn of(self, name: &str, role: &str, scope: &str) -> Self {
        let (_, cookie) = join(&self.site, name, role);
        let bearer = format!("Bearer {}", token(&self.site, &cookie, scope));
        Self {
            cookie,
            bearer,
            ..self
        }
    }

    /// The same person's program with other rights.
    fn with(self, scope: &str) -> Self {
        let bearer = format!("Bearer {}", token(&self.site, &self.cookie, scope));
        Self { bearer, ..self }
    }

    #[track_caller]
    fn send_to(&self, path: &str, kind: &str, body: &[u8]) -> Answer {
        let headers = [("authorization", &*self.bearer), ("content-type", kind)];
        self.site.anyone().send("POST", path, &headers, Some(body))
    }

    #[track_caller]
    fn form(&self, body: &str) -> Answer {
        self.send_to("/micropub", FORM, body.as_bytes())
    }

    #[track_caller]
    fn json(&self, body: &Value) -> Answer {
        self.send_to("/micropub", "application/json", body.to_string().as_bytes())
    }

    /// Makes a post of an entry in JSON; its address.
    #[track_caller]
    fn entry(&self, properties: &Value) -> String {
        let body = json!({ "type": ["h-entry"], "properties": properties });
        location(&self.json(&body).expect(201))
    }

    #[track_caller]
    fn ask(&self, question: &str) -> Answer {
        self.ask_at("/micropub", question)
    }

    #[track_caller]
    fn ask_at(&self, path: &str, question: &str) -> Answer {
        let headers = [("authorization", &*self.bearer)];
        let address = format!("{path}?{question}");
        self.site.anyone().send("GET", &address, &headers, None)
    }

    /// What it gets back of a post.
    #[track_caller]
    fn source(&self, url: &str) -> Value {
        let answer = self
            .ask(&format!("q=source&url={}", encoded(url)))
            .expect(200);
        answer.json()["properties"].clone()
    }

    /// The page readers see.
    #[track_caller]
    fn page(&self, url: &str) -> Answer {
        self.site.anyone().get(self.path(url))
    }

    fn path<'a>(&self, url: &'a str) -> &'a str {
        url.strip_prefix(&self.site.url(""))
            .expect("an address of the site")
    }

    #[track_caller]
    fn update(&self, url: &str, change: &Value) -> Answer {
        let mut body = json!({ "action": "update", "url": url });
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.json(&body)
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[track_caller]
fn location(answer: &Answer) -> String {
    answer.header("location").expect("a location").to_owned()
}

#[track_caller]
fn error_of(answer: &Answer) -> String {
    let said = answer.json();
    assert!(
        said["error_description"]
            .as_str()
            .is_some_and(|words| !words.is_empty())
    );
    said["error"].as_str().unwrap().to_owned()
}

fn picture(format: ImageFormat, shade: u8) -> Vec<u8> {
    let colour = image::Rgb([shade, 90, 200]);
    let picture: DynamicImage = image::RgbImage::from_pixel(40, 30, colour).into();
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// Words, then files: the name of each part, the file's own, its bytes.
fn multipart(words: &[(&str, &str)], files: &[(&str, &str, Vec<u8>)]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    let mut part = |head: String, bytes: &[u8]| {
        body.extend(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n").bytes(),
        );
        body.extend(bytes);
        body.extend(b"\r\n");
    };
    for (name, text) in words {
        part(format!("name=\"{name}\""), text.as_bytes());
    }
    for (name, file, bytes) in files {
        part(format!("name=\"{name}\"; filename=\"{file}\""), bytes);
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}

#[test]
fn test_100_101_107_entries_of_forms() {
    let program = Program::new(ALL);
    let made = program.form("h=entry&content=Micropub+test+of+creating+a+basic+h-entry");
    let url = location(&made.expect(201));
    let page = program.page(&url).expect(200);
    assert!(
        page.body
            .contains("<p>Micropub test of creating a basic h-entry</p>")
    );
    for class in [
        "h-entry",
        "p-name",
        "e-content",
        "dt-published",
        "p-author h-card",
        "u-url",
    ] {
        assert!(page.body.contains(class), "{class}");
    }
    for (sent, categories) in [
        (
            "category[]=test1&category[]=test2",
            json!(["test1", "test2"]),
        ),
        ("category=test1", json!(["test1"])),
    ] {
        let made = program.form(&format!("h=entry&content=With+categories&{sent}"));
        let url = location(&made.expect(201));
        assert_eq!(program.source(&url)["category"], categories);
        let page = program.page(&url).expect(200);
        assert!(
            page.body
                .contains("<a class=\"p-category\" rel=\"tag\" href=\"/tag/test1\">test1</a>")
        );
    }
}

#[test]
fn test_104_203_205_206_photos_by_their_address() {
    let program = Program::new(ALL);
    let sunset = "https://media.example/sunset.jpg";
    let made = program.form(&format!(
        "h=entry&content=A+photo&photo={}",
        encoded(sunset)
    ));
    let of_form = location(&made.expect(201));
    let of_json = program.entry(&json!({ "content": ["A sunset."], "photo": [sunset] }));
    for url in [of_form, of_json] {
        let page = program.page(&url).expect(200);
        assert!(
            page.body.contains(&format!("src=\"{sunset}\"")),
            "{}",
            page.body
        );
        assert_eq!(program.source(&url)["photo"], json!([sunset]));
    }
    let with_alt = json!({ "value": sunset, "alt": "Photo of a sunset" });
    let url = program.entry(&json!({ "content": ["With words"], "photo": [with_alt] }));
    let page = program.page(&url).expect(200);
    assert!(
        page.body.contains("alt=\"Photo of a sunset\""),
        "{}",
        page.body
    );
    assert_eq!(program.source(&url)["photo"], json!([with_alt]));
    let night = "https://media.example/city-at-night.jpg";
    let url = program.entry(&json!({ "content": ["Two"], "photo": [sunset, night] }));
    let page = program.page(&url).expect(200);
    for photo in [sunset, night] {
        assert!(
            page.body.contains(&format!("src=\"{photo}\"")),
            "{}",
            page.body
        );
    }
}

#[test]
fn test_200_201_202_204_entries_of_json() {
    let program = Program::new(ALL);
    let words = "Micropub test of creating an h-entry with a JSON request";
    let url = program.entry(&json!({ "content": [words], "category": ["test1", "test2"] }));
    assert!(program.page(&url).expect(200).body.contains(words));
    assert_eq!(program.source(&url)["category"], json!(["test1", "test2"]));

    let html = json!({ "html": "<p>This post has <b>bold</b> and <i>italic</i> text.</p>" });
    let url = program.entry(&json!({ "content": [html] }));
    let page = program.page(&url).expect(200);
    assert!(
        page.body
            .contains("<p>This post has <b>bold</b> and <i>italic</i> text.</p>")
    );
    assert_eq!(program.source(&url)["content"], json!([html]));
    assert!(
        page.body
            .contains("<h1 class=\"p-name\">This post has bold and italic text.</h1>")
    );

    let place = json!({
        "type": ["h-card"],
        "properties": {
            "name": ["Los Gorditos"],
            "url": ["https://foursquare.example/v/502c4bbde4b06e61e06d1ebf"],
            "latitude": [45.524_330_801_154],
            "longitude": [-122.680_680_8],
            "locality": ["Portland"],
        }
    });
    let url = program.entry(&json!({
        "published": ["2017-05-31T12:03:36-07:00"],
        "content": ["Lunch meeting"],
        "checkin": [place],
    }));
    let source = program.source(&url);
    assert_eq!(source["checkin"], json!([place]));
    assert_eq!(source["published"], json!(["2017-05-31T19:03:36+00:00"]));
    let page = program.page(&url).expect(200);
    assert!(
        page.body.contains("datetime=\"2017-05-31T19:03:36"),
        "{}",
        page.body
    );
}

#[test]
fn test_300_301_files_with_an_entry() {
    let program = Program::new(ALL);
    let words = [("h", "entry"), ("content", "Nice sunset tonight")];
    let sunset = ("photo", "sunset.jpg", picture(ImageFormat::Jpeg, 1));
    let (kind, body) = multipart(&words, &[sunset]);
    let url = location(&program.send_to("/micropub", &kind, &body).expect(201));
    let page = program.page(&url).expect(200);
    assert!(page.body.contains("/sunset.jpg\""), "{}", page.body);
    let photo = program.source(&url)["photo"][0]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(photo.starts_with(&program.site.url("/media/")), "{photo}");
    program.page(&photo).expect(200);

    let files = [
        ("photo[]", "sunset.jpg", picture(ImageFormat::Jpeg, 2)),
        (
            "photo[]",
            "city-at-night.jpg",
            picture(ImageFormat::Jpeg, 3),
        ),
    ];
    let (kind, body) = multipart(&words, &files);
    let url = location(&program.send_to("/micropub", &kind, &body).expect(201));
    assert_eq!(program.source(&url)["photo"].as_array().unwrap().len(), 2);
    let page = program.page(&url).expect(200);
    assert!(page.body.contains("class=\"gallery\"") && page.body.contains("city-at-night.jpg"));

    // The token may stand in the form, before the files.
    let token = program.bearer.strip_prefix("Bearer ").unwrap();
    let words = [("access_token", token), ("h", "entry"), ("content", "x")];
    let (kind, body) = multipart(&words, &[("photo", "x.png", picture(ImageFormat::Png, 4))]);
    let anyone = program.site.anyone();
    let headers = [("content-type", &*kind)];
    anyone
        .send("POST", "/micropub", &headers, Some(&body))
        .expect(201);
    let (kind, body) = multipart(
        &words[1..],
        &[("photo", "x.png", picture(ImageFormat::Png, 5))],
    );
    let headers = [("content-type", &*kind)];
    let refused = anyone
        .send("POST", "/micropub", &headers, Some(&body))
        .expect(401);
    assert_eq!(error_of(&refused), "unauthorized");
    // What is no picture is no photo.
    let (kind, body) = multipart(&words[1..], &[("photo", "x.png", b"<script>".to_vec())]);
    program.send_to("/micropub", &kind, &body).expect(415);
}

#[test]
fn test_400_401_402_403_404_405_changes() {
    let program = Program::new(ALL);
    // 400
    let url = program.entry(&json!({ "content": ["This text should be replaced."] }));
    let new = "This is the updated text. If you can see this you passed the test!";
    program
        .update(&url, &json!({ "replace": { "content": [new] } }))
        .expect(204);
    let page = program.page(&url).expect(200);
    assert!(page.body.contains(new) && !page.body.contains("should be replaced"));
    // 401
    let url = program.entry(&json!({ "content": ["Adding"], "category": ["test1"] }));
    program
        .update(&url, &json!({ "add": { "category": ["test2"] } }))
        .expect(204);
    assert_eq!(program.source(&url)["category"], json!(["test1", "test2"]));
    // 402
    let url = program.entry(&json!({ "content": ["Adding the first"] }));
    program
        .update(&url, &json!({ "add": { "category": ["test1"] } }))
        .expect(204);
    assert_eq!(program.source(&url)["category"], json!(["test1"]));
    assert!(program.page(&url).body.contains("/tag/test1"));
    // 403
    let url = program.entry(&json!({ "content": ["Fewer"], "category": ["test1", "test2"] }));
    program
        .update(&url, &json!({ "delete": { "category": ["test2"] } }))
        .expect(204);
    assert_eq!(program.source(&url)["category"], json!(["test1"]));
    // 404
    program
        .update(&url, &json!({ "delete": ["category"] }))
        .expect(204);
    assert_eq!(program.source(&url)["category"], Value::Null);
    assert!(!program.page(&url).body.contains("/tag/test1"));
    // 405
    let refused = program.update(
        &url,
        &json!({ "replace": "This is not a valid update request." }),
    );
    assert_eq!(error_of(&refused.expect(400)), "invalid_request");
}

#[test]
fn test_500_501_502_503_putting_away_and_bringing_back() {
    let program = Program::new(ALL);
    let url = location(
        &program
            .form("h=entry&content=This+post+will+be+deleted")
            .expect(201),
    );
    program.page(&url).expect(200);
    program
        .form(&format!("action=delete&url={}", encoded(&url)))
        .expect(204);
    program.page(&url).expect(410);
    program
        .form(&format!("action=undelete&url={}", encoded(&url)))
        .expect(204);
    program.page(&url).expect(200);

    let url = program.entry(&json!({ "content": ["This one, too"] }));
    program
        .json(&json!({ "action": "delete", "url": url }))
        .expect(204);
    program
        .json(&json!({ "action": "delete", "url": url }))
        .expect(204);
    program.page(&url).expect(410);
    assert_eq!(program.source(&url)["post-status"], json!(["deleted"]));
    program
        .json(&json!({ "action": "undelete", "url": url }))
        .expect(204);
    program
        .json(&json!({ "action": "undelete", "url": url }))
        .expect(204);
    program.page(&url).expect(200);
    for url in [
        "https://elsewhere.example/x",
        &program.site.url("/nothing"),
        "",
    ] {
        let refused = program
            .json(&json!({ "action": "delete", "url": url }))
            .expect(400);
        assert_eq!(error_of(&refused), "invalid_request");
    }
}

#[test]
fn test_600_601_what_is_known_here() {
    let program = Program::new(ALL);
    let config = program.ask("q=config").expect(200).json();
    assert_eq!(
        config["media-endpoint"],
        program.site.url("/micropub/media")
    );
    assert_eq!(config["syndicate-to"], json!([]));
    assert!(
        config["post-types"]
            .as_array()
            .unwrap()
            .iter()
            .any(|kind| kind["type"] == "note")
    );
    for query in config["q"].as_array().unwrap() {
        let said = program
            .ask(&format!("q={}", query.as_str().unwrap()))
            .expect(200)
            .json();
        assert!(said.is_object());
    }
    let said = program.ask("q=syndicate-to").expect(200).json();
    assert_eq!(said, json!({ "syndicate-to": [] }));
    program.entry(&json!({ "content": ["x"], "category": ["Ink", "Paper"] }));
    let all = program.ask("q=category").expect(200).json();
    assert_eq!(all, json!({ "categories": ["Ink", "Paper"] }));
    let some = program.ask("q=category&filter=pAp").expect(200).json();
    assert_eq!(some, json!({ "categories": ["Paper"] }));
    for odd in ["", "q=", "q=moon"] {
        assert_eq!(error_of(&program.ask(odd).expect(400)), "invalid_request");
    }
}

#[test]
fn test_602_603_what_a_post_said() {
    let program = Program::new(ALL);
    let url = program.entry(&json!({
        "content": ["*Test* of & querying <b>the</b> endpoint"],
        "category": ["test1", "test2"],
    }));
    let said = program
        .ask(&format!("q=source&url={}", encoded(&url)))
        .expect(200)
        .json();
    assert_eq!(said["type"], json!(["h-entry"]));
    let properties = &said["properties"];
    assert_eq!(
        properties["content"],
        json!(["*Test* of & querying <b>the</b> endpoint"])
    );
    assert_eq!(properties["category"], json!(["test1", "test2"]));
    assert_eq!(properties["url"], json!([url]));
    assert_eq!(properties["name"], Value::Null, "it was sent without one");
    let some = format!(
        "q=source&properties[]=content&properties[]=category&url={}",
        encoded(&url)
    );
    let said = program.ask(&some).expect(200).json();
    assert_eq!(
        said,
        json!({ "properties": {
            "content": ["*Test* of & querying <b>the</b> endpoint"],
            "category": ["test1", "test2"],
        } })
    );
    let one = format!("q=source&properties=content&url={}", encoded(&url));
    let said = program.ask(&one).expect(200).json();
    assert_eq!(said["properties"].as_object().unwrap().len(), 1);

    for number in 1..=4 {
        program.entry(&json!({ "content": [format!("Number {number}")] }));
    }
    let first = program.ask("q=source&limit=3").expect(200).json();
    assert_eq!(first["items"].as_array().unwrap().len(), 3);
    assert_eq!(
        first["items"][0]["properties"]["content"],
        json!(["Number 4"])
    );
    let after = first["paging"]["after"].as_str().unwrap();
    let rest = program
        .ask(&format!("q=source&limit=3&after={after}"))
        .expect(200)
        .json();
    assert_eq!(rest["items"].as_array().unwrap().len(), 2);
    assert_eq!(rest["paging"], Value::Null);
}

#[test]
fn test_700_701_702_files_before_their_entry() {
    let program = Program::new("create media");
    let mut last = String::new();
    for (name, format) in [
        ("sunset.jpg", ImageFormat::Jpeg),
        ("micropub-rocks.png", ImageFormat::Png),
        ("w3c-socialwg.gif", ImageFormat::Gif),
    ] {
        let (kind, body) = multipart(&[], &[("file", name, picture(format, 8))]);
        let answer = program.send_to("/micropub/media", &kind, &body).expect(201);
        let url = location(&answer);
        assert!(
            url.starts_with(&program.site.url("/media/")) && url.ends_with(name),
            "{url}"
        );
        let file = program.page(&url).expect(200);
        let mime = file.header("content-type").unwrap().to_owned();
        assert_eq!(mime, format.to_mime_type());
        last = url;
    }
    let said = program
        .ask_at("/micropub/media", "q=last")
        .expect(200)
        .json();
    assert_eq!(said["url"], json!(last));
    let listed = program
        .ask_at("/micropub/media", "q=source&limit=2")
        .expect(200)
        .json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    let url = program.entry(&json!({ "content": ["With it"], "photo": [last] }));
    let path = program.path(&last);
    assert!(
        program
            .page(&url)
            .expect(200)
            .body
            .contains(&format!("src=\"{path}\""))
    );
    let (kind, body) = multipart(&[], &[("image", "x.png", picture(ImageFormat::Png, 9))]);
    let refused = program.send_to("/micropub/media", &kind, &body).expect(400);
    assert_eq!(error_of(&refused), "invalid_request");
    let anyone = program.site.anyone();
    let headers = [("content-type", &*kind)];
    anyone
        .send("POST", "/micropub/media", &headers, Some(&body))
        .expect(401);
}

#[test]
fn test_800_801_802_803_804_805_who_sends() {
    let program = Program::new(ALL);
    // 800
    program
        .form("h=entry&content=Testing+accepting+access+token+in+HTTP+Authorization+header")
        .expect(201);
    // 801, 802
    let token = program.bearer.strip_prefix("Bearer ").unwrap();
    let kind = [("content-type", FORM)];
    let anyone = program.site.anyone();
    let body =
        format!("h=entry&content=Testing+accepting+access+token+in+post+body&access_token={token}");
    let made = anyone
        .send("POST", "/micropub", &kind, Some(body.as_bytes()))
        .expect(201);
    let source = program.source(&location(&made));
    assert_eq!(
        source["content"],
        json!(["Testing accepting access token in post body"])
    );
    assert_eq!(source["access_token"], Value::Null);
    assert!(!source.to_string().contains(token));
    // 803
    let body = b"h=entry&content=Testing+unauthenticated+request";
    let refused = anyone
        .send("POST", "/micropub", &kind, Some(body))
        .expect(401);
    assert_eq!(error_of(&refused), "unauthorized");
    assert!(refused.header("www-authenticate").is_some());
    let wrong = [("content-type", FORM), ("authorization", "Bearer wrong")];
    let refused = anyone
        .send("POST", "/micropub", &wrong, Some(body))
        .expect(401);
    assert_eq!(error_of(&refused), "unauthorized");
    // 805
    let both = format!("h=entry&content=Both&access_token={token}");
    let refused = program.form(&both).expect(400);
    assert_eq!(error_of(&refused), "invalid_request");
    // 804
    let program = program.with("profile update");
    let refused = program
        .form("h=entry&content=Testing+an+unauthorized+access+token")
        .expect(401);
    assert_eq!(error_of(&refused), "insufficient_scope");
    assert_eq!(refused.json()["scope"], "write create draft");
    let all = program.ask("q=source").expect(200).json();
    assert_eq!(
        all["items"].as_array().unwrap().len(),
        2,
        "nothing else was made"
    );
}

#[test]
fn each_word_allows_what_it_says() {
    let program = Program::new(ALL);
    let url = program.entry(&json!({ "content": ["Mine"] }));
    let scope_error = |answer: Answer| {
        assert_eq!(error_of(&answer.expect(401)), "insufficient_scope");
    };
    let program = program.with("create");
    scope_error(program.update(&url, &json!({ "replace": { "content": ["x"] } })));
    scope_error(program.json(&json!({ "action": "delete", "url": url })));
    scope_error(program.ask(&format!("q=source&url={}", encoded(&url))));
    scope_error(program.ask("q=source"));
    program.ask("q=config").expect(200);

    let program = program.with("update");
    program
        .update(&url, &json!({ "replace": { "content": ["Changed"] } }))
        .expect(204);
    scope_error(program.update(&url, &json!({ "replace": { "post-status": ["draft"] } })));
    scope_error(program.form("h=entry&content=x"));

    let program = program.with("delete");
    program
        .json(&json!({ "action": "delete", "url": url }))
        .expect(204);
    program.page(&url).expect(410);
    let program = program.with("undelete");
    // It may not publish, so it comes back as a draft.
    let back = program.json(&json!({ "action": "undelete", "url": url }));
    back.expect(204);
    program.page(&url).expect(404);

    let program = program.with("draft");
    for status in ["", "&post-status=published"] {
        let made = program
            .form(&format!("h=entry&content=Only+a+draft{status}"))
            .expect(202);
        program.page(&location(&made)).expect(404);
    }
    let program = program.with("profile email");
    for body in [
        "h=entry&content=x",
        &format!("action=delete&url={}", encoded(&url)),
    ] {
        scope_error(program.form(body));
    }
    let (kind, body) = multipart(&[], &[("file", "x.png", picture(ImageFormat::Png, 7))]);
    scope_error(program.send_to("/micropub/media", &kind, &body));
    let program = program.with("media");
    program.send_to("/micropub/media", &kind, &body).expect(201);
    scope_error(program.form("h=entry&content=x"));
}

#[test]
fn roles_hold_behind_words() {
    let program = Program::new(ALL);
    let owners = program.entry(&json!({ "content": ["The owner's"] }));
    let draft = json!({ "content": ["The owner's draft"], "post-status": ["draft"] });
    let hidden = program.entry(&draft);
    let program = program.of("ben", "contributor", ALL);
    let waiting = program
        .form("h=entry&content=From+a+contributor")
        .expect(202);
    let own = location(&waiting);
    program.page(&own).expect(404);
    assert_eq!(program.source(&own)["post-status"], json!(["draft"]));
    let (kind, body) = multipart(&[], &[("file", "x.png", picture(ImageFormat::Png, 7))]);
    let refused = program.send_to("/micropub/media", &kind, &body).expect(403);
    assert_eq!(error_of(&refused), "forbidden");
    let refused = program
        .update(&owners, &json!({ "replace": { "content": ["x"] } }))
        .expect(403);
    assert_eq!(error_of(&refused), "forbidden");
    program
        .json(&json!({ "action": "delete", "url": owners }))
        .expect(403);
    // What is not theirs to see is not there.
    for answer in [
        program.ask(&format!("q=source&url={}", encoded(&hidden))),
        program.update(&hidden, &json!({ "replace": { "content": ["x"] } })),
        program.json(&json!({ "action": "delete", "url": hidden })),
    ] {
        assert_eq!(error_of(&answer.expect(400)), "invalid_request");
    }
    let listed = program.ask("q=source").expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    // HTML of theirs is kept as far as they are trusted.
    let html = json!({ "html": "<p>ok</p><iframe src=\"https://evil.example\"></iframe><script>x</script>" });
    let program = program.of("ann", "author", ALL);
    let url = program.entry(&json!({ "content": [html] }));
    let page = program.page(&url).expect(200);
    assert!(
        page.body.contains("<p>ok</p>") && !page.body.contains("<iframe"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("<script>x"));
}

#[test]
fn a_post_is_where_its_entry_says() {
    let program = Program::new(ALL);
    let status = |url: &str| {
        let source = program.source(url);
        [
            source["post-status"][0].clone(),
            source["visibility"][0].clone(),
        ]
    };
    let draft =
        program.entry(&json!({ "name": ["A draft"], "content": ["x"], "post-status": ["draft"] }));
    assert_eq!(status(&draft), ["draft", "public"]);
    program.page(&draft).expect(404);
    program
        .update(
            &draft,
            &json!({ "replace": { "post-status": ["published"] } }),
        )
        .expect(204);
    program.page(&draft).expect(200);
    program
        .update(
            &draft,
            &json!({ "replace": { "visibility": ["unlisted"] } }),
        )
        .expect(204);
    assert_eq!(status(&draft), ["published", "unlisted"]);
    assert!(!program.site.anyone().get("/").body.contains("A draft"));
    program
        .update(&draft, &json!({ "replace": { "visibility": ["private"] } }))
        .expect(204);
    program.page(&draft).expect(404);
    program
        .update(&draft, &json!({ "replace": { "post-status": ["draft"] } }))
        .expect(204);
    assert_eq!(status(&draft), ["draft", "public"]);
    let private = program.entry(&json!({ "content": ["x"], "visibility": ["private"] }));
    assert_eq!(status(&private), ["published", "private"]);
    // What lies ahead is scheduled.
    let later =
        program.entry(&json!({ "content": ["y"], "published": ["2099-01-01T10:00:00+01:00"] }));
    program.page(&later).expect(404);
    assert_eq!(
        program.source(&later)["published"],
        json!(["2099-01-01T09:00:00+00:00"])
    );
    for wrong in [
        json!({ "visibility": ["friends"] }),
        json!({ "post-status": ["gone"] }),
        json!({ "published": ["soon"] }),
        json!({ "photo": ["javascript:alert(1)"] }),
        json!({ "category": ["x".repeat(200)] }),
        json!({ "content": [7] }),
    ] {
        let mut entry = json!({ "type": ["h-entry"], "properties": { "content": ["x"] } });
        for (name, value) in wrong.as_object().unwrap() {
            entry["properties"][name] = value.clone();
        }
        assert_eq!(
            error_of(&program.json(&entry).expect(400)),
            "invalid_request",
            "{wrong}"
        );
    }
}

#[test]
fn addresses_are_wishes_and_lead_on() {
    let program = Program::new(ALL);
    let url = program.entry(&json!({ "name": ["Ink"], "content": ["x"], "mp-slug": ["My Slug!"] }));
    assert_eq!(url, program.site.url("/my-slug"));
    let twin = program.entry(&json!({ "name": ["Ink"], "content": ["x"], "mp-slug": ["my-slug"] }));
    assert_eq!(twin, program.site.url("/my-slug-2"));
    let moved = program
        .update(&url, &json!({ "replace": { "mp-slug": ["another"] } }))
        .expect(201);
    assert_eq!(location(&moved), program.site.url("/another"));
    let old = program.page(&url).expect(301);
    assert!(old.header("location").unwrap().ends_with("/another"));
    // The old address still names it.
    let again = program
        .update(&url, &json!({ "replace": { "name": ["Ink, too"] } }))
        .expect(201);
    assert_eq!(location(&again), program.site.url("/another"));
    assert!(program.page(&location(&again)).body.contains("Ink, too"));
}

#[test]
fn what_it_is_about_stands_before_it() {
    let program = Program::new(ALL);
    let there = "https://other.example/a_post?x=1&y=2";
    let url = program.entry(&json!({ "in-reply-to": [there], "content": ["I agree"] }));
    let page = program.page(&url).expect(200);
    let link = "<p>In reply to <a href=\"https://other.example/a_post?x=1&amp;y=2\"";
    assert!(page.body.contains(link), "{}", page.body);
    assert_eq!(program.source(&url)["in-reply-to"], json!([there]));
    let cite = json!({ "type": ["h-cite"], "properties": { "url": [there], "name": ["x"] } });
    let url = program.entry(&json!({ "like-of": [cite] }));
    let page = program.page(&url).expect(200);
    assert!(page.body.contains("Liked <a href"), "{}", page.body);
    assert_eq!(program.source(&url)["like-of"], json!([cite]));
}

#[test]
fn what_was_written_on_in_the_editor_is_not_lost() {
    let program = Program::new(ALL);
    let url = program.entry(&json!({
        "content": ["First *words*"],
        "photo": ["https://media.example/x.jpg"],
        "syndication": ["https://other.example/1"],
    }));
    let posts = program.site.owner().get("/api/v1/posts").json();
    let id = posts["posts"]
        .as_array()
        .or(posts["items"].as_array())
        .unwrap()[0]["id"]
        .to_string();
    let owner = program.site.owner();
    let change = json!({ "markdown": "Now **bold** words", "title": "A title" });
    owner
        .ask("PATCH", &format!("/api/v1/posts/{id}"), &change)
        .expect(200);
    let source = program.source(&url);
    assert_eq!(source["content"], json!(["Now **bold** words"]));
    assert_eq!(source["name"], json!(["A title"]));
    assert_eq!(
        source["photo"],
        Value::Null,
        "it is in the text, if anywhere"
    );
    assert_eq!(source["syndication"], json!(["https://other.example/1"]));
    // What was given back as markdown is taken as markdown.
    let words = json!({ "replace": { "content": ["Now **bolder** words"] } });
    program.update(&url, &words).expect(204);
    let page = program.page(&url).expect(200);
    assert!(
        page.body.contains("<strong>bolder</strong>"),
        "{}",
        page.body
    );
    assert!(page.body.contains("<h1 class=\"p-name\">A title</h1>"));
    // Other changes leave the text alone.
    program
        .update(&url, &json!({ "add": { "category": ["x"] } }))
        .expect(204);
    assert!(program.page(&url).body.contains("<strong>bolder</strong>"));
}

#[test]
fn plain_words_are_plain() {
    let program = Program::new(ALL);
    let words = "1. *Not* a list\n# nor this\n\n<b>&amp; https://example.org/a_b_c.";
    let url = program.entry(&json!({ "content": [words] }));
    let page = program.page(&url).expect(200);
    let expected = "<p>1. *Not* a list<br>\n# nor this</p>\n<p>&lt;b&gt;&amp;amp; <a href=\"https://example.org/a_b_c\"";
    assert!(page.body.contains(expected), "{}", page.body);
    let markdown = json!({ "markdown": "**bold**" });
    let url = program.entry(&json!({ "content": [markdown] }));
    assert!(program.page(&url).body.contains("<strong>bold</strong>"));
    assert_eq!(program.source(&url)["content"], json!([markdown]));
}

#[test]
fn odd_requests_are_told_what_is_wrong() {
    let program = Program::new(ALL);
    for (kind, body) in [
        ("application/json", "{"),
        ("application/json", "[]"),
        (
            "application/json",
            "{\"type\":[\"h-event\"],\"properties\":{\"name\":[\"x\"]}}",
        ),
        (
            "application/json",
            "{\"type\":[\"h-entry\"],\"properties\":{\"content\":\"x\"}}",
        ),
        ("text/plain", "x"),
        (FORM, "h=card&name=x"),
        (FORM, "h=entry"),
        (FORM, "action=update&url=x"),
        ("multipart/form-data", "x"),
    ] {
        let refused = program
            .send_to("/micropub", kind, body.as_bytes())
            .expect(400);
        assert_eq!(error_of(&refused), "invalid_request", "{kind} {body}");
    }
    let deep = format!("{{\"type\":{}", "[".repeat(100_000));
    program
        .send_to("/micropub", "application/json", deep.as_bytes())
        .expect(400);
    let large = format!("h=entry&content={}", "x".repeat(5 * 1024 * 1024));
    let refused = program.form(&large).expect(413);
    assert_eq!(error_of(&refused), "invalid_request");
}

#[test]
fn scripts_of_other_sites_may_come_with_a_token() {
    let program = Program::new(ALL);
    let asks = [
        ("origin", "https://app.example"),
        ("access-control-request-method", "POST"),
        (
            "access-control-request-headers",
            "authorization, content-type",
        ),
    ];
    let anyone = program.site.anyone();
    for path in ["/micropub", "/micropub/media", "/indieauth/userinfo"] {
        let answer = anyone.send("OPTIONS", path, &asks, None).expect(204);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        let headers = answer.header("access-control-allow-headers").unwrap();
        assert!(headers.contains("authorization") && headers.contains("content-type"));
    }
    let made = program.form("h=entry&content=From+a+script").expect(201);
    assert_eq!(made.header("access-control-allow-origin"), Some("*"));
    assert_eq!(
        made.header("access-control-expose-headers"),
        Some("location")
    );
    // With a cookie alone nobody is known.
    let body = Some(&b"h=entry&content=x"[..]);
    let headers = [("cookie", &*program.cookie), ("content-type", FORM)];
    anyone.send("POST", "/micropub", &headers, body).expect(401);
}

#[test]
fn a_program_is_put_out_on_the_page_of_security() {
    let program = Program::new(ALL);
    let page = look(&program.site, "/admin/security", &program.cookie).expect(200);
    let html = scraper::Html::parse_document(&page.body);
    let id = scraper::Selector::parse("input[name=id]").unwrap();
    let button = scraper::Selector::parse("button[value=revoke-token]").unwrap();
    let form = html.select(&button).find(|button| {
        button
            .attr("aria-label")
            .is_some_and(|label| label.contains("localhost"))
    });
    let form = form
        .and_then(|button| button.parent())
        .and_then(scraper::ElementRef::wrap);
    let id = form
        .unwrap()
        .select(&id)
        .next()
        .unwrap()
        .attr("value")
        .unwrap()
        .to_owned();
    let fields = [("what", "revoke-token"), ("id", &*id)];
    send(&program.site, "/admin/security", &program.cookie, &fields).expect(303);
    assert_eq!(
        error_of(&program.form("h=entry&content=x").expect(401)),
        "unauthorized"
    );
}
