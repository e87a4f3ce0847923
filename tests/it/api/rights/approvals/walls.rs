//! The third wall: what the application's own database role cannot write, whatever it tries (DECISIONS.md 13,
//! 16). Each statement is tried on a request that waits, and on one that was executed.

use sea_orm::ConnectionTrait as _;

use super::Two;

/// Statements, with `{request}`, `{account}`, `{chief}`, `{deputy}` and `{ann}` for ids; none may pass.
const REFUSED: [(&str, &str); 16] = [
    (
        "a request that begins approved",
        "INSERT INTO approval_requests (account_id, id, kind, subject_id, state, required, version, policy_version, \
      reason, requester_kind, created_at, expires_at) VALUES ({account}, {ann}, 'rights', {ann}, 'approved', 1, 1, \
      'x', '', 'user', 0, 9000000000000000)",
    ),
    (
        "approved without a vote",
        "UPDATE approval_requests SET state = 'approved' WHERE id = {request}",
    ),
    (
        "executed without approval",
        "UPDATE approval_requests SET state = 'executed' WHERE id = {request}",
    ),
    (
        "a lowered number of signatures",
        "UPDATE approval_requests SET required = 0 WHERE id = {request}",
    ),
    (
        "a longer time",
        "UPDATE approval_requests SET expires_at = expires_at + 1 WHERE id = {request}",
    ),
    ("another subject", "UPDATE approval_requests SET subject_id = {ann} WHERE id = {request}"),
    ("a request taken out", "DELETE FROM approval_requests WHERE id = {request}"),
    (
        "a vote of whoever asked",
        "INSERT INTO approval_votes (account_id, request_id, version, digest, person_id, voter_account, voter_id, \
      decision, second_factor_at, session_id, comment, voted_at) SELECT v.account_id, v.request_id, v.version, \
      v.digest, p.person_id, v.account_id, p.user_id, 'approve', 1, {ann}, '', v.created_at \
      FROM approval_versions v JOIN user_persons p ON p.user_id = {chief} WHERE v.request_id = {request}",
    ),
    (
        "a vote in somebody's name",
        "INSERT INTO approval_votes (account_id, request_id, version, digest, person_id, voter_account, voter_id, \
      decision, second_factor_at, session_id, comment, voted_at) SELECT v.account_id, v.request_id, v.version, \
      v.digest, {ann}, v.account_id, {deputy}, 'approve', 1, {ann}, '', v.created_at \
      FROM approval_versions v WHERE v.request_id = {request}",
    ),
    (
        "a vote of another text",
        "INSERT INTO approval_votes (account_id, request_id, version, digest, person_id, voter_account, voter_id, \
      decision, second_factor_at, session_id, comment, voted_at) SELECT v.account_id, v.request_id, v.version, \
      p.person_id, p.person_id, v.account_id, p.user_id, 'approve', 1, {ann}, '', v.created_at \
      FROM approval_versions v JOIN user_persons p ON p.user_id = {deputy} WHERE v.request_id = {request}",
    ),
    (
        "a right without a request",
        "INSERT INTO approved_rights (account_id, user_id, source_id, right_key, valid_to, valid_from, basis, \
      request_id, version) SELECT account_id, {ann}, subject_id, 'users.administer', 9223372036854775807, 0, 0, \
      id, 1 FROM approval_requests WHERE id = {request}",
    ),
    ("a changed text", "UPDATE approval_versions SET payload = '{}' WHERE request_id = {request}"),
    ("one fewer excluded", "DELETE FROM approval_excluded WHERE request_id = {request}"),
    (
        "another beneficiary",
        "UPDATE approval_items SET user_id = {deputy} WHERE request_id = {request}",
    ),
    ("votes taken out", "DELETE FROM approval_votes WHERE request_id = {request}"),
    ("a version taken out", "DELETE FROM approval_versions WHERE request_id = {request}"),
];

/// C6: nothing of this makes anything effective, on both databases.
#[tokio::test]
async fn c6_no_statement_of_the_application_makes_a_right_effective_unsigned() {
    let two = Two::new().await;
    let ann = two.scene.seat.scim.user("ann").await;
    let request = two.asked_for(&ann).await;
    let database = &two.scene.seat.test.database;
    let id = |id: uuid::Uuid| {
        if database.is_sqlite() { format!("x'{}'", id.simple()) } else { format!("'{id}'") }
    };
    let read = |text: &str| id(text.parse().expect("an id"));
    let names = [
        ("{request}", read(request["id"].as_str().expect("an id"))),
        ("{account}", id(two.deputy.session.account.uuid())),
        ("{chief}", id(two.scene.chief.session.user.uuid())),
        ("{deputy}", id(two.deputy.session.user.uuid())),
        ("{ann}", read(&ann)),
    ];
    let connection = database.connect().await;
    let mut truncated: Vec<(&str, String)> = vec![];
    if !database.is_sqlite() {
        for table in ["approval_requests", "approval_votes", "approval_items", "approved_rights"] {
            truncated.push(("a table emptied", format!("TRUNCATE {table} CASCADE")));
        }
    }
    let statements = REFUSED.iter().map(|(what, sql)| (*what, (*sql).to_owned())).chain(truncated);
    for (what, sql) in statements {
        let sql = names.iter().fold(sql, |sql, (name, id)| sql.replace(name, id));
        let tried = connection.execute_unprepared(&sql).await;
        let is_empty = tried.as_ref().is_ok_and(|done| done.rows_affected() == 0);
        let may_be_empty = what == "votes taken out" && database.is_sqlite();
        assert!(tried.is_err() || (is_empty && may_be_empty), "{what}: {sql}");
    }
    assert!(!two.has(&ann, "rights").await);
    // And after it was executed, it stays as it is.
    let by = two.deputy.by_cookie();
    two.vote(&by, &request, "approve").await.expect(axum::http::StatusCode::OK);
    for sql in [
        "UPDATE approval_requests SET state = 'pending' WHERE id = {request}",
        "UPDATE approved_rights SET right_key = 'sso.configure' WHERE request_id = {request}",
        "UPDATE approved_rights SET user_id = {deputy} WHERE request_id = {request}",
        "DELETE FROM approved_rights WHERE request_id = {request}",
        "DELETE FROM approval_votes WHERE request_id = {request}",
        "UPDATE approval_votes SET decision = 'deny' WHERE request_id = {request}",
    ] {
        let sql = names.iter().fold(sql.to_owned(), |sql, (name, id)| sql.replace(name, id));
        assert!(connection.execute_unprepared(&sql).await.is_err(), "{sql}");
    }
    assert!(two.has(&ann, "rights").await);
}
