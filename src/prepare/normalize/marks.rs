//! Editorial marks: what the wire says the item is to its predecessors, and how it is to be handled.
//!
//! Marks stack at the front of a headline (`CORRECTED-UPDATE 2-`), stand in brackets (`(2nd LD)`), in a slug
//! (`BC-Storm, 1st Ld-Writethru`), or on lines of their own (`KILL KILL KILL`). Words that are also ordinary words count only
//! in capitals and with what sets a mark off: `KILL-JOY` and `Hold the line` are headlines.

use crate::item::news::Kind;

/// One mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// `UPDATE 2`, `2ND LEAD`, `3rd Ld-Writethru`: newer text that replaces the older; its number, where it has one.
    Update(Option<u64>),
    /// `1st Add`, `Sub`, `Insert`, `Take 2`: a part of a story that other records hold. It replaces nothing.
    Part,
    /// `WRAPUP 2`: merges stories in a chain of its own.
    Wrapup(Option<u64>),
    Correction,
    /// A repair of form: replaces quietly.
    Refile,
    /// The same text again.
    Repeat,
    Kill,
    Hold,
    Embargo,
    Advisory,
    /// 1 (flash) or 2 (urgent).
    Urgency(u8),
    /// `FACTBOX`, `ANALYSIS`: a kind of text.
    Genre(&'static str),
    /// Draws attention and says nothing else: `(Achtung)`, `EXTRA`.
    Attention,
}

/// How freely a word may be used in running text, and so what must set it off as a mark.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// Hardly ever an ordinary word at the start of a headline.
    Separator,
    /// An ordinary word: repeated, alone on its line, or before a colon.
    Care,
}

