//! What stands below the copy: sign-offs, initials of the desk, who reported and edited, contacts, copyright.
//!
//! Read from the end, line by line, until a line is copy. Credits and initials become [`SignOff`]; lines for editors become
//! notes; a mark that only says that the item ends (`-30-`, `###`, `ENDS`) becomes nothing, and the rule's note keeps it.

use std::borrow::Cow;

use super::agencies;
use super::layout::ends_sentence;
use super::marks::{self, Mark};
use super::openers::{folded_head, opens_with};
use crate::item::SignOff;
use crate::item::news::RuleNote;

/// Paragraphs from the end in which a block for editors may begin.
const MAX_BLOCK_PARAGRAPHS: usize = 14;
const MAX_COPYRIGHT_BYTES: usize = 600;
/// Capitals of an agency that no table knows and that signs after a dash.
const MAX_ACRONYM_BYTES: usize = 12;
/// A line that sends the reader elsewhere is no longer.
const MAX_POINTER_BYTES: usize = 240;

/// What stood below the copy.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Closing {
    pub signoff: Option<SignOff>,
    /// In the wire's order.
    pub ed_notes: Vec<String>,
    pub copyright: Option<String>,
    pub notes: Vec<RuleNote>,
}

/// What one closing line is.
#[derive(Debug, PartialEq, Eq)]
enum Line<'a> {
    End,
    Credit {
        credit: &'a str,
        desk: Vec<&'a str>,
    },
    Desk(Vec<&'a str>),
    Note,
    /// Sends the reader elsewhere, or credits a picture.
    Pointer,
    Copyright,
}

/// Takes everything below the copy off `paragraphs`. Nothing may be left, where the item was all sign-off.
pub fn strip(paragraphs: &mut Vec<Cow<'_, str>>, feed_credit: Option<&str>) -> Closing {
    let mut closing = Closing::default();
    while closing.take_line(paragraphs, feed_credit)
        || closing.take_inline(paragraphs, feed_credit)
        || closing.take_block(paragraphs)
    {}
    closing.ed_notes.reverse();
    closing.notes.reverse();
    closing
}

impl Closing {
    /// The last line, when it is no copy.
    fn take_line(&mut self, paragraphs: &mut Vec<Cow<'_, str>>, feed_credit: Option<&str>) -> bool {
        let before_last = paragraphs.len().checked_sub(2).map(|at| last_line(&paragraphs[at]).to_owned());
        let Some(last) = paragraphs.last_mut() else { return false };
        let line_start = last.rfind('\n').map_or(0, |at| at + 1);
        let before =
            if line_start > 0 { Some(last_line(last[..line_start].trim_end())) } else { before_last.as_deref() };
        let whole = line_start == 0;
        let line = last[line_start..].trim();
        let Some(found) = classify(line, before, whole, feed_credit) else { return false };
        // An end mark or a credit is no news even when it is all there is; anything else may be.
        if whole && before_last.is_none() && !matches!(found, Line::End | Line::Credit { .. }) {
            return false;
        }
        match found {
            Line::End => self.note("signoff", "end mark", line),
            Line::Credit { credit, desk } => {
                self.note("signoff", "closing credit", line);
                self.sign(Some(credit), desk);
            }
            Line::Desk(desk) => {
                self.note("signoff", "desk initials", line);
                self.sign(None, desk);
            }
            Line::Note => {
                self.note("edNote", "reporting and editing line", line);
                self.ed_notes.push(line.to_owned());
            }
            Line::Pointer => {
                self.note("edNote", "boilerplate below the copy", line);
                self.ed_notes.push(line.to_owned());
            }
            Line::Copyright => {
                self.note("copyrightNotice", "copyright line", line);
                self.copyright.get_or_insert_with(|| line.to_owned());
            }
        }
        if whole {
            paragraphs.pop();
        } else {
            last.to_mut().truncate(line_start - 1);
        }
        true
    }

