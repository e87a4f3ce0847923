//! Parts of long lists: which one is wanted, and what comes after it.
//!
//! A part begins after the place of the last item of the one before, not at a number, so nothing is
//! shown twice or left out because something else came or went meanwhile. A place is the value that the
//! list is ordered by, and the id, which no two share.

use uuid::Uuid;

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// In which order.
    pub order: Order,
    /// After which place; from the beginning if `None`.
    pub after: Option<Place>,
    /// How many at most.
    pub limit: u32,
}

/// An order: by a field, then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The field, as the API names it.
    pub field: &'static str,
    /// Whether the largest comes first.
    pub is_descending: bool,
}

/// Where an item stands in a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// What the list is ordered by.
    pub value: PlaceValue,
    /// The item's id.
    pub id: Uuid,
}

/// What a list is ordered by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlaceValue {
    /// Text, byte by byte: a folded key, so that people find their order.
    Text(String),
    /// A number; moments are microseconds.
    Number(i64),
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<T> {
    /// The items.
    pub items: Vec<T>,
    /// The last one's place, if more come after it.
    pub next: Option<Place>,
}

impl Place {
    /// The place of what is ordered by text.
    pub fn text(value: impl Into<String>, id: Uuid) -> Self {
        Self { value: PlaceValue::Text(value.into()), id }
    }

    /// The place of what is ordered by a number.
    pub fn number(value: i64, id: Uuid) -> Self {
        Self { value: PlaceValue::Number(value), id }
    }
}

impl Wanted {
    /// How many to read: one more than wanted, which tells whether there are more.
    pub fn read(&self) -> u64 {
        u64::from(self.limit) + 1
    }

    /// The part out of [`Wanted::read`] items that come after [`Wanted::after`] in this order.
    pub fn cut<T>(&self, mut read: Vec<T>, place: impl Fn(&T) -> Place) -> Part<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let has_more = read.len() > limit;
        read.truncate(limit);
        let next = read.last().filter(|_| has_more).map(place);
        Part { items: read, next }
    }

    /// The part of a list that is whole in memory, in whatever order.
    pub fn pick<T>(&self, all: Vec<T>, place: impl Fn(&T) -> Place) -> Part<T> {
        let mut placed: Vec<(Place, T)> =
            all.into_iter().map(|item| (place(&item), item)).collect();
        placed.sort_by(|(one, _), (two, _)| one.cmp(two));
        if self.order.is_descending {
            placed.reverse();
        }
        let is_after = |at: &Place| match &self.after {
            None => true,
            Some(after) if self.order.is_descending => at < after,
            Some(after) => at > after,
        };
        let rest = placed.into_iter().filter(|(at, _)| is_after(at)).map(|(_, item)| item);
        self.cut(rest.collect(), place)
    }
}

#[cfg(test)]
mod tests;
