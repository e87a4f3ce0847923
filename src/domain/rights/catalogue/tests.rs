//! What a catalogue may say, where it is wrong, and what is different between two.

use super::*;

/// Right but for what a test adds.
const SMALL: &str = r#"
[[permissions]]
key = "export"
label = { en = "Export", fr = "Export" }
description = { en = "Files may leave.", fr = "Des fichiers peuvent sortir." }

[[rights]]
key = "users.administer"
label = { en = "Users", fr = "Utilisateurs" }
description = { en = "Administers users.", fr = "Administre les utilisateurs." }
privileged = true

[[rights]]
key = "sso.configure"
label = { en = "Sign-on", fr = "Connexion" }
description = { en = "Sets sign-on up.", fr = "Met en place la connexion." }
privileged = true
permission = "export"

[[rights]]
key = "reports.read"
label = { en = "Reports", fr = "Rapports" }
description = { en = "Reads reports.", fr = "Lit les rapports." }
recipient-safe = true

[[rights]]
key = "reports.edit"
label = { en = "Edit reports", fr = "Modifier les rapports" }
description = { en = "Edits reports.", fr = "Modifie les rapports." }

[[rights]]
key = "recipients.administer"
label = { en = "Recipients", fr = "Destinataires" }
description = { en = "Administers recipients.", fr = "Administre les destinataires." }

[[rights]]
key = "workspaces.manage"
label = { en = "Workspaces", fr = "Espaces" }
description = { en = "Manages workspaces.", fr = "Gère les espaces." }

[[rights]]
key = "activities.read"
label = { en = "Activities", fr = "Activités" }
description = { en = "Reads activities.", fr = "Lit les activités." }

[[bundles]]
key = "boss"
label = { en = "Boss", fr = "Chef" }
description = { en = "Rules.", fr = "Dirige." }
rights = ["users.administer", "reports.read"]

[[bundles]]
key = "recipient"
label = { en = "Recipient", fr = "Destinataire" }
description = { en = "Reads.", fr = "Lit." }
rights = ["reports.read"]

[[roles]]
key = "head"
level = "account"
label = { en = "Head", fr = "Direction" }
description = { en = "At the head.", fr = "À la tête." }
bundles = ["recipient"]

[[conflicts]]
held = "reports.edit"
lost = "users.administer"
"#;

fn small() -> Catalogue {
    Catalogue::parse(SMALL).expect("it is right")
}

/// A text with one passage put in place of another, which must be there.
#[track_caller]
fn edited(text: &str, old: &str, new: &str) -> String {
    assert!(text.contains(old), "{old}");
    text.replacen(old, new, 1)
}

/// One edit is one fault, in the line in which the new text stands, with these words.
#[track_caller]
fn check(old: &str, new: &str, words: &str) {
    check_at(old, new, new.lines().next().unwrap_or_default(), words);
}

/// The same, with the fault in the line of `place`.
#[track_caller]
fn check_at(old: &str, new: &str, place: &str, words: &str) {
    let text = edited(SMALL, old, new);
    let (before, _) = text.split_once(place).expect("its place");
    let line = before.matches('\n').count() + 1;
    let faults = Catalogue::parse(&text).expect_err("it is wrong");
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(
        told[0].starts_with(&format!("{line}: ")) && told[0].contains(words),
        "{line} {told:?}"
    );
    assert!(told[0].contains("; "), "no remedy: {told:?}");
}

/// The changes by one edit, in words.
#[track_caller]
fn changes(edits: &[(&str, &str)]) -> Vec<String> {
    let text = edits.iter().fold(SMALL.to_owned(), |text, (old, new)| edited(&text, old, new));
    let new = Catalogue::parse(&text).expect("it is right");
    small().diff(&new).iter().map(ToString::to_string).collect()
}