    /// A sign-off that the last paragraph ends with: `... said. (ANSA)`, `... said. Reuter`, `... said. (Reporting by X)`.
    fn take_inline(&mut self, paragraphs: &mut [Cow<'_, str>], feed_credit: Option<&str>) -> bool {
        let Some(last) = paragraphs.last_mut() else { return false };
        let text = last.trim_end();
        let Some((start, found)) = inline(text, feed_credit) else { return false };
        let span = text[start..].trim().to_owned();
        match found {
            Line::Credit { credit, desk } => {
                let (credit, desk) = (credit.to_owned(), desk.iter().map(|d| (*d).to_owned()).collect::<Vec<_>>());
                self.sign(Some(&credit), desk.iter().map(String::as_str).collect());
                self.note("signoff", "closing credit", &span);
            }
            Line::End => self.note("signoff", "end mark", &span),
            _ => {
                self.note("edNote", "reporting and editing line", &span);
                self.ed_notes.push(span);
            }
        }
        let copy_end = text[..start].trim_end().len();
        last.to_mut().truncate(copy_end);
        true
    }

    /// A block for editors at the end: contacts, internet links, what is not for publication.
    fn take_block(&mut self, paragraphs: &mut Vec<Cow<'_, str>>) -> bool {
        let first = paragraphs.len().saturating_sub(MAX_BLOCK_PARAGRAPHS).max(1);
        let Some(at) = (first..paragraphs.len()).find(|&at| opens_block(&paragraphs[at])) else { return false };
        let block: Vec<String> = paragraphs.drain(at..).map(Cow::into_owned).collect();
        for paragraph in block.into_iter().rev() {
            self.note("edNote", "block for editors", &paragraph);
            self.ed_notes.push(paragraph);
        }
        true
    }

    fn note(&mut self, field: &'static str, rule: &'static str, span: &str) {
        self.notes.push(RuleNote { field, rule, span: span.to_owned() });
    }

    /// Lines come last first: what is found later stands before.
    fn sign(&mut self, credit: Option<&str>, desk: Vec<&str>) {
        let signoff = self.signoff.get_or_insert_with(SignOff::default);
        if let Some(credit) = credit {
            signoff.credit = Some(credit.to_owned());
        }
        let mut initials: Vec<String> = desk.into_iter().map(str::to_owned).collect();
        initials.append(&mut signoff.desk);
        signoff.desk = initials;
    }
}

fn last_line(text: &str) -> &str {
    text.rsplit('\n').next().unwrap_or(text).trim()
}

/// What a closing line is. `whole`: it is a paragraph of its own.
fn classify<'a>(line: &'a str, before: Option<&str>, whole: bool, feed_credit: Option<&str>) -> Option<Line<'a>> {
    if line.len() > 1200 {
        return None;
    }
    if is_end_mark(line) {
        return Some(Line::End);
    }
    if line.len() <= 80 {
        if let Some(signed) = credit_line(line, feed_credit) {
            return Some(signed);
        }
        let signed_before = || before.is_some_and(|b| matches!(credit_line(b, feed_credit), Some(Line::Credit { .. })));
        if let Some(desk) = initials(line).filter(|_| line.contains('/') || signed_before()) {
            return Some(Line::Desk(desk));
        }
    }
    let correction = whole && super::lead::is_whole_bracket(line) && marks::of_note(line) == Some(Mark::Correction);
    if correction || is_reporting_note(line) || (whole && is_contributor_note(line, before)) {
        return Some(Line::Note);
    }
    if whole && is_pointer(line) {
        return Some(Line::Pointer);
    }
    (whole && is_copyright(line)).then_some(Line::Copyright)
}