/// Words of marks in capitals.
#[rustfmt::skip]
const WORDS: &[(&str, Mark, Needs)] = {
    use Mark::*;
    use Needs::*;
    &[
        ("UPDATE", Update(None), Separator), ("UDPATE", Update(None), Separator), ("UPATE", Update(None), Separator),
        ("UPDATED", Update(None), Separator), ("UPDATES", Update(None), Separator), ("AKTUALISIERT", Update(None), Separator),
        ("ACTUALISATION", Update(None), Separator), ("ACTUALIZACIÓN", Update(None), Separator), ("ACTUALIZA", Update(None), Separator),
        ("ATUALIZA", Update(None), Separator), ("ATUALIZAÇÃO", Update(None), Separator), ("AGGIORNAMENTO", Update(None), Separator),
        ("ОБНОВЛЕНО", Update(None), Separator), ("ДОПОЛНЕНО", Update(None), Separator),
        ("LEAD", Update(None), Separator), ("LD", Update(None), Separator), ("WRITETHRU", Update(None), Separator),
        ("WRITETHROUGH", Update(None), Separator), ("LD-WRITETHRU", Update(None), Separator), ("LEAD-WRITETHRU", Update(None), Separator),
        ("NEW APPROACH", Update(None), Separator), ("ADD", Part, Care), ("SUB", Part, Care), ("INSERT", Part, Care), ("TAKE", Part, Care),
        ("WRAPUP", Wrapup(None), Separator), ("WRAP-UP", Wrapup(None), Separator), ("WRAP", Wrapup(None), Care),
        ("CORRECTED", Correction, Separator), ("CORRECTION", Correction, Separator), ("CORRECTS", Correction, Separator),
        ("CORRECTIVE", Correction, Separator), ("BERICHTIGUNG", Correction, Separator), ("BERICHTIGT", Correction, Separator),
        ("KORREKTUR", Correction, Separator), ("KORRIGIERT", Correction, Separator), ("RECTIFICATIF", Correction, Separator),
        ("CORRECTIF", Correction, Separator), ("CORRIGÉ", Correction, Separator), ("CORRECCIÓN", Correction, Separator),
        ("CORREGIDO", Correction, Separator), ("CORREGIDA", Correction, Separator), ("RECTIFICACIÓN", Correction, Separator),
        ("CORREÇÃO", Correction, Separator), ("CORRIGIDO", Correction, Separator), ("CORREZIONE", Correction, Separator),
        ("RETTIFICA", Correction, Separator), ("ИСПРАВЛЕНО", Correction, Separator), ("ИСПРАВЛЕНИЕ", Correction, Separator),
        ("ПОПРАВКА", Correction, Separator), ("تصحيح", Correction, Separator), ("सुधार", Correction, Separator),
        ("शुद्धिपत्र", Correction, Separator),
        ("REFILE", Refile, Separator), ("REFILING", Refile, Separator),
        ("RPT", Repeat, Separator), ("REPEAT", Repeat, Separator), ("REPEATS", Repeat, Separator), ("REPEATING", Repeat, Separator),
        ("WIEDERHOLUNG", Repeat, Separator), ("WDHLG", Repeat, Separator), ("WDH", Repeat, Separator), ("RÉPÉTITION", Repeat, Separator), ("REPETICIÓN", Repeat, Separator), ("ПОВТОР", Repeat, Separator),
        ("KILL", Kill, Care), ("MANDATORY KILL", Kill, Separator), ("BULLETIN KILL", Kill, Separator), ("NEWS KILL", Kill, Separator),
        ("KILL NOTICE", Kill, Separator), ("STORY KILL", Kill, Separator), ("STORY WITHDRAWN", Kill, Separator), ("WITHDRAWN", Kill, Separator),
        ("WITHDRAWAL", Kill, Care), ("ELIMINATION", Kill, Care), ("ANNULATION", Kill, Separator), ("ANNULÉ", Kill, Separator),
        ("ANNULE", Kill, Separator), ("DÉPÊCHE ANNULÉE", Kill, Separator), ("ANULADA", Kill, Separator), ("ANULADO", Kill, Separator),
        ("ANULACIÓN", Kill, Separator), ("ELIMINADA", Kill, Separator), ("CANCELADA", Kill, Care), ("ANNULLATA", Kill, Separator),
        ("ZURÜCKGEZOGEN", Kill, Separator), ("RÜCKZUG", Kill, Care), ("MELDUNG ZURÜCKGEZOGEN", Kill, Separator),
        ("АННУЛИРОВАНО", Kill, Separator), ("АННУЛИРОВАНИЕ", Kill, Separator), ("ELIMINAR", Kill, Care), ("حظر", Kill, Care), ("ОТМЕНА", Kill, Care), ("إلغاء", Kill, Care),
        ("HOLD", Hold, Care), ("HOLD FOR RELEASE", Hold, Separator), ("WITHHOLD", Hold, Care), ("NICHT VERWENDEN", Hold, Separator),
        ("EMBARGOED", Embargo, Separator), ("EMBARGO", Embargo, Care), ("SPERRFRIST", Embargo, Separator),
        ("SOUS EMBARGO", Embargo, Separator), ("EMBARGADO", Embargo, Separator), ("EMBARGADA", Embargo, Separator), ("ЭМБАРГО", Embargo, Care),
        ("ADVISORY", Advisory, Separator), ("MEDIA ADVISORY", Advisory, Separator), ("EDITORS' ADVISORY", Advisory, Separator),
        ("FLASH", Urgency(1), Separator), ("SNAP", Urgency(1), Separator), ("ALERTE", Urgency(1), Separator), ("BLITZ", Urgency(1), Separator),
        ("NEWSALERT", Urgency(1), Separator), ("ALERT", Urgency(1), Care), ("МОЛНИЯ", Urgency(1), Separator), ("ALERTA", Urgency(1), Care),
        ("BULLETIN", Urgency(2), Separator), ("URGENT", Urgency(2), Separator), ("URGENTE", Urgency(2), Separator), ("EIL", Urgency(2), Separator),
        ("EILEIL", Urgency(2), Separator), ("EILMELDUNG", Urgency(2), Separator), ("СРОЧНО", Urgency(2), Separator), ("عاجل", Urgency(2), Separator),
        ("FACTBOX", Genre("Factbox"), Separator), ("ANALYSIS", Genre("Analysis"), Separator), ("EXCLUSIVE", Genre("Exclusive"), Separator),
        ("BRIEF", Genre("Brief"), Separator), ("TABLE", Genre("Table"), Separator), ("TIMELINE", Genre("Timeline"), Separator),
        ("FEATURE", Genre("Feature"), Separator), ("INTERVIEW", Genre("Interview"), Separator), ("EXPLAINER", Genre("Explainer"), Separator),
        ("PREVIEW", Genre("Preview"), Separator), ("ROUNDUP", Genre("Roundup"), Separator), ("NEWSMAKER", Genre("Profile"), Separator),
        ("PROFILE", Genre("Profile"), Separator), ("OBITUARY", Genre("Obituary"), Separator), ("POLL", Genre("Poll"), Separator),
        ("COLUMN", Genre("Opinion"), Separator), ("OPINION", Genre("Opinion"), Separator), ("INSIGHT", Genre("Feature"), Separator),
        ("ACHTUNG", Attention, Care), ("EXTRA", Attention, Care),
    ]
};