/// Whether an edit takes two people.
#[track_caller]
fn takes_two(edits: &[(&str, &str)]) -> bool {
    let text = edits.iter().fold(SMALL.to_owned(), |text, (old, new)| edited(&text, old, new));
    let new = Catalogue::parse(&text).expect("it is right");
    !raising_privileged(&[small()], &new).is_empty()
}

#[test]
fn s13_the_shipped_catalogue_is_right_and_has_what_was_promised() {
    let shipped = Catalogue::parse(SHIPPED).expect("the shipped catalogue is right");
    let mut table = String::from("\n");
    for (key, right) in &shipped.rights {
        let flags = [
            right.recipient_safe.then_some("recipient"),
            right.permission.as_deref(),
            right.privileged.then_some("privileged"),
        ];
        let flags: Vec<&str> = flags.into_iter().flatten().collect();
        table = format!("{table}{key} {}\n", flags.join(" ")).replace(" \n", "\n");
    }
    assert_eq!(table, PROMISED);
    let keys = |keys: Vec<&String>| keys.into_iter().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(shipped.permissions.keys().collect()), "api export sending");
    for bundle in ["administrator", "campaign-manager", "analyst", "reader", "customer-care"] {
        assert!(shipped.bundles.contains_key(bundle), "{bundle}");
    }
    let roles = "org-member org-security-admin org-user-admin org-workspace-admin \
                 workspace-editor workspace-owner workspace-viewer";
    assert_eq!(keys(shipped.roles.keys().collect()), roles);
    assert_eq!(shipped.conflicts.len(), 1);
}

/// PRODUCT.md §4.
const PROMISED: &str = "
account.settings privileged
activities.read
api.use api
campaigns.edit
campaigns.read
campaigns.send sending
connectors.manage
dashboards.edit
dashboards.read recipient
dashboards.share
data.export export
documents.approve
documents.edit
documents.read recipient
provisioning.configure privileged
recipients.administer
responses.read recipient
responses.reply
sso.configure privileged
users.administer privileged
workspaces.manage
";

#[test]
fn s7_each_predefined_role_of_the_shipped_catalogue_gives_rights() {
    let shipped = Catalogue::shipped();
    for (key, role) in &shipped.roles {
        let bundles = role.bundles.iter().filter_map(|bundle| shipped.bundles.get(bundle));
        assert!(bundles.map(|bundle| bundle.rights.len()).sum::<usize>() > 0, "{key}");
    }
    assert!(shipped.carries_privileged("administrator"));
    assert!(!shipped.carries_privileged("reader") && !shipped.carries_privileged("nonsense"));
}

#[test]
fn s5_each_right_is_explained_in_both_languages() {
    let shipped = Catalogue::shipped();
    let texts = shipped.rights.values().map(|right| &right.texts);
    for text in texts.chain(shipped.bundles.values().map(|bundle| &bundle.texts)) {
        let [en, fr] = [Language::En, Language::Fr].map(|to| text.description.text(to));
        assert!(en.ends_with('.') && fr.ends_with('.') && en != fr, "{en} / {fr}");
        assert!(!text.label.text(Language::Fr).is_empty());
    }
}

#[test]
fn s5_a_text_that_is_missing_in_a_language_is_named() {
    check("{ en = \"Boss\", fr = \"Chef\" }", "{ en = \"Boss\" }", "no French text; add `fr");
    check("{ en = \"Rules.\", fr = \"Dirige.\" }", "{ fr = \"Dirige.\" }", "no English text");
    check("fr = \"Chef\"", "fr = \" \"", "the French text of `label` of bundle `boss` is empty");
    check_at(
        "label = { en = \"Boss\", fr = \"Chef\" }\n",
        "",
        "[[bundles]]",
        "bundle `boss` has no `label`",
    );
    check("{ en = \"Boss\", fr = \"Chef\" }", "\"Boss\"", "not one in each language; write `label");
    check("fr = \"Chef\"", "fr = \"Chef\", de = \"Chef\"", "has no member `de`; take it out");
    check("fr = \"Chef\"", &format!("fr = \"{}\"", "x".repeat(81)), "longer than 80 characters");
}

