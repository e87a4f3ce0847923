//! Whether a page is sound for keyboards, screen readers and our own content policy. Read as text: the
//! pages are ours and simple.

use std::collections::BTreeSet;

/// Asserts what must be so on every page.
#[track_caller]
pub(crate) fn check(text: &str, lang: &str) {
    assert!(text.starts_with("<!doctype html>"), "{text}");
    assert!(text.contains(&format!("<html lang=\"{lang}\">")), "{text}");
    assert!(text.contains("name=\"viewport\""), "{text}");
    assert_eq!(text.matches("<h1").count(), 1, "one heading: {text}");
    assert_eq!(text.matches("<main").count(), 1, "{text}");
    assert!(text.contains("<a class=\"skip\" href=\"#content\">"), "{text}");
    let title = between(text, "<title>", "</title>").expect("a title");
    assert!(title.len() > " – Countersign".len(), "{title}");
    ids(text);
    fields(text);
    nothing_inline(text);
}

/// Each id is there once, and what refers to one finds it.
#[track_caller]
fn ids(text: &str) {
    let mut seen = BTreeSet::new();
    for id in values(text, "id") {
        assert!(seen.insert(id), "`{id}` is there twice: {text}");
    }
    for name in ["for", "aria-describedby", "aria-labelledby"] {
        for id in values(text, name).into_iter().flat_map(str::split_whitespace) {
            assert!(seen.contains(id), "{name}=`{id}` leads nowhere: {text}");
        }
    }
}

/// Each field has a label, each button a text.
#[track_caller]
fn fields(text: &str) {
    let labelled = values(text, "for");
    for tag in text.split('<').filter(|tag| tag.starts_with("input ")) {
        let tag = tag.split('>').next().expect("a tag");
        if !tag.contains("type=\"hidden\"") {
            let id = values(tag, "id");
            assert!(id.iter().all(|id| labelled.contains(id)) && id.len() == 1, "{tag}");
        }
    }
    for button in text.split("<button").skip(1) {
        let inside = between(button, ">", "</button>").expect("its end");
        assert!(!inside.trim().is_empty(), "{button}");
    }
}

/// Nothing that the content policy forbids: scripts, styles and handlers in the page itself.
#[track_caller]
fn nothing_inline(text: &str) {
    for word in [" style=", "<style", " onclick=", " onload=", "javascript:", "<iframe", "<base"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    for script in text.split("<script").skip(1) {
        assert!(script.trim_start().starts_with("src=\"/assets/"), "{script}");
    }
}

/// The values of an attribute.
fn values<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    text.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.split_once(start)?.1.split_once(end).map(|(inside, _)| inside)
}
