//! What somebody may see: the [`Scope`] that `store` reads within, made by the same rules that decide
//! changes. To see something is an action of its own, in `schemas/policy.cedarschema`.

use crate::domain::actor::{Actor, SignedIn};
use crate::domain::ids::AccountId;
use crate::domain::persons::support::Functions;
use crate::domain::rights::Held;
use crate::policy::questions::{Answer, Asked};
use crate::policy::rules::Rules;
use crate::policy::{Asker, Denial, Facts, Letting, Reach, Scope, Signing, reach_for, refusal};

/// What the actor may see by being who they are.
pub fn scope(actor: &Actor) -> Scope {
    match actor {
        Actor::ScimClient(client) => Scope::Connection(client.account, client.connection),
        Actor::User(signed_in) => Scope::Own(signed_in.account, signed_in.user),
        Actor::Platform | Actor::System => Scope::Operation,
    }
}

/// What an actor may see of how an account's people sign in.
///
/// # Errors
/// The rule that refuses.
pub fn sign_in_scope(actor: &Actor, account: AccountId, held: &Held) -> Result<Scope, Denial> {
    let asker = Asker { reach: Reach::Foreign, held: held.clone(), is_recipient: false };
    see(actor, ("readSignIn", account), asker, false)?;
    Ok(match actor {
        Actor::Platform => Scope::Operation,
        Actor::User(_) | Actor::ScimClient(_) | Actor::System => Scope::SignIn(account),
    })
}

/// What somebody signed in may see of the operator's staff and their second factors.
///
/// # Errors
/// The rule that refuses.
pub fn staff_scope(signed_in: &SignedIn, held: &Held, is_fresh: bool) -> Result<Scope, Denial> {
    let asker = Asker { reach: Reach::Foreign, held: held.clone(), is_recipient: false };
    let actor = Actor::User(*signed_in);
    see(&actor, ("readStaff", signed_in.account), asker, is_fresh)?;
    Ok(Scope::Staff(signed_in.account))
}

/// Whether somebody signed in gets there once they have shown their second factor: for a link to it.
pub fn may_see_staff(signed_in: &SignedIn, held: &Held) -> bool {
    staff_scope(signed_in, held, true).is_ok()
}

/// What an actor may see of an account's rights and people.
///
/// # Errors
/// The rule that refuses.
pub fn account_scope(
    actor: &Actor,
    account: AccountId,
    (reach, held): (Reach, &Held),
) -> Result<Scope, Denial> {
    let asker = Asker { reach, held: held.clone(), is_recipient: false };
    see(actor, ("readAccount", account), asker, false)?;
    Ok(Scope::Account(account))
}

/// Whether somebody signed in may learn that there is such an account: who is in it or in its parent, and
/// the operator's staff, who are told whom to ask (S8). To all others it is one that never was.
pub fn may_name_account(signed_in: &SignedIn, reach: Reach) -> bool {
    match reach {
        Reach::Own | Reach::Parent => true,
        Reach::Foreign => signed_in.is_staff,
    }
}

/// What an actor may see of an account that its users see: its recipients, workspaces, properties (S15).
///
/// # Errors
/// The rule that refuses.
pub fn member_scope(actor: &Actor, account: AccountId, asker: &Asker) -> Result<Scope, Denial> {
    see(actor, ("readMembers", account), asker.clone(), false)?;
    Ok(Scope::Account(account))
}

/// What an actor may see of what is on record of an account (W7): whoever administers its users does, and in
/// the account itself also whoever holds the right to read activities and no more.
///
/// # Errors
/// The rule that refuses.
pub fn record_scope(
    actor: &Actor,
    account: AccountId,
    (reach, held): (Reach, &Held),
) -> Result<Scope, Denial> {
    let asker = Asker { reach, held: held.clone(), is_recipient: false };
    see(actor, ("readRecord", account), asker, false)?;
    Ok(Scope::Record(account))
}

/// What one of the operator's staff sees of an account's requests by being able to sign there: all of them.
/// Who could not, sees what administering the account lets them see.
pub fn approval_scope(who: &SignedIn, account: AccountId, is_approver: bool) -> Option<Scope> {
    let signing = Signing { is_approver, ..Signing::default() };
    let facts = Facts { signing, ..Facts::default() };
    let seen = see_by(&Actor::User(*who), ("readApprovals", account), &facts, false);
    seen.is_ok().then_some(Scope::Account(account))
}