/// What a list of marks comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signals {
    pub kind: Kind,
    /// The number of an update or lead.
    pub version: Option<u64>,
    pub embargo: bool,
    pub urgency: Option<u8>,
    pub genre: Option<&'static str>,
}

impl Signals {
    pub fn add(&mut self, mark: Mark) {
        match mark {
            Mark::Update(number) => {
                self.raise(Kind::Update);
                self.version = self.version.or(number);
            }
            Mark::Wrapup(number) if number.is_some_and(|n| n > 1) => self.raise(Kind::Update),
            Mark::Correction => self.raise(Kind::Correction),
            Mark::Refile => self.raise(Kind::Update),
            Mark::Kill => self.raise(Kind::Kill),
            Mark::Hold => self.raise(Kind::Hold),
            Mark::Advisory => self.raise(Kind::Advisory),
            Mark::Embargo => self.embargo = true,
            Mark::Urgency(urgency) => self.urgency = Some(self.urgency.map_or(urgency, |u| u.min(urgency))),
            Mark::Genre(genre) => self.genre = self.genre.or(Some(genre)),
            Mark::Wrapup(_) | Mark::Repeat | Mark::Attention | Mark::Part => {}
        }
    }

    /// A note above the copy says what is new. It names the kind where no mark does.
    pub fn add_from_note(&mut self, mark: Option<Mark>) {
        if let Some(mark) = mark.filter(|_| self.kind == Kind::Original) {
            self.add(mark);
        }
    }

    /// Of several kinds the one that binds most counts.
    pub fn raise(&mut self, kind: Kind) {
        let weight = |kind: Kind| match kind {
            Kind::Original => 0,
            Kind::Advisory => 1,
            Kind::Update => 2,
            Kind::Correction => 3,
            Kind::Hold => 4,
            Kind::Kill => 5,
        };
        if weight(kind) > weight(self.kind) {
            self.kind = kind;
        }
    }
}

/// Takes the marks off the front of a headline: the marks, and the byte at which the rest begins.
///
/// A genre is reported and stays: it belongs to what the reader sees.
pub fn of_headline(headline: &str) -> (Vec<Mark>, usize) {
    let mut marks = Vec::new();
    let mut at = 0;
    // Marks are letters in capitals or stand in brackets; most headlines end here.
    while let Some((mark, len)) = bracketed(&headline[at..]).or_else(|| prefixed(&headline[at..], !marks.is_empty())) {
        marks.push(mark);
        if matches!(mark, Mark::Genre(_)) {
            break;
        }
        at += len;
    }
    (marks, at)
}

