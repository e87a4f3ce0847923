//! Sessions; the secret only as a hash.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub secret_hash: Vec<u8>,
    pub account_id: Uuid,
    pub user_id: Uuid,
    pub person_id: Uuid,
    pub is_staff: bool,
    pub way: String,
    pub level: String,
    pub acr: Option<String>,
    pub amr: String,
    pub auth_time: i64,
    pub second_factor_at: Option<i64>,
    pub own_factor_at: Option<i64>,
    pub sso_id: Option<Uuid>,
    pub provider_session: Option<String>,
    pub id_token: Option<Vec<u8>>,
    pub created_at: i64,
    pub last_seen_at: i64,
    pub expires_at: i64,
    pub ip: Option<String>,
    pub agent: String,
    pub ended_at: Option<i64>,
    pub ended_why: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
