//! Filters as SQL over a table aliased `r`, meaning exactly what `scim::filter::eval` means.
//!
//! INVARIANT: every condition written here is true or false, never null, so that `NOT` is right.
//! Attributes with a column or rows of their own are named in [`place`]; all others are read from
//! the folded document. Values are always bound; names come from the schema registry alone.

mod compare;
mod order;
mod place;

use sea_orm::Value;

use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;
use crate::scim::filter::{ElementFilter, Filter, Literal, Op};
use crate::scim::path::Path;
use crate::scim::schema::{Attribute, ResourceKind};
use crate::store::dialect::Dialect;
use crate::store::filter::place::{Place, Rows, Scalar};
use crate::store::links;
use crate::store::rights::holdings::{Asked, Holding};
use crate::store::script::Sql;

/// What a filter is compiled for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    /// The database.
    pub(super) dialect: Dialect,
    /// User or group.
    pub(super) kind: ResourceKind,
    /// The account, for look-ups in side tables.
    pub(super) account: AccountId,
    /// The SCIM base URL.
    pub(super) base: &'a str,
    /// The moment.
    pub(super) now: Timestamp,
}

pub(super) use order::order;

impl Context<'_> {
    fn asked(&self) -> Asked {
        Asked { dialect: self.dialect, account: self.account, now: self.now }
    }
}

const TRUE: &str = "1 = 1";
const FALSE: &str = "1 = 0";

/// The condition for `filter`.
pub(super) fn compile(filter: &Filter, context: Context<'_>) -> Sql {
    let mut writer = ConditionWriter { context, sql: Sql::default() };
    writer.filter(filter);
    writer.sql
}

/// Whether the filter asks for the few that a key names: a look-up in an index, nothing else.
pub(super) fn finds_few(filter: &Filter) -> bool {
    let Filter::Compare(path, Op::Eq, Literal::Text(_)) = filter else { return false };
    let sub = path.sub.map(|sub| sub.name.as_str());
    path.extension.is_none()
        && matches!(
            (path.attribute.name.as_str(), sub),
            ("id" | "userName" | "externalId" | "displayName", None) | ("emails", Some("value"))
        )
}

struct ConditionWriter<'a> {
    context: Context<'a>,
    sql: Sql,
}

