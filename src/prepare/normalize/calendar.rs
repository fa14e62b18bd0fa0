//! Words of the calendar, and days as wires write them.
//!
//! Month names of English, German, French, Spanish, Portuguese, Italian, Dutch, Russian, Arabic (three traditions) and Hindi,
//! full and cut, as they stand in datelines. Day orders are told apart by the month's name; purely numeric days are read only where
//! they cannot be misread (`2026-03-10`, `10.03.2026`).

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};

use super::openers::{BuildFnv, with_folded};

/// Case-folded month names, without dots; the full English one first.
const MONTHS: [&str; 12] = [
    "january|jan|januar|jänner|jän|janvier|janv|enero|ene|janeiro|gennaio|gen|januari|января|январь|янв|يناير|كانون الثاني|جانفي|जनवरी",
    "february|feb|februar|feber|février|fevrier|févr|fév|febrero|fevereiro|fev|febbraio|febb|februari|февраля|февраль|фев|فبراير|شباط|فيفري|फरवरी|फ़रवरी",
    "march|mar|märz|mrz|maerz|mär|mars|marzo|março|marco|maart|mrt|марта|март|мар|مارس|آذار|اذار|मार्च",
    "april|apr|avril|avr|abril|abr|aprile|апреля|апрель|апр|أبريل|ابريل|نيسان|أفريل|अप्रैल",
    "may|mai|mayo|maio|maggio|mag|mei|мая|май|مايو|أيار|ايار|ماي|मई",
    "june|jun|juni|juin|junio|junho|giugno|giu|июня|июнь|июн|يونيو|حزيران|جوان|जून",
    "july|jul|juli|juillet|juil|julio|julho|luglio|lug|июля|июль|июл|يوليو|تموز|جويلية|जुलाई",
    "august|aug|août|aout|agosto|ago|augustus|августа|август|авг|أغسطس|اغسطس|آب|أوت|अगस्त",
    "september|sept|sep|septembre|septiembre|setiembre|setembro|set|settembre|sett|сентября|сентябрь|сен|сент|سبتمبر|أيلول|ايلول|सितंबर|सितम्बर",
    "october|oct|oktober|okt|octobre|octubre|outubro|out|ottobre|ott|октября|октябрь|окт|أكتوبر|اكتوبر|تشرين الأول|تشرين الاول|अक्टूबर|अक्तूबर",
    "november|nov|novembre|noviembre|novembro|ноября|ноябрь|ноя|نوفمبر|تشرين الثاني|नवंबर|नवम्बर",
    "december|dec|dezember|dez|décembre|decembre|déc|diciembre|dic|dezembro|dicembre|декабря|декабрь|дек|ديسمبر|كانون الأول|كانون الاول|दिसंबर|दिसम्बर",
];

/// Case-folded names of the days of the week, Monday first.
const WEEKDAYS: [&str; 7] = [
    "monday|mon|montag|lundi|lunes|segunda-feira|lunedì|понедельник|الاثنين|सोमवार",
    "tuesday|tue|tues|dienstag|mardi|martes|terça-feira|martedì|вторник|الثلاثاء|मंगलवार",
    "wednesday|wed|mittwoch|mercredi|miércoles|quarta-feira|mercoledì|среда|среду|الأربعاء|बुधवार",
    "thursday|thu|thur|thurs|donnerstag|jeudi|jueves|quinta-feira|giovedì|четверг|الخميس|गुरुवार",
    "friday|fri|freitag|vendredi|viernes|sexta-feira|venerdì|пятница|пятницу|الجمعة|शुक्रवार",
    "saturday|sat|samstag|sonnabend|samedi|sábado|sabato|суббота|субботу|السبت|शनिवार",
    "sunday|sun|sonntag|dimanche|domingo|domenica|воскресенье|الأحد|रविवार",
];

/// Longest folded name, in bytes.
const MAX_NAME_BYTES: usize = 32;

static MONTH_OF: LazyLock<Names> = LazyLock::new(|| names(&MONTHS));

static WEEKDAY_OF: LazyLock<Names> = LazyLock::new(|| names(&WEEKDAYS));

type Names = HashMap<&'static str, i8, BuildFnv>;

/// Each name with the number of its row, from 1.
fn names(rows: &'static [&'static str]) -> Names {
    rows.iter().zip(1..).flat_map(|(names, number)| names.split('|').map(move |name| (name, number))).collect()
}