/// `(END)`, `ENDS`, `-30-`, `###`, `NNNN`, `MORE`, `***`.
fn is_end_mark(line: &str) -> bool {
    if line.len() > 40 {
        return false;
    }
    let core = line.trim_matches(|c: char| !c.is_alphanumeric());
    if core.is_empty() {
        // Dots and dashes alone may stand for a silence; three ornaments are a rule.
        return line.chars().filter(|c| matches!(c, '#' | '*' | '_' | '=' | '~' | '-' | '—' | '+')).count() >= 2;
    }
    let framed = core.len() + 2 <= line.len();
    if matches!(core, "30" | "0") {
        return framed && line.starts_with(['-', '—', '#']);
    }
    let words = [
        "END",
        "ENDS",
        "ENDE",
        "ENDIT",
        "ENDITEM",
        "FIN",
        "FINE",
        "FIM",
        "MORE",
        "MORE FOLLOWS",
        "MORE TO COME",
        "MORE TO FOLLOW",
        "NNNN",
        "MF",
        "КОНЕЦ",
        "ЗАВЕРШЕНИЕ",
        "END ITEM",
        "THE END",
    ];
    let upper = core.to_uppercase();
    words.contains(&upper.as_str())
        && (framed || core == upper || matches!(core, "Ends" | "Enditem" | "Ende" | "mf" | "ends" | "end"))
        || matches!(core, "انتهى" | "النهاية" | "完")
}

/// A credit, in dashes, brackets, slashes or bare, with the desk's initials after it: `--IANS`, `(PTI)`, `dpa bwh bag`.
fn credit_line<'a>(line: &'a str, feed_credit: Option<&str>) -> Option<Line<'a>> {
    let core = line.trim_matches(['-', '—', '–', '_', '(', ')', '[', ']', '/', '.', '*', '#', ' ', '=', '<']);
    if core.is_empty() || core.contains('\n') {
        return None;
    }
    let first = core.split('/').next()?;
    if agencies::is_known(core, feed_credit) && agencies::is_known(first, feed_credit) {
        return Some(match core.split_once('/') {
            // `Lusa/Fim`
            Some((credit, end)) if is_end_mark(&end.to_uppercase()) => Line::Credit { credit, desk: Vec::new() },
            Some((credit, desk)) if initials(desk).is_some() && !agencies::is_known(desk, feed_credit) => {
                Line::Credit { credit, desk: initials(desk)? }
            }
            _ => Line::Credit { credit: core, desk: Vec::new() },
        });
    }
    let dashed = line.starts_with("--") || line.starts_with('—');
    if dashed
        && !core.contains(' ')
        && (2..=MAX_ACRONYM_BYTES).contains(&core.len())
        && core.bytes().all(|b| b.is_ascii_uppercase())
    {
        return Some(Line::Credit { credit: core, desk: Vec::new() });
    }
    let (credit, rest) = core.split_once(' ')?;
    if !agencies::is_known(credit, feed_credit) {
        return None;
    }
    let desk = initials(rest.trim()).or_else(|| desk_codes(credit, rest.trim()))?;
    Some(Line::Credit { credit, desk })
}

/// `yynwe a3 lwe` after `dpa`: short runs of small letters and figures, after a name that is written small itself.
fn desk_codes<'a>(credit: &str, rest: &'a str) -> Option<Vec<&'a str>> {
    let small = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let parts: Vec<&str> = rest.split(' ').collect();
    let codes = parts.iter().all(|part| (1..=6).contains(&part.len()) && small(part));
    let figure = rest.bytes().any(|b| b.is_ascii_digit());
    (small(credit) && codes && figure && (2..=6).contains(&parts.len())).then_some(parts)
}

/// `scor/dan`, `bwh bag`, `SKL RT`, `burs-abc/def`: short runs of letters of one case.
fn initials(line: &str) -> Option<Vec<&str>> {
    let line = line.trim_matches(['-', ' ', '.', '(', ')']).trim_end_matches('/');
    if line.is_empty() || line.len() > 40 {
        return None;
    }
    let parts: Vec<&str> = line.split(['/', ' ', '-']).filter(|part| !part.is_empty()).collect();
    let all = |test: fn(u8) -> bool| parts.iter().all(|p| p.bytes().all(test));
    let one_case = all(|b| b.is_ascii_lowercase()) || all(|b| b.is_ascii_uppercase());
    // Words with spaces between are initials only when they are as short as initials are.
    let longest = if line.contains(' ') { 4 } else { 6 };
    let short = parts.iter().all(|p| (1..=longest).contains(&p.len()));
    let slashed = line.contains('/') || !line.contains([' ', '-']) || longest == 4;
    (one_case && short && slashed && parts.len() <= 6).then_some(parts)
}