#[test]
fn keys_that_are_none_or_double_are_named() {
    check("key = \"boss\"", "key = \"Boss\"", "`Boss` is not a key; use 1 to 64");
    check("key = \"boss\"", "key = \"\"", "`` is not a key");
    check("key = \"boss\"", "key = 7", "`key` of bundles is not a text");
    check_at("key = \"boss\"\n", "", "[[bundles]]", "a bundle has no `key`");
    let again = "key = \"export\" # again";
    let texts = "{ en = \"Again.\", fr = \"Encore.\" }";
    check_at(
        "[[conflicts]]",
        &format!("[[permissions]]\n{again}\nlabel = {texts}\ndescription = {texts}\n[[conflicts]]"),
        again,
        "there is a permission `export` already, in line 3",
    );
    assert!(is_key("a") && is_key("0.a_b-c") && is_key(&"x".repeat(64)));
    for none in ["", ".a", "-a", "é", "a b", "A", "a/b"] {
        assert!(!is_key(none), "{none}");
    }
    assert!(!is_key(&"x".repeat(65)));
}

#[test]
fn what_names_nothing_is_named() {
    let reads = "rights = [\"users.administer\", \"reports.read\"]";
    check(reads, "rights = [\"reports.raed\"]", "names a right `reports.raed` that there is not");
    check(reads, "rights = [\"reports.read\", \"reports.read\"]", "names `reports.read` twice");
    check(reads, "rights = \"reports.read\"", "`rights` of bundle `boss` is not a list");
    check(reads, "rights = [7]", "is not a text; write it between quotes");
    check_at(&format!("{reads}\n"), "", "[[bundles]]", "bundle `boss` has no `rights`");
    check("permission = \"export\"", "permission = \"exports\"", "a permission `exports` that");
    check("bundles = [\"recipient\"]", "bundles = [\"reader\"]", "names a bundle `reader` that");
    check("lost = \"users.administer\"", "lost = \"users\"", "a conflict names a right `users`");
    check_at(
        "lost = \"users.administer\"",
        "lost = \"reports.edit\"",
        "held = \"reports.edit\"",
        "the conflict of `reports.edit` is with itself",
    );
    check_at("lost = \"users.administer\"\n", "", "[[conflicts]]", "a conflict has no `lost`");
}

#[test]
fn members_and_values_that_are_none_are_named() {
    check("privileged = true", "priviledged = true\nprivileged = true", "no member `priviledged`");
    check("privileged = true", "recipient-safe = \"yes\"\nprivileged = true", "is not a truth");
    check("level = \"account\"", "level = \"planet\"", "says not where it is held; write `level");
    check_at("level = \"account\"\n", "", "[[roles]]", "role `head` says not where it is held");
    check("[[conflicts]]", "[[rigths]]\n[[conflicts]]", "the catalogue has no member `rigths`");
    check("[[conflicts]]", "[people]\n[[conflicts]]", "the catalogue has no member `people`");
    let roles = edited(SMALL, "[[roles]]", "[roles]");
    let faults = Catalogue::parse(&roles).expect_err("it is wrong");
    assert!(faults[0].to_string().contains("not a list of tables; begin each with `[[roles]]`"));
    check("key = \"boss\"", "key = boss", "this is not TOML");
    let large = format!("{SMALL}#{}", "x".repeat(1024 * 1024));
    assert!(Catalogue::parse(&large).expect_err("too large")[0].what.contains("1 MiB"));
}

#[test]
fn labels_that_nobody_could_tell_apart_are_named() {
    check_at(
        "fr = \"Chef\"",
        "fr = \"DESTINATAIRE\"",
        "key = \"recipient\"",
        "same label as `boss`",
    );
}