/// The mark after an event's slug: `DAVOS-UPDATE 1-Bank says ...`. Returns the marks and their span.
pub fn after_slug(headline: &str) -> Option<(Vec<Mark>, std::ops::Range<usize>)> {
    let dash = headline.find('-').filter(|&at| (3..=16).contains(&at))?;
    if !headline[..dash].bytes().all(|b| b.is_ascii_uppercase()) {
        return None;
    }
    let start = dash + 1;
    let (marks, len) = of_headline(&headline[start..]);
    let chain = |mark: &Mark| {
        matches!(mark, Mark::Update(_) | Mark::Correction | Mark::Refile | Mark::Repeat | Mark::Wrapup(_))
    };
    (len > 0 && marks.iter().all(chain)).then(|| (marks, start..start + len))
}

/// The marks of a line that holds nothing else: `KILL KILL KILL`, `2ND LEAD`, `(Achtung)`, `3rd Ld-Writethru`, `UPDATE 2`.
pub fn of_line(line: &str) -> Option<Vec<Mark>> {
    let line =
        line.trim_matches(['(', ')', '[', ']', '*', '=', '<', '#', ' ', '\u{7}', '-', ':', '+', '!', '.', ',', '/']);
    if line.is_empty() || line.len() > 80 {
        return None;
    }
    let upper = line.to_uppercase();
    let mut marks = Vec::new();
    let mut rest = upper.as_str();
    while !rest.is_empty() {
        let (mark, len) = word(rest)?;
        marks.push(mark);
        rest = rest[len..].trim_start_matches([' ', '-', ',', '/', ':', '*', '+', '!']);
    }
    Some(marks)
}

/// Words by which a slug says that pictures or film go with the story.
fn is_media(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    ["pix", "pic", "picture", "pictures", "photo", "photos", "tv", "video", "graphic", "graphics"]
        .contains(&word.as_str())
}

/// Takes the marks out of a slug: `BC-Storm, 3rd Ld-Writethru,827` gives `BC-Storm`; `IRAN-TALKS (UPDATE 2)` gives `IRAN-TALKS`.
pub fn of_slug(slug: &str) -> (Vec<Mark>, &str) {
    let (name, rest) = match slug.find([',', '(', '[']) {
        Some(at) if at > 0 => slug.split_at(at),
        _ => return (Vec::new(), slug),
    };
    let mut marks = Vec::new();
    for part in rest.split([',', '(', ')', '[', ']']).map(str::trim).filter(|part| !part.is_empty()) {
        match of_line(part) {
            Some(found) => marks.extend(found),
            // The count of words that AP writes last; what goes with the story.
            None if part.bytes().all(|b| b.is_ascii_digit()) || is_media(part) => {}
            None => return (Vec::new(), slug),
        }
    }
    (marks, name.trim_end())
}

/// What an editor's note says about the item: `(Corrects spelling of name)`, `(Adds quotes)`, `(This version corrects ...)`.
pub fn of_note(note: &str) -> Option<Mark> {
    let note = note.trim_start_matches(['(', '[', ' ']);
    let folded: String = note.chars().take(200).flat_map(char::to_lowercase).collect();
    let opens = |words: &[&str]| words.iter().any(|word| folded.starts_with(word));
    if opens(&[
        "correct",
        "this correct",
        "berichtigt",
        "berichtigung",
        "korrigiert",
        "corrige",
        "rectifie",
        "rettifica",
        "retifica",
        "исправл",
        "تصحيح",
        "सुधार",
        "संशोधन",
    ]) || (opens(&["this version", "this story", "this "])
        && ["corrects", "corrected", "was corrected"].iter().any(|w| folded.contains(w)))
        || (opens(&["in "]) && folded.contains(", corrects "))
    {
        Some(Mark::Correction)
    } else if opens(&["refiles", "refiling", "refiled"]) || (opens(&["this "]) && folded.contains("refiled")) {
        Some(Mark::Refile)
    } else if opens(&["repeats", "repeating", "repeat "]) {
        Some(Mark::Repeat)
    } else if opens(&[
        "adds",
        "updates",
        "updating",
        "recasts",
        "recast",
        "writes through",
        "releads",
        "aktualisiert",
        "actualis",
        "actualiza",
        "ajoute",
        "añade",
        "atualiza",
        "aggiorna",
        "agrega",
        "acrescenta",
        "aggiunge",
        "добавл",
        "дополн",
        "обновл",
        "يضيف",
        "تحديث",
        "अपडेट",
    ]) {
        Some(Mark::Update(None))
    } else {
        None
    }
}

