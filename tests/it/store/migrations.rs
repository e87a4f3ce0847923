//! The schema goes up, down and up again, by one process or by two at once.

use countersign::store::Store;
use countersign::store::schema::SchemaState;

use crate::world::database::TestDatabase;

/// Every table and its columns, the same on both databases.
const TABLES: &str = "
account_administrators: account_id user_id valid_from valid_to
account_conflicts: account_id held_key lost_key valid_from valid_to
account_domains: account_id created_at domain
account_periods: account_id parent_id state valid_from valid_to
account_permissions: account_id permission set_by_id set_by_kind valid_from valid_to
account_recoveries: account_id valid_from valid_to
account_sign_in: account_id requires_second_factor
account_support_modes: account_id mode set_by valid_from valid_to
account_team: account_id function set_by user_id valid_from valid_to
accounts: created_at id kind name shape_version slug version
activities: account_id action actor_id actor_kind at commitment detail door id outcome \
policy_version request_id target_id target_kind
activity_checkpoints: account_id at hash key_id seq signature
activity_personal: account_id activity_id payload salt
activity_seals: account_id activity_id hash prev_hash seq
administrator_watches: account_id due_at
approval_excluded: account_id person_id request_id version why
approval_items: account_id basis request_id right_key user_id version
approval_requests: account_id created_at expires_at id kind policy_version reason requester_id \
requester_kind required settled_at settled_why state subject_id version
approval_versions: account_id created_at digest payload request_id requester_person version
approval_votes: account_id comment decision digest person_id request_id second_factor_at \
session_id version voted_at voter_account voter_id
approved_rights: account_id basis request_id right_key source_id user_id valid_from valid_to version
background_checks: account_id checked_on noted_by user_id valid_from valid_to valid_until
bootstraps: account_id completed_at created_at first_confirmed_at first_user id \
second_confirmed_at second_user
bundle_rights: account_id added_person bundle_id right_key valid_from valid_to
bundles: account_id catalogue_key created_at created_by deleted_at description id name name_key \
origin_id origin_release updated_at version
catalogue_releases: activated_at hash number text
catalogue_rights: permission privileged recipient_safe right_key valid_from valid_to
checkpoint_keys: created_at id private_key public_jwk
connections: account_id created_at failure_told_at id name preset refused_at refused_since \
refused_status
csd_delegations: account_id created_at ends_at from_user id starts_at to_user valid_from valid_to
directory_counts: account_id connection_id groups shard users
failed_tries: failures first_at locked_until subject
grants: account_id created_at ends_at given_by_id given_by_kind gives gives_id gives_owner id \
place reason right_key starts_at user_id valid_from valid_to version workspace_id
group_mappings: account_id changed_by_id changed_by_kind changed_person connection_id \
created_at created_by_id created_by_kind created_person ends_at gives gives_id gives_owner \
group_id id paused place pushed_key pushed_value reason starts_at valid_from valid_to \
version workspace_id
group_members: account_id group_id member_id member_kind valid_from valid_to
groups: account_id connection_id created_at deleted_at display_name display_name_key document \
external_id folded id updated_at version
idempotency_keys: account_id actor_id body created_at fingerprint headers key status
identities: account_id issuer linked_at person_id sso_id subject user_id valid_to
login_transactions: account_id browser_hash created_at max_age nonce replaces return_to sso_id \
state_hash verifier
logout_tokens: expires_at issuer jti provider_session received_at subject
one_time_links: account_id created_at expires_at mail_key purpose secret_hash used_at user_id
outbox: account_id due_at effect id payload tries
passkey_ceremonies: created_at purpose session_id state
passkeys: counter created_at credential credential_id id last_used_at name person_id
passwords: account_id changed_at hash is_initial mail_key user_id
persons: created_at id
product_keys: account_id created_at expires_at id last_used_at name revoked_at scopes secret_hash
properties: account_id choices created_at id key label updated_at value_type version
pushed_values: account_id connection_id user_id valid_from valid_to value_key
recovery_codes: code_hash created_at person_id used_at
revoked_access_tokens: expires_at jti
role_bundles: account_id added_person bundle_id bundle_owner role_id valid_from valid_to
roles: account_id catalogue_key created_at created_by deleted_at description id level name \
name_key origin_id origin_release updated_at version
seed_grants: account_id right_key user_id valid_from valid_to why
sessions: account_id acr agent amr auth_time created_at ended_at ended_why expires_at id id_token \
ip is_staff last_seen_at level own_factor_at person_id provider_session second_factor_at \
secret_hash sso_id user_id way
signals: name seq
signing_keys: algorithm created_at id private_key public_jwk retired_at
sso_connections: account_id acr_values amr_values client_id client_secret connection_id \
created_at id issuer link_claim max_age name scopes updated_at
support_asked: account_id after_grant bundle_id bundle_owner by_customer ends_at mode person_id \
request_id requester_account starts_at user_account user_id version workspace_id
support_functions: account_id created_at created_by gives group_id id name pending valid_from \
valid_to
support_grants: account_id bundle_id bundle_owner ended_by ended_kind ended_reason ends_at function \
id person_id request_id standing starts_at user_account user_id valid_from valid_to version \
workspace_id
tokens: access account_id connection_id created_at ends_told expires_at id last_used_at \
revoked_at secret_hash
totp_factors: confirmed_at created_at id last_step last_used_at name person_id seed session_id
user_emails: account_id user_id value_key
user_persons: account_id person_id user_id
user_properties: account_id property_id user_id value
user_states: account_id active user_id valid_from valid_to
users: account_id active active_since connection_id created_at deleted_at display_name \
display_name_key document external_id folded id kind own_language rights_version updated_at \
user_name_key version
workspaces: account_id closed_at created_at id name name_key updated_at version
";

