//! Who signs in: people of the customer, two approvers and a supporter of the operator, and two whom the
//! server does not let in. Each comes so far that a newcomer sees one thing more.

use serde_json::{Value, json};

use crate::cli::demo::changes::LEFT;
use crate::cli::demo::people::{CORE, Person, last_of, object_id};
use crate::http::demo::Guest;

/// An account.
#[derive(Debug, Clone, Copy)]
pub(super) struct House {
    pub(super) slug: &'static str,
    pub(super) name: &'static str,
    pub(super) is_operator: bool,
    /// The domains of its people's addresses.
    pub(super) domains: &'static [&'static str],
}

/// The customer.
pub(super) const CUSTOMER: House = House {
    slug: "acme",
    name: "Acme Corporation",
    is_operator: false,
    domains: &["acme.example", "partner.example"],
};
/// The operator: the vendor whose product this server stands before.
pub(super) const OPERATOR: House = House {
    slug: "vendor",
    name: "Example Software",
    is_operator: true,
    domains: &["vendor.example"],
};

/// One of the operator's staff.
#[derive(Debug, Clone, Copy)]
pub(super) struct Staff {
    pub(super) name: (&'static str, &'static str),
    pub(super) user_name: &'static str,
    title: &'static str,
    what: [&'static str; 2],
}

/// The first two approvers.
pub(super) const APPROVERS: [Staff; 2] = [
    Staff {
        name: ("Zoé", "Marchand"),
        user_name: "zoe.marchand@vendor.example",
        title: "Customer Success Director",
        what: [
            "Customer Success Director, one of the two approvers.",
            "Directrice du succès client, l’une des deux approbateurs.",
        ],
    },
    Staff {
        name: ("Max", "Lindqvist"),
        user_name: "max.lindqvist@vendor.example",
        title: "Customer Success Director",
        what: [
            "Customer Success Director, the other approver.",
            "Directeur du succès client, l’autre approbateur.",
        ],
    },
];
/// Who supports customers.
pub(super) const SUPPORTER: Staff = Staff {
    name: ("Sam", "Okafor"),
    user_name: "sam.okafor@vendor.example",
    title: "Support Engineer",
    what: ["Support Engineer.", "Ingénieur support."],
};

/// What they are and where they work, beside what bootstrap made of the approvers.
pub(super) const FUNCTIONS: [(&str, &[&str]); 3] = [
    (APPROVERS[0].user_name, &["team:customer_success"]),
    (APPROVERS[1].user_name, &["team:customer_success", "function:csm"]),
    (SUPPORTER.user_name, &["team:support", "function:support"]),
];

/// A partner's employee, who has no provider: invited by mail, with a password.
pub(super) const INVITED: Staff = Staff {
    name: ("Ada", "Kovač"),
    user_name: "ada.kovac@partner.example",
    title: "Consultant",
    what: ["", ""],
};

/// The number of the customer's administrator; works where English is read.
const ADMINISTRATOR: usize = 28;
/// The number of an ordinary user who reads French.
const ORDINARY: usize = 27;

/// The customer's administrator.
pub(super) fn administrator() -> Person {
    Person::new(ADMINISTRATOR)
}

/// Whom the customer's provider knows, in a company of so many.
pub(super) fn customers(people: usize) -> Vec<Guest> {
    let of = |person: &Person, [en, fr]: [&str; 2]| Guest {
        subject: object_id("user", person.index),
        name: person.name(),
        what: [format!("{}. {en}", person.title), fr.to_owned()],
        needs_code: false,
    };
    let mut guests = vec![
        of(
            &administrator(),
            [
                "Administers the users of Acme Corporation.",
                "Administre les utilisateurs d’Acme Corporation.",
            ],
        ),
        of(
            &Person::new(ORDINARY),
            [
                "An ordinary user; her record says that she reads French.",
                "Simple utilisatrice\u{a0}; son profil indique qu’elle lit le français.",
            ],
        ),
    ];
    guests.extend(last_of(LEFT, people).map(|person| {
        of(
            &person,
            [
                "Has just left the company: deactivated, so not let in.",
                "Vient de quitter l’entreprise\u{a0}: compte désactivé, donc refusé.",
            ],
        )
    }));
    guests.push(Guest {
        subject: object_id("stranger", 0),
        name: "Noah Unknown".to_owned(),
        what: [
            "Works at Acme too, but was never provisioned, so is not let in.".to_owned(),
            "Travaille aussi chez Acme, mais n’a jamais été provisionné, donc refusé.".to_owned(),
        ],
        needs_code: false,
    });
    guests
}

impl Staff {
    /// First name and last name.
    pub(super) fn full_name(&self) -> String {
        format!("{} {}", self.name.0, self.name.1)
    }

    /// What their provider calls them.
    pub(super) fn subject(&self) -> String {
        object_id(self.user_name, 0)
    }

    /// As the operator's provider knows them.
    pub(super) fn guest(&self) -> Guest {
        let what = self.what.map(str::to_owned);
        Guest { subject: self.subject(), name: self.full_name(), what, needs_code: true }
    }

    /// The body by which they are provisioned.
    pub(super) fn body(&self) -> Value {
        json!({
            "schemas": [CORE],
            "externalId": self.subject(),
            "userName": self.user_name,
            "active": true,
            "displayName": self.full_name(),
            "name": { "givenName": self.name.0, "familyName": self.name.1 },
            "title": self.title,
            "preferredLanguage": "en",
            "emails": [{ "primary": true, "type": "work", "value": self.user_name }],
        })
    }
}
