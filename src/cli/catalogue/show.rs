//! A catalogue as tables.

use crate::cli::output::{line, say, table};
use crate::domain::rights::RightKey;
use crate::domain::rights::catalogue::{CatalogueRight, Release};
use crate::domain::users::contact::Language;

/// Shows a release to people.
pub(super) fn show(release: &Release, french: bool) -> anyhow::Result<()> {
    let Release { number, activated_at, catalogue } = release;
    let language = if french { Language::Fr } else { Language::En };
    say(&format!("Release {number}, active since {activated_at}, {}", catalogue.hash()))?;
    let mut rows = vec![head(["RIGHT", "LABEL", "", "WHAT IT IS"])];
    for (key, right) in &catalogue.rights {
        rows.push(right_row((key, right), language));
    }
    table(&rows)?;
    line("")?;
    let mut rows = vec![head(["BUNDLE", "LABEL", "", "RIGHTS"])];
    for (key, bundle) in &catalogue.bundles {
        let rights: Vec<&str> = bundle.rights.iter().map(RightKey::as_str).collect();
        let label = bundle.texts.label.text(language);
        rows.push(row(key, label, String::new(), &rights.join(", ")));
    }
    table(&rows)?;
    line("")?;
    let mut rows = vec![head(["ROLE", "LABEL", "LEVEL", "BUNDLES"])];
    for (key, role) in &catalogue.roles {
        let bundles: Vec<&str> = role.bundles.iter().map(String::as_str).collect();
        let (label, level) = (role.texts.label.text(language), role.level.as_str().to_owned());
        rows.push(row(key, label, level, &bundles.join(", ")));
    }
    table(&rows)?;
    for conflict in &catalogue.conflicts {
        let (held, lost) = (&conflict.held, &conflict.lost);
        line(&format!(
            "\nconflict: whoever holds `{held}` does not hold `{lost}`, where turned on"
        ))?;
    }
    Ok(())
}

fn right_row((key, right): (&RightKey, &CatalogueRight), language: Language) -> Vec<String> {
    let permission = right.permission.as_ref().map(|key| format!("takes `{key}`"));
    let flags = [
        right.privileged.then(|| "privileged".to_owned()),
        permission,
        right.recipient_safe.then(|| "recipients too".to_owned()),
    ];
    let flags: Vec<String> = flags.into_iter().flatten().collect();
    let texts = &right.texts;
    let (label, description) = (texts.label.text(language), texts.description.text(language));
    row(key.as_str(), label, flags.join(", "), description)
}

fn head(names: [&str; 4]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}

fn row(key: &str, label: &str, flags: String, more: &str) -> Vec<String> {
    vec![key.to_owned(), label.to_owned(), flags, more.to_owned()]
}
