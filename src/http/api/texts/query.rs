//! What the API says of parameters in the URL, in both languages.

use crate::http::api::query::Wrong;
use crate::http::login::language::Language;

/// What is wrong with a parameter, and what would be right.
pub(in crate::http::api) fn wrong(wrong: &Wrong, language: Language) -> String {
    match language {
        Language::En => in_english(wrong),
        Language::Fr => in_french(wrong),
    }
}

fn in_english(wrong: &Wrong) -> String {
    match wrong {
        Wrong::Unknown(known) if known.is_empty() => "this takes no parameters".to_owned(),
        Wrong::Unknown(known) => {
            format!("there is no such parameter here; these are: {}", listed(known))
        }
        Wrong::Twice => "this may stand there once".to_owned(),
        Wrong::Text => "this takes up to 1024 bytes, none of them a null character".to_owned(),
        Wrong::Limit(most) => format!("this is a whole number from 1 to {most}"),
        Wrong::Sort(names) => {
            format!("the list is sorted by {}, downwards with a `-` before it", listed(names))
        }
        Wrong::Cursor => {
            "this is no cursor; take `next` from the answer before, or leave it out to begin anew"
                .to_owned()
        }
        Wrong::OtherCursor => {
            "this cursor belongs to another list, filter or order; keep these as they were, or \
             leave it out to begin anew"
                .to_owned()
        }
        Wrong::Truth => "this is `true` or `false`".to_owned(),
        Wrong::Id => "this is an id, as answers give it".to_owned(),
        Wrong::AnyMoment => "this is a moment such as 2026-01-31T08:00:00Z (RFC 3339)".to_owned(),
        Wrong::Word(words) => format!("this is one of {}", listed(words)),
        Wrong::Moment => "this is a past moment such as 2026-01-31T08:00:00Z (RFC 3339)".to_owned(),
    }
}

fn in_french(wrong: &Wrong) -> String {
    match wrong {
        Wrong::Unknown(known) if known.is_empty() => "il n’y a pas de paramètre ici".to_owned(),
        Wrong::Unknown(known) => {
            format!("il n’y a pas ce paramètre ici\u{a0}; il y a {}", listed(known))
        }
        Wrong::Twice => "ce paramètre ne peut y être qu’une fois".to_owned(),
        Wrong::Text => {
            "ce paramètre prend 1024 octets au plus, sans caractère nul".to_owned()
        }
        Wrong::Limit(most) => format!("c’est un nombre entier de 1 à {most}"),
        Wrong::Sort(names) => format!(
            "la liste se trie par {}, en descendant avec un `-` devant",
            listed(names)
        ),
        Wrong::Cursor => {
            "ce n’est pas un curseur\u{a0}; prenez `next` de la réponse précédente, ou retirez-le pour \
             recommencer"
                .to_owned()
        }
        Wrong::OtherCursor => {
            "ce curseur vient d’une autre liste, d’un autre filtre ou d’un autre ordre\u{a0}; gardez-les \
             tels quels, ou retirez-le pour recommencer"
                .to_owned()
        }
        Wrong::Truth => "c’est `true` ou `false`".to_owned(),
        Wrong::Id => "c’est un identifiant, tel que les réponses le donnent".to_owned(),
        Wrong::AnyMoment => "c’est un instant comme 2026-01-31T08:00:00Z (RFC 3339)".to_owned(),
        Wrong::Word(words) => format!("c’est l’un de ces mots\u{a0}: {}", listed(words)),
        Wrong::Moment => "c’est un instant passé comme 2026-01-31T08:00:00Z (RFC 3339)".to_owned(),
    }
}

/// Words in backticks with commas between them.
fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
