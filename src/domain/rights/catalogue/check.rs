//! What is compared: keys that are used against keys that there are, and what must hold of all of it.
//!
//! Whatever is wrong is noted and left out, so that one reading finds everything.

use std::collections::BTreeMap;

use crate::domain::rights::catalogue::read::{Draft, Named, shown};
use crate::domain::rights::catalogue::toml::At;
use crate::domain::rights::catalogue::{
    Catalogue, CatalogueBundle, CatalogueFault, CatalogueRight, CatalogueRole, Conflict, RECIPIENT,
    is_key,
};
use crate::domain::rights::{Right, RightKey};
use crate::scim::fold;

/// Rights with which somebody can let in whom they like.
const ALWAYS_PRIVILEGED: [Right; 2] = [Right::UsersAdminister, Right::SsoConfigure];

type Faults = Vec<CatalogueFault>;

/// The catalogue that a text means, and what is wrong with it.
pub(super) fn check(draft: Draft, text: &str, faults: &mut Faults) -> Catalogue {
    let permissions = keyed(draft.permissions, "permission", faults);
    let rights = keyed(draft.rights, "right", faults);
    let (bundles, roles) =
        (keyed(draft.bundles, "bundle", faults), keyed(draft.roles, "role", faults));
    same_labels(&bundles, "bundle", faults);
    same_labels(&roles, "role", faults);
    let mut catalogue = Catalogue {
        permissions: permissions.into_iter().map(|(key, named)| (key, named.texts)).collect(),
        text: text.to_owned(),
        ..Catalogue::default()
    };
    let lines = rights.iter().map(|(key, named)| (key.clone(), named.key.line)).collect();
    for (key, named) in rights {
        let Some(key) = RightKey::parse(&key) else { continue };
        let more = named.more;
        let known = |key: &At<String>| catalogue.permissions.contains_key(&key.value);
        let permission = more.permission.filter(|permission| {
            note_unknown(
                known(permission),
                permission,
                ("permission", &format!("right `{key}`")),
                faults,
            )
        });
        let permission = permission.map(|permission| permission.value);
        let (recipient_safe, privileged) = (more.recipient_safe, more.privileged);
        let right = CatalogueRight { texts: named.texts, recipient_safe, permission, privileged };
        catalogue.rights.insert(key, right);
    }
    for (key, named) in bundles {
        let place = format!("bundle `{key}`");
        let rights =
            named.more.iter().filter_map(|right| known_right(&catalogue, right, &place, faults));
        let rights: Vec<(usize, RightKey)> = rights.collect();
        if key == RECIPIENT {
            unsafe_rights(&catalogue, &rights, faults);
        }
        repeated(&named.more, &place, faults);
        let rights = rights.into_iter().map(|(_, right)| right).collect();
        catalogue.bundles.insert(key, CatalogueBundle { texts: named.texts, rights });
    }
    for (key, named) in roles {
        let place = format!("role `{key}`");
        let mut bundles = named.more.bundles;
        repeated(&bundles, &place, faults);
        bundles.retain(|bundle| {
            let is_known = catalogue.bundles.contains_key(&bundle.value);
            note_unknown(is_known, bundle, ("bundle", &place), faults)
        });
        let bundles = bundles.into_iter().map(|bundle| bundle.value).collect();
        let role = CatalogueRole { texts: named.texts, level: named.more.level, bundles };
        catalogue.roles.insert(key, role);
    }
    for pair in draft.conflicts {
        conflict(&mut catalogue, &pair, faults);
    }
    seats(&catalogue, &lines, faults);
    catalogue
}

/// By key; keys that are none, and second ones, are faults.
fn keyed<T>(all: Vec<Named<T>>, kind: &str, faults: &mut Faults) -> BTreeMap<String, Named<T>> {
    let mut found = BTreeMap::<String, Named<T>>::new();
    for named in all {
        let At { line, value: key } = &named.key;
        if !is_key(key) {
            faults.push(CatalogueFault {
                line: *line,
                what: format!("`{}` is not a key", shown(key)),
                remedy: "use 1 to 64 of a-z, 0-9, `.`, `_` and `-`, a letter or digit first"
                    .to_owned(),
            });
        } else if let Some(first) = found.get(key) {
            faults.push(CatalogueFault {
                line: *line,
                what: format!("there is a {kind} `{key}` already, in line {}", first.key.line),
                remedy: "choose another key, or take one of the two out".to_owned(),
            });
        } else {
            found.insert(key.clone(), named);
        }
    }
    found
}