/// `(UPDATE 2) `, `[CORRECTED] `, `(2nd LD) `: a mark in brackets, in any case.
fn bracketed(text: &str) -> Option<(Mark, usize)> {
    let close = match text.as_bytes().first()? {
        b'(' => text.find(')')?,
        b'[' => text.find(']')?,
        _ => return None,
    };
    let marks = of_line(&text[1..close])?;
    let rest = text[close + 1..].trim_start_matches([' ', '-', ':', '–', '—']);
    let mark = marks.into_iter().reduce(|first, _| first)?;
    (!rest.is_empty()).then_some((mark, text.len() - rest.len()))
}

/// `UPDATE 2-`, `CORRECTED-(OFFICIAL)-`, `URGENT: `, `Correction: `. After another mark, a space may be enough to set it off.
fn prefixed(text: &str, stacked: bool) -> Option<(Mark, usize)> {
    let first = text.chars().next().filter(|c| c.is_alphanumeric() && !c.is_lowercase())?;
    let second_is_small = text.chars().nth(1).is_some_and(char::is_lowercase);
    if second_is_small && !first.is_ascii_digit() {
        return title_case(text);
    }
    let (mark, mut len, needs) = word_and_needs(text)?;
    // `KILL KILL KILL`
    let name = &text[..len];
    let mut twice = false;
    loop {
        let next = text[len..].trim_start_matches([' ', '-']);
        if !next.starts_with(name) || next[name.len()..].starts_with(char::is_alphanumeric) {
            break;
        }
        len = text.len() - next.len() + name.len();
        twice = true;
    }
    for stamp in ["-(OFFICIAL)", " (OFFICIAL)", "-OFFICIAL"] {
        if text[len..].starts_with(stamp) {
            len += stamp.len();
        }
    }
    let after = &text[len..];
    let rest = after.trim_start_matches([' ', '-', ':', '–', '—', '/', '|']);
    let gap = &after[..after.len() - rest.len()];
    let set_off = !gap.trim().is_empty() || twice || (stacked && !gap.is_empty());
    // A word that is also an ordinary one needs a colon or a dash before copy that is not all in capitals.
    let careful = needs == Needs::Separator
        || twice
        || gap.contains(':')
        || (!gap.trim().is_empty() && rest.chars().any(char::is_lowercase));
    (set_off && careful && !rest.is_empty()).then(|| (mark, text.len() - rest.len()))
}

/// `Correction: `, `Update: `, `Exclusive: `: in title case only with a colon, and only where that is usual.
fn title_case(text: &str) -> Option<(Mark, usize)> {
    let colon = text.find(':').filter(|&at| at <= 16)?;
    let (mark, len) = word(&text[..colon].to_uppercase())?;
    let usual = matches!(mark, Mark::Update(_) | Mark::Correction | Mark::Refile | Mark::Advisory | Mark::Genre(_));
    let rest = text[colon + 1..].trim_start();
    (usual && len == text[..colon].to_uppercase().len() && !rest.is_empty()).then_some((mark, text.len() - rest.len()))
}

fn word(text: &str) -> Option<(Mark, usize)> {
    word_and_needs(text).map(|(mark, len, _)| (mark, len))
}

