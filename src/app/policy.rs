//! The rules as edges show them: their texts, their sentences, their version, and what they would say to
//! somebody. They decide in `policy`.

pub(in crate::app) mod denials;

use crate::app::App;
use crate::app::error::Error;
use crate::domain::account::Slug;
use crate::domain::actor::Actor;
use crate::domain::factors::FRESH;
use crate::domain::sessions::Session;
use crate::policy::{self, Answer, Fact, POLICY_ERROR};

pub use crate::policy::{ALLOWED, Case, Effect, Fault, Given, Rule, Rules, Supposed, cases};

/// What the rules read of whoever asks; nobody supposes these of themselves.
const OWN: [Fact; 7] = [
    Fact::AskerIsRecipient,
    Fact::Functions,
    Fact::Held,
    Fact::IsFresh,
    Fact::IsStaff,
    Fact::Reach,
    Fact::Teams,
];

/// What would happen.
#[derive(Debug)]
pub struct Simulated {
    /// The rule that would refuse; none if it would be done.
    pub refusal: Option<&'static Rule>,
    /// What that rests on: what was read of whoever asks, and what they supposed.
    pub facts: Supposed,
}

/// Why a rule refuses, in French; none if it is no rule of the policy.
pub fn french(rule: &str) -> Option<&'static str> {
    if rule == POLICY_ERROR.rule {
        return Some(
            "cela n’a pas pu être décidé, c’est donc refusé\u{a0}; l’exploitant du serveur en trouve la \
             cause dans son journal",
        );
    }
    Rules::core().ok()?.find(rule).map(|rule| rule.fr.as_str())
}

impl App {
    /// What the rules would say if whoever asks wanted to do something in an account that they reach. Nothing
    /// is done. None if there is no such action, or the facts are not facts that it rests on.
    ///
    /// # Errors
    /// [`Error::NotFound`] if they may not know of such an account; [`Error::Internal`] if the database fails.
    pub async fn simulate(
        &self,
        session: &Session,
        (account, action): (&Slug, &str),
        mut facts: Supposed,
    ) -> Result<Option<Simulated>, Error> {
        let signed_in = session.signed_in();
        let account = self.account_reached(&signed_in, account).await?;
        let Some((rules, known)) = rests_on(action) else { return Ok(None) };
        let is_supposed = |name: &String| {
            Fact::parse(name).is_some_and(|fact| known.contains(&fact) && !OWN.contains(&fact))
        };
        if !facts.0.keys().all(is_supposed) {
            return Ok(None);
        }
        let mut asker = self.asker(&Actor::User(signed_in), account.id).await?;
        asker.reach = policy::reach_for(action, (&signed_in, account.id), asker.reach);
        let functions = self.functions(&signed_in).await?;
        let held = asker.held.keys().map(str::to_owned).collect();
        for (fact, given) in [
            (Fact::AskerIsRecipient, Given::Truth(asker.is_recipient)),
            (Fact::Functions, words(functions.held.iter().map(|it| it.as_str()))),
            (Fact::Held, Given::Words(held)),
            (Fact::IsFresh, Given::Truth(self.is_fresh(session, FRESH))),
            (Fact::IsStaff, Given::Truth(signed_in.is_staff)),
            (Fact::Reach, Given::Word(asker.reach.word().to_owned())),
            (Fact::Teams, words(functions.teams.iter().map(|it| it.as_str()))),
        ] {
            if known.contains(&fact) {
                facts.0.insert(fact.name().to_owned(), given);
            }
        }
        let refusal = match facts.answer(rules, ("User", action)) {
            Answer::Allowed => None,
            Answer::Refused(rule) => Some(rule),
            // A word that is none, or of the wrong kind.
            Answer::Failed(_) => return Ok(None),
        };
        Ok(Some(Simulated { refusal, facts }))
    }
}

fn words(words: impl Iterator<Item = &'static str>) -> Given {
    Given::Words(words.map(str::to_owned).collect())
}

/// The facts that an action rests on.
fn rests_on(action: &str) -> Option<(&'static Rules, Vec<Fact>)> {
    let rules = Rules::core().ok()?;
    Some((rules, rules.facts(action)?))
}
