//! How a query for part of a list ends: after which place, in which order, how many.
//!
//! ```text
//! let mut sql = Sql::new("SELECT r.* FROM roles r WHERE r.account_id = ?", vec![…]);
//! keyset::end(&mut sql, wanted, ("r.name_key", "r.id"));      // the column of `wanted.order.field`
//! let rows = roles::Entity::find().from_raw_sql(sql.statement(self.dialect)).all(&self.reads).await?;
//! Ok(wanted.cut(rows, |row| Place::text(&row.name_key, row.id)))
//! ```

use crate::domain::records::pages::{PlaceValue, Wanted};
use crate::store::script::Sql;

/// Adds to a query that has a `WHERE`: the column that the list is ordered by, and the one that no two share.
/// Neither holds null. One more is read than wanted, which [`Wanted::cut`] takes off.
pub(in crate::store) fn end(sql: &mut Sql, wanted: &Wanted, (column, id): (&str, &str)) {
    let (than, order) = if wanted.order.is_descending { ("<", "DESC") } else { (">", "ASC") };
    if let Some(after) = &wanted.after {
        let value = match &after.value {
            PlaceValue::Text(text) => text.as_str().into(),
            PlaceValue::Number(number) => (*number).into(),
        };
        sql.push(&format!(" AND ({column}, {id}) {than} (?, ?)"), [value, after.id.into()]);
    }
    let limit = wanted.read();
    sql.push(&format!(" ORDER BY {column} {order}, {id} {order} LIMIT {limit}"), []);
}
