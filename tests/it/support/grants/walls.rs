//! The third wall: what the application's own database role cannot write, whatever it tries (DECISIONS.md 16).
//! Each statement is tried where a request waits, and where somebody is in.

use sea_orm::ConnectionTrait as _;

use super::{Room, text};

const GRANT: &str = "INSERT INTO support_grants (account_id, id, valid_to, valid_from, user_account, user_id, \
                     person_id, bundle_owner, bundle_id, workspace_id, starts_at, ends_at, request_id, version, \
                     standing, function) ";

/// Statements, with `{waiting}`, `{in}`, `{acme}`, `{vendor}`, `{sam}`, `{max}`, `{cy}`, `{persam}`, `{permax}`
/// and `{new}` for ids; none may pass.
const REFUSED: [(&str, &str); 20] = [
    (
        "a grant without a signature",
        "{grant} SELECT account_id, {new}, {open}, 1, user_account, user_id, person_id, bundle_owner, bundle_id, \
         workspace_id, starts_at, ends_at, request_id, version, FALSE, NULL FROM support_asked \
         WHERE request_id = {waiting}",
    ),
    (
        "a grant by a request that was executed before",
        "{grant} SELECT account_id, {new}, {open}, 1, user_account, {max}, person_id, bundle_owner, bundle_id, \
         workspace_id, starts_at, ends_at, request_id, version, FALSE, NULL FROM support_grants \
         WHERE id = {in}",
    ),
    (
        "a grant without a request",
        "{grant} SELECT account_id, {new}, {open}, 1, user_account, {max}, {permax}, bundle_owner, bundle_id, \
         workspace_id, starts_at, ends_at, NULL, NULL, FALSE, NULL FROM support_grants WHERE id = {in}",
    ),
    (
        "a standing grant of somebody who does not look after the account",
        "{grant} SELECT account_id, {new}, {open}, 1, user_account, {max}, {permax}, bundle_owner, bundle_id, \
         workspace_id, starts_at, {open}, NULL, NULL, TRUE, 'csm' FROM support_grants WHERE id = {in}",
    ),
    (
        "a standing grant as something else",
        "{grant} SELECT account_id, {new}, {open}, 1, user_account, {cy}, {permax}, bundle_owner, bundle_id, \
         workspace_id, starts_at, {open}, NULL, NULL, TRUE, 'onboarding_pm' FROM support_grants \
         WHERE id = {in}",
    ),
    (
        "a grant that ended before it began",
        "{grant} SELECT account_id, {new}, 5, 1, user_account, {cy}, {permax}, bundle_owner, bundle_id, \
         workspace_id, starts_at, {open}, NULL, NULL, TRUE, 'csm' FROM support_grants WHERE id = {in}",
    ),
    ("a longer time", "UPDATE support_grants SET ends_at = ends_at + 1 WHERE id = {in}"),
    ("an earlier beginning", "UPDATE support_grants SET starts_at = 0 WHERE id = {in}"),
    ("another user", "UPDATE support_grants SET user_id = {max} WHERE id = {in}"),
    ("another bundle", "UPDATE support_grants SET bundle_id = {new} WHERE id = {in}"),
    ("a workspace", "UPDATE support_grants SET workspace_id = {new} WHERE id = {in}"),
    ("another request", "UPDATE support_grants SET request_id = NULL WHERE id = {in}"),
    (
        "a standing one",
        "UPDATE support_grants SET standing = TRUE, function = 'csm' WHERE id = {in}",
    ),
    ("a grant taken out", "DELETE FROM support_grants WHERE id = {in}"),
    (
        "what is asked, changed",
        "UPDATE support_asked SET ends_at = ends_at + 1 WHERE request_id = {waiting}",
    ),
    ("what is asked, taken out", "DELETE FROM support_asked WHERE request_id = {waiting}"),
    (
        "a signature of who is let in",
        "INSERT INTO approval_votes (account_id, request_id, version, digest, person_id, voter_account, voter_id, \
         decision, second_factor_at, session_id, comment, voted_at) SELECT v.account_id, v.request_id, v.version, \
         v.digest, {persam}, {vendor}, {sam}, 'approve', 1, {new}, '', v.created_at FROM approval_versions v \
         WHERE v.request_id = {waiting}",
    ),
    (
        "asked for by nobody",
        "INSERT INTO support_asked (account_id, request_id, version, user_account, user_id, person_id, bundle_owner, \
         bundle_id, workspace_id, starts_at, ends_at, requester_account, by_customer, mode, after_grant) \
         SELECT account_id, {new}, 1, user_account, user_id, person_id, bundle_owner, bundle_id, workspace_id, \
         starts_at, ends_at, requester_account, TRUE, mode, NULL FROM support_asked WHERE request_id = {waiting}",
    ),
    (
        "another text of what waits, for another user",
        "INSERT INTO support_asked (account_id, request_id, version, user_account, user_id, person_id, bundle_owner, \
         bundle_id, workspace_id, starts_at, ends_at, requester_account, by_customer, mode, after_grant) \
         SELECT account_id, request_id, 2, user_account, {max}, {permax}, bundle_owner, bundle_id, workspace_id, \
         starts_at, ends_at, requester_account, TRUE, mode, NULL FROM support_asked WHERE request_id = {waiting}",
    ),
    (
        "approved without a vote",
        "UPDATE approval_requests SET state = 'approved' WHERE id = {waiting}",
    ),
];

