//! What groups and pushed roles give, and gave.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "group_mappings")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub valid_to: i64,
    pub valid_from: i64,
    pub group_id: Option<Uuid>,
    pub connection_id: Option<Uuid>,
    pub pushed_value: Option<String>,
    pub pushed_key: Option<String>,
    pub gives: String,
    pub gives_owner: Uuid,
    pub gives_id: Uuid,
    pub place: String,
    pub workspace_id: Option<Uuid>,
    pub paused: bool,
    pub starts_at: i64,
    pub ends_at: i64,
    pub reason: String,
    pub version: i64,
    pub created_at: i64,
    pub created_by_kind: String,
    pub created_by_id: Option<Uuid>,
    pub created_person: Option<Uuid>,
    pub changed_by_kind: String,
    pub changed_by_id: Option<Uuid>,
    pub changed_person: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
