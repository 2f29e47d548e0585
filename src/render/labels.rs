//! The few words the renderer adds to a text, in the text's own language. Readers who listen to a page
//! hear them. A language that is missing here gets English.

use crate::domain::language::Language;

#[derive(Debug)]
pub(super) struct Labels {
    pub(super) note: &'static str,
    pub(super) tip: &'static str,
    pub(super) important: &'static str,
    pub(super) warning: &'static str,
    pub(super) caution: &'static str,
    pub(super) task_done: &'static str,
    pub(super) task_open: &'static str,
    pub(super) link_to_section: &'static str,
    pub(super) back_to_reference: &'static str,
    pub(super) load_from: &'static str,
}

/// Declares one language per line, in the order of the fields.
macro_rules! labels {
    ($($name:ident = $note:literal, $tip:literal, $important:literal, $warning:literal, $caution:literal,
        $done:literal, $open:literal, $section:literal, $back:literal, $load:literal;)+) => {$(
        static $name: Labels = Labels {
            note: $note, tip: $tip, important: $important, warning: $warning, caution: $caution,
            task_done: $done, task_open: $open, link_to_section: $section,
            back_to_reference: $back, load_from: $load,
        };
    )+};
}

labels! {
    ENGLISH = "Note", "Tip", "Important", "Warning", "Caution", "Done", "To do", "Link to this section", "Back to reference", "Load from";
    GERMAN = "Hinweis", "Tipp", "Wichtig", "Warnung", "Vorsicht", "Erledigt", "Offen", "Link zu diesem Abschnitt", "Zurück zur Stelle", "Laden von";
    FRENCH = "Note", "Astuce", "Important", "Avertissement", "Attention", "Fait", "À faire", "Lien vers cette section", "Retour à l’appel", "Charger depuis";
    SPANISH = "Nota", "Consejo", "Importante", "Advertencia", "Precaución", "Hecho", "Pendiente", "Enlace a esta sección", "Volver a la referencia", "Cargar desde";
    ITALIAN = "Nota", "Suggerimento", "Importante", "Avviso", "Attenzione", "Fatto", "Da fare", "Link a questa sezione", "Torna al riferimento", "Carica da";
    PORTUGUESE = "Nota", "Dica", "Importante", "Aviso", "Cuidado", "Feito", "Por fazer", "Link para esta seção", "Voltar à referência", "Carregar de";
    DUTCH = "Opmerking", "Tip", "Belangrijk", "Waarschuwing", "Let op", "Gedaan", "Te doen", "Link naar deze sectie", "Terug naar verwijzing", "Laden van";
    POLISH = "Uwaga", "Wskazówka", "Ważne", "Ostrzeżenie", "Ostrożnie", "Zrobione", "Do zrobienia", "Odnośnik do tej sekcji", "Powrót do odwołania", "Wczytaj z";
    RUSSIAN = "Примечание", "Совет", "Важно", "Предупреждение", "Осторожно", "Сделано", "Не сделано", "Ссылка на этот раздел", "Назад к сноске", "Загрузить с";
    ARABIC = "ملاحظة", "نصيحة", "مهم", "تحذير", "تنبيه", "منجز", "غير منجز", "رابط هذا القسم", "العودة إلى موضع الإحالة", "تحميل من";
    CHINESE = "注意", "提示", "重要", "警告", "小心", "已完成", "未完成", "本节链接", "返回引用", "加载自";
    JAPANESE = "注", "ヒント", "重要", "警告", "注意", "完了", "未完了", "この節へのリンク", "参照元に戻る", "読み込み元";
}

impl Labels {
    pub(super) fn of(language: &Language) -> &'static Self {
        match language.primary() {
            "de" => &GERMAN,
            "fr" => &FRENCH,
            "es" => &SPANISH,
            "it" => &ITALIAN,
            "pt" => &PORTUGUESE,
            "nl" => &DUTCH,
            "pl" => &POLISH,
            "ru" => &RUSSIAN,
            "ar" => &ARABIC,
            // The labels are in simplified characters; readers of traditional ones get English.
            "zh" if !language.as_str().contains("Hant") => &CHINESE,
            "ja" => &JAPANESE,
            _ => &ENGLISH,
        }
    }
}
