//! Times as wires write them, to UTC.
//!
//! RFC 3339 and RFC 2822, ISO 8601 without a zone, IPTC 7901's `212101 GMT Nov 18`, and words: `0001 GMT March 11`,
//! `10. März 2026, 06.00 Uhr`, `6 a.m. ET Wednesday`, `10 mars à 14h15`. What a time leaves out comes from the feed (its zone)
//! and the record's time (year, day); what cannot be read is absent, never guessed.

use std::borrow::Cow;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

use super::calendar::{self, WrittenDay};
use super::zones;

/// What reading a time needs besides the text.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Zone of times that name none.
    pub zone: &'a TimeZone,
    /// The record's Kafka time.
    pub received: Timestamp,
}

/// Where a time with parts left out lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lies {
    /// About when the record was received: an item's own times. A day without a clock is no time.
    Near,
    /// After that: embargoes and expiries. A day without a clock begins at midnight.
    Ahead,
}

/// Words in a time, at most: what follows is something else.
const MAX_WORDS: usize = 16;

/// Reads a time.
pub fn read(text: &str, lies: Lies, context: &Context<'_>) -> Option<Timestamp> {
    let text = with_ascii_digits(text.trim());
    let text = text.as_ref();
    if text.is_empty() {
        return None;
    }
    machine(text, context).or_else(|| Words::read(text, context.zone)?.resolve(lies, context))
}

/// Arabic-Indic, Persian and Devanagari digits as ASCII has them.
fn with_ascii_digits(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| !c.is_ascii() && calendar::digit(c).is_some()) {
        return Cow::Borrowed(text);
    }
    let ascii = |c: char| calendar::digit(c).and_then(|d| u8::try_from(d).ok()).map_or(c, |d| char::from(b'0' + d));
    Cow::Owned(text.chars().map(ascii).collect())
}

/// Forms that machines write.
fn machine(text: &str, context: &Context<'_>) -> Option<Timestamp> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || c.is_ascii_alphabetic()) {
        return None;
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return digits_only(text, context);
    }
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp);
    }
    if text.len() > 10
        && text.as_bytes()[..4].iter().all(u8::is_ascii_digit)
        && let Ok(civil) = text.parse::<jiff::civil::DateTime>()
    {
        return civil.to_zoned(context.zone.clone()).ok().map(|zoned| zoned.timestamp());
    }
    jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
}

/// `20260310101500`, `202603101015` in the feed's zone; seconds or milliseconds since 1970.
fn digits_only(text: &str, context: &Context<'_>) -> Option<Timestamp> {
    match text.len() {
        10 => Timestamp::from_second(text.parse().ok()?).ok(),
        13 => Timestamp::from_millisecond(text.parse().ok()?).ok(),
        12 | 14 => {
            let part = |at: usize| text.get(at..at + 2).and_then(|digits| digits.parse::<i8>().ok());
            let date = Date::new(text.get(..4)?.parse().ok()?, part(4)?, part(6)?).ok()?;
            let time = Time::new(part(8)?, part(10)?, part(12).unwrap_or(0), 0).ok()?;
            at(date, time, context.zone)
        }
        _ => None,
    }
}

fn at(date: Date, time: Time, zone: &TimeZone) -> Option<Timestamp> {
    date.to_datetime(time).to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
}

/// The parts of a time that words gave.
#[derive(Default)]
struct Words {
    day: Option<i8>,
    month: Option<i8>,
    year: Option<i16>,
    weekday: Option<Weekday>,
    /// Hour and minute; the hour may be 24.
    clock: Option<(i8, i8)>,
    zone: Option<TimeZone>,
}

impl Words {
    fn read(text: &str, feed_zone: &TimeZone) -> Option<Words> {
        let mut found = Words::default();
        let words: Vec<&str> =
            text.split([' ', ',', '\n', '\t', '(', ')', ';']).filter(|w| !w.is_empty()).take(MAX_WORDS).collect();
        let mut at = 0;
        let mut strangers = 0;
        while at < words.len() {
            let taken = found.take(&words[at..], feed_zone);
            strangers = if taken == 0 { strangers + 1 } else { 0 };
            // Two words in a row that belong to no time: the time is over, or has not begun within reason.
            if strangers >= 3 || (strangers >= 2 && found.clock.is_some()) {
                break;
            }
            at += taken.max(1);
        }
        (found.clock.is_some() || found.day.is_some() || found.weekday.is_some()).then_some(found)
    }