/// C6: nothing of this lets anybody in, or in for longer, on both databases.
#[tokio::test]
async fn c6_no_statement_of_the_application_lets_anybody_in_unsigned() {
    let room = Room::new().await;
    let it = room.let_in().await;
    let waiting = room.asked(&room.zoe).await;
    let id = |text: String| room.sql(text.parse().expect("an id"));
    let open = i64::MAX.to_string();
    let names = [
        ("{grant}", GRANT.to_owned()),
        ("{open}", open),
        ("{waiting}", id(text(&waiting["id"]))),
        ("{in}", id(text(&it["id"]))),
        ("{acme}", room.sql(room.scene.seat.acme.uuid())),
        ("{vendor}", room.sql(room.scene.seat.operator.uuid())),
        ("{sam}", room.sql_of(&room.sam)),
        ("{max}", room.sql_of(&room.max)),
        ("{cy}", room.sql_of(&room.cy)),
        ("{persam}", room.sql(room.sam.session.person.uuid())),
        ("{permax}", room.sql(room.max.session.person.uuid())),
        ("{new}", room.sql(uuid::Uuid::from_u128(0x77))),
    ];
    let database = &room.scene.seat.test.database;
    let connection = database.connect().await;
    let mut more: Vec<(&str, String)> = vec![];
    if database.is_sqlite() {
        let replaced = "REPLACE INTO support_grants SELECT * FROM support_grants WHERE id = {in}";
        more.push(("a grant written over", replaced.to_owned()));
    } else {
        for table in ["support_grants", "support_asked"] {
            more.push(("a table emptied", format!("TRUNCATE {table} CASCADE")));
        }
    }
    let statements = REFUSED.iter().map(|(what, sql)| (*what, (*sql).to_owned())).chain(more);
    for (what, sql) in statements {
        let sql = names.iter().fold(sql, |sql, (name, id)| sql.replace(name, id));
        let tried = connection.execute_unprepared(&sql).await;
        assert!(tried.is_err(), "{what}: {sql}");
    }
    let live = "SELECT count(*) FROM support_grants WHERE valid_to = 9223372036854775807";
    assert_eq!((room.number(live).await, room.grants("").await.len()), (1, 1));
    // And what ended does not come back.
    let path = format!("{}/{}", super::GRANTS, text(&it["id"]));
    room.scene.delete(&room.ann, &path).await.expect(axum::http::StatusCode::NO_CONTENT);
    for sql in [
        format!(
            "UPDATE support_grants SET valid_to = {}, ended_reason = NULL WHERE id = {{in}}",
            i64::MAX
        ),
        "UPDATE support_grants SET ended_reason = 'expired' WHERE id = {in}".to_owned(),
        "UPDATE support_grants SET ended_by = NULL WHERE id = {in}".to_owned(),
    ] {
        let sql = names.iter().fold(sql, |sql, (name, id)| sql.replace(name, id));
        assert!(connection.execute_unprepared(&sql).await.is_err(), "{sql}");
    }
    assert_eq!(room.number(live).await, 0);
}