impl ConditionWriter<'_> {
    fn text(&mut self, text: &str) {
        self.sql.text.push_str(text);
    }

    fn filter(&mut self, filter: &Filter) {
        match filter {
            Filter::All(filters) => self.joined(filters, " AND ", TRUE, Self::filter),
            Filter::Any(filters) => self.joined(filters, " OR ", FALSE, Self::filter),
            Filter::Not(inner) => {
                self.text("NOT (");
                self.filter(inner);
                self.text(")");
            }
            Filter::Never => self.text(FALSE),
            Filter::Present(path) => self.present(path),
            Filter::Compare(path, op, literal) => self.compare(path, *op, literal),
            Filter::Element(path, inner) => self.element(path, inner),
        }
    }

    fn joined<T>(&mut self, parts: &[T], word: &str, none: &str, write: fn(&mut Self, &T)) {
        if parts.is_empty() {
            return self.text(none);
        }
        self.text("(");
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                self.text(word);
            }
            write(self, part);
        }
        self.text(")");
    }

    fn present(&mut self, path: &Path) {
        match place::of(path, &self.context) {
            Place::One(scalar) => self.scalar_present(&scalar),
            Place::Rows(rows) => {
                self.some_row(rows);
                match (rows, path.sub) {
                    (Rows::Held(_), Some(sub)) => {
                        let scalar = rows.field(sub, &self.context);
                        self.scalar_present(&scalar);
                    }
                    (Rows::Groups | Rows::Members | Rows::Held(_), _) => self.text(TRUE),
                }
                self.text(")");
            }
            Place::Many(json, keys) => {
                let dialect = self.context.dialect;
                let elements = dialect.json_elements(&json, &keys);
                let condition = match path.sub {
                    Some(sub) => compare::present(&dialect.json_text("el.value", &[&sub.name])),
                    None => TRUE.to_owned(),
                };
                self.text(&format!("EXISTS (SELECT 1 FROM {elements} WHERE {condition})"));
            }
        }
    }

    fn scalar_present(&mut self, scalar: &Scalar) {
        match scalar {
            Scalar::Text { sql, nullable: true } => {
                let condition = compare::present(&sql.text);
                self.sql.push(&condition, []);
            }
            Scalar::Text { nullable: false, .. } | Scalar::Id(_) | Scalar::Time(_) => {
                self.text(TRUE);
            }
            Scalar::JsonBool(json, keys) => {
                let text = self.context.dialect.json_text(json, keys);
                self.text(&format!("{text} IS NOT NULL"));
            }
            Scalar::Number(expression) => self.text(&format!("{expression} IS NOT NULL")),
        }
    }

    fn compare(&mut self, path: &Path, op: Op, literal: &Literal) {
        if self.look_up(path, op, literal) {
            return;
        }
        match place::of(path, &self.context) {
            Place::One(scalar) => self.scalar(&scalar, op, literal),
            Place::Rows(rows) => {
                self.some_row(rows);
                match path.sub {
                    Some(sub) => {
                        let scalar = rows.field(sub, &self.context);
                        self.scalar(&scalar, op, literal);
                    }
                    None => self.text(FALSE),
                }
                self.text(")");
            }
            Place::Many(json, keys) => {
                let elements = self.context.dialect.json_elements(&json, &keys);
                self.text(&format!("EXISTS (SELECT 1 FROM {elements} WHERE "));
                let scalar = match path.sub {
                    Some(sub) => {
                        place::json("el.value", vec![&sub.name], sub, self.context.dialect)
                    }
                    None => place::json("el.value", vec![], path.attribute, self.context.dialect),
                };
                self.scalar(&scalar, op, literal);
                self.text(")");
            }
        }
    }

    fn element(&mut self, path: &Path, inner: &ElementFilter) {
        self.text("(");
        if let Some((sub, value)) = wanted_value(inner)
            && self.look_up(&Path { sub: Some(sub), ..*path }, Op::Eq, value)
        {
            self.text(" AND ");
        }
        match place::of(path, &self.context) {
            Place::One(_) => {
                self.present(path);
                self.text(" AND ");
                self.inner(inner, &Inner::One(*path));
            }
            Place::Rows(rows) => {
                self.some_row(rows);
                self.inner(inner, &Inner::Rows(rows));
                self.text(")");
            }
            Place::Many(json, keys) => {
                let elements = self.context.dialect.json_elements(&json, &keys);
                self.text(&format!("EXISTS (SELECT 1 FROM {elements} WHERE "));
                self.inner(inner, &Inner::Json);
                self.text(")");
            }
        }
        self.text(")");
    }

    fn inner(&mut self, filter: &ElementFilter, within: &Inner) {
        match filter {
            ElementFilter::All(parts) => self.inner_joined(parts, " AND ", TRUE, within),
            ElementFilter::Any(parts) => self.inner_joined(parts, " OR ", FALSE, within),
            ElementFilter::Not(inner) => {
                self.text("NOT (");
                self.inner(inner, within);
                self.text(")");
            }
            ElementFilter::Never => self.text(FALSE),
            ElementFilter::Present(sub) => {
                let scalar = within.scalar(sub, &self.context);
                self.scalar_present(&scalar);
            }
            ElementFilter::Compare(sub, op, literal) => {
                let scalar = within.scalar(sub, &self.context);
                self.scalar(&scalar, *op, literal);
            }
        }
    }

    fn inner_joined(&mut self, parts: &[ElementFilter], word: &str, none: &str, within: &Inner) {
        if parts.is_empty() {
            return self.text(none);
        }
        self.text("(");
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                self.text(word);
            }
            self.inner(part, within);
        }
        self.text(")");
    }

    /// Begins a condition on a row.
    fn some_row(&mut self, rows: Rows) {
        let source = rows.select(&self.context);
        self.text("EXISTS (SELECT 1 FROM (");
        self.sql.push(&source.text, source.values);
        self.text(") el WHERE ");
    }

    /// Writes the comparison as a look-up in an index, where there is one; false if there is none.
    fn look_up(&mut self, path: &Path, op: Op, literal: &Literal) -> bool {
        let (Op::Eq, Literal::Text(text), Some(sub)) = (op, literal, path.sub) else {
            return false;
        };
        if sub.name != "value" {
            return false;
        }
        if let Some(holding) = Holding::at(path) {
            self.holders(holding, text);
            return true;
        }
        if path.extension.is_some() {
            return false;
        }
        let account: Value = self.context.account.uuid().into();
        let id = text.parse::<crate::domain::ids::ResourceId>().map(|id| Value::from(id.uuid()));
        match (self.context.kind, path.attribute.name.as_str(), id) {
            (ResourceKind::User, "emails", _) => self.sql.push(
                "r.id IN (SELECT e.user_id FROM user_emails e \
                 WHERE e.account_id = ? AND e.value_key = ?)",
                [account, text.clone().into()],
            ),
            (ResourceKind::User, "groups", Ok(id)) => {
                let condition = links::user_is_in_group(self.context.dialect);
                self.sql.push(&condition, [id, account.clone(), account]);
            }
            (ResourceKind::Group, "members", Ok(id)) => {
                self.sql.push(&links::group_has_member(), [account, id]);
            }
            (ResourceKind::User, "groups", Err(_)) | (ResourceKind::Group, "members", Err(_)) => {
                self.text(FALSE);
            }
            _ => return false,
        }
        true
    }

    /// Those who hold it are found backwards, from what it is.
    fn holders(&mut self, holding: Holding, value: &str) {
        match holding.holders(self.context.asked(), value) {
            Some(users) => {
                let is_one = self.context.dialect.among(&users.text);
                self.sql.push(&format!("r.id {is_one}"), users.values);
            }
            None => self.text(FALSE),
        }
    }

    fn scalar(&mut self, scalar: &Scalar, op: Op, literal: &Literal) {
        let condition = compare::condition(scalar, op, literal, self.context.dialect);
        self.sql.push(&condition.text, condition.values);
    }
}

