//! Entries of others' programs. The tests named by a number are those of micropub.rocks for servers, each
//! with what it sends and what it looks at; `docs/micropub.md` lists them.

use image::ImageFormat;
use serde_json::{Value, json};

use super::pen::{ALL, FORM, Program, encoded, error_of, location, multipart, picture};

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
    assert!(
        photo.starts_with(&program.site.own_url("/media/")),
        "{photo}"
    );
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
        &program.site.own_url("/nothing"),
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
        program.site.own_url("/micropub/media")
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
            url.starts_with(&program.site.own_url("/media/")) && url.ends_with(name),
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