/// A day as a wire writes it: often without the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenDay {
    pub year: Option<i16>,
    pub month: i8,
    pub day: i8,
}

impl WrittenDay {
    /// The date; without a year, the one that lies nearest to `near`. `None` where no such day exists.
    pub fn nearest(self, near: Date) -> Option<Date> {
        let date = |year: i16| Date::new(year, self.month, self.day).ok();
        if let Some(year) = self.year {
            return date(year);
        }
        let distance = |d: &Date| d.since(near).map_or(i32::MAX, |span| span.get_days().abs());
        // Four years either way, because 29 February needs them.
        (-4..=4).filter_map(|years| date(near.year().checked_add(years)?)).min_by_key(distance)
    }
}

/// The month that a word names, 1 to 12; a dot at its end is passed over.
pub fn month(word: &str) -> Option<i8> {
    look_up(&MONTH_OF, word)
}

/// The day of the week that a word names.
pub fn weekday(word: &str) -> Option<Weekday> {
    look_up(&WEEKDAY_OF, word).and_then(|day| Weekday::from_monday_one_offset(day).ok())
}

fn look_up(table: &Names, word: &str) -> Option<i8> {
    let word = word.trim_end_matches(['.', ',']);
    let letters = |b: u8| b >= 0x80 || b.is_ascii_alphabetic() || matches!(b, b'-' | b' ');
    if word.len() < 3 || word.len() > MAX_NAME_BYTES || !word.bytes().all(letters) {
        return None;
    }
    with_folded::<MAX_NAME_BYTES, _>(word, |folded| table.get(folded).copied())
}

/// The month that a misspelt English name means: one letter wrong, missing, added, or two swapped (`Narch`, `Macrh`).
pub fn misspelt_month(word: &str) -> Option<i8> {
    let word = word.trim_end_matches('.').to_lowercase();
    if !(4..=10).contains(&word.len()) || !word.is_ascii() {
        return None;
    }
    let english = MONTHS.iter().filter_map(|names| names.split('|').next());
    (1..).zip(english).find(|(_, name)| name.len() >= 5 && is_slip(&word, name)).map(|(month, _)| month)
}

/// True where two ASCII words differ by one letter, or by two neighbours swapped.
fn is_slip(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[head..a.len() - tail], &b[head..b.len() - tail]);
    matches!((a, b), ([_], [_]) | ([], [_]) | ([_], [])) || matches!((a, b), ([p, q], [r, s]) if p == s && q == r)
}

/// Reads a text that is a day and nothing else: `March 10`, `10 mars 2026`, `1er juin`, `Tuesday, Mar. 10`, `10 de março`,
/// `10. März`, `2026-03-10`, `10.03.2026`, `١٠ مارس`.
pub fn day(text: &str) -> Option<WrittenDay> {
    let text = text.trim();
    if text.len() > 64 || !text.chars().any(char::is_numeric) {
        return None;
    }
    if let Some(numeric) = numeric_day(text) {
        return Some(numeric);
    }
    let (mut day, mut year, mut found_month) = (None, None, None);
    let mut words = text.split([' ', ',', '\n', '\t']).filter(|w| !w.is_empty()).peekable();
    while let Some(word) = words.next() {
        if let Some(number) = number(word) {
            match number {
                1..=31 if day.is_none() => day = Some(number),
                1900..=2199 if year.is_none() => year = Some(number),
                _ => return None,
            }
        } else if let Some(month) = words.peek().and_then(|next| month_of_two(word, next)) {
            words.next();
            found_month = same_or_first(found_month, month)?.into();
        } else if let Some(month) = month(word) {
            found_month = same_or_first(found_month, month)?.into();
        } else if !(weekday(word).is_some() || matches!(word, "de" | "of" | "the" | "del" | "le" | "г." | "года"))
        {
            return None;
        }
    }
    Some(WrittenDay { year, month: found_month?, day: i8::try_from(day?).ok()? })
}

/// Arabic copy names the month twice, by two traditions (`مارس آذار`): that is one month; two different ones are none.
fn same_or_first(found: Option<i8>, month: i8) -> Option<i8> {
    match found {
        Some(other) if other != month => None,
        _ => Some(month),
    }
}

fn month_of_two(first: &str, second: &str) -> Option<i8> {
    if !matches!(first, "كانون" | "تشرين") {
        return None;
    }
    month(&format!("{first} {second}"))
}

