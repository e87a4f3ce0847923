//! Browsers by their own words.

use super::describe;

#[track_caller]
fn check(agent: &str, expected: Option<&str>) {
    assert_eq!(describe(agent).as_deref(), expected, "{agent}");
}

#[test]
fn a_browser_is_told_by_its_most_particular_mark() {
    let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                  Chrome/142.0.0.0 Safari/537.36";
    check(chrome, Some("Chrome, Windows"));
    check(&format!("{chrome} Edg/142.0.0.0"), Some("Edge, Windows"));
    check(
        "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
        Some("Firefox, Linux"),
    );
    check(
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
         Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
        Some("Safari, iPhone"),
    );
}

#[test]
fn what_we_do_not_know_has_no_name() {
    check("", None);
    check("curl/8.14.1", None);
    check("something on Linux", Some("Linux"));
}
