//! Sign-ins under way at a provider: global.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "login_transactions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub state_hash: Vec<u8>,
    pub browser_hash: Vec<u8>,
    pub account_id: Uuid,
    pub sso_id: Uuid,
    pub nonce: String,
    pub verifier: Vec<u8>,
    pub return_to: String,
    pub max_age: Option<i64>,
    pub replaces: Option<Uuid>,
    pub created_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