#[test]
fn the_bundle_of_recipients_has_only_what_they_may_hold() {
    check(
        "rights = [\"reports.read\"]",
        "rights = [\"reports.read\", \"reports.edit\"]",
        "right `reports.edit`, which no recipient may hold",
    );
}

#[test]
fn what_the_server_itself_asks_for_is_there_and_privileged() {
    let seat = "which this server itself asks for, is not privileged";
    check_at("privileged = true\n", "", "key = \"users.administer\"", seat);
    let key = "key = \"sso.configure\"";
    check_at("permission = \"export\"", "recipient-safe = true", key, "is for recipients too");
    let faults = Catalogue::parse("").expect_err("it is empty");
    let told = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert_eq!(faults.len(), 5, "{told}");
    assert!(
        told.contains("right `users.administer`, which this server itself asks for, is missing")
    );
}

#[test]
fn all_faults_are_told_at_once_in_the_order_of_lines() {
    let text = edited(SMALL, "fr = \"Chef\"", "fr = \"\"");
    let text = edited(&text, "level = \"account\"", "level = 1");
    let text = edited(&text, "permission = \"export\"", "permission = \"none\"");
    let lines: Vec<usize> =
        Catalogue::parse(&text).expect_err("it is wrong").iter().map(|fault| fault.line).collect();
    assert!(lines.len() == 3 && lines.is_sorted(), "{lines:?}");
}

#[test]
fn the_hash_is_of_the_meaning() {
    let same = format!("# a comment\n{}", SMALL.replace("key = \"boss\"", "key = 'boss'"));
    let parts: Vec<&str> = SMALL.split("\n\n").collect();
    let turned = parts.iter().rev().copied().collect::<Vec<_>>().join("\n\n");
    let hash = small().hash();
    assert_eq!(hash.len(), 64);
    for text in [same, turned] {
        assert_eq!(Catalogue::parse(&text).expect("it is right").hash(), hash);
    }
    for (old, new) in [
        ("Chef", "Cheffe"),
        ("rights = [\"reports.read\"]", "rights = []"),
        ("level = \"account\"", "level = \"workspace\""),
        ("permission = \"export\"", ""),
        ("held = \"reports.edit\"", "held = \"reports.read\""),
    ] {
        let text = edited(SMALL, old, new);
        assert_ne!(Catalogue::parse(&text).expect("it is right").hash(), hash, "{old}");
    }
}

#[test]
fn ids_of_what_is_predefined_are_fixed_by_kind_and_key() {
    assert_eq!(bundle_id("reader").to_string(), "e31742f0-6dee-84ce-b22e-2e865b0d3ad8");
    assert_ne!(bundle_id("reader").uuid(), role_id("reader").uuid());
    assert_eq!(bundle_id("reader").uuid().get_version_num(), 8);
}

#[test]
fn what_was_a_release_once_is_read_however_much_is_wrong_with_it_now() {
    let text = edited(SMALL, "[[conflicts]]", "[future]\n[[conflicts]]");
    let text = edited(&text, "fr = \"Chef\"", "de = \"Chef\"");
    let read = Catalogue::of_release(&text);
    assert_eq!(read.bundles.len(), 2);
    assert_eq!(read.rights.len(), 7);
    assert_eq!(Catalogue::of_release("= nonsense").rights.len(), 0);
}

