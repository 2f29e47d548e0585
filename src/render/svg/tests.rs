//! Drawings from people who mean well, and from those who do not.

use super::*;

fn kept(inside: &str) -> String {
    let source =
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 40 20\">{inside}</svg>");
    let drawing = sanitise(&source).unwrap();
    let begin = drawing.text.find('>').unwrap() + 1;
    drawing.text[begin..].trim_end_matches("</svg>").to_owned()
}

#[test]
fn what_draws_stays() {
    for inside in [
        "<path d=\"M0 0L9 9\" fill=\"url(#g)\" style=\"stroke: red\"></path>",
        "<style>.a { fill: url(&quot;#g&quot;) }</style>",
        "<text x=\"1\">a &lt; b &amp; c</text>",
        "<image href=\"data:image/png;base64,AAAA\"></image>",
        "<use xlink:href=\"#a\"></use>",
    ] {
        assert_eq!(kept(inside), inside);
    }
    assert_eq!(
        kept("<text><![CDATA[a < b]]></text>"),
        "<text>a &lt; b</text>"
    );
    assert_eq!(kept("<text>&#65;&apos;</text>"), "<text>A'</text>");
}

#[test]
fn what_runs_or_fetches_goes() {
    for inside in [
        "<script>alert(1)</script>",
        "<foreignObject><body onload=\"x()\"></body></foreignObject>",
        "<a href=\"javascript:alert(1)\"><text>x</text></a>",
        "<animate attributeName=\"href\" to=\"javascript:alert(1)\"/>",
        "<set attributeName=\"onload\" to=\"alert(1)\"/>",
        "<handler>alert(1)</handler>",
        "<x:script xmlns:x=\"http://www.w3.org/2000/svg\">alert(1)</x:script>",
        "<iframe src=\"https://evil.test\"/>",
        "<?xml-stylesheet href=\"https://evil.test\"?>",
        "<!-- <script> -->",
    ] {
        assert_eq!(kept(inside), "", "{inside}");
    }
    for (attribute, value) in [
        ("onload", "alert(1)"),
        ("onclick", "alert(1)"),
        ("href", "https://evil.test/x.svg#a"),
        ("xlink:href", "javascript:alert(1)"),
        ("href", "data:text/html;base64,PHNjcmlwdD4="),
        ("href", "data:image/svg+xml;base64,PHNjcmlwdD4="),
        ("href", " #a"),
        ("style", "fill: url(https://evil.test)"),
        ("style", "fill: u\\72l(https://evil.test)"),
        ("style", "background: image-set('https://evil.test' 1x)"),
        ("fill", "url('//evil.test')"),
        ("filter", "url(#a) url( https://evil.test )"),
        ("xml:base", "https://evil.test"),
    ] {
        for element in ["image", "use", "rect"] {
            let inside = format!("<{element} {attribute}=\"{value}\"/>");
            assert_eq!(
                kept(&inside),
                format!("<{element}></{element}>"),
                "{inside}"
            );
        }
    }
    for style in [
        "@import 'https://evil.test'",
        "@font-face { src: url(https://evil.test) }",
        "a { fill: url(//evil.test) }",
    ] {
        assert_eq!(kept(&format!("<style>{style}</style>")), "<style></style>");
    }
}

#[test]
fn what_grows_or_lies_is_refused() {
    let laughs =
        "<!DOCTYPE svg [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><svg><text>&b;</text></svg>";
    assert!(matches!(sanitise(laughs), Err(SvgError::Entities)));
    assert!(matches!(
        sanitise("<svg><text>&b;</text></svg>"),
        Err(SvgError::Entities)
    ));
    assert!(matches!(
        sanitise("<svg id=\"&b;\"/>"),
        Err(SvgError::Entities)
    ));
    let outside = "<!DOCTYPE svg SYSTEM \"file:///etc/passwd\"><svg/>";
    assert!(!sanitise(outside).unwrap().text.contains("passwd"));
    let copy = |n: u32| {
        let shown = format!("<use href=\"#a{}\"/>", n - 1);
        format!("<g id=\"a{n}\">{shown}{shown}</g>")
    };
    let copies: Vec<String> = (1..40).map(copy).collect();
    let copies = copies.concat();
    let copies = format!("<svg><rect id=\"a0\"/>{copies}</svg>");
    assert!(matches!(sanitise(&copies), Err(SvgError::Grows)));
    let circle = "<svg><g id=\"a\"><use href=\"#a\"/></g></svg>";
    assert!(matches!(sanitise(circle), Err(SvgError::Grows)));
    let deep = format!("<svg>{}", "<g>".repeat(200));
    assert!(matches!(sanitise(&deep), Err(SvgError::Grows)));
    for broken in [
        "",
        "<html/>",
        "<svg",
        "<svg><g></svg>",
        "<svg>",
        "text",
        "<svg a=1/>",
    ] {
        assert!(sanitise(broken).is_err(), "{broken}");
    }
    let large = format!("<svg><!--{}--></svg>", " ".repeat(MAX_SVG_BYTES));
    assert!(matches!(sanitise(&large), Err(SvgError::Large)));
}

#[test]
fn its_size_is_found() {
    for (attributes, size) in [
        ("width=\"10\" height=\"20px\"", (10, 20)),
        ("width=\"1in\" viewBox=\"0 0 200 100\"", (96, 48)),
        ("viewBox=\"0,0,7,9\" width=\"100%\"", (7, 9)),
        ("", (300, 150)),
        ("width=\"99999\" height=\"-5\"", (32_768, 32_768)),
        ("viewBox=\"0 0 0 0\"", (300, 150)),
    ] {
        let drawing = sanitise(&format!("<svg {attributes}/>")).unwrap();
        assert_eq!((drawing.width, drawing.height), size, "{attributes}");
    }
}

proptest::proptest! {
    #[test]
    fn nothing_makes_it_panic(inside in "[<>/&;a-z\"'=#! \\[\\]-]{0,80}") {
        let _ = sanitise(&format!("<svg>{inside}</svg>"));
        let _ = sanitise(&inside);
    }
}
