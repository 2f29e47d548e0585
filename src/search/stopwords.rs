//! Words that carry grammar rather than meaning. They are indexed (a phrase may need them), but in a query
//! beside other words they are not asked for: in a small blog their rarity says nothing.
//!
//! Must not know the index. The lists are short on purpose: only words that are hardly ever the subject.

const ENGLISH: &str = "a about above after again against all also am an and any are as at be because been before being \
    below between both but by can could did do does doing down during each either few for from further had has have having \
    he her here hers him his how i if in into is it its itself me more most my nor not of off on once only or other our \
    out over own same she should so some such than that the their theirs them then there these they this those through to \
    too under until up upon us very was we were what when where whether which while who whom whose why will with would you \
    your don didn doesn isn aren wasn weren";
const GERMAN: &str = "aber als am an auch auf aus bei bin bis bist da damit das dass dem den der des die dies diese diesem \
    diesen dieser dieses doch du durch ein eine einem einen einer eines er es für gegen hat hatte ich ihr im in ist ja kann \
    mein mit nach nicht noch nur ob oder ohne sein seine sich sie sind so über um und uns unter vom von vor war was wenn wer \
    werden wie wird wo zu zum zur warum";
const FRENCH: &str = "a au aux avec ce ces cette comment dans de des du elle en est et eux il ils je l la le les leur lui ma \
    mais me mes mon ne nos notre nous on ou où par pas pour pourquoi qu que quel quelle qui sa se ses son sont sur ta te tes \
    toi ton tu un une vos votre vous y d c j m n s t été être";
const SPANISH: &str = "a al ante como cómo con cuál cuando de del desde donde dónde e el él ella ellos en entre es esta este \
    esto ha hasta la las le les lo los más me mi muy no nos o para pero por porque qué que quién se ser si sin sobre son su \
    sus también te tu un una uno y ya yo";
const ITALIAN: &str = "a ad agli ai al alla alle anche che chi ci come con cosa da dai dal dalla de degli dei del della delle \
    di dove e è ed gli ha i il in io la le lei lo loro lui ma mi nei nel nella non o per perché più quale quando quello \
    questo se si sono su sua sul sulla suo tra tu un una uno";
const PORTUGUESE: &str = "a ao aos as até com como da das de dela dele do dos e é ela ele em entre era essa esse esta este eu \
    foi há isso isto já lhe mais mas me mesmo meu minha muito na não nas no nos o onde os ou para pela pelo por porque quais \
    qual quando que quem são se sem ser seu sua também te tem um uma você";
const DUTCH: &str = "aan al als bij dan dat de der deze die dit door een en er had heeft het hij hoe ik in is je kan me met \
    mijn naar niet nog nu of om onder ook op over te tot u uit van voor waar waarom wat we wel werd wie wij wordt zich zij \
    zijn zo";
const SWEDISH: &str = "alla att av de den det där efter ej eller en er ett från för ha han har hon hur här i inte jag kan \
    med men mig min mot när och om på sig sin så till under upp ut vad var varför vem vi vid vilka är";
const DANISH_NORWEGIAN: &str = "af alle at av de deg dem den der det dig du efter eller en er et etter fra for han har hun \
    hva hvad hvem hvor hvordan hvorfor hvis i ikke jeg jag kan med meg men mig min når og om på seg sig sin som så til ut var \
    ved vi være å";
const RUSSIAN: &str = "а без бы был была были было быть в вам вас во вот все вы где да для до его ее если есть еще же за и из \
    или им их к как когда кто ли между меня мне мы на над не него нет ни но о об он она они от по под при с со так то только \
    ты у уже что чтобы это я какой почему";
const TURKISH: &str =
    "ama bir bu çok da daha de en gibi hem için ile ki mi mu ne neden nasıl o şu ve veya ya";
const POLISH: &str = "a ale albo co czy dla do gdy gdzie i ich jak jako jest kto lub ma mi na nie o od po pod przez się są ta \
    tak ten to w we z za ze że";

/// Whether a case-folded word is one in any of these languages (primary tags).
pub(super) fn is_stop_word<'a>(cased: &str, languages: impl Iterator<Item = &'a str>) -> bool {
    languages
        .filter_map(list)
        .any(|list| list.split_ascii_whitespace().any(|word| word == cased))
}

fn list(primary: &str) -> Option<&'static str> {
    Some(match primary {
        "en" => ENGLISH,
        "de" => GERMAN,
        "fr" => FRENCH,
        "es" => SPANISH,
        "it" => ITALIAN,
        "pt" => PORTUGUESE,
        "nl" => DUTCH,
        "sv" => SWEDISH,
        "da" | "nb" | "nn" | "no" => DANISH_NORWEGIAN,
        "ru" => RUSSIAN,
        "tr" => TURKISH,
        "pl" => POLISH,
        _ => return None,
    })
}
