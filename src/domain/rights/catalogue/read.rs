//! A catalogue's text as it is written: each member with its line, and nothing compared yet.

use ::toml::de::DeTable;

use crate::domain::rights::bundles::Level;
use crate::domain::rights::catalogue::toml::{At, Notes, Table};
use crate::domain::rights::catalogue::{CatalogueFault, Localised, Texts};

/// The largest text that is read.
const LONGEST: usize = 1024 * 1024;
/// The longest label, in characters.
const LABEL: usize = 80;
/// The longest description.
const DESCRIPTION: usize = 500;

/// What stands in a text.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) permissions: Vec<Named<()>>,
    pub(super) rights: Vec<Named<RightDraft>>,
    pub(super) bundles: Vec<Named<Vec<At<String>>>>,
    pub(super) roles: Vec<Named<RoleDraft>>,
    pub(super) conflicts: Vec<[At<String>; 2]>,
}

/// What has a key and texts, and more.
#[derive(Debug)]
pub(super) struct Named<T> {
    pub(super) key: At<String>,
    pub(super) texts: Texts,
    pub(super) more: T,
}

#[derive(Debug)]
pub(super) struct RightDraft {
    pub(super) recipient_safe: bool,
    pub(super) permission: Option<At<String>>,
    pub(super) privileged: bool,
}

#[derive(Debug)]
pub(super) struct RoleDraft {
    pub(super) level: Level,
    pub(super) bundles: Vec<At<String>>,
}

/// Reads what can be read, and says what cannot.
///
/// # Errors
/// If it is no TOML, so that nothing can be said of the rest.
pub(super) fn read(text: &str) -> Result<(Draft, Vec<CatalogueFault>), Vec<CatalogueFault>> {
    let mut notes = Notes::of(text);
    if text.len() > LONGEST {
        notes.add(1, "the catalogue is larger than 1 MiB".to_owned(), "make it smaller");
        return Err(notes.into_faults());
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let line = notes.line(error.span().map_or(0, |span| span.start));
        let what = error.message().replace('\n', ", ");
        notes.add(line, format!("this is not TOML: {what}"), "see https://toml.io");
    }
    if !errors.is_empty() {
        return Err(notes.into_faults());
    }
    let mut root = Table::new("the catalogue", 1, table.get_ref());
    let draft = Draft {
        permissions: each(&mut root, &mut notes, "permissions", |_, _| ()),
        rights: each(&mut root, &mut notes, "rights", |table, notes| RightDraft {
            recipient_safe: table.flag(notes, "recipient-safe"),
            permission: table.text(notes, "permission"),
            privileged: table.flag(notes, "privileged"),
        }),
        bundles: each(&mut root, &mut notes, "bundles", |table, notes| {
            table.texts(notes, "rights")
        }),
        roles: each(&mut root, &mut notes, "roles", |table, notes| RoleDraft {
            level: level(table, notes),
            bundles: table.texts(notes, "bundles"),
        }),
        conflicts: conflicts(&mut root, &mut notes),
    };
    root.finish(&mut notes);
    Ok((draft, notes.into_faults()))
}

fn each<'t, T>(
    root: &mut Table<'t>,
    notes: &mut Notes<'_>,
    list: &'static str,
    more: impl Fn(&mut Table<'t>, &mut Notes<'_>) -> T,
) -> Vec<Named<T>> {
    let mut found = vec![];
    for mut table in root.tables(notes, list) {
        let key = table.text(notes, "key");
        let one = list.trim_end_matches('s');
        table.name = match &key {
            Some(key) => format!("{one} `{}`", shown(&key.value)),
            None => format!("a {one}"),
        };
        let texts = Texts {
            label: localised(&mut table, notes, ("label", LABEL)),
            description: localised(&mut table, notes, ("description", DESCRIPTION)),
        };
        let more = more(&mut table, notes);
        match key {
            Some(key) => found.push(Named { key, texts, more }),
            None if table.member("key").is_none() => {
                notes.add(table.line, format!("{} has no `key`", table.name), "give it one");
            }
            None => {}
        }
        table.finish(notes);
    }
    found
}

/// A text in both languages; what is missing is a fault, and empty.
fn localised(
    table: &mut Table<'_>,
    notes: &mut Notes<'_>,
    (key, longest): (&'static str, usize),
) -> Localised {
    let mut both = Localised { en: String::new(), fr: String::new() };
    if table.member(key).is_none() {
        let remedy = format!("add `{key} = {{ en = \"…\", fr = \"…\" }}`");
        notes.add(table.line, format!("{} has no `{key}`", table.name), remedy);
    }
    let Some(mut texts) = table.table(notes, key) else { return both };
    let languages = [("en", "English", &mut both.en), ("fr", "French", &mut both.fr)];
    for (code, language, text) in languages {
        match texts.text(notes, code) {
            Some(found) => {
                let length = found.value.chars().count();
                if found.value.trim().is_empty() || found.value.trim() != found.value {
                    let what = format!("the {language} text of {} is empty or padded", texts.name);
                    notes.add(found.line, what, "say it in words, without blanks around them");
                } else if length > longest || found.value.chars().any(char::is_control) {
                    let what = format!(
                        "the {language} text of {} is longer than {longest} characters, or has \
                         control characters or line breaks in it",
                        texts.name
                    );
                    notes.add(found.line, what, "say it in one line, and shorter");
                }
                *text = found.value;
            }
            None if texts.member(code).is_none() => {
                let what = format!("{} has no {language} text", texts.name);
                notes.add(texts.line, what, format!("add `{code} = \"…\"`"));
            }
            None => {}
        }
    }
    texts.finish(notes);
    both
}

fn level(table: &mut Table<'_>, notes: &mut Notes<'_>) -> Level {
    let found = table.text(notes, "level");
    let level = found.as_ref().and_then(|level| Level::parse(&level.value));
    if level.is_none() && (found.is_some() || table.member("level").is_none()) {
        let line = found.map_or(table.line, |level| level.line);
        let what = format!("{} says not where it is held", table.name);
        notes.add(line, what, "write `level = \"account\"` or `level = \"workspace\"`");
    }
    level.unwrap_or(Level::Workspace)
}

fn conflicts(root: &mut Table<'_>, notes: &mut Notes<'_>) -> Vec<[At<String>; 2]> {
    let mut found = vec![];
    for mut table in root.tables(notes, "conflicts") {
        "a conflict".clone_into(&mut table.name);
        let pair = ["held", "lost"].map(|key| (key, table.text(notes, key)));
        for (key, _) in pair.iter().filter(|(_, right)| right.is_none()) {
            if table.member(key).is_none() {
                let remedy = format!("add `{key} = \"RIGHT\"`");
                notes.add(table.line, format!("a conflict has no `{key}`"), remedy);
            }
        }
        if let [(_, Some(held)), (_, Some(lost))] = pair {
            found.push([held, lost]);
        }
        table.finish(notes);
    }
    found
}

/// What somebody wrote, not longer than can be read.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(100).collect()
}
