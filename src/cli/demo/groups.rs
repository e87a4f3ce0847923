//! The groups of Acme Corporation, and who is in which.

use serde_json::{Value, json};

use crate::cli::demo::people::{self, Person, department_names, object_id, site_names};

/// Groups beside those of departments, sites and managers, each with how many people share one place
/// in it. After these come projects by number.
const CIRCLES: [(&str, usize); 16] = [
    ("App CRM", 3),
    ("App Expenses", 2),
    ("App Travel", 4),
    ("App Design Studio", 9),
    ("VPN Users", 3),
    ("Newsletter Éditeurs", 31),
    ("Comité Social et Économique", 37),
    ("First Aiders", 23),
    ("On-call", 17),
    ("Project Aurore", 11),
    ("Project Boréal", 13),
    ("Project Cobalt", 19),
    ("Project Dédale", 29),
    ("Security Champions", 27),
    ("Interns", 21),
    ("Remote Workers", 6),
];

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) index: usize,
    pub(super) name: String,
    rule: Rule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Everyone,
    Department(usize),
    Site(usize),
    Managers,
    OneIn(usize),
}

/// So many groups: everyone, the departments in their order, the sites, the managers, and circles.
pub(super) fn groups(count: usize) -> Vec<Group> {
    let departments =
        department_names().enumerate().map(|(at, name)| (name.to_owned(), Rule::Department(at)));
    let sites = site_names().enumerate().map(|(at, name)| (format!("Site {name}"), Rule::Site(at)));
    let circles = CIRCLES.iter().map(|(name, step)| ((*name).to_owned(), Rule::OneIn(*step)));
    let projects = (1..).map(|at| (format!("Project {at:03}"), Rule::OneIn(7 + at % 40)));
    std::iter::once(("All Employees".to_owned(), Rule::Everyone))
        .chain(departments)
        .chain(sites)
        .chain(std::iter::once(("All Managers".to_owned(), Rule::Managers)))
        .chain(circles)
        .chain(projects)
        .take(count)
        .enumerate()
        .map(|(index, (name, rule))| Group { index, name, rule })
        .collect()
}

impl Group {
    /// Whether that person is in it, in a company of so many.
    pub(super) fn holds(&self, person: &Person, people: usize) -> bool {
        match self.rule {
            Rule::Everyone => true,
            Rule::Department(department) => person.department == department,
            Rule::Site(site) => person.site == site,
            Rule::Managers => people::has_reports(person.index, people),
            Rule::OneIn(step) => (person.index + self.index).is_multiple_of(step),
        }
    }

    /// The body by which Entra ID creates a group: without members, they follow.
    pub(super) fn body(&self) -> Value {
        json!({
            "schemas": [
                "urn:ietf:params:scim:schemas:core:2.0:Group",
                "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
            ],
            "externalId": object_id("group", self.index),
            "displayName": self.name,
            "meta": { "resourceType": "Group" },
        })
    }
}
