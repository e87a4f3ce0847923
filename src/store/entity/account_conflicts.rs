//! Pairs of rights that nobody may hold together, by account.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account_conflicts")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub lost_key: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub valid_to: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub held_key: String,
    pub valid_from: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