/// The mark whose words open `text`, its length with its number, and what it needs.
fn word_and_needs(text: &str) -> Option<(Mark, usize, Needs)> {
    let (ordinal, start) = leading_ordinal(text);
    let rest = &text[start..];
    let first = *rest.as_bytes().first()?;
    let (name, mark, needs) = WORDS
        .iter()
        .filter(|(name, ..)| name.as_bytes()[0].eq_ignore_ascii_case(&first))
        .filter(|(name, ..)| {
            rest.get(..name.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(name) && is_upper_or_ordinal(head, ordinal))
        })
        .filter(|(name, ..)| !rest[name.len()..].starts_with(char::is_alphabetic))
        .max_by_key(|(name, ..)| name.len())?;
    let mut len = start + name.len();
    let numbered = |n: Option<u64>| match mark {
        Mark::Update(_) => Mark::Update(n),
        Mark::Wrapup(_) => Mark::Wrapup(n),
        other => *other,
    };
    if !matches!(mark, Mark::Update(_) | Mark::Wrapup(_) | Mark::Part) {
        return ordinal.is_none().then_some((*mark, len, *needs));
    }
    let mut number = ordinal;
    if number.is_none() {
        let tail = &text[len..];
        let digits = tail.trim_start_matches([' ', '#']);
        let count = digits.bytes().take_while(u8::is_ascii_digit).count();
        let ends = !digits[count..].starts_with(char::is_alphanumeric);
        if (1..=2).contains(&count) && ends {
            number = digits[..count].parse().ok();
            len += tail.len() - digits.len() + count;
        }
    }
    // `3rd Ld-Writethru`
    if let Some(more) = ["-WRITETHRU", " WRITETHRU"]
        .iter()
        .find(|m| text.get(len..len + m.len()).is_some_and(|t| t.eq_ignore_ascii_case(m)))
    {
        len += more.len();
    }
    Some((numbered(number.filter(|n| *n > 0)), len, *needs))
}

fn is_upper_or_ordinal(head: &str, ordinal: Option<u64>) -> bool {
    ordinal.is_some() || !head.chars().any(char::is_lowercase)
}