/// Openings of lines that say who reported, wrote and edited.
#[rustfmt::skip]
const REPORTING: &[&str] = &[
    "reporting by", "reporting and", "additional reporting", "writing by", "writing and", "editing by", "edited by",
    "compiled by", "reported by", "report by", "graphic by", "graphics by", "translated by", "translation by",
    "story by", "with reporting by", "with inputs from", "with input from", "rédigé par", "édité par",
    "reportage de", "reportage par", "avec la contribution", "édition française", "version française", "bericht von",
    "geschrieben von", "redigiert von", "bearbeitet von", "redaktion:", "zusätzliche berichterstattung",
    "reporte de", "reportes de", "reporte adicional", "información de", "escrito por", "editado por", "editada por",
    "traducido por", "reportagem de", "por reuters", "edição de", "redazione", "tradotto da", "in redazione",
    "репортаж", "редактор", "перевод", "подготовил", "إعداد", "تغطية", "تحرير", "(reporting",
    "(additional reporting",
];

/// `(Reporting by A in X; Editing by B)`, the same without brackets, `((a.b@example.org; +44 20 ...))`.
fn is_reporting_note(line: &str) -> bool {
    let inner = line.trim_start_matches(['(', '[', ' ']);
    let bracketed = inner.len() < line.len();
    let head = folded_head(inner, 32);
    if opens_with(&head, REPORTING) {
        return if bracketed {
            super::lead::is_whole_bracket(line) || line.ends_with([')', ']']) || !line.contains([')', ']'])
        } else {
            // Without brackets, the line must go on as such lines do.
            line.len() <= 400 && !line.ends_with('.') && line.contains(';')
                || (line.len() <= 200 && head.starts_with("editing by")
                    || head.starts_with("reporting by") && line.len() <= 200)
        };
    }
    line.starts_with("((") && line.contains('@')
}

/// `Associated Press writers A in X and B in Y contributed to this report.`
fn is_contributor_note(line: &str, before: Option<&str>) -> bool {
    if line.len() > 500 {
        return false;
    }
    let after_rule = before.is_some_and(|b| b.len() >= 3 && b.bytes().all(|b| b == b'_'));
    // Most lines end here.
    let may = memchr::memmem::find(line.as_bytes(), b"contribu").is_some();
    let contributed = [
        "contributed to this report",
        "contributed reporting",
        "contributed from",
        "contributed to this story",
        "a contribué à",
        "contribuyó con este",
    ];
    (may && contributed.iter().any(|words| line.contains(words)))
        || (after_rule
            && ["reported from", "on Twitter", "Follow ", "Online:", "Find more", "coverage:"]
                .iter()
                .any(|words| line.contains(words)))
}

/// `Click here for more`, `Our Standards: ...`, `Photo: A B/The Plain Paper`: what web desks and pictures leave below the copy.
fn is_pointer(line: &str) -> bool {
    #[rustfmt::skip]
    const OPENERS: &[&str] = &[
        "click here", "(click here", "click on ", "for more stories", "for more news", "for more information, visit",
        "for more information visit", "for the full story", "for full coverage", "read more at", "read more:",
        "read also:", "also read:", "see also:", "related stories", "follow us on", "subscribe to our", "sign up for our",
        "our standards:", "photo:", "photo by", "photo courtesy", "picture:", "image:", "(photo:", "(photo by", "file photo",
        "(image:", "hier klicken", "mehr zum thema:", "lesen sie auch:", "foto:", "bild:", "cliquez ici", "lire aussi",
        "à lire aussi", "photo :", "haga clic", "haz clic", "lea también", "lea además", "clique aqui", "leia também",
        "clicca qui", "leggi anche", "читайте также", "подробнее:", "фото:", "اقرأ أيضا", "यह भी पढ़ें", "फोटो:",
        "(this story has not been edited", "(this report has been published", "(this story is published",
        "(except for the headline", "disclaimer:", "this story was originally published",
    ];
    if line.len() > MAX_POINTER_BYTES {
        return false;
    }
    opens_with(&folded_head(line, 32), OPENERS)
}