    /// Takes one part from the front; returns the words that it took.
    fn take(&mut self, words: &[&str], feed_zone: &TimeZone) -> usize {
        let word = words[0].trim_end_matches('.');
        let next = words.get(1).copied().unwrap_or("");
        if let Some(taken) = self.take_clock(word, next, feed_zone) {
            return taken;
        }
        if let Some(day) = calendar::day(word).filter(|_| self.day.is_none()) {
            (self.day, self.month, self.year) = (Some(day.day), Some(day.month), day.year);
            return 1;
        }
        if let Some(month) = calendar::month(word).filter(|_| self.month.is_none()) {
            self.month = Some(month);
            return 1;
        }
        if let Some(weekday) = calendar::weekday(word) {
            self.weekday = Some(weekday);
            return 1;
        }
        let number = word.trim_end_matches(|c: char| c.is_alphabetic() || c == 'º');
        if let Some(number) = calendar::digits(number).filter(|_| !number.is_empty() && word.len() <= number.len() + 2)
        {
            match number {
                1900..=2199 if self.year.is_none() => self.year = Some(number),
                1..=31 if self.day.is_none() => self.day = i8::try_from(number).ok(),
                // `242200 GMT Jun 17`: the last number is a year's last two digits.
                0..=99 if self.year.is_none() && self.month.is_some() && self.clock.is_some() => {
                    self.year = Some(2000 + number)
                }
                _ => return 0,
            }
            return 1;
        }
        if self.zone.is_none()
            && (self.clock.is_some() || word.len() >= 2)
            && let Some(zone) = zones::zone(word, feed_zone)
        {
            self.zone = Some(zone);
            return 1;
        }
        0
    }

    /// `10:15`, `10.15 Uhr`, `14h15`, `1415 GMT`, `6 a.m.`, `6pm`, `noon`, `242200 GMT`.
    fn take_clock(&mut self, word: &str, next: &str, feed_zone: &TimeZone) -> Option<usize> {
        if self.clock.is_some() {
            return None;
        }
        let folded = word.to_lowercase();
        match folded.as_str() {
            "noon" | "midi" | "mittag" | "mediodía" => return self.set_clock(12, 0, 1),
            "midnight" | "minuit" | "mitternacht" | "medianoche" => return self.set_clock(0, 0, 1),
            _ => {}
        }
        let half = half_of_day(next);
        let digits = folded.bytes().take_while(u8::is_ascii_digit).count();
        let (head, tail) = folded.split_at(digits);
        let hour: i8 = head.parse::<i8>().ok().filter(|_| digits <= 2).unwrap_or(-1);
        if let Some(pm) = half_of_day(tail).filter(|_| hour >= 0) {
            return self.set_clock(twelve(hour, pm)?, 0, 1);
        }
        if let Some(rest) = tail.strip_prefix([':', '.', 'h']).filter(|_| hour >= 0) {
            let clock_word = tail.starts_with([':', 'h'])
                || matches!(next.to_lowercase().as_str(), "uhr" | "h" | "hrs")
                || half.is_some();
            let minutes =
                rest.get(..2).and_then(|m| m.parse::<i8>().ok()).or((rest.is_empty() && tail == "h").then_some(0));
            let minutes = minutes.filter(|_| clock_word)?;
            let own_half =
                half_of_day(rest.get(2..).unwrap_or("").trim_start_matches(|c: char| c == ':' || c.is_ascii_digit()));
            return match own_half.or(half) {
                Some(pm) => self.set_clock(twelve(hour, pm)?, minutes, if own_half.is_some() { 1 } else { 2 }),
                None => self.set_clock(hour, minutes, 1),
            };
        }
        if !tail.is_empty() {
            return None;
        }
        if let Some(pm) = half.filter(|_| hour >= 0) {
            return self.set_clock(twelve(hour, pm)?, 0, 2);
        }
        let zoned = zones::zone(next, feed_zone).is_some() || matches!(next, "hrs" | "hours" | "Uhr" | "h");
        match digits {
            6 if zoned && self.day.is_none() => {
                let day = word[..2].parse::<i8>().ok().filter(|day| (1..=31).contains(day))?;
                let taken = self.set_clock(word[2..4].parse().ok()?, word[4..].parse().ok()?, 1)?;
                self.day = Some(day);
                Some(taken)
            }
            // Four digits are a clock when a zone follows, or when they are no year of our time.
            4 if zoned || !("1900".."2200").contains(&word) => {
                self.set_clock(word[..2].parse().ok()?, word[2..].parse().ok()?, 1)
            }
            1 | 2 if zoned => self.set_clock(hour, 0, 1),
            _ => None,
        }
    }

