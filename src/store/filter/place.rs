//! Where an attribute's values are kept: in a column, in rows, or in the folded document.

use crate::scim::fold;
use crate::scim::path::Path;
use crate::scim::schema::{Attribute, ResourceKind, Type};
use crate::store::dialect::Dialect;
use crate::store::filter::Context;
use crate::store::links;
use crate::store::rights::holdings::Holding;
use crate::store::script::Sql;

/// Where.
pub(super) enum Place {
    /// One value at most.
    One(Scalar),
    /// Rows of another table.
    Rows(Rows),
    /// A JSON array: the JSON expression and the keys of the array in it.
    Many(String, Vec<&'static str>),
}

/// An SQL expression for one value.
pub(super) enum Scalar {
    /// A column of ids.
    Id(String),
    /// A text.
    Text {
        /// The expression.
        sql: Sql,
        /// Whether it may be null; then it holds no values.
        nullable: bool,
    },
    /// A column of moments.
    Time(String),
    /// A boolean in JSON.
    JsonBool(String, Vec<&'static str>),
    /// A number, or null.
    Number(String),
}

/// Rows of another table, of which one is `el`.
#[derive(Clone, Copy)]
pub(super) enum Rows {
    /// A user's groups.
    Groups,
    /// A group's members.
    Members,
    /// What a user holds.
    Held(Holding),
}

/// Where the values at `path` are kept.
pub(super) fn of(path: &Path, context: &Context<'_>) -> Place {
    if path.extension.is_none() {
        match (context.kind, path.attribute.name.as_str()) {
            (ResourceKind::User, "groups") => return Place::Rows(Rows::Groups),
            (ResourceKind::Group, "members") => return Place::Rows(Rows::Members),
            _ => {}
        }
        if let Some(scalar) = column(path, context) {
            return Place::One(scalar);
        }
    }
    if let Some(holding) = Holding::at(path) {
        return Place::Rows(Rows::Held(holding));
    }
    if path.attribute.multi_valued {
        let mut keys = path.keys();
        keys.truncate(if path.extension.is_some() { 2 } else { 1 });
        return Place::Many("r.folded".to_owned(), keys);
    }
    Place::One(json("r.folded", path.keys(), path.leaf(), context.dialect))
}

/// A value in JSON, by its attribute's type.
pub(super) fn json(
    json: &str,
    keys: Vec<&'static str>,
    attribute: &Attribute,
    dialect: Dialect,
) -> Scalar {
    match attribute.kind {
        Type::Boolean => Scalar::JsonBool(json.to_owned(), keys),
        Type::Integer | Type::Decimal => Scalar::Number(dialect.json_number(json, &keys)),
        Type::String | Type::DateTime | Type::Binary | Type::Reference | Type::Complex => {
            nullable(dialect.json_text(json, &keys))
        }
    }
}

fn column(path: &Path, context: &Context<'_>) -> Option<Scalar> {
    let text = |sql: &str| Scalar::Text { sql: Sql::new(sql, vec![]), nullable: false };
    let sub = path.sub.map(|sub| sub.name.as_str());
    Some(match (context.kind, path.attribute.name.as_str(), sub) {
        (_, "id", None) => Scalar::Id("r.id".to_owned()),
        (_, "externalId", None) => nullable("r.external_id".to_owned()),
        (_, "meta", Some(sub)) => return meta(sub, path.leaf(), context),
        (_, "meta", None) => text("'meta'"),
        (ResourceKind::User, "userName", None) => text("r.user_name_key"),
        (ResourceKind::User, "displayName", None) => nullable("r.display_name_key".to_owned()),
        (ResourceKind::Group, "displayName", None) => text("r.display_name_key"),
        _ => return None,
    })
}

fn meta(sub: &str, leaf: &Attribute, context: &Context<'_>) -> Option<Scalar> {
    let folded = |text: &str| fold::literal(leaf, text);
    let sql = match sub {
        "created" => return Some(Scalar::Time("r.created_at".to_owned())),
        "lastModified" => return Some(Scalar::Time("r.updated_at".to_owned())),
        "resourceType" => {
            Sql::new(context.dialect.by_bytes("?"), vec![folded(context.kind.name()).into()])
        }
        "location" => location(context.kind, "r.id", leaf, context),
        "version" => {
            let number = |column| format!("CAST({column} AS text)");
            let version = match context.kind {
                ResourceKind::User => {
                    format!("{} || '.' || {}", number("r.version"), number("r.rights_version"))
                }
                ResourceKind::Group => number("r.version"),
            };
            let tag = context.dialect.by_bytes(&format!("? || {version} || '\"'"));
            Sql::new(tag, vec![folded("W/\"").into()])
        }
        _ => return None,
    };
    Some(Scalar::Text { sql, nullable: false })
}

fn location(kind: ResourceKind, id: &str, leaf: &Attribute, context: &Context<'_>) -> Sql {
    let below = fold::literal(leaf, &format!("{}/{}/", context.base, kind.endpoint()));
    Sql::new(format!("(? || {})", context.dialect.id_text(id)), vec![below.into()])
}

fn nullable(sql: String) -> Scalar {
    Scalar::Text { sql: Sql::new(sql, vec![]), nullable: true }
}

impl Rows {
    /// The rows of one resource `r`.
    pub(super) fn select(self, context: &Context<'_>) -> Sql {
        match self {
            Self::Groups => Sql::new(links::groups_of_user(context.dialect), vec![]),
            Self::Members => Sql::new(links::members_of_group(), vec![]),
            Self::Held(holding) => holding.of_one(context.asked()),
        }
    }