/// What somebody may see of the directory of support users (W4): an account's administrators and those of
/// its parent, and staff.
///
/// # Errors
/// The rule that refuses.
pub fn directory_scope(
    actor: &Actor,
    (account, operator): (AccountId, AccountId),
    asker: &Asker,
) -> Result<Scope, Denial> {
    see(actor, ("readSupportUsers", account), asker.clone(), false)?;
    Ok(Scope::Staff(operator))
}

/// What somebody may see of how functions are given, and who stands in for whom: staff do.
///
/// # Errors
/// The rule that refuses.
pub fn functions_scope(actor: &Actor) -> Result<Scope, Denial> {
    let operator = match actor {
        Actor::User(signed_in) => signed_in.account,
        Actor::ScimClient(_) | Actor::Platform | Actor::System => AccountId::CATALOGUE,
    };
    see_by(actor, ("readFunctions", operator), &Facts::default(), false)?;
    Ok(Scope::Staff(operator))
}

/// What staff may see of an account, none of it a person's: whom it lets in, who looks after it. None if
/// it is not one of the staff who asks.
pub fn staff_sight(actor: &Actor, account: AccountId) -> Option<Scope> {
    let seen = see_by(actor, ("readSupportAccess", account), &Facts::default(), false);
    seen.is_ok().then_some(Scope::Account(account))
}

/// S6: who changes account permissions sees them.
pub fn permissions_sight(
    actor: &Actor,
    account: AccountId,
    functions: &Functions,
) -> Option<Scope> {
    let facts = Facts { functions: functions.clone(), ..Facts::default() };
    let seen = see_by(actor, ("readPermissions", account), &facts, false);
    seen.is_ok().then_some(Scope::Account(account))
}

/// What one of staff may see of who is let into an account, or the rule that refuses; none if it is not one
/// of them who asks.
pub fn grants_scope(
    actor: &Actor,
    account: AccountId,
    functions: &Functions,
) -> Option<Result<Scope, Denial>> {
    match actor {
        Actor::User(signed_in) if signed_in.is_staff => {
            let facts = Facts { functions: functions.clone(), ..Facts::default() };
            let seen = see_by(actor, ("readSupportGrants", account), &facts, false);
            Some(seen.map(|()| Scope::Account(account)))
        }
        Actor::User(_) | Actor::Platform | Actor::ScimClient(_) | Actor::System => None,
    }
}

/// Whether one of staff asks or signs for support users, and so sees what is asked of an account.
pub fn sees_requests(
    who: &SignedIn,
    account: AccountId,
    (functions, is_own_csm): (&Functions, bool),
) -> bool {
    let letting = Some(Letting { is_own_csm, ..Letting::default() });
    let facts = Facts { functions: functions.clone(), letting, ..Facts::default() };
    see_by(&Actor::User(*who), ("readSupportRequests", account), &facts, false).is_ok()
}

fn see(actor: &Actor, what: (&str, AccountId), asker: Asker, is_fresh: bool) -> Result<(), Denial> {
    let Asker { reach, held, is_recipient } = asker;
    let facts = Facts { held, is_fresh, reach, ..Facts::default() };
    see_by(actor, what, &facts, is_recipient)
}

fn see_by(
    actor: &Actor,
    (action, account): (&str, AccountId),
    facts: &Facts,
    asker_is_recipient: bool,
) -> Result<(), Denial> {
    let reach = match actor {
        Actor::User(signed_in) => reach_for(action, (signed_in, account), facts.reach),
        Actor::ScimClient(_) | Actor::Platform | Actor::System => facts.reach,
    };
    let asked = Asked { actor, command: None, facts, reach, asker_is_recipient };
    let answer = match Rules::core() {
        Ok(rules) => asked.answered_by(rules, action, ("Account", &account.uuid().to_string())),
        Err(fault) => Answer::Failed(fault.to_string()),
    };
    refusal(answer).map_or(Ok(()), Err)
}