    fn set_clock(&mut self, hour: i8, minute: i8, taken: usize) -> Option<usize> {
        let valid = (0..=23).contains(&hour) && (0..=59).contains(&minute) || (hour, minute) == (24, 0);
        if valid {
            self.clock = Some((hour, minute));
        }
        valid.then_some(taken)
    }

    fn resolve(self, lies: Lies, context: &Context<'_>) -> Option<Timestamp> {
        let zone = self.zone.as_ref().unwrap_or(context.zone);
        let now = context.received.to_zoned(zone.clone());
        let (hour, minute) = match (self.clock, lies) {
            (Some(clock), _) => clock,
            (None, Lies::Ahead) => (0, 0),
            (None, Lies::Near) => return None,
        };
        let (time, next_day) = (Time::new(hour % 24, minute, 0, 0).ok()?, hour == 24);
        let date = match (self.day, self.month) {
            (Some(day), Some(month)) => {
                let day = WrittenDay { year: self.year, month, day };
                // What lies ahead without a year is not half a year ago.
                let near =
                    if lies == Lies::Ahead { now.date().checked_add(Span::new().months(5)).ok()? } else { now.date() };
                day.nearest(near)?
            }
            (Some(day), None) => nearest_day_of_month(day, now.date())?,
            (None, Some(_)) => return None,
            (None, None) => match self.weekday {
                Some(weekday) => weekday_date(weekday, lies, now.date())?,
                None => return clock_only(time, lies, &now),
            },
        };
        let date = if next_day { date.tomorrow().ok()? } else { date };
        at(date, time, zone)
    }
}

/// `(is afternoon)` for `am`, `a.m.`, `pm`, `p.m.`.
fn half_of_day(word: &str) -> Option<bool> {
    let letters: String = word.chars().filter(char::is_ascii_alphabetic).take(3).collect::<String>().to_lowercase();
    match letters.as_str() {
        "am" => Some(false),
        "pm" => Some(true),
        _ => None,
    }
}

fn twelve(hour: i8, pm: bool) -> Option<i8> {
    (1..=12).contains(&hour).then_some(hour % 12 + if pm { 12 } else { 0 })
}

/// The day of that number in this month or a neighbouring one that lies nearest.
fn nearest_day_of_month(day: i8, near: Date) -> Option<Date> {
    let month = |months: i32| near.first_of_month().checked_add(Span::new().months(months)).ok();
    (-1..=1)
        .filter_map(|months| month(months).and_then(|first| Date::new(first.year(), first.month(), day).ok()))
        .min_by_key(|date| date.since(near).map_or(i32::MAX, |span| span.get_days().abs()))
}

fn weekday_date(weekday: Weekday, lies: Lies, today: Date) -> Option<Date> {
    if today.weekday() == weekday {
        return Some(today);
    }
    today.nth_weekday(if lies == Lies::Ahead { 1 } else { -1 }, weekday).ok()
}

