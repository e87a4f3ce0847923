//! From text to tree: what is understood, what is refused, and within which limits.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use crate::scim::error::Kind;
use crate::scim::filter::{ElementFilter, Filter, Literal, MAX_FILTER_BYTES, is_name, parse};
use crate::scim::preset::Preset;
use crate::scim::schema::ResourceKind;

/// The tree in one line: `All[userName eq t:x, !active]`.
fn sketch(filter: &Filter) -> String {
    match filter {
        Filter::All(filters) => format!("All[{}]", list(filters, sketch)),
        Filter::Any(filters) => format!("Any[{}]", list(filters, sketch)),
        Filter::Not(filter) => format!("!{}", sketch(filter)),
        Filter::Never => "never".to_owned(),
        Filter::Present(path) => format!("{path} pr"),
        Filter::Compare(path, op, literal) => format!("{path} {} {}", op.as_str(), show(literal)),
        Filter::Element(path, filter) => format!("{path}[{}]", sketch_element(filter)),
    }
}

fn sketch_element(filter: &ElementFilter) -> String {
    match filter {
        ElementFilter::All(filters) => format!("All[{}]", list(filters, sketch_element)),
        ElementFilter::Any(filters) => format!("Any[{}]", list(filters, sketch_element)),
        ElementFilter::Not(filter) => format!("!{}", sketch_element(filter)),
        ElementFilter::Never => "never".to_owned(),
        ElementFilter::Present(sub) => format!("{} pr", sub.name),
        ElementFilter::Compare(sub, op, literal) => {
            format!("{} {} {}", sub.name, op.as_str(), show(literal))
        }
    }
}

fn list<T>(items: &[T], show: impl Fn(&T) -> String) -> String {
    items.iter().map(show).collect::<Vec<_>>().join(", ")
}

fn show(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => format!("t:{text}"),
        Literal::Bool(boolean) => format!("b:{boolean}"),
        Literal::Number(number) => format!("n:{number}"),
    }
}

#[track_caller]
fn check_in(preset: Preset, kind: ResourceKind, text: &str, expected: &str) {
    match parse(kind, text, preset) {
        Ok(filter) => assert_eq!(sketch(&filter), expected, "{text}"),
        Err(error) => {
            assert_eq!(error.kind, Kind::InvalidFilter, "{text}: {error}");
            assert_eq!("refused", expected, "{text}: {error}");
        }
    }
}

/// What both presets make of a filter on users.
#[track_caller]
fn check(text: &str, expected: &str) {
    check_in(Preset::Standard, ResourceKind::User, text, expected);
    check_in(Preset::Rfc, ResourceKind::User, text, expected);
}

