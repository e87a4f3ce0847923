//! One comparison as SQL.

use crate::domain::ids::ResourceId;
use crate::scim::filter::{Literal, Op};
use crate::store::dialect::Dialect;
use crate::store::filter::FALSE;
use crate::store::filter::place::Scalar;
use crate::store::script::Sql;

/// The condition; false, not null, where there is no value.
pub(super) fn condition(scalar: &Scalar, op: Op, literal: &Literal, dialect: Dialect) -> Sql {
    match (scalar, literal) {
        (Scalar::Id(column), Literal::Text(text)) => id(column, op, text, dialect),
        (Scalar::Text { sql, nullable }, Literal::Text(literal)) => {
            text(sql, *nullable, op, literal, dialect)
        }
        (Scalar::Time(column), Literal::Text(text)) => time(column, op, text),
        (Scalar::JsonBool(json, keys), Literal::Bool(value)) => {
            Sql::new(dialect.json_bool(json, keys, *value), vec![])
        }
        (Scalar::Number(expression), Literal::Number(value)) => Sql::new(
            format!("({expression} IS NOT NULL AND {expression} {} ?)", sign(op)),
            vec![(*value).into()],
        ),
        // The registry's types rule the rest out when the filter is read.
        (
            Scalar::Id(_)
            | Scalar::Text { .. }
            | Scalar::Time(_)
            | Scalar::JsonBool(..)
            | Scalar::Number(_),
            Literal::Text(_) | Literal::Bool(_) | Literal::Number(_),
        ) => Sql::new(FALSE, vec![]),
    }
}

/// There is a text, and it is not empty.
pub(super) fn present(expression: &str) -> String {
    format!("({expression} IS NOT NULL AND {expression} <> '')")
}

fn id(column: &str, op: Op, literal: &str, dialect: Dialect) -> Sql {
    match (op, literal.parse::<ResourceId>()) {
        (Op::Eq, Ok(id)) => Sql::new(format!("{column} = ?"), vec![id.uuid().into()]),
        (Op::Eq, Err(_)) => Sql::new(FALSE, vec![]),
        (Op::Co | Op::Sw | Op::Ew | Op::Gt | Op::Ge | Op::Lt | Op::Le, _) => {
            text(&Sql::new(dialect.id_text(column), vec![]), false, op, literal, dialect)
        }
    }
}

fn time(column: &str, op: Op, literal: &str) -> Sql {
    let format = time::macros::format_description!(
        "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z"
    );
    let Ok(moment) = time::PrimitiveDateTime::parse(literal, &format) else {
        return Sql::new(FALSE, vec![]);
    };
    let micros = moment.assume_utc().unix_timestamp_nanos() / 1000;
    let micros = i64::try_from(micros).unwrap_or(i64::MAX);
    Sql::new(format!("{column} {} ?", sign(op)), vec![micros.into()])
}

fn text(sql: &Sql, nullable: bool, op: Op, literal: &str, dialect: Dialect) -> Sql {
    let expression = &sql.text;
    let length = i64::try_from(literal.chars().count()).unwrap_or(i64::MAX);
    let (condition, values): (String, Vec<sea_orm::Value>) = match op {
        Op::Co => (format!("{} > 0", dialect.position(expression)), vec![literal.into()]),
        Op::Sw => (format!("substr({expression}, 1, {length}) = ?"), vec![literal.into()]),
        Op::Ew => return ends_with(sql, nullable, (literal, length)),
        Op::Eq | Op::Gt | Op::Ge | Op::Lt | Op::Le => {
            (format!("{expression} {} ?", sign(op)), vec![literal.into()])
        }
    };
    let mut whole = Sql::default();
    if nullable {
        whole.push(&format!("({expression} IS NOT NULL AND {condition})"), []);
    } else {
        whole.push(&format!("({condition})"), []);
    }
    whole.values.extend(sql.values.iter().cloned());
    whole.values.extend(values);
    whole
}

fn ends_with(sql: &Sql, nullable: bool, (literal, length): (&str, i64)) -> Sql {
    let expression = &sql.text;
    let exists = if nullable { format!("{expression} IS NOT NULL AND ") } else { String::new() };
    let text = format!(
        "({exists}length({expression}) >= {length} \
         AND substr({expression}, length({expression}) - {length} + 1) = ?)"
    );
    let mut values = vec![];
    for _ in 0..3 {
        values.extend(sql.values.iter().cloned());
    }
    values.push(literal.into());
    Sql::new(text, values)
}

fn sign(op: Op) -> &'static str {
    match op {
        Op::Eq | Op::Co | Op::Sw | Op::Ew => "=",
        Op::Gt => ">",
        Op::Ge => ">=",
        Op::Lt => "<",
        Op::Le => "<=",
    }
}