/// A clock alone: the last time that it stood so, an hour's difference between clocks allowed (near); the next time (ahead).
fn clock_only(time: Time, lies: Lies, now: &Zoned) -> Option<Timestamp> {
    let on = |days: i64| at(now.date().checked_add(Span::new().days(days)).ok()?, time, now.time_zone());
    let seconds_ahead = |t: Timestamp| t.as_second() - now.timestamp().as_second();
    match lies {
        Lies::Near => on(0).filter(|&t| seconds_ahead(t) <= 3600).or_else(|| on(-1)),
        Lies::Ahead => on(0).filter(|&t| seconds_ahead(t) >= 0).or_else(|| on(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str, lies: Lies, zone: &str) -> Option<String> {
        let zone = TimeZone::get(zone).unwrap();
        let received = "2026-03-10T12:00:00Z".parse().unwrap();
        read(text, lies, &Context { zone: &zone, received }).map(|t| t.to_string())
    }

    #[test]
    fn forms_of_many_wires() {
        for (text, zone, expected) in [
            ("2026-03-10T10:15:00+05:30", "UTC", "2026-03-10T04:45:00Z"),
            ("20131113T104900+0000", "UTC", "2013-11-13T10:49:00Z"),
            ("2026-03-10T10:15:00", "Asia/Kolkata", "2026-03-10T04:45:00Z"),
            ("2026-03-10 10:15", "Asia/Kolkata", "2026-03-10T04:45:00Z"),
            ("Tue, 10 Mar 2026 10:15:00 +0530", "UTC", "2026-03-10T04:45:00Z"),
            ("20260310101500", "Europe/Berlin", "2026-03-10T09:15:00Z"),
            ("1773137700", "UTC", "2026-03-10T10:15:00Z"),
            ("242200 GMT Jun 17", "UTC", "2017-06-24T22:00:00Z"),
            ("10 March 2026 14:15 IST", "UTC", "2026-03-10T08:45:00Z"),
            ("March 10, 2026 2:15 p.m. ET", "UTC", "2026-03-10T18:15:00Z"),
            ("10.03.2026, 06.00 Uhr", "Europe/Berlin", "2026-03-10T05:00:00Z"),
            ("10 mars 2026 à 14h15", "Europe/Paris", "2026-03-10T13:15:00Z"),
            ("1115 GMT", "Europe/Paris", "2026-03-10T11:15:00Z"),
            ("1415 ET", "UTC", "2026-03-09T18:15:00Z"),
            ("10 مارس ٢٠٢٦ ١٤:١٥ غرينتش", "UTC", "2026-03-10T14:15:00Z"),
            ("१० मार्च २०२६ 14:15 IST", "UTC", "2026-03-10T08:45:00Z"),
            ("10 марта 2026, 14:15 МСК", "UTC", "2026-03-10T11:15:00Z"),
            ("10 Mar 2026 1415 +0530", "UTC", "2026-03-10T08:45:00Z"),
            ("2330 GMT", "UTC", "2026-03-09T23:30:00Z"),
        ] {
            assert_eq!(utc(text, Lies::Near, zone).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn embargoes_lie_ahead() {
        for (text, zone, expected) in [
            ("0001 GMT March 11", "UTC", "2026-03-11T00:01:00Z"),
            ("0001 Friday", "Europe/London", "2026-03-13T00:01:00Z"),
            ("0001 Friday September 9", "Europe/London", "2026-09-08T23:01:00Z"),
            ("6 a.m. ET Wednesday", "UTC", "2026-03-11T10:00:00Z"),
            ("March 11", "Asia/Kolkata", "2026-03-10T18:30:00Z"),
            ("11. März 2026, 24:00", "Europe/Berlin", "2026-03-11T23:00:00Z"),
            ("10:00", "UTC", "2026-03-11T10:00:00Z"),
            ("noon on March 12", "UTC", "2026-03-12T12:00:00Z"),
        ] {
            assert_eq!(utc(text, Lies::Ahead, zone).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_absent() {
        for text in ["", "soon", "March", "10", "the second of several reports", "99:99", "2026"] {
            assert_eq!(utc(text, Lies::Near, "UTC"), None, "{text}");
        }
        assert_eq!(utc("March 10", Lies::Near, "UTC"), None);
    }
}
