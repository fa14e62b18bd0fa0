//! Plain wire copy.

use super::{Decoded, Input};
use crate::item::{Reject, WireItem, wire::Body};

/// Reads one record of plain text as one item.
pub fn decode(input: &Input<'_>) -> Result<Decoded, Reject> {
    let text = String::from_utf8_lossy(input.payload).into_owned();
    Ok(vec![Ok(WireItem { body: Body::Text(text), ..WireItem::default() })])
}