fn is_copyright(line: &str) -> bool {
    if line.len() > MAX_COPYRIGHT_BYTES {
        return false;
    }
    let head = folded_head(line, 24);
    let figure = line.chars().take(40).any(|c| c.is_ascii_digit());
    head.starts_with('©')
        || head.starts_with("all rights reserved")
        || (head.starts_with("(c) ") && figure)
        || (head.starts_with("copyright ") && (figure || head.contains('©') || head.contains("(c)")))
        || (head.starts_with("alle rechte vorbehalten")
            || head.starts_with("tous droits réservés")
            || head.starts_with("todos los derechos res"))
}

/// Headings of blocks that are not for publication.
fn opens_block(paragraph: &str) -> bool {
    #[rustfmt::skip]
    const OPENERS: &[&str] = &[
        "# dpa", "# notebook", "## note to editors", "## internet links", "## editorial contacts", "## dpa contacts",
        "## redaktion", "# notizblock", "note to editors", "notes to editors", "notes to editor",
        "notes for editors", "editorial contact", "media contact", "press contact", "redaktionelle hinweise",
        "hinweise an die redaktion", "pressekontakt", "contact presse", "contacto de prensa",
    ];
    let first = paragraph.lines().next().unwrap_or("").trim();
    // Most paragraphs are long lines of copy: not worth folding.
    if first.len() > 60 && !first.starts_with("The following") && !first.starts_with("NOT FOR") {
        return false;
    }
    let head = folded_head(first, 32);
    let opener = opens_with(&head, OPENERS) && first.len() <= 60;
    let folded = || paragraph[..paragraph.floor_char_boundary(160)].to_lowercase();
    opener
        || (head.starts_with("* * *") && folded().contains("publication"))
        || (head.starts_with("the following information is not") && folded().contains("publication"))
        || (head.starts_with("not for publication") && !paragraph.contains("before"))
}

/// A sign-off inside the last paragraph: where it starts, and what it is.
fn inline<'a>(text: &'a str, feed_credit: Option<&str>) -> Option<(usize, Line<'a>)> {
    let closed = text.trim_end_matches(['.', ' ']);
    if let Some(close) = closed.strip_suffix([')', ']']).map(str::len) {
        let open = matching_open(&text[..=close])?;
        if text[..open].trim().is_empty() {
            return None;
        }
        let inner = &text[open + 1..close];
        if agencies::is_known(inner, feed_credit) && (ends_sentence(text[..open].trim_end()) || text.ends_with(").")) {
            return Some((open, Line::Credit { credit: inner.trim(), desk: Vec::new() }));
        }
        if text.len() - open > 8 && is_reporting_note(&text[open..=close]) && ends_sentence(text[..open].trim_end()) {
            return Some((open, Line::Note));
        }
        return if is_end_mark(&text[open..=close]) { Some((open, Line::End)) } else { None };
    }
    // The last words after the last sentence: `... said. --IANS`, `... said. Reuter`, `... said. -0-`
    let start = text
        .char_indices()
        .rev()
        .take(40)
        .filter(|&(_, c)| c == ' ')
        .map(|(at, _)| at)
        .find(|&at| ends_sentence(&text[..at]))?;
    let tail = text[start..].trim();
    if text[..start].trim().is_empty() || tail.is_empty() {
        return None;
    }
    if let Some(Line::Credit { credit, desk }) = credit_line(tail, feed_credit) {
        // A bare name could open a sentence that was cut; the classic ones and dashed ones are sign-offs.
        let classic = tail.starts_with(['-', '—', '/']) || matches!(tail, "Reuter" | "REUTER" | "Reuters" | "REUTERS");
        return (classic || tail.chars().all(|c| c.is_uppercase())).then_some((start, Line::Credit { credit, desk }));
    }
    (is_end_mark(tail) && (tail == "Enditem" || !tail.chars().any(char::is_lowercase))).then_some((start, Line::End))
}

