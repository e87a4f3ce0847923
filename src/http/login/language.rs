//! French or English: by the user's own record, then by the browser (RFC 9110 §12.5.4).

use axum::http::{HeaderMap, header};

/// A language that we speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::http) enum Language {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
}

impl Language {
    /// What a tag such as `fr-CH` or `fr_CH` asks for, if we speak it.
    pub(in crate::http) fn parse(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("fr") {
            return Some(Self::Fr);
        }
        primary.eq_ignore_ascii_case("en").then_some(Self::En)
    }

    /// What the browser likes best of what we speak; English if it likes neither.
    pub(in crate::http) fn of_browser(headers: &HeaderMap) -> Self {
        let wishes = headers.get_all(header::ACCEPT_LANGUAGE).into_iter();
        let text = wishes.filter_map(|line| line.to_str().ok()).collect::<Vec<_>>().join(",");
        let mut best = (Self::En, 0);
        for wish in text.split(',').take(32) {
            let (tag, rest) = wish.split_once(';').unwrap_or((wish, ""));
            let liked = quality(rest);
            if let Some(language) = Self::parse(tag).filter(|_| liked > best.1) {
                best = (language, liked);
            }
        }
        best.0
    }

    /// The tag for `lang`.
    pub(in crate::http) fn tag(self) -> &'static str {
        self.pick("en", "fr")
    }

    /// The one of two that is in this language.
    pub(in crate::http) fn pick<T: ?Sized>(self, en: &'static T, fr: &'static T) -> &'static T {
        match self {
            Self::En => en,
            Self::Fr => fr,
        }
    }
}

/// The weight in `q=0.8`, in thousandths; the highest if there is none.
fn quality(parameters: &str) -> u32 {
    let weight = parameters.split(';').find_map(|part| part.trim().strip_prefix("q="));
    let Some(weight) = weight else { return 1000 };
    let (whole, part) = weight.trim().split_once('.').unwrap_or((weight.trim(), ""));
    let thousandths = format!("{part:0<3}").get(..3).and_then(|digits| digits.parse().ok());
    match (whole, thousandths) {
        ("1", _) => 1000,
        ("0" | "", Some(thousandths)) => thousandths,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
