//! What parameters mean, and which are refused.

use uuid::Uuid;

use super::{List, ListQuery, Params, Sort, Wrong, paging, read_dry_run};
use crate::domain::records::pages::Place;

const LIST: List =
    List { filters: &["state", "name"], sorts: &[Sort::text("name"), Sort::moment("created_at")] };
const PATH: &str = "/api/v1/accounts/acme/roles";

fn read(query: &str) -> Result<ListQuery, Vec<(String, Wrong)>> {
    ListQuery::read(PATH, query, &LIST)
}

#[track_caller]
fn check(query: &str, expected: (&str, bool, u32)) {
    let wanted = read(query).expect("it reads").wanted;
    assert_eq!((wanted.order.field, wanted.order.is_descending, wanted.limit), expected, "{query}");
}

#[track_caller]
fn refused(query: &str, name: &str, code: &str) {
    let faults = read(query).expect_err(query);
    let told: Vec<(&str, &str)> =
        faults.iter().map(|(name, wrong)| (name.as_str(), wrong.code())).collect();
    assert_eq!(told, [(name, code)], "{query}");
}

#[test]
fn a_list_is_sorted_and_cut_as_asked() {
    check("", ("name", false, 50));
    check("sort=name&limit=1", ("name", false, 1));
    check("limit=200&sort=-created_at", ("created_at", true, 200));
    check("sort=created_at&state=active", ("created_at", false, 50));
}

#[test]
fn filters_are_read_as_they_are() {
    let query = read("name=%C3%89quipe+A&state=").expect("it reads");
    assert_eq!(query.params.text("name"), Some("Équipe A"));
    assert_eq!(query.params.text("state"), Some(""));
    assert_eq!(Params::read("", &[]), Ok(Params::default()));
}

#[test]
fn what_is_not_known_is_refused_and_the_rest_named() {
    refused("stat=active", "stat", "unknown");
    refused("State=active", "State", "unknown");
    refused("state=a&state=b", "state", "twice");
    refused("name=%00", "name", "text");
    refused(&format!("name={}", "x".repeat(1025)), "name", "text");
    for limit in ["0", "201", "-1", "+1", "1.0", "x", "", "01", "4294967297", "%201"] {
        refused(&format!("limit={limit}"), "limit", "range");
    }
    for sort in ["", "-", "id", "--name", "name,created_at", "NAME"] {
        refused(&format!("sort={sort}"), "sort", "choice");
    }
    let Err(faults) = read("a=1&b=2&limit=0") else { panic!("it is refused") };
    assert_eq!(faults.len(), 2, "all unknown ones at once: {faults:?}");
    let Wrong::Unknown(known) = &faults[0].1 else { panic!("{faults:?}") };
    assert_eq!(known, &["state", "name", "sort", "limit", "cursor"]);
}

#[test]
fn a_cursor_goes_on_where_it_was_made_and_nowhere_else() {
    let place = Place::text("équipe", Uuid::from_u128(7));
    let query = "state=active&name=x";
    let cursor = paging::write(&place, read(query).expect("it reads").mark(PATH));
    let follow = |query: &str| read(&format!("{query}&cursor={cursor}"));
    assert_eq!(follow(query).expect("the same").wanted.after, Some(place.clone()));
    let other = follow("name=x&state=active&limit=3").expect("the same, but for the limit");
    assert_eq!(other.wanted.after, Some(place));
    for query in ["state=active", "state=closed&name=x", "state=active&name=x&sort=-name"] {
        assert_eq!(follow(query), Err(vec![("cursor".to_owned(), Wrong::OtherCursor)]), "{query}");
    }
    let elsewhere = ListQuery::read("/api/v1/x", &format!("{query}&cursor={cursor}"), &LIST);
    assert_eq!(elsewhere, Err(vec![("cursor".to_owned(), Wrong::OtherCursor)]));
}

#[test]
fn what_is_no_cursor_is_refused() {
    let mark = read("").expect("it reads").mark(PATH);
    let text = Place::text("x", Uuid::from_u128(7));
    let number = Place::number(7, Uuid::from_u128(7));
    let good = paging::write(&text, mark.clone());
    assert_eq!(paging::read(&good, &mark, true), Ok(text.clone()));
    assert_eq!(paging::read(&good, &mark, false), Err(Wrong::Cursor), "text for a number");
    let good = paging::write(&number, mark.clone());
    assert_eq!(paging::read(&good, &mark, true), Err(Wrong::Cursor), "a number for text");
    let null = paging::write(&Place::text("\0", Uuid::from_u128(7)), mark.clone());
    for cursor in
        ["", "x", "e30", "W10", "===", good.trim_start_matches('e'), &format!("{good}="), &null]
    {
        assert!(paging::read(cursor, &mark, true).is_err(), "{cursor}");
    }
}

#[test]
fn dry_run_is_true_or_false_and_nothing_else() {
    for (query, expected) in
        [("", Ok(false)), ("dryRun=true", Ok(true)), ("x=1&dryRun=false", Ok(false))]
    {
        assert_eq!(read_dry_run(query), expected, "{query}");
    }
    for query in ["dryRun", "dryRun=", "dryRun=1", "dryRun=TRUE", "dryRun=yes"] {
        assert_eq!(read_dry_run(query).expect_err(query).1, Wrong::Truth);
    }
    assert_eq!(read_dry_run("dryRun=true&dryRun=true").expect_err("twice").1, Wrong::Twice);
}
