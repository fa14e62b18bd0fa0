//! Entities in text that is no mark-up.

use std::borrow::Cow;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, State, Tokenizer};

/// Replaces the character references of HTML, once. Everything else stays, tags too.
pub fn decode(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<()> {
        if let CallbackEvent::String { value } = event {
            match std::str::from_utf8(value) {
                Ok(text) => out.push_str(text),
                Err(_) => out.push_str(&String::from_utf8_lossy(value)),
            }
        }
        None
    });
    let mut tokenizer = Tokenizer::new_with_emitter(text, emitter);
    // The content of an element that is never closed: references count, tags do not.
    tokenizer.set_state(State::RcData);
    for _ in tokenizer {}
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_decoded_once() {
        for (written, read) in [
            ("S&amp;P", "S&P"),
            ("&amp;amp; twice", "&amp; twice"),
            ("Caf&eacute; &#8211; &#x2019;&#146;", "Café – ’’"),
            ("AT&T & Co &unknown; &", "AT&T & Co &unknown; &"),
            ("a &lt;b&gt; <c> </title> d", "a <b> <c> </title> d"),
            ("plain", "plain"),
        ] {
            assert_eq!(decode(written), read);
        }
    }
}
