//! `/accounts`: those that a person reaches (S1), what is switched on for one (S6), and which rights it
//! keeps apart.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::Outcome;
use crate::app::rights::administrators::Administered;
use crate::domain::account::{self, Account, Profile, Slug};
use crate::domain::actor::Actor;
use crate::domain::command::accounts::{AccountChange, AccountEdit};
use crate::domain::command::people::PersonSpec;
use crate::domain::command::{Command, CreateAccount};
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::persons::support::NewTeam;
use crate::domain::persons::support::faults::SupportWrong;
use crate::domain::records::pages::Place;
use crate::domain::rights::RightKey;
use crate::domain::rights::faults::{Fault, Wrong, check_text};
use crate::domain::users::contact;
use crate::http::api::answer;
use crate::http::api::call::Call;
use crate::http::api::call::once::{Keeps, Wish};
use crate::http::api::problem::{Kind, Problem};
use crate::http::api::query::{List, Sort};
use crate::http::login::language::Language;

const LIST: List = List { filters: &[], sorts: &[Sort::text("slug")] };

const NEW: &str = "`slug`, `name`, `kind`, `parent`, `csm`, `onboarding_pm`, `first_administrator`";

/// Whether something is to be on.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Switch {
    on: Option<bool>,
}

/// An account to be made.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct New {
    slug: String,
    name: String,
    kind: Option<String>,
    parent: Option<String>,
    csm: String,
    onboarding_pm: Option<String>,
    first_administrator: Option<First>,
}

/// Who is to administer it first.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct First {
    user_name: String,
    given_name: String,
    family_name: String,
    language: String,
    email: String,
}

/// The caller's own, and its children for whoever administers it.
pub(super) async fn list(call: Call) -> Result<Response, Problem> {
    let actor = Actor::User(call.session()?.signed_in());
    let query = call.list_query(&LIST)?;
    let all = call.app.reachable(&actor).await.map_err(|error| call.fail(&error))?;
    let part =
        query.wanted.pick(all, |it| Place::text(it.account.slug.as_str(), it.account.id.uuid()));
    Ok(call.page(&query, &part, body))
}

/// One of them.
pub(super) async fn show(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let found = call.app.profile(&actor, account.id).await;
    let profile = found.map_err(|error| call.fail(&error))?;
    let administered = call.app.administered(account.id).await;
    let administered = administered.map_err(|error| call.fail(&error))?;
    let mut shown = body(&profile);
    if let Some(shown) = shown.as_object_mut() {
        shown.insert("administrators".to_owned(), administered.as_str().into());
    }
    let tag = format!("{}.{}", profile.version, administered.as_str());
    Ok(call.tagged(tag, &shown))
}

/// Makes one for a customer, and names who looks after it (W1, W2): a director does, of the operator's
/// staff.
pub(super) async fn add(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.home().await?;
    let new: New = call.json(NEW)?;
    let create = read_new(&call, new).await?;
    let command = Command::CreateAccount(create);
    call.once(Keeps::Answer, Wish { actor, account, command }, added).await
}

async fn added(call: Call, wish: Wish) -> Result<Response, Problem> {
    let made = call.app.change(&wish.actor, wish.command).await;
    let Outcome::Account(made) = made.map_err(|error| call.fail(&error))? else {
        return Err(call.problem(Kind::Internal));
    };
    Ok(call.created(made.slug.as_str(), "1", &new_body(&made)))
}

async fn read_new(call: &Call, new: New) -> Result<CreateAccount, Problem> {
    let mut faults = vec![];
    let slug = Slug::parse(&new.slug);
    if slug.is_err() {
        let wrong =
            if new.slug.is_empty() { Wrong::Missing } else { Wrong::Support(SupportWrong::Slug) };
        faults.push(wrong.of("slug", &new.slug));
    }
    check_text("name", &new.name, &mut faults);
    let kind = match (new.kind.as_deref(), &new.parent) {
        (None, None) => Some(account::Kind::Standard),
        (None, Some(_)) => Some(account::Kind::Child),
        (Some(word), _) => account::Kind::parse(word).filter(|it| *it != account::Kind::Operator),
    };
    if kind.is_none() {
        faults.push(SupportWrong::Kind.of("kind", new.kind.as_deref().unwrap_or_default()));
    }
    let csm = read_user("csm", &new.csm, &mut faults);
    let pm = new.onboarding_pm.map(|text| read_user("onboarding_pm", &text, &mut faults));
    let first_administrator = new.first_administrator.map(|it| Box::new(it.read()));
    if let Some(spec) = &first_administrator {
        faults.extend(spec.faults());
    }
    let parent = read_parent(call, new.parent.as_deref(), &mut faults).await?;
    let (Ok(slug), Some(kind), Some(csm), true) = (slug, kind, csm, faults.is_empty()) else {
        return Err(call.fail(&crate::app::Error::Fields(faults)));
    };
    let team = Some(NewTeam { csm, onboarding_pm: pm.flatten() });
    let name = new.name.trim().to_owned();
    Ok(CreateAccount { slug, name, kind, parent, team, first_administrator })
}

impl First {
    fn read(self) -> PersonSpec {
        let text = |text: String| text.trim().to_owned();
        PersonSpec {
            user_name: text(self.user_name),
            given_name: text(self.given_name),
            family_name: text(self.family_name),
            language: text(self.language),
            email: text(self.email),
            ..PersonSpec::default()
        }
    }
}