/// The bracket that the last one closes.
fn matching_open(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices().rev() {
        match c {
            ')' | ']' => depth += 1,
            '(' | '[' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(text: &str) -> (String, Closing) {
        let mut paragraphs = super::super::layout::split(text);
        let closing = strip(&mut paragraphs, None);
        (paragraphs.join("\n\n"), closing)
    }

    fn signed(text: &str) -> (String, Option<String>, Vec<String>) {
        let (body, closing) = close(text);
        let signoff = closing.signoff.unwrap_or_default();
        (body, signoff.credit, signoff.desk)
    }

    #[test]
    fn credits_and_initials() {
        for (closing, credit, desk) in [
            ("\n\n--IANS\n\nscor/dan", "IANS", vec!["scor", "dan"]),
            ("\n\n--IANS\nscor/dan", "IANS", vec!["scor", "dan"]),
            ("\n\n–IANS\n\nrag/skp/", "IANS", vec!["rag", "skp"]),
            ("\n\n-- IANS", "IANS", vec![]),
            ("\n\nREUTER", "REUTER", vec![]),
            (" Reuter", "Reuter", vec![]),
            (" (ANSA).", "ANSA", vec![]),
            (" (PTI)", "PTI", vec![]),
            ("\n\ndpa bwh bag", "dpa", vec!["bwh", "bag"]),
            ("\n\nPTI SKL RT", "PTI", vec!["SKL", "RT"]),
            ("\n\ndpa yynwe a3 lwe", "dpa", vec!["yynwe", "a3", "lwe"]),
            ("\n\n(END)\n\n(Xinhua)", "Xinhua", vec![]),
            (" --ANI", "ANI", vec![]),
            ("\n\n--PLAINWIRE", "PLAINWIRE", vec![]),
        ] {
            let desk = desk.into_iter().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(
                signed(&format!("First.\n\nHe said so.{closing}")),
                ("First.\n\nHe said so.".into(), Some(credit.into()), desk),
                "{closing}"
            );
        }
    }

    #[test]
    fn end_marks_and_notes() {
        for closing in ["(END)", "ENDS", "-30-", "###", "- 0 -", "***", "NNNN", "Enditem"] {
            let (body, found) = close(&format!("He said so.\n\n{closing}"));
            assert_eq!((body.as_str(), found.notes.len()), ("He said so.", 1), "{closing}");
        }
        let (body, found) = close("He said so. (Reporting by A B in Riga; Editing by C D)");
        assert_eq!((body.as_str(), found.ed_notes.len()), ("He said so.", 1));
        for pointer in ["Click here for more stories.", "Photo: A B/The Plain Paper", "Lea también: otra cosa"] {
            let (body, found) = close(&format!("He said so.\n\n{pointer}"));
            assert_eq!((body.as_str(), found.ed_notes), ("He said so.", vec![pointer.to_owned()]));
        }
        let (body, found) = close("He said.\n\n___\n\nAssociated Press writer A B contributed to this report.");
        assert_eq!((body.as_str(), found.ed_notes.len()), ("He said.", 1));
        let (body, found) = close(
            "He said.\n\n# dpa NOTEBOOK\n\n* * * *\nThe following information is not for publication\n\n- Reporting by: A\n\ndpa abc def",
        );
        assert_eq!((body.as_str(), found.ed_notes.len()), ("He said.", 3));
        assert_eq!(found.signoff.unwrap().desk, ["abc", "def"]);
        assert_eq!(found.ed_notes[0], "# dpa NOTEBOOK");
    }

    #[test]
    fn copy_stays() {
        for text in [
            "He said so.\n\nThe end of the road.",
            "He joined Reuters",
            "It is a member of the (UN)",
            "They chanted (loudly).",
            "He said.\n\nEnd of an era",
            "He spoke to the AP.",
            "Prices rose, he said. BP fell",
        ] {
            assert_eq!(close(text).0, text);
        }
    }
}