    /// The order in which they are answered.
    pub(super) fn order(self) -> &'static str {
        match self {
            Self::Groups | Self::Members => "el.id",
            Self::Held(_) => "el.value, el.account, el.workspace NULLS FIRST",
        }
    }

    /// A sub-attribute of the row `el`.
    pub(super) fn field(self, sub: &Attribute, context: &Context<'_>) -> Scalar {
        let word = |text: &str| fold::literal(sub, text);
        let text = |sql: Sql| Scalar::Text { sql, nullable: false };
        match (self, sub.name.as_str()) {
            (Self::Held(_), "value") => text(Sql::new("el.value", vec![])),
            (Self::Held(_), "display") => text(Sql::new("el.display_key", vec![])),
            (Self::Held(_), "account") => nullable("el.account".to_owned()),
            (Self::Held(_), "workspace") => nullable(format!(
                "(CASE WHEN el.workspace IS NULL THEN NULL ELSE {} END)",
                context.dialect.id_text("el.workspace")
            )),
            (_, "value") => Scalar::Id("el.id".to_owned()),
            (_, "display") => nullable("el.display_name_key".to_owned()),
            (Self::Groups, "$ref") => text(location(ResourceKind::Group, "el.id", sub, context)),
            (Self::Groups, "type") => text(Sql::new(
                context.dialect.by_bytes("CASE el.direct WHEN 1 THEN ? ELSE ? END"),
                vec![word("direct").into(), word("indirect").into()],
            )),
            (Self::Members, "type") => text(Sql::new(
                context.dialect.by_bytes("CASE el.kind WHEN 'User' THEN ? ELSE ? END"),
                vec![word("User").into(), word("Group").into()],
            )),
            (Self::Members, "$ref") => {
                let user = location(ResourceKind::User, "el.id", sub, context);
                let group = location(ResourceKind::Group, "el.id", sub, context);
                let mut sql = Sql::new("CASE el.kind WHEN 'User' THEN ", vec![]);
                sql.push(&user.text, user.values);
                sql.push(" ELSE ", []);
                sql.push(&group.text, group.values);
                sql.push(" END", []);
                text(sql)
            }
            _ => nullable("NULL".to_owned()),
        }
    }
}