#[tokio::test]
async fn the_schema_goes_up_down_and_up_again() {
    let database = TestDatabase::create().await;
    let store = open(&database).await;
    let SchemaState::Behind(steps) = store.schema_state().await.expect("a state") else {
        panic!("a new database lacks every step");
    };
    store.migrate().await.expect("up");
    assert_eq!(store.schema_state().await.expect("a state"), SchemaState::Current);
    assert_eq!(tables(&database).await, TABLES);
    let all = u32::try_from(steps).expect("few steps");
    store.migrate_down(1).await.expect("one step down");
    assert_eq!(store.schema_state().await.expect("a state"), SchemaState::Behind(1));
    store.migrate_down(all - 1).await.expect("all the way down");
    assert_eq!(tables(&database).await, "\n");
    store.migrate().await.expect("up again");
    assert_eq!(tables(&database).await, TABLES);
    store.migrate().await.expect("nothing left to do");
}

#[tokio::test]
async fn processes_that_migrate_at_once_wait_for_one_another() {
    let database = TestDatabase::create().await;
    if database.is_sqlite() {
        // Its one file has one server.
        return;
    }
    let mut stores = Vec::new();
    for _ in 0..4 {
        stores.push(open(&database).await);
    }
    let migrations: Vec<_> = stores
        .iter()
        .cloned()
        .map(|store| tokio::spawn(async move { store.migrate().await }))
        .collect();
    for migration in migrations {
        migration.await.expect("it ends").expect("up");
    }
    assert_eq!(tables(&database).await, TABLES);
}

#[tokio::test]
async fn a_period_cannot_lack_its_beginning_or_end() {
    let database = TestDatabase::create().await;
    open(&database).await.migrate().await.expect("up");
    // D27: memberships and a user's state carry valid-from and valid-to from the first step on.
    for table in ["group_members", "user_states"] {
        let sql = if database.is_sqlite() {
            format!(
                "SELECT count(*) FROM pragma_table_info('{table}') \
                 WHERE name IN ('valid_from', 'valid_to') AND \"notnull\" = 1"
            )
        } else {
            format!(
                "SELECT count(*) FROM information_schema.columns WHERE table_name = '{table}' \
                 AND column_name IN ('valid_from', 'valid_to') AND is_nullable = 'NO'"
            )
        };
        assert_eq!(database.number(&sql).await, 2, "{table}");
    }
}

async fn open(database: &TestDatabase) -> Store {
    Store::open(&database.settings()).await.expect("the database opens")
}

async fn tables(database: &TestDatabase) -> String {
    let sql = if database.is_sqlite() {
        "SELECT m.name || ': ' || group_concat(c.name, ' ' ORDER BY c.name) \
         FROM sqlite_schema m JOIN pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE 'seaql%' AND m.name NOT LIKE 'sqlite%' \
         GROUP BY m.name ORDER BY m.name"
    } else {
        "SELECT table_name || ': ' \
         || string_agg(column_name, ' ' ORDER BY CAST(column_name AS text) COLLATE \"C\") \
         FROM information_schema.columns WHERE table_schema = 'public' \
         AND table_name NOT LIKE 'seaql%' GROUP BY table_name \
         ORDER BY CAST(table_name AS text) COLLATE \"C\""
    };
    database.texts(sql).await.iter().fold("\n".to_owned(), |all, line| format!("{all}{line}\n"))
}
