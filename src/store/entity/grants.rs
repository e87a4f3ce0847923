//! What was given to single users.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "grants")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub valid_to: i64,
    pub valid_from: i64,
    pub user_id: Uuid,
    pub gives: String,
    pub gives_owner: Option<Uuid>,
    pub gives_id: Option<Uuid>,
    pub right_key: Option<String>,
    pub place: String,
    pub workspace_id: Option<Uuid>,
    pub starts_at: i64,
    pub ends_at: i64,
    pub reason: String,
    pub version: i64,
    pub created_at: i64,
    pub given_by_kind: String,
    pub given_by_id: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