/// The `value` that an element must have, if the filter says so.
fn wanted_value(filter: &ElementFilter) -> Option<(&'static Attribute, &Literal)> {
    match filter {
        ElementFilter::Compare(sub, Op::Eq, literal) if sub.name == "value" => Some((sub, literal)),
        ElementFilter::All(parts) => parts.iter().find_map(wanted_value),
        ElementFilter::Compare(..)
        | ElementFilter::Any(_)
        | ElementFilter::Not(_)
        | ElementFilter::Never
        | ElementFilter::Present(_) => None,
    }
}

/// Where the sub-attributes of an element filter are found.
enum Inner {
    /// In the document (or columns), below a complex attribute that holds one value.
    One(Path),
    /// In a row.
    Rows(Rows),
    /// In a JSON element.
    Json,
}

impl Inner {
    fn scalar(&self, sub: &'static Attribute, context: &Context<'_>) -> Scalar {
        match self {
            Self::One(path) => match place::of(&Path { sub: Some(sub), ..*path }, context) {
                Place::One(scalar) => scalar,
                Place::Rows(_) | Place::Many(..) => {
                    Scalar::Text { sql: Sql::new("NULL", vec![]), nullable: true }
                }
            },
            Self::Rows(rows) => rows.field(sub, context),
            Self::Json => place::json("el.value", vec![&sub.name], sub, context.dialect),
        }
    }
}
