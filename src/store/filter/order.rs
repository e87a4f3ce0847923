//! A sort key as an SQL expression, meaning what `scim::sort` means.

use crate::scim::sort::SortKey;
use crate::store::filter::place::{self, Place, Scalar};
use crate::store::filter::{Context, FALSE};
use crate::store::script::Sql;

/// The expression to order by, null where the resource has no value.
pub(in crate::store) fn order(key: &SortKey, context: Context<'_>) -> Sql {
    let (path, dialect) = (&key.path, context.dialect);
    match place::of(path, &context) {
        Place::One(scalar) => expression(scalar, context),
        Place::Rows(rows) => {
            let Some(sub) = path.sub else { return Sql::new("NULL", vec![]) };
            let field = expression(rows.field(sub, &context), context);
            let source = rows.select(&context);
            let mut first = Sql::new(format!("(SELECT {} FROM (", field.text), field.values);
            first.push(&source.text, source.values);
            first.push(&format!(") el ORDER BY {} LIMIT 1)", rows.order()), []);
            first
        }
        Place::Many(json, keys) => {
            let sub: Vec<&str> = path.sub.iter().map(|s| s.name.as_str()).collect();
            let value = dialect.json_text("el.value", &sub);
            let primary = match path.attribute.sub("primary") {
                Some(primary) => dialect.json_bool("el.value", &[&primary.name], true),
                None => FALSE.to_owned(),
            };
            let elements = dialect.json_elements(&json, &keys);
            let first = format!(
                "(SELECT {value} FROM {elements} \
                 ORDER BY CASE WHEN {primary} THEN 0 ELSE 1 END, el.key LIMIT 1)"
            );
            Sql::new(first, vec![])
        }
    }
}

fn expression(scalar: Scalar, context: Context<'_>) -> Sql {
    match scalar {
        Scalar::Text { sql, .. } => sql,
        Scalar::Id(column) | Scalar::Time(column) => Sql::new(column, vec![]),
        Scalar::JsonBool(json, keys) => Sql::new(context.dialect.json_text(&json, &keys), vec![]),
        Scalar::Number(expression) => Sql::new(expression, vec![]),
    }
}
