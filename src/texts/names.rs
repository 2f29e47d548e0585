//! What languages call themselves, so that readers find theirs in a list they otherwise cannot read.

/// Written as in a list of languages: with a capital where the script has them.
#[rustfmt::skip]
const NAMES: &[(&str, &str)] = &[
    ("af", "Afrikaans"), ("am", "አማርኛ"), ("ar", "العربية"), ("az", "Azərbaycan"), ("be", "Беларуская"),
    ("bg", "Български"), ("bn", "বাংলা"), ("br", "Brezhoneg"), ("bs", "Bosanski"), ("ca", "Català"),
    ("ckb", "کوردیی ناوەندی"), ("cs", "Čeština"), ("cy", "Cymraeg"), ("da", "Dansk"), ("de", "Deutsch"),
    ("el", "Ελληνικά"), ("en", "English"), ("eo", "Esperanto"), ("es", "Español"), ("et", "Eesti"),
    ("eu", "Euskara"), ("fa", "فارسی"), ("fi", "Suomi"), ("fil", "Filipino"), ("fo", "Føroyskt"),
    ("fr", "Français"), ("fy", "Frysk"), ("ga", "Gaeilge"), ("gd", "Gàidhlig"), ("gl", "Galego"),
    ("gsw", "Schwiizertüütsch"), ("gu", "ગુજરાતી"), ("ha", "Hausa"), ("he", "עברית"), ("hi", "हिन्दी"),
    ("hr", "Hrvatski"), ("hu", "Magyar"), ("hy", "Հայերեն"), ("id", "Indonesia"), ("is", "Íslenska"),
    ("it", "Italiano"), ("ja", "日本語"), ("ka", "ქართული"), ("kk", "Қазақ тілі"), ("km", "ខ្មែរ"),
    ("kn", "ಕನ್ನಡ"), ("ko", "한국어"), ("ku", "Kurdî"), ("la", "Latina"), ("lb", "Lëtzebuergesch"),
    ("lo", "ລາວ"), ("lt", "Lietuvių"), ("lv", "Latviešu"), ("mk", "Македонски"), ("ml", "മലയാളം"),
    ("mn", "Монгол"), ("mr", "मराठी"), ("ms", "Melayu"), ("mt", "Malti"), ("my", "မြန်မာ"),
    ("nb", "Norsk bokmål"), ("ne", "नेपाली"), ("nl", "Nederlands"), ("nn", "Norsk nynorsk"), ("no", "Norsk"),
    ("oc", "Occitan"), ("pa", "ਪੰਜਾਬੀ"), ("pl", "Polski"), ("ps", "پښتو"), ("pt", "Português"),
    ("pt-BR", "Português (Brasil)"), ("pt-PT", "Português (Portugal)"), ("rm", "Rumantsch"), ("ro", "Română"),
    ("ru", "Русский"), ("sd", "سنڌي"), ("si", "සිංහල"), ("sk", "Slovenčina"), ("sl", "Slovenščina"),
    ("so", "Soomaali"), ("sq", "Shqip"), ("sr", "Српски"), ("sr-Latn", "Srpski"), ("sv", "Svenska"),
    ("sw", "Kiswahili"), ("ta", "தமிழ்"), ("te", "తెలుగు"), ("th", "ไทย"), ("tr", "Türkçe"),
    ("ug", "ئۇيغۇرچە"), ("uk", "Українська"), ("ur", "اردو"), ("uz", "O‘zbek"), ("vi", "Tiếng Việt"),
    ("yi", "ייִדיש"), ("yo", "Yorùbá"), ("zh", "中文"), ("zh-Hans", "简体中文"), ("zh-Hant", "繁體中文"),
    ("zh-CN", "简体中文"), ("zh-TW", "繁體中文（台灣）"), ("zh-HK", "繁體中文（香港）"), ("zu", "isiZulu"),
];

/// The name of the language in itself: for the tag as it is, else for what is left of it part by part
/// (`zh-Hant-MO` is called what `zh-Hant` is), else the tag.
pub fn language_name(tag: &str) -> &str {
    let named = |part: &str| {
        let known = NAMES.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(part));
        known.map(|(_, name)| *name)
    };
    let mut part = tag;
    loop {
        if let Some(name) = named(part) {
            return name;
        }
        match part.rsplit_once('-') {
            Some((shorter, _)) => part = shorter,
            None => return tag,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_called_by_the_nearest_name() {
        for (tag, name) in [
            ("de", "Deutsch"),
            ("de-AT", "Deutsch"),
            ("pt-br", "Português (Brasil)"),
            ("zh-Hant-MO", "繁體中文"),
            ("tlh", "tlh"),
            ("", ""),
        ] {
            assert_eq!(language_name(tag), name);
        }
    }
}