/// Names that nobody could tell apart.
fn same_labels<T>(all: &BTreeMap<String, Named<T>>, kind: &str, faults: &mut Faults) {
    let (mut english, mut french) = (BTreeMap::new(), BTreeMap::new());
    for (key, named) in all {
        let label = &named.texts.label;
        for (text, seen) in [(&label.en, &mut english), (&label.fr, &mut french)] {
            if let (Some(other), false) = (seen.insert(fold::text(text), key), text.is_empty()) {
                faults.push(CatalogueFault {
                    line: named.key.line,
                    what: format!(
                        "{kind} `{key}` has the same label as `{other}`: `{}`",
                        shown(text)
                    ),
                    remedy: "give each a name of its own in both languages".to_owned(),
                });
            }
        }
    }
}

fn known_right(
    catalogue: &Catalogue,
    right: &At<String>,
    place: &str,
    faults: &mut Faults,
) -> Option<(usize, RightKey)> {
    let key = RightKey::parse(&right.value).filter(|key| catalogue.rights.contains_key(key));
    note_unknown(key.is_some(), right, ("right", place), faults);
    key.map(|key| (right.line, key))
}

/// Notes a key that names nothing; says whether it is known.
fn note_unknown(
    is_known: bool,
    key: &At<String>,
    (kind, place): (&str, &str),
    faults: &mut Faults,
) -> bool {
    if !is_known {
        faults.push(CatalogueFault {
            line: key.line,
            what: format!("{place} names a {kind} `{}` that there is not", shown(&key.value)),
            remedy: format!("correct the key, or add the {kind} under `[[{kind}s]]`"),
        });
    }
    is_known
}

fn repeated(keys: &[At<String>], place: &str, faults: &mut Faults) {
    for (n, key) in keys.iter().enumerate() {
        if keys.iter().take(n).any(|other| other.value == key.value) {
            faults.push(CatalogueFault {
                line: key.line,
                what: format!("{place} names `{}` twice", shown(&key.value)),
                remedy: "take one of the two out".to_owned(),
            });
        }
    }
}

/// A recipient is a ceiling: what they may not hold does not belong in their bundle.
fn unsafe_rights(catalogue: &Catalogue, rights: &[(usize, RightKey)], faults: &mut Faults) {
    for (line, key) in rights {
        if catalogue.rights.get(key).is_some_and(|right| !right.recipient_safe) {
            faults.push(CatalogueFault {
                line: *line,
                what: format!(
                    "bundle `{RECIPIENT}` has right `{key}`, which no recipient may hold"
                ),
                remedy: "take it out, or say `recipient-safe = true` of the right".to_owned(),
            });
        }
    }
}

fn conflict(catalogue: &mut Catalogue, pair: &[At<String>; 2], faults: &mut Faults) {
    let line = pair[0].line;
    let [held, lost] =
        pair.each_ref().map(|right| known_right(catalogue, right, "a conflict", faults));
    let (Some((_, held)), Some((_, lost))) = (held, lost) else { return };
    let (what, remedy) = if held == lost {
        ("is with itself", "name two rights")
    } else if catalogue.conflicts.insert(Conflict { held: held.clone(), lost: lost.clone() }) {
        return;
    } else {
        ("is there twice", "take one of the two out")
    };
    faults.push(CatalogueFault {
        line,
        what: format!("the conflict of `{held}` {what}"),
        remedy: remedy.to_owned(),
    });
}

/// What seats of the server ask for must be there, and what lets others in is never given by one alone.
fn seats(catalogue: &Catalogue, lines: &BTreeMap<String, usize>, faults: &mut Faults) {
    for seat in Right::ALL {
        let right = RightKey::parse(seat.as_str()).and_then(|key| catalogue.rights.get(&key));
        let lets_in = ALWAYS_PRIVILEGED.contains(&seat);
        let (what, remedy) = match right {
            None => ("is missing", "add it under `[[rights]]`"),
            Some(right) if lets_in && !right.privileged => {
                ("is not privileged", "say `privileged = true`")
            }
            Some(right) if right.recipient_safe => {
                ("is for recipients too", "take `recipient-safe` out")
            }
            Some(_) => continue,
        };
        faults.push(CatalogueFault {
            line: lines.get(seat.as_str()).copied().unwrap_or(1),
            what: format!("right `{}`, which this server itself asks for, {what}", seat.as_str()),
            remedy: remedy.to_owned(),
        });
    }
}
