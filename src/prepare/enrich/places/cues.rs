//! Words around a name that say that it is a place's.

use super::super::document::{FieldText, Style};
use super::super::matcher::{Case, Gap};

/// Who or what a place has: `Hartford police`, `a Miami man`. Not what a person or company has too.
const CIVIC: [&str; 34] = [
    "police",
    "residents",
    "resident",
    "man",
    "woman",
    "couple",
    "teen",
    "teenager",
    "mayor",
    "officials",
    "native",
    "school",
    "schools",
    "council",
    "councilman",
    "councilwoman",
    "councillor",
    "councillors",
    "commissioners",
    "aldermen",
    "firefighters",
    "hospital",
    "area",
    "suburb",
    "county",
    "voters",
    "airport",
    "deputies",
    "detectives",
    "businesses",
    "motorists",
    "neighborhood",
    "neighbourhood",
    "townspeople",
];

/// The same with a capital: `Hartford Police Department`, `Oxford City Council`.
const CIVIC_CAPITALS: [&str; 17] = [
    "Police",
    "Fire",
    "City",
    "Town",
    "Mayor",
    "Sheriff",
    "Council",
    "Councilman",
    "Councilwoman",
    "Municipal",
    "Department",
    "Community",
    "Board",
    "Chamber",
    "Public",
    "Area",
    "Residents",
];

/// Whether a word follows that only a place has.
pub(super) fn civic_follows(field: &FieldText<'_>, last: usize) -> bool {
    let Some(next) = field.after(last) else { return false };
    match next.case {
        Case::Lower => CIVIC.contains(&field.word(last + 1)),
        Case::Title if field.style == Style::Plain => CIVIC_CAPITALS.contains(&field.word(last + 1)),
        _ => false,
    }
}

/// `HUDSON -- Officials say`, `CROMWELL — Police`: a dateline that stands in the text, after a headline or a note.
pub(super) fn is_dateline_in_text(field: &FieldText<'_>, first: usize, last: usize) -> bool {
    let tokens = &field.tokens;
    let capitals = field.style == Style::Plain && tokens[first..=last].iter().all(|t| t.case == Case::Upper);
    if !capitals || !matches!(tokens[first].gap, Gap::Break | Gap::Dot | Gap::Other) || tokens[first].len() < 3 {
        return false;
    }
    let Some(next) = tokens.get(last + 1).filter(|next| next.gap == Gap::Other) else { return false };
    let between = field.text[tokens[last].end as usize..next.start as usize].trim();
    matches!(between, "-" | "--" | "–" | "—" | "- -" | "— -")
}
