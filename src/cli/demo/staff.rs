//! The operator's staff, set up as an operator sets up theirs: provisioned over SCIM, signed in by their
//! provider, an authenticator app each, and the first two approvers confirmed by each other.
//!
//! It goes through the use cases of the real thing, played a month ago. The exceptions are the
//! supporter's link, which an approver would give them, and their functions, which groups would.

use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretString};

use crate::app::bootstrap::demo::DemoSeed;
use crate::app::factors::enrolment::Enrolled;
use crate::app::sso::{Arrival, LoginStart, Started};
use crate::cli::demo::cast::{self, Staff};
use crate::cli::demo::stage::{Opened, Stage};
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::command::support::{SupportChange, SupportEdit};
use crate::domain::ids::{ResourceId, SsoId};
use crate::domain::opaque;
use crate::domain::persons::support::{Check, Day, NewTeam};
use crate::domain::sessions::{Session, Visitor};
use crate::domain::time::Clock as _;
use crate::http::demo::phones::Phone;

/// For how many days a background check counts.
const CHECKED: u32 = 730;
/// What sessions of the set-up are listed under.
const AGENT: &str = "countersign demo";

/// Sets them up, and has one of them make the customer's account; the supporter's `otpauth` URL, and the
/// account.
///
/// # Errors
/// At the first step that does not go as it should.
pub(super) async fn set_up(stage: &Stage) -> anyhow::Result<(SecretString, Opened)> {
    let opened = stage.open(cast::OPERATOR, (&Actor::Platform, None)).await?;
    let client = stage.client(cast::OPERATOR.slug, &opened.token)?;
    let [first, second] = cast::APPROVERS;
    for staff in [first, second, cast::SUPPORTER] {
        client.post("/Users", &staff.body()).await?;
        stage.provider.welcome(cast::OPERATOR.slug, staff.guest());
    }
    let named = stage.app.bootstrap([first.user_name, second.user_name]).await?;
    let mut sessions = Vec::new();
    for (staff, named) in cast::APPROVERS.iter().zip(named) {
        let link = named.link.context("an approver has no link")?;
        sessions.push(enrol(stage, &opened, staff, &link).await?.0);
    }
    for session in &sessions {
        let two = stage.app.bootstrap_of(session).await?.context("no approver")?;
        stage.app.confirm_bootstrap(session, &two.other.user.to_string()).await?;
    }
    let given = (opened.account, cast::SUPPORTER.user_name);
    let link = stage.app.seed_for_demo(given.0, given.1, DemoSeed::Link).await?;
    let link = link.context("the supporter has no link")?;
    let (session, otpauth) = enrol(stage, &opened, &cast::SUPPORTER, &link).await?;
    let supporter = session.user;
    sessions.push(session);
    for (user_name, functions) in cast::FUNCTIONS {
        let seed = DemoSeed::Rights(functions);
        stage.app.seed_for_demo(opened.account, user_name, seed).await?;
    }
    let [director, manager, ..] = sessions.as_slice() else { anyhow::bail!("no two approvers") };
    for user in [manager.user, supporter] {
        note_check(stage, director, user).await?;
    }
    let team = NewTeam { csm: manager.user, onboarding_pm: None };
    let customer = stage.open_customer(director, team).await?;
    for session in &sessions {
        stage.app.sign_out(session).await?;
    }
    Ok((otpauth, customer))
}

/// Has a director note that somebody's background was checked.
async fn note_check(stage: &Stage, director: &Session, user: ResourceId) -> anyhow::Result<()> {
    let now = stage.clock.now();
    let check = Check { checked_on: Day::of(now), valid_until: Day::of(now.plus_days(CHECKED)) };
    let what = SupportEdit::NoteCheck(user, check);
    let change = SupportChange { account: director.account, what };
    let actor = Actor::User(director.signed_in());
    stage.app.change(&actor, Command::ChangeSupport(Box::new(change))).await?;
    Ok(())
}

/// Signs somebody in for the first time, and enrols their app by a link.
async fn enrol(
    stage: &Stage,
    opened: &Opened,
    staff: &Staff,
    link: &SecretString,
) -> anyhow::Result<(Session, SecretString)> {
    let place = (cast::OPERATOR.slug, opened.sso);
    let session = sign_in_as(stage, place, &staff.subject()).await?;
    let by = stage.app.enrol_by_link(&session, opaque::reveal(link)).await?;
    let seed = stage.app.begin_totp(&by).await?;
    let phone = Phone::scan(staff.full_name(), staff.user_name.to_owned(), &seed.secret)?;
    let code = phone.code(stage.clock.now());
    let enrolled = stage.app.finish_totp(&by, &code, "Demo authenticator", visitor()).await?;
    let Enrolled::Done { now, .. } = enrolled else { anyhow::bail!("an app was not enrolled") };
    let otpauth = phone.url()?;
    stage.provider.carry(phone);
    Ok((now.session, otpauth))
}

/// Signs somebody in by their account's provider.
///
/// # Errors
/// If the provider does not know them, or they are not let in.
pub(super) async fn sign_in_as(
    stage: &Stage,
    (account, sso): (&str, SsoId),
    subject: &str,
) -> anyhow::Result<Session> {
    let sso = sso.to_string();
    let visitor = visitor();
    let start = LoginStart {
        account,
        sso: &sso,
        return_to: "/",
        login_hint: None,
        issuer: None,
        is_fresh: false,
        browser: None,
        replaces: None,
        visitor: &visitor,
    };
    let Started::Sent(sent) = stage.app.start_login(start).await? else {
        anyhow::bail!("too many sign-ins were begun");
    };
    let back = stage.provider.choose(&sent.url, subject);
    let back = back.context("the demo's provider does not know its own people")?;
    let arrival = Arrival {
        sso: &sso,
        pairs: back.query_pairs().into_owned().collect(),
        browser: Some(sent.browser.expose_secret()),
        session: None,
        visitor: visitor.clone(),
    };
    let done = stage.app.finish_sso(arrival).await?;
    Ok(done.signed_in.session)
}

fn visitor() -> Visitor {
    Visitor { ip: None, agent: AGENT.to_owned() }
}