/// `10`, `10th`, `1er`, `10.`, `10º`, `١٠`, `१०`.
fn number(word: &str) -> Option<i16> {
    let end = word.find(|c: char| digit(c).is_none()).unwrap_or(word.len());
    if end == 0 || !matches!(&word[end..], "" | "." | "st" | "nd" | "rd" | "th" | "er" | "º" | "ª" | "°" | "-го") {
        return None;
    }
    digits(&word[..end])
}

/// The value of a run of decimal digits of any script.
pub fn digits(text: &str) -> Option<i16> {
    text.chars().try_fold(0i16, |sum, c| sum.checked_mul(10)?.checked_add(digit(c)?))
}

/// The value of a decimal digit: ASCII, Arabic-Indic, Persian or Devanagari.
pub fn digit(c: char) -> Option<i16> {
    let value = match c {
        '0'..='9' => u32::from(c) - 0x30,
        '\u{660}'..='\u{669}' => u32::from(c) - 0x660,
        '\u{6F0}'..='\u{6F9}' => u32::from(c) - 0x6F0,
        '\u{966}'..='\u{96F}' => u32::from(c) - 0x966,
        _ => return None,
    };
    i16::try_from(value).ok()
}

/// `2026-03-10`, `20260310`, `10.03.2026`, `10.3.26` is not read (its century is a guess), nor is `03/10/2026` (its order is).
fn numeric_day(text: &str) -> Option<WrittenDay> {
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return valid(digits(&text[..4])?, digits(&text[4..6])?, digits(&text[6..])?);
    }
    let separator = text.chars().find(|c| digit(*c).is_none())?;
    let mut parts = text.split(separator);
    let (a, b, c) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    match (separator, a.chars().count(), c.chars().count()) {
        ('-' | '/' | '.', 4, 1..=2) => valid(digits(a)?, digits(b)?, digits(c)?),
        ('.', 1..=2, 4) => valid(digits(c)?, digits(b)?, digits(a)?),
        _ => None,
    }
}

fn valid(year: i16, month: i16, day: i16) -> Option<WrittenDay> {
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    ((1900..=2199).contains(&year) && Date::new(year, month, day).is_ok()).then_some(WrittenDay {
        year: Some(year),
        month,
        day,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_many_wires() {
        for text in [
            "March 10",
            "10 March",
            "Mar. 10",
            "10 mars",
            "10 MAR",
            "10 de marzo",
            "10. März",
            "Tuesday, March 10",
            "10 марта",
            "10 марта.",
            "10 مارس",
            "١٠ مارس آذار",
            "10 मार्च",
            "March 10th",
            "10 marzo",
            "10 de março",
        ] {
            assert_eq!(day(text), Some(WrittenDay { year: None, month: 3, day: 10 }), "{text}");
        }
        for text in ["March 10, 2026", "10 mars 2026", "2026-03-10", "20260310", "10.03.2026", "10 de março de 2026"] {
            assert_eq!(day(text), Some(WrittenDay { year: Some(2026), month: 3, day: 10 }), "{text}");
        }
        assert_eq!(day("1er juin"), Some(WrittenDay { year: None, month: 6, day: 1 }));
        assert_eq!(day("5 تشرين الثاني"), Some(WrittenDay { year: None, month: 11, day: 5 }));
        for text in ["March", "10", "March 32", "03/10/2026", "10 March Madness", "2026-13-01", ""] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn the_nearest_year() {
        let near = Date::constant(2026, 1, 2);
        let day = |month, day| WrittenDay { year: None, month, day }.nearest(near);
        assert_eq!(day(12, 31), Some(Date::constant(2025, 12, 31)));
        assert_eq!(day(3, 10), Some(Date::constant(2026, 3, 10)));
        assert_eq!(day(2, 29), Some(Date::constant(2024, 2, 29)));
        assert_eq!(day(2, 30), None);
    }

    #[test]
    fn slips_of_the_typist() {
        assert_eq!(misspelt_month("Narch"), Some(3));
        assert_eq!(misspelt_month("Macrh"), Some(3));
        assert_eq!(misspelt_month("Febuary"), Some(2));
        assert_eq!(misspelt_month("Marsh"), Some(3));
        assert_eq!(misspelt_month("Monday"), None);
    }

    #[test]
    fn no_name_means_two_months() {
        let names: usize = MONTHS.iter().map(|names| names.split('|').count()).sum();
        assert_eq!(MONTH_OF.len(), names);
        assert!(MONTH_OF.keys().all(|name| name.len() <= MAX_NAME_BYTES && *name == name.to_lowercase()));
    }
}