/// `1ST `, `3rd `, `2nd`: the number and the byte after it; 0 where there is none.
fn leading_ordinal(text: &str) -> (Option<u64>, usize) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=2).contains(&digits) {
        return (None, 0);
    }
    let suffix = text.get(digits..digits + 2).map(str::to_ascii_lowercase);
    if !matches!(suffix.as_deref(), Some("st" | "nd" | "rd" | "th")) {
        return (None, 0);
    }
    let rest = text[digits + 2..].trim_start_matches([' ', '-']);
    (text[..digits].parse().ok(), text.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headline(text: &str) -> (Vec<Mark>, &str) {
        let (marks, at) = of_headline(text);
        (marks, &text[at..])
    }

    #[test]
    fn marks_before_headlines() {
        use Mark::*;
        for (text, marks, rest) in [
            ("UPDATE 2-Bank cuts rate", vec![Update(Some(2))], "Bank cuts rate"),
            ("UPDATE1-Bank cuts rate", vec![Update(Some(1))], "Bank cuts rate"),
            ("CORRECTED-UPDATE 3-Bank cuts rate", vec![Correction, Update(Some(3))], "Bank cuts rate"),
            ("CORRECTED-(OFFICIAL)-Bank cuts rate", vec![Correction], "Bank cuts rate"),
            ("RPT-UPDATE 1-Bank cuts rate", vec![Repeat, Update(Some(1))], "Bank cuts rate"),
            ("REFILE - Bank cuts rate", vec![Refile], "Bank cuts rate"),
            ("WRAPUP 4-Bank cuts rate", vec![Wrapup(Some(4))], "Bank cuts rate"),
            ("(2nd LD) Bank cuts rate", vec![Update(Some(2))], "Bank cuts rate"),
            ("(LEAD) Bank cuts rate", vec![Update(None)], "Bank cuts rate"),
            ("URGENT: Bank cuts rate", vec![Urgency(2)], "Bank cuts rate"),
            ("KILL KILL KILL Bank cuts rate", vec![Kill], "Bank cuts rate"),
            ("KILL: Bank cuts rate", vec![Kill], "Bank cuts rate"),
            ("Correction: Bank-Rate story", vec![Correction], "Bank-Rate story"),
            ("FACTBOX-What the bank did", vec![Genre("Factbox")], "FACTBOX-What the bank did"),
            ("BERICHTIGUNG: Bank senkt Zins", vec![Correction], "Bank senkt Zins"),
            ("СРОЧНО: Банк снизил ставку", vec![Urgency(2)], "Банк снизил ставку"),
        ] {
            assert_eq!(headline(text), (marks, rest), "{text}");
        }
        for text in [
            "KILL-JOY BANK CUTS RATE",
            "Hold the line, bank says",
            "U.S.-China talks resume",
            "UPDATED RULES TAKE EFFECT",
            "LEADERS MEET",
            "TNK-BP sells",
            "US STOCKS-Wall St opens lower",
            "Kill switch found",
            "Bank: update due",
            "HOLD TIGHT",
            "10 KILL",
        ] {
            assert_eq!(headline(text), (vec![], text), "{text}");
        }
        assert_eq!(after_slug("DAVOS-UPDATE 1-Bank cuts"), Some((vec![Update(Some(1))], 6..15)));
        assert_eq!(after_slug("COCA-COLA sells"), None);
    }

    #[test]
    fn marks_on_lines_and_in_slugs() {
        use Mark::*;
        assert_eq!(of_line("KILL KILL KILL"), Some(vec![Kill; 3]));
        assert_eq!(of_line("1ST LEAD"), Some(vec![Update(Some(1))]));
        assert_eq!(of_line("3rd Ld-Writethru"), Some(vec![Update(Some(3))]));
        assert_eq!(of_line("(Achtung)"), Some(vec![Attention]));
        assert_eq!(of_line("*** ELIMINAR - ELIMINAR ***"), Some(vec![Kill; 2]));
        assert_eq!(of_slug("BC-Storm, 1st Add,210"), (vec![Part], "BC-Storm"));
        assert_eq!(of_line("TAKE 2"), Some(vec![Part]));
        assert_eq!(of_line("UPDATE 2 CORRECTED"), Some(vec![Update(Some(2)), Correction]));
        assert_eq!(of_line("Kill the bill, say voters"), None);
        assert_eq!(of_slug("BC-Storm, 3rd Ld-Writethru,827"), (vec![Update(Some(3))], "BC-Storm"));
        assert_eq!(of_slug("IRAN-TALKS (UPDATE 2)"), (vec![Update(Some(2))], "IRAN-TALKS"));
        assert_eq!(of_slug("Paris, Texas"), (vec![], "Paris, Texas"));
    }

    #[test]
    fn notes_that_say_what_is_new() {
        assert_eq!(of_note("(Corrects spelling of name)"), Some(Mark::Correction));
        assert_eq!(of_note("(This version of the March 9 story corrects the figure)"), Some(Mark::Correction));
        assert_eq!(of_note("(In March 9 story, corrects the last paragraph)"), Some(Mark::Correction));
        assert_eq!(of_note("(Исправлена цифра в первом абзаце)"), Some(Mark::Correction));
        assert_eq!(of_note("(تصحيح الرقم في الفقرة الأولى)"), Some(Mark::Correction));
        assert_eq!(of_note("(पहले पैराग्राफ में सुधार)"), None, "it does not open with the word");
        assert_eq!(of_note("(Retifica o número)"), Some(Mark::Correction));
        assert_eq!(of_note("(Добавлены подробности)"), Some(Mark::Update(None)));
        assert_eq!(of_note("(Adds quotes)"), Some(Mark::Update(None)));
        assert_eq!(of_note("(In the north the rain stopped)"), None);
        assert_eq!(of_note("Eds: With photos."), None);
    }
}