/// The parent that is named, where the caller may know of it.
async fn read_parent(
    call: &Call,
    parent: Option<&str>,
    faults: &mut Vec<Fault>,
) -> Result<Option<AccountId>, Problem> {
    let Some(parent) = parent else { return Ok(None) };
    let signed_in = call.session()?.signed_in();
    if let Ok(slug) = Slug::parse(parent) {
        match call.app.account_reached(&signed_in, &slug).await {
            Ok(found) => return Ok(Some(found.id)),
            Err(crate::app::Error::NotFound(_)) => {}
            Err(error) => return Err(call.fail(&error)),
        }
    }
    faults.push(Wrong::UnknownParent.of("parent", parent));
    Ok(None)
}

fn read_user(field: &'static str, text: &str, faults: &mut Vec<Fault>) -> Option<ResourceId> {
    let id = text.parse().ok();
    if id.is_none() {
        let wrong = if text.is_empty() {
            Wrong::Missing
        } else {
            Wrong::Support(SupportWrong::NotOfThatFunction)
        };
        faults.push(wrong.of(field, text));
    }
    id
}

/// The catalogue's account permissions, and which of them are on.
pub(super) async fn permissions(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let on = call.app.permissions(&actor, account.id).await;
    let on = on.map_err(|error| call.fail(&error))?;
    let release = call.app.catalogue().await.map_err(|error| call.fail(&error))?;
    let language = match call.language() {
        Language::En => contact::Language::En,
        Language::Fr => contact::Language::Fr,
    };
    let known = release.catalogue.permissions.iter().map(|(key, texts)| {
        let since = on.iter().find(|it| it.key == *key).map(|it| it.since.rfc3339());
        json!({
            "key": key,
            "label": texts.label.text(language),
            "description": texts.description.text(language),
            "on": since.is_some(),
            "since": since,
        })
    });
    Ok(answer(&json!({ "items": known.collect::<Vec<Value>>() })))
}

/// Switches one on or off, which staff of two teams do (S6, M53): whoever else calls is told whom to ask.
pub(super) async fn set_permission(call: Call) -> Result<Response, Problem> {
    let switch: Switch = call.json("`on`")?;
    let is_on = switch.on.ok_or_else(|| call.problem(Kind::WrongJson("`on`")))?;
    let permission: String = call.id()?;
    change(&call, AccountEdit::SetPermission { permission, is_on }).await
}

/// The pairs of rights that the catalogue lets accounts keep apart, and which this one does.
pub(super) async fn conflicts(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let on = call.app.kept_apart(&actor, account.id).await;
    let on = on.map_err(|error| call.fail(&error))?;
    let release = call.app.catalogue().await.map_err(|error| call.fail(&error))?;
    let known: BTreeSet<(&RightKey, &RightKey)> =
        release.catalogue.conflicts.iter().map(|pair| (&pair.held, &pair.lost)).collect();
    // What a later release no longer names stays on until it is turned off.
    let kept = on.iter().map(|it| (&it.held, &it.lost)).filter(|pair| !known.contains(pair));
    let items = known.iter().copied().chain(kept).map(|(held, lost)| {
        let since = on.iter().find(|it| (&it.held, &it.lost) == (held, lost));
        json!({
            "id": format!("{held}~{lost}"),
            "held": held.as_str(),
            "lost": lost.as_str(),
            "on": since.is_some(),
            "since": since.map(|it| it.since.rfc3339()),
        })
    });
    Ok(answer(&json!({ "items": items.collect::<Vec<Value>>() })))
}

/// Keeps two rights apart, or no longer.
pub(super) async fn set_conflict(call: Call) -> Result<Response, Problem> {
    let switch: Switch = call.json("`on`")?;
    let is_on = switch.on.ok_or_else(|| call.problem(Kind::WrongJson("`on`")))?;
    let id: String = call.id()?;
    let pair = id
        .split_once('~')
        .and_then(|(held, lost)| Some((RightKey::parse(held)?, RightKey::parse(lost)?)));
    let (held, lost) = pair.ok_or_else(|| call.problem(Kind::NotFound))?;
    change(&call, AccountEdit::SetConflict { held, lost, is_on }).await
}

async fn change(call: &Call, what: AccountEdit) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let (account, if_match) = (account.id, if_match(call));
    let change = AccountChange { account, what, if_match };
    let done = call.app.change(&actor, Command::ChangeAccount(Box::new(change))).await;
    done.map_err(|error| call.fail(&error))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What a change of an account must still find: the tag without the word on its administrators, which come
/// and go by themselves.
pub(super) fn if_match(call: &Call) -> Option<String> {
    let words = Administered::ALL.map(|it| format!(".{}\"", it.as_str()));
    let bare = |tag: &String| words.iter().fold(tag.clone(), |tag, word| tag.replace(word, "\""));
    call.if_match.as_ref().map(bare)
}

fn new_body(it: &Account) -> Value {
    json!({
        "id": it.id.to_string(),
        "slug": it.slug.as_str(),
        "name": it.name,
        "kind": it.kind.as_str(),
        "created_at": it.created_at.rfc3339(),
    })
}

fn body(it: &Profile) -> Value {
    json!({
        "id": it.account.id.to_string(),
        "slug": it.account.slug.as_str(),
        "name": it.account.name,
        "kind": it.account.kind.as_str(),
        "state": it.state.as_str(),
        "parent": it.parent.as_ref().map(|parent| parent.slug.as_str()),
        "created_at": it.account.created_at.rfc3339(),
    })
}