/// What `standard` makes of a filter that `rfc` refuses.
#[track_caller]
fn check_tolerated(text: &str, expected: &str) {
    check_in(Preset::Standard, ResourceKind::User, text, expected);
    check_in(Preset::Rfc, ResourceKind::User, text, "refused");
}

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[test]
fn plain_comparisons_resolve_and_fold() {
    check(r#"userName eq "BJensen""#, "userName eq t:bjensen");
    check(r#"externalId eq "BJensen""#, "externalId eq t:BJensen");
    check(r#"name.familyName co "O'Malley""#, "name.familyName co t:o'malley");
    check(r#"userName sw "J""#, "userName sw t:j");
    check(r#"userName ew """#, "userName ew t:");
    check("title pr", "title pr");
    check("active eq true", "active eq b:true");
    check(r#"userName eq "a\"b\\c\u00e9""#, "userName eq t:a\"b\\cé");
    check(
        r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
        "meta.lastModified gt t:2011-05-13T04:42:34.000000Z",
    );
}

#[test]
fn names_and_operators_ignore_case_and_white_space_is_free() {
    check(r#"USERNAME EQ "x""#, "userName eq t:x");
    check("  Title   Pr \t", "title pr");
    check(
        r#"title pr AND  active Eq true Or userName SW "j""#,
        "Any[All[title pr, active eq b:true], userName sw t:j]",
    );
    check("not(title pr)", "!title pr");
    check("NOT (title pr)", "!title pr");
    check("( title pr )", "title pr");
    check(r#"emails[ type eq "work" ]"#, "emails[type eq t:work]");
}

#[test]
fn precedence_is_not_then_and_then_or_and_chains_are_flat() {
    check("title pr or active pr and id pr", "Any[title pr, All[active pr, id pr]]");
    check("(title pr or active pr) and id pr", "All[Any[title pr, active pr], id pr]");
    check("title pr and (active pr and id pr)", "All[title pr, active pr, id pr]");
    check("not (title pr) and id pr", "All[!title pr, id pr]");
    check("not (not (title pr))", "title pr");
}

#[test]
fn ne_and_null_are_negations() {
    check(r#"userName ne "x""#, "!userName eq t:x");
    check(r#"not (userName ne "x")"#, "userName eq t:x");
    check("title eq null", "!title pr");
    check("title ne null", "title pr");
    check("manager eq null", &format!("!{ENTERPRISE}:manager pr"));
    check("name ne null", "name pr");
    check("title gt null", "refused");
    check("title co null", "refused");
    check(r#"emails[type ne "work"]"#, "emails[!type eq t:work]");
    check("emails[type eq null]", "emails[!type pr]");
    check_tolerated("title eq NULL", "!title pr");
}

#[test]
fn complex_attributes_compare_by_their_value() {
    check(r#"emails eq "X@y.z""#, "emails.value eq t:x@y.z");
    check(r#"manager eq "26118915""#, &format!("{ENTERPRISE}:manager.value eq t:26118915"));
    check(r#"groups eq "g1""#, "groups.value eq t:g1");
    check("emails pr", "emails pr");
    check(r#"name eq "x""#, "refused");
    check(r#"addresses co "x""#, "refused");
    let members = r#"id eq "g" and members eq "U""#;
    let expected = "All[id eq t:g, members.value eq t:u]";
    check_in(Preset::Standard, ResourceKind::Group, members, expected);
}

#[test]
fn value_paths_keep_the_element_together() {
    check(
        r#"emails[type eq "work" and value co "@Example.com"]"#,
        "emails[All[type eq t:work, value co t:@example.com]]",
    );
    check(
        r#"emails[type eq "work"] or ims[type eq "xmpp" or primary eq true]"#,
        "Any[emails[type eq t:work], ims[Any[type eq t:xmpp, primary eq b:true]]]",
    );
    check(r#"name[givenName eq "X"]"#, "name[givenName eq t:x]");
    check(
        &format!(r#"{ENTERPRISE}:manager[value eq "A"]"#),
        &format!("{ENTERPRISE}:manager[value eq t:A]"),
    );
    check(r#"emails[foo eq "x"]"#, "emails[never]");
    check(r#"emails[not (foo eq "x") and value pr]"#, "emails[All[!never, value pr]]");
    check(r#"photos[$ref eq "x"]"#, "photos[never]");
    check(r#"groups[$ref eq "X"]"#, "groups[$ref eq t:X]");
    check(r#"groups.$ref eq "X""#, "groups.$ref eq t:X");
    check(r#"emails.type[value eq "x"]"#, "refused");
    check(r#"userName[value eq "x"]"#, "refused");
    check(r#"emails[value[type eq "x"] pr]"#, "refused");
}

#[test]
fn urns_prefix_names_in_any_case() {
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    check(&format!(r#"{core}:userName eq "x""#), "userName eq t:x");
    check(&format!("{}:NAME.givenname pr", core.to_uppercase()), "name.givenName pr");
    check(
        &format!(r#"{ENTERPRISE}:department eq "R&D""#),
        &format!("{ENTERPRISE}:department eq t:r&d"),
    );
    check(&format!(r#"{core}:emails[type eq "work"]"#), "emails[type eq t:work]");
    check("urn:x:y:2.0:User:tag pr", "never");
    check(&format!(r#"{ENTERPRISE} eq "x""#), "refused");
    let present = parse(ResourceKind::User, &format!("{ENTERPRISE} pr"), Preset::Rfc).unwrap();
    assert!(matches!(present, Filter::Any(filters) if filters.len() == 6));
}

#[test]
fn an_unknown_attribute_has_no_value() {
    check(r#"foo eq "x""#, "never");
    check("foo.bar pr", "never");
    check(r#"foo ne "x""#, "!never");
    check("foo eq null", "!never");
    check("foo ne null", "never");
    check("foo gt 5", "never");
    check(r#"emails.foo eq "x""#, "never");
    check(r#"foo[type eq "x"]"#, "never");
}

#[test]
fn what_is_never_returned_cannot_be_probed() {
    check(r#"password sw "a""#, "refused");
    check("PASSWORD pr", "refused");
    check(r#"not (urn:ietf:params:scim:schemas:core:2.0:User:password eq "a")"#, "refused");
    check(r#"password[value eq "a"]"#, "refused");
    check("password eq null", "refused");
}

#[test]
fn operators_and_literals_must_fit_the_type() {
    for operator in ["gt", "ge", "lt", "le", "co", "sw", "ew"] {
        check(&format!("active {operator} true"), "refused");
        check(&format!(r#"x509Certificates.value {operator} "MII=""#), "refused");
    }
    for operator in ["co", "sw", "ew"] {
        check(&format!(r#"meta.created {operator} "2026-01-01T00:00:00Z""#), "refused");
    }
    check(r#"x509Certificates.value eq "MII=""#, "x509Certificates.value eq t:MII=");
    check(r#"userName gt "m""#, "userName gt t:m");
    check(r#"meta.created gt "yesterday""#, "refused");
    check("userName eq true", "refused");
    check("active eq 1", "refused");
    check(r#"active eq "yes""#, "refused");
    let error = parse(ResourceKind::User, r#"active eq "yes""#, Preset::Standard).unwrap_err();
    assert_eq!(error.detail, "`active` is compared with true or false, not the text `yes`");
}

#[test]
fn entra_and_others_may_write_what_the_rfc_forbids() {
    check_tolerated("externalId eq jyoung", "externalId eq t:jyoung");
    check_tolerated("externalId eq 701984", "externalId eq t:701984");
    check_tolerated("(userName eq O'Brien+x@y.z)", "userName eq t:o'brien+x@y.z");
    check_tolerated(r#"active eq "True""#, "active eq b:true");
    check_tolerated("active eq False", "active eq b:false");
    check_tolerated(r#"roles[primary eq "True"]"#, "roles[primary eq b:true]");
    check_tolerated("emails[type eq work]", "emails[type eq t:work]");
    check_tolerated(
        "meta.created gt 2026-01-01T00:00:00Z",
        "meta.created gt t:2026-01-01T00:00:00.000000Z",
    );
    check("userName eq 'x'", "refused");
    check("userName eq foo bar", "refused");
}

#[test]
fn a_sub_attribute_behind_the_bracket_is_one_more_condition_on_the_element() {
    let path = r#"emails[type eq "work"].value"#;
    check_tolerated(
        &format!(r#"{path} eq "u@x.com""#),
        "emails[All[type eq t:work, value eq t:u@x.com]]",
    );
    check_tolerated(&format!("{path} pr"), "emails[All[type eq t:work, value pr]]");
    check_tolerated(&format!("{path} ne null"), "emails[All[type eq t:work, value pr]]");
    check_tolerated(&format!("{path} eq null"), "!emails[All[type eq t:work, value pr]]");
    check_tolerated(&format!(r#"{path} ne "x""#), "!emails[All[type eq t:work, value eq t:x]]");
    check_tolerated(
        r#"emails[type eq "work" or primary eq true].value co "x" and title pr"#,
        "All[emails[All[Any[type eq t:work, primary eq b:true], value co t:x]], title pr]",
    );
    check_tolerated(
        r#"title pr and (emails[primary eq true].value eq "a" or emails[type eq "home"].value ne b)"#,
        "All[title pr, Any[emails[All[primary eq b:true, value eq t:a]], \
         !emails[All[type eq t:home, value eq t:b]]]]",
    );
}

#[test]
fn broken_filters_are_refused() {
    for text in [
        "",
        " ",
        "userName",
        "userName eq",
        "eq \"x\"",
        "userName xx \"y\"",
        "userName eq \"x",
        "(title pr",
        "title pr)",
        "title pr]",
        "emails[type pr",
        "emails[type pr)",
        "emails[]",
        "title pr and",
        "and title pr",
        "title pr title pr",
        "not title pr",
        "()",
        "title pr,id pr",
        "userName eq \"\\x\"",
        "userName eq \"a\u{1}b\"",
        "userName eq \"\\u0000\"",
        "user name pr",
        "userName eq \"\\ud800\"",
        "1x pr",
        ".a pr",
        "a. pr",
        "a.b.c pr",
        "a..b pr",
        "ü pr",
        "a:1 pr",
        "\"userName\" eq \"x\"",
        "emails[type eq \"a\"].",
        "emails[type eq \"a\"].value",
        "a[b[c pr] pr]",
        "emails.[type pr]",
        "$ pr",
        "userName eq (\"x\")",
        "userName eq [1]",
        "a0 eq 0 0",
        "not (title)",
        "emails[type pr].value[type pr]",
    ] {
        check(text, "refused");
    }
}

#[test]
fn placeholders_cannot_be_forged() {
    check("a0 pr and a1 pr", "All[never, never]");
    check_tolerated("userName eq 0", "userName eq t:0");
    check_tolerated("userName eq 7", "userName eq t:7");
}

#[test]
fn hostile_filters_are_refused_at_once() {
    assert!(parse(ResourceKind::User, "title pr", Preset::Standard).is_ok(), "warms the parser up");
    let hostile = [
        "(".repeat(MAX_FILTER_BYTES),
        ".".repeat(8000),
        format!("a{}", ".".repeat(8000)),
        "not (".repeat(1600),
        format!("{}title pr ]", "not (".repeat(16)),
        format!("{}title pr{}", "(".repeat(33), ")".repeat(33)),
        "emails[".repeat(1000),
        format!("userName eq \"{}", "\\".repeat(8000)),
        " ".repeat(8000),
        "title pr and ".repeat(600),
        vec!["title pr"; 201].join(" or "),
        "a".repeat(MAX_FILTER_BYTES + 1),
        "\"".repeat(8000),
        ":".repeat(8000),
    ];
    let run = move || {
        for text in hostile {
            let took = (0..3).map(|_| {
                let start = Instant::now();
                let error = parse(ResourceKind::User, &text, Preset::Standard).unwrap_err();
                assert_eq!(error.kind, Kind::InvalidFilter);
                assert!(error.detail.len() < 300, "{}", error.detail);
                start.elapsed()
            });
            let fastest = took.min().unwrap();
            assert!(fastest < Duration::from_millis(5), "{fastest:?}: {text:.40}");
        }
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn what_the_limits_allow_is_taken() {
    let nested = format!("{}title pr{}", "(".repeat(32), ")".repeat(32));
    check(&nested, "title pr");
    let negated = format!("{}title pr{}", "not (".repeat(16), ")".repeat(16));
    check(&negated, "title pr");
    let wide = vec![r#"id eq "0195a1b2-0000""#; 200].join(" or ");
    let filter = parse(ResourceKind::User, &wide, Preset::Rfc).unwrap();
    assert!(matches!(filter, Filter::Any(filters) if filters.len() == 200));
    // One kind of joint within the other on each level: more than the grammar's own limit takes.
    let mixed = format!("{}id pr{}", "title pr or id pr and (".repeat(32), ")".repeat(32));
    check(&mixed, "refused");
}

#[test]
fn conditions_on_elements_are_equal_if_they_name_the_same_attribute() {
    let filter = |text: &str| parse(ResourceKind::User, text, Preset::Standard).unwrap();
    assert_ne!(filter("emails[type pr]"), filter("emails[value pr]"));
    assert_eq!(filter("emails[type pr]"), filter("EMAILS[TYPE pr]"));
}

#[test]
fn names_are_letters_with_dots_and_urns() {
    for name in
        ["userName", "name.givenName", "$ref", "members.$ref", "urn:a:b:2.0:User:x.y", "a-_1"]
    {
        assert!(is_name(name), "{name}");
    }
    for name in
        ["", ".", "a.", ".a", "a.b.c", "1a", "a b", "urn:a:", "a\u{e9}", "urn:a b:c", "$", "a.$"]
    {
        assert!(!is_name(name), "{name}");
    }
}

fn any_words() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "userName",
        "emails",
        "active",
        "meta.created",
        "foo",
        "password",
        "eq",
        "ne",
        "co",
        "gt",
        "pr",
        "and",
        "or",
        "not",
        "(",
        ")",
        "[",
        "]",
        "].value",
        "\"x\"",
        "\"",
        "true",
        "null",
        "5",
        ".",
        "urn:a:b",
        "\\",
        "'",
        "type",
        "value",
        "emails[type eq \"work\"]",
        "title pr",
        "é",
        "\u{3000}",
    ]);
    let parts = prop::collection::vec((words, prop::bool::weighted(0.8)), 0..24);
    parts.prop_map(|parts| {
        let spaced = |(word, space): &(&str, bool)| {
            if *space { format!("{word} ") } else { (*word).to_owned() }
        };
        parts.iter().map(spaced).collect()
    })
}

proptest! {
    #[test]
    fn parsing_never_panics_on_words(text in any_words()) {
        for preset in [Preset::Standard, Preset::Rfc] {
            for kind in [ResourceKind::User, ResourceKind::Group] {
                if let Err(error) = parse(kind, &text, preset) {
                    prop_assert_eq!(error.kind, Kind::InvalidFilter);
                    prop_assert!(!error.detail.contains("a0"), "{}", error);
                }
            }
        }
    }

    #[test]
    fn parsing_never_panics_on_random_text(text in "\\PC{0,80}") {
        let _ = parse(ResourceKind::User, &text, Preset::Standard);
    }

    #[test]
    fn what_rfc_takes_standard_understands_alike(text in any_words()) {
        if let Ok(strict) = parse(ResourceKind::User, &text, Preset::Rfc) {
            let tolerant = parse(ResourceKind::User, &text, Preset::Standard);
            prop_assert_eq!(tolerant.as_ref(), Ok(&strict));
        }
    }

    #[test]
    fn any_text_can_be_asked_for(value in "\\PC{0,40}") {
        let text = format!("externalId eq {}", serde_json::to_string(&value).unwrap());
        let filter = parse(ResourceKind::User, &text, Preset::Rfc).unwrap();
        prop_assert_eq!(sketch(&filter), format!("externalId eq t:{value}"));
    }
}
