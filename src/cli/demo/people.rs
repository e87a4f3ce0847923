//! The people of Acme Corporation: invented, the same on each run, as many as are asked for.
//!
//! Number 0 leads the company. The others fall into teams in turn; in a team the first one leads, and
//! the n-th one's manager is number (n - 1) / 8, so that everybody has at most eight reports or so.

mod names;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use self::names::{DEPARTMENTS, FAMILY_NAMES, GIVEN_NAMES, SITES, TEAMS};

/// URN of the core schema of users.
pub(super) const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// URN of the enterprise extension.
pub(super) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Reports of one manager.
const SPAN: usize = 8;
/// Step through all pairs of names; it has no factor in common with their number.
const STRIDE: usize = 2_477;
/// The order in which people fall to sites, so that some sites are larger.
const SITE_TURN: [usize; 20] = [0, 0, 1, 0, 5, 0, 2, 0, 8, 3, 0, 1, 6, 0, 4, 9, 0, 2, 7, 10];

/// A department and the titles in it.
pub(super) struct Department {
    pub(super) name: &'static str,
    pub(super) head: &'static str,
    pub(super) lead: &'static str,
    pub(super) staff: [&'static str; 3],
}

/// A place of work.
pub(super) struct Site {
    pub(super) city: &'static str,
    pub(super) country: &'static str,
    pub(super) language: &'static str,
}

/// One person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) index: usize,
    pub(super) given_name: &'static str,
    pub(super) family_name: &'static str,
    pub(super) user_name: String,
    pub(super) title: &'static str,
    /// Which of [`department_names`].
    pub(super) department: usize,
    /// Which of [`site_names`].
    pub(super) site: usize,
    /// The index of the manager.
    pub(super) manager: Option<usize>,
}

/// The names of the departments.
pub(super) fn department_names() -> impl Iterator<Item = &'static str> {
    DEPARTMENTS.iter().map(|department| department.name)
}

/// The names of the sites.
pub(super) fn site_names() -> impl Iterator<Item = &'static str> {
    SITES.iter().map(|site| site.city)
}

/// A department's name and the title of its first kind of staff.
pub(super) fn post_in(department: usize) -> (&'static str, &'static str) {
    DEPARTMENTS.get(department).map_or(("", ""), |found| (found.name, title(found, 1, false)))
}

/// Whether that person is somebody's manager, in a company of so many.
pub(super) fn has_reports(index: usize, people: usize) -> bool {
    match index.checked_sub(1) {
        None => people > 1,
        Some(before) => {
            let (rank, team) = (before / TEAMS.len(), before % TEAMS.len());
            (rank * SPAN + 1) * TEAMS.len() + team + 1 < people || leads_teams(rank, team, people)
        }
    }
}

/// The last person of a department, in a company of so many: nobody reports to them.
pub(super) fn last_of(department: usize, people: usize) -> Option<Person> {
    let in_it =
        |person: &Person| person.department == department && !has_reports(person.index, people);
    (1..people).rev().map(Person::new).find(in_it)
}

impl Person {
    /// The person of that number.
    pub(super) fn new(index: usize) -> Self {
        let pairs = GIVEN_NAMES.len() * FAMILY_NAMES.len();
        let pair = (index * STRIDE + 13) % pairs;
        let given_name = pick(&GIVEN_NAMES, pair % GIVEN_NAMES.len());
        let family_name = pick(&FAMILY_NAMES, pair / GIVEN_NAMES.len());
        let namesakes = match index / pairs {
            0 => String::new(),
            before => (before + 1).to_string(),
        };
        let (given, family) = (plain(given_name), plain(family_name));
        let post = post(index);
        Self {
            index,
            given_name,
            family_name,
            user_name: format!("{given}.{family}{namesakes}@acme.example"),
            title: post.title,
            department: post.department,
            site: SITE_TURN.get(index % SITE_TURN.len()).copied().unwrap_or_default(),
            manager: post.manager,
        }
    }

    /// First name and last name.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }

    /// The body by which Entra ID creates a user. The manager is not in it: references follow when all
    /// users exist.
    pub(super) fn body(&self) -> Value {
        let site = SITES.get(self.site);
        let department = DEPARTMENTS.get(self.department).map(|department| department.name);
        json!({
            "schemas": [CORE, ENTERPRISE],
            "externalId": object_id("user", self.index),
            "userName": self.user_name,
            "active": true,
            "displayName": self.name(),
            "name": {
                "formatted": self.name(),
                "familyName": self.family_name,
                "givenName": self.given_name,
            },
            "title": self.title,
            "preferredLanguage": site.map(|site| site.language),
            "emails": [{ "primary": true, "type": "work", "value": self.user_name }],
            "phoneNumbers": [{
                "type": "work",
                "value": format!("+33 1 99 00 {:02} {:02}", self.index / 100 % 100, self.index % 100),
            }],
            "addresses": [{
                "type": "work",
                "locality": site.map(|site| site.city),
                "country": site.map(|site| site.country),
            }],
            "meta": { "resourceType": "User" },
            "roles": [],
            ENTERPRISE: {
                "employeeNumber": format!("{:06}", 100_000 + self.index),
                "organization": "Acme Corporation",
                "department": department,
            },
        })
    }
}

/// What looks like the object id of Entra ID: a UUID, the same on each run.
pub(super) fn object_id(kind: &str, index: usize) -> String {
    let hash = Sha256::digest(format!("acme {kind} {index}").as_bytes());
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash.iter()).for_each(|(byte, hashed)| *byte = *hashed);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

struct Post {
    title: &'static str,
    department: usize,
    manager: Option<usize>,
}

fn post(index: usize) -> Post {
    let Some(before) = index.checked_sub(1) else {
        return Post { title: "Chief Executive Officer", department: 7, manager: None };
    };
    let (rank, team) = (before / TEAMS.len(), before % TEAMS.len());
    let department = TEAMS.get(team).copied().unwrap_or_default();
    let first_team = TEAMS.iter().position(|other| *other == department).unwrap_or(team);
    let manager = match rank.checked_sub(1) {
        Some(above) => above / SPAN * TEAMS.len() + team + 1,
        None if team == first_team => 0,
        None => first_team + 1,
    };
    let is_head = rank == 0 && team == first_team;
    let title = DEPARTMENTS.get(department).map_or("", |found| title(found, rank, is_head));
    Post { title, department, manager: Some(manager) }
}

/// The first of a team leads it, and so do those of the second row.
fn title(department: &Department, rank: usize, is_head: bool) -> &'static str {
    match rank {
        _ if is_head => department.head,
        0 => department.lead,
        _ => pick(&department.staff, rank - 1),
    }
}

fn leads_teams(rank: usize, team: usize, people: usize) -> bool {
    let department = TEAMS.get(team);
    let mut others = TEAMS.iter().enumerate().skip(team + 1);
    let is_first = TEAMS.iter().position(|other| Some(other) == department) == Some(team);
    rank == 0 && is_first && others.any(|(other, of)| Some(of) == department && other + 1 < people)
}

fn pick(list: &[&'static str], at: usize) -> &'static str {
    list.get(at % list.len().max(1)).copied().unwrap_or_default()
}

/// The name as it stands in an e-mail address: small ASCII letters and hyphens.
fn plain(name: &str) -> String {
    let mut plain = String::new();
    for letter in name.nfd().filter(|letter| !is_combining_mark(*letter)) {
        match letter {
            'ø' | 'Ø' => plain.push('o'),
            'ł' | 'Ł' => plain.push('l'),
            'đ' | 'Đ' => plain.push('d'),
            'ß' => plain.push_str("ss"),
            'æ' | 'Æ' => plain.push_str("ae"),
            'œ' | 'Œ' => plain.push_str("oe"),
            ' ' | '-' => plain.push('-'),
            _ if letter.is_ascii_alphanumeric() => plain.push(letter.to_ascii_lowercase()),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests;
