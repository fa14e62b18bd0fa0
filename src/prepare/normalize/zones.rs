//! Time zones in wires' words.

use jiff::tz::{Offset, TimeZone};

/// Offsets of abbreviations that mean one thing, in minutes east of Greenwich.
const FIXED: &[(&str, i32)] = &[
    ("gmt", 0),
    ("utc", 0),
    ("غرينتش", 0),
    ("جرينتش", 0),
    ("tu", 0),
    ("z", 0),
    ("ut", 0),
    ("мск", 180),
    ("msk", 180),
    ("wet", 0),
    ("west", 60),
    ("cet", 60),
    ("cest", 120),
    ("mez", 60),
    ("mesz", 120),
    ("met", 60),
    ("mest", 120),
    ("hec", 60),
    ("eet", 120),
    ("eest", 180),
    ("trt", 180),
    ("sast", 120),
    ("cat", 120),
    ("wat", 60),
    ("eat", 180),
    ("gst", 240),
    ("pkt", 300),
    ("npt", 345),
    ("wib", 420),
    ("ict", 420),
    ("hkt", 480),
    ("sgt", 480),
    ("myt", 480),
    ("pht", 480),
    ("awst", 480),
    ("jst", 540),
    ("kst", 540),
    ("acst", 570),
    ("acdt", 630),
    ("aest", 600),
    ("aedt", 660),
    ("nzst", 720),
    ("nzdt", 780),
    ("est", -300),
    ("edt", -240),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
    ("akst", -540),
    ("akdt", -480),
    ("hst", -600),
    ("ast", -240),
    ("adt", -180),
    ("nst", -210),
    ("brt", -180),
    ("art", -180),
    ("clt", -240),
    ("cot", -300),
    ("pet", -300),
];

/// Names that follow the clock of a place, summer time included.
const REGIONAL: &[(&str, &str)] =
    &[("et", "America/New_York"), ("ct", "America/Chicago"), ("mt", "America/Denver"), ("pt", "America/Los_Angeles")];

/// Abbreviations that agencies use for different zones: the feed's own zone decides, the last is what they mean elsewhere.
const AMBIGUOUS: &[(&str, &[&str], i32)] = &[
    ("ist", &["Europe/Dublin", "Asia/Jerusalem", "Asia/Tel_Aviv"], 330),
    ("cst", &["Asia/Shanghai", "Asia/Taipei", "Asia/Macau", "America/Havana"], -360),
    ("bst", &["Asia/Dhaka"], 60),
];

/// The zone that a word names: `GMT`, `IST`, `ET`, `+0530`, `+05:30`, `GMT+5:30`, `UTC-3`. `feed` is the feed's own zone.
pub fn zone(word: &str, feed: &TimeZone) -> Option<TimeZone> {
    let word = word.trim_end_matches(['.', ',', ')', ';']).trim_start_matches('(');
    if word.is_empty() || word.len() > 16 {
        return None;
    }
    if word.starts_with(['+', '-', '−']) {
        return offset(word);
    }
    let folded = word.to_lowercase();
    if let Some(rest) =
        folded.strip_prefix("gmt").or_else(|| folded.strip_prefix("utc")).filter(|rest| !rest.is_empty())
    {
        return offset(rest);
    }
    let minutes = |minutes: i32| Offset::from_seconds(minutes * 60).ok().map(TimeZone::fixed);
    if let Some(&(_, fixed)) = FIXED.iter().find(|(name, _)| *name == folded) {
        return minutes(fixed);
    }
    if let Some((_, region)) = REGIONAL.iter().find(|(name, _)| *name == folded) {
        return TimeZone::get(region).ok();
    }
    let (_, homes, elsewhere) = AMBIGUOUS.iter().find(|(name, ..)| *name == folded)?;
    match feed.iana_name() {
        Some(name) if homes.contains(&name) => Some(feed.clone()),
        _ => minutes(*elsewhere),
    }
}

/// `+0530`, `+05:30`, `-3`, `+03`.
fn offset(text: &str) -> Option<TimeZone> {
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' | '−' => -1,
        _ => return None,
    };
    let digits = text.trim_start_matches(['+', '-', '−']);
    let number =
        |part: &str| part.parse::<i32>().ok().filter(|_| part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit()));
    let (hours, minutes) = match (digits.split_once(':'), digits.len()) {
        (Some((hours, minutes)), _) => (number(hours)?, number(minutes)?),
        (None, 1 | 2) => (number(digits)?, 0),
        (None, 4) => (number(digits.get(..2)?)?, number(digits.get(2..)?)?),
        _ => return None,
    };
    if hours > 14 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok().map(TimeZone::fixed)
}
