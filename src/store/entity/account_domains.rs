//! Domains of mail addresses by which accounts are found: global.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account_domains")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub domain: String,
    pub account_id: Uuid,
    pub created_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