#[test]
fn each_difference_is_told() {
    assert!(changes(&[]).is_empty());
    let gains = [("rights = [\"reports.read\"]", "rights = []")];
    assert_eq!(changes(&gains), ["- right `reports.read` from bundle `recipient`"]);
    let more =
        [("\"users.administer\", \"reports.read\"", "\"users.administer\", \"reports.edit\"")];
    let told =
        ["- right `reports.read` from bundle `boss`", "+ right `reports.edit` to bundle `boss`"];
    assert_eq!(changes(&more), told);
    assert_eq!(
        changes(&[("bundles = [\"recipient\"]", "bundles = [\"boss\"]"), ("Direction", "Tête")]),
        [
            "- bundle `recipient` from role `head`",
            "+ bundle `boss` to role `head`",
            "~ texts of role `head`"
        ]
    );
    assert_eq!(
        changes(&[
            ("level = \"account\"", "level = \"workspace\""),
            ("permission = \"export\"", "")
        ]),
        [
            "~ right `sso.configure` takes no permission, not permission `export`",
            "~ role `head` is held at workspace level",
        ]
    );
    let renamed = [
        ("key = \"reports.edit\"", "key = \"reports.write\"\nprivileged = true"),
        ("held = \"reports.edit\"", "held = \"reports.write\""),
        ("recipient-safe = true\n", "recipient-safe = true\nprivileged = true\n"),
    ];
    assert_eq!(
        changes(&renamed),
        [
            "- right `reports.edit`",
            "- conflict: `reports.edit` takes `users.administer`",
            "+ right `reports.write`",
            "+ conflict: `reports.write` takes `users.administer`",
            "~ right `reports.read` becomes privileged",
        ]
    );
}

/// DECISIONS.md 18.
#[test]
fn what_raises_something_privileged_takes_two_people() {
    let reads = "rights = [\"reports.read\"]";
    assert!(takes_two(&[("permission = \"export\"", "")]));
    assert!(takes_two(&[("bundles = [\"recipient\"]", "bundles = [\"recipient\", \"boss\"]")]));
    let to_bundle = [(
        "rights = [\"users.administer\", \"reports.read\"]",
        "rights = [\"users.administer\", \"reports.read\", \"sso.configure\"]",
    )];
    assert!(takes_two(&to_bundle));
    // A new right that is privileged gives nobody anything, until it is in a bundle.
    let marked = ("key = \"reports.edit\"", "privileged = true\nkey = \"reports.edit\"");
    assert!(!takes_two(&[marked]));
    let in_boss =
        ("\"users.administer\", \"reports.read\"", "\"users.administer\", \"reports.edit\"");
    assert!(takes_two(&[marked, in_boss]) && !takes_two(&[in_boss]));
    // Losses and what is not privileged take one.
    assert!(!takes_two(&[(reads, "rights = []")]));
    assert!(!takes_two(&[("\"users.administer\", \"reports.read\"", "\"reports.read\"")]));
    assert!(!takes_two(&[("level = \"account\"", "level = \"workspace\"")]));
    assert!(!takes_two(&[("fr = \"Chef\"", "fr = \"Cheffe\"")]));
    assert!(takes_two(&[("held = \"reports.edit\"", "held = \"reports.read\"")]));
    let head = ("bundles = [\"recipient\"]", "bundles = [\"boss\"]");
    let first = Catalogue::parse(&edited(SMALL, head.0, head.1)).expect("it is right");
    let moved = edited(first.text(), "level = \"account\"", "level = \"workspace\"");
    let moved = Catalogue::parse(&moved).expect("it is right");
    assert!(!raising_privileged(&[first], &moved).is_empty());
}

/// DECISIONS.md 18: what one step may not do, two may not either.
#[test]
fn a_right_that_was_privileged_does_not_come_back_without() {
    // A conflict that goes would raise what it took.
    let plain = edited(SMALL, "held = \"reports.edit\"", "held = \"reports.read\"");
    let read = |text: &str| Catalogue::parse(text).expect("it is right");
    let key = "key = \"reports.edit\"";
    let marked = read(&edited(&plain, key, &format!("privileged = true\n{key}")));
    let without = read(&plain.replace("reports.edit", "reports.write"));
    let plain = read(&plain);
    assert!(raising_privileged(std::slice::from_ref(&marked), &without).is_empty());
    let told = raising_privileged(&[marked, without.clone()], &plain);
    let edit = RightKey::parse("reports.edit").expect("a key");
    assert_eq!(told, [CatalogueChange::RightPrivileged(edit, false)]);
    assert!(raising_privileged(&[plain.clone(), without], &plain).is_empty());
}
