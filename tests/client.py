"""Generate a client from the description of a demo's REST API, and do an administrator's work with it alone.

Usage: client.py <countersign binary> <file for the server's log>

`openapi-python-client` makes the client of /api/v1/openapi.json as the demo serves it. Whatever it warns of,
an operation above all that it left out, fails this: then the description is to be mended. The administrator
gets an access token by the generated client and then, with that token: pages through the users, is told what
is wrong with a bundle, makes one, sees what mapping a group would do, maps it, reads why a user has the right
that comes of it, has the product ask the same, and takes all of it away again.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from uuid import UUID

from demo import ACCOUNT, Browser, Demo, running

NAME = "countersign_client"
METHODS = ("get", "put", "post", "patch", "delete")
# What the administrator holds, and so may put in a bundle; and what the catalogue's bundle gives.
OWN_RIGHT = "users.administer"
BUNDLE, RIGHT = "analyst", "dashboards.edit"


def main() -> int:
    """Start a demo, generate the client, work with it; answer with the exit status."""
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    with running(sys.argv[1], sys.argv[2]) as demo, tempfile.TemporaryDirectory() as folder:
        browser, me = demo.administrator()
        operations = generate(browser, Path(folder))
        sys.path.insert(0, folder)
        work(demo, browser, UUID(me["user"]["id"]))
        print(f"{operations} operations generated without a warning; all as expected")
    return 0


def generate(browser: Browser, folder: Path) -> int:
    """Make the client; how many operations it has."""
    description = browser.description()
    answer = browser.get("/api/v1/openapi.json")
    (folder / "openapi.json").write_bytes(answer.content)
    # What it would run afterwards makes the code pretty, and nobody reads it. It does not know that JSON Lines
    # are text.
    config = "post_hooks: []\ncontent_type_overrides:\n  application/jsonl: text/plain\n"
    (folder / "config.yml").write_text(config)
    command = [Path(sys.executable).parent / "openapi-python-client", "generate", "--fail-on-warning"]
    command += ["--meta=none", f"--path={folder / 'openapi.json'}", f"--config={folder / 'config.yml'}"]
    command += [f"--output-path={folder / NAME}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=120)
    described = sum(method in METHODS for path in description["paths"].values() for method in path)
    made = sum(file.stem != "__init__" for file in (folder / NAME / "api").glob("*/*.py"))
    expect(made == described, f"{described} operations described, {made} generated")
    return made


def work(demo: Demo, browser: Browser, me: UUID) -> None:
    """Do all that the head of this file says."""
    # Only now is there anything to import.
    from countersign_client import AuthenticatedClient, Client, models
    from countersign_client.api.tokens import issue_token

    base = {"base_url": f"{demo.server}/api/v1", "raise_on_unexpected_status": True}
    with Client(headers=browser.headers(demo.server), **base) as client:
        token = issue_token.sync(client=client, body=models.TokenWish())
        expect(isinstance(token, models.Token), token)
    with AuthenticatedClient(token=token.access_token, headers={"Accept-Language": "fr"}, **base) as client:
        users = page_through(client)
        expect(me in users, f"no {me} among {users}")
        see_problems(client, models)
        with_bundle(client, models)
        with_mapping(demo, client, models, me)


def page_through(client: object) -> set[UUID]:
    """Read all users, a few at a time."""
    from countersign_client.api.users import list_users

    page = list_users.sync(ACCOUNT, client=client, limit=20)
    users, pages = {user.id for user in page.items}, 1
    while page.next_:
        page = list_users.sync(ACCOUNT, client=client, limit=20, cursor=page.next_)
        users |= {user.id for user in page.items}
        pages += 1
    expect(pages > 2 and len(users) > 20 * (pages - 1), f"{len(users)} users on {pages} pages")
    return users


def see_problems(client: object, models: object) -> None:
    """Be refused, in words and in types."""
    from countersign_client.api.bundles import get_bundle, make_bundle

    types = models.ProblemType
    wrong = models.NewBundle(name="", rights=[OWN_RIGHT])
    problem = make_bundle.sync(ACCOUNT, client=client, body=wrong)
    expect(problem.type_ is types.URNCOUNTERSIGNPROBLEMINVALID_FIELDS and problem.status == 400, problem)
    expect([error.field for error in problem.errors] == ["name"], problem)
    beyond = models.NewBundle(name="Generated", rights=[RIGHT])
    problem = make_bundle.sync(ACCOUNT, client=client, body=beyond)
    expect(problem.type_ is types.URNCOUNTERSIGNPROBLEMDENIED, problem)
    expect(problem.rule == "no-right-beyond-author" and problem.title == "Refusé", problem)
    missing = get_bundle.sync_detailed(ACCOUNT, UUID(int=0), client=client)
    expect(missing.status_code == 404 and missing.parsed.status == 404, missing)


def with_bundle(client: object, models: object) -> None:
    """Make a bundle, twice by the same key; read it, twice by its version; take it away."""
    from countersign_client.api.bundles import delete_bundle, get_bundle, make_bundle

    new = models.NewBundle(name="Generated", rights=[OWN_RIGHT])
    bundle = make_bundle.sync(ACCOUNT, client=client, body=new, idempotency_key="generated-client-1")
    expect(isinstance(bundle, models.Bundle) and bundle.rights == [OWN_RIGHT], bundle)
    same = make_bundle.sync(ACCOUNT, client=client, body=new, idempotency_key="generated-client-1")
    expect(same.id == bundle.id, same)
    known = get_bundle.sync_detailed(ACCOUNT, bundle.id, client=client)
    expect(known.parsed == bundle, known)
    etag = known.headers["etag"]
    again = get_bundle.sync_detailed(ACCOUNT, bundle.id, client=client, if_none_match=etag)
    expect(again.status_code == 304, again)
    gone = delete_bundle.sync_detailed(ACCOUNT, bundle.id, client=client, if_match=etag)
    expect(gone.status_code == 204, gone)


def with_mapping(demo: Demo, client: object, models: object, me: UUID) -> None:
    """See what a mapping would do, map a group, look at what comes of it, and take it away."""
    from countersign_client.api.bundles import list_bundles
    from countersign_client.api.group_mappings import delete_group_mapping, list_group_mappings, make_group_mapping

    bundles = list_bundles.sync(ACCOUNT, client=client, sort=models.ListBundlesSort.NAME)
    bundle = next(bundle.id for bundle in bundles.items if bundle.key == BUNDLE)
    # The demo itself maps the first groups, and what a group gives already is not given twice.
    mapped = {mapping.group for mapping in list_group_mappings.sync(ACCOUNT, client=client).items}
    group = next(id for id in map(UUID, demo.provisioned("Groups", 5)) if id not in mapped)
    new = models.NewGroupMapping(group=group, bundle=bundle, reason="A generated client's")
    preview = make_group_mapping.sync(ACCOUNT, client=client, body=new, dry_run=True)
    expect(isinstance(preview, models.Preview) and preview.users_gaining > 0, preview)
    mapping = make_group_mapping.sync(ACCOUNT, client=client, body=new)
    expect(isinstance(mapping, models.GroupMapping) and mapping.bundle == bundle, mapping)
    gaining = next(it.user for it in preview.first if it.right == RIGHT and it.user != me)
    explained(client, models, gaining, mapping.id)
    decided(demo, gaining)
    gone = delete_group_mapping.sync_detailed(ACCOUNT, mapping.id, client=client)
    expect(gone.status_code == 204, gone)


def explained(client: object, models: object, user: UUID, mapping: UUID) -> None:
    """Read that the user has the right, and why."""
    from countersign_client.api.rights import explain_right, show_rights

    rights = show_rights.sync(ACCOUNT, user, client=client)
    expect(RIGHT in {held.right for held in rights.rights}, rights)
    explanation = explain_right.sync(ACCOUNT, user, client=client, right=RIGHT)
    expect(isinstance(explanation, models.Explanation), explanation)
    mappings = [way.mapping.id for way in explanation.ways if way.mapping]
    expect(mapping in mappings, explanation)


def decided(demo: Demo, user: UUID) -> None:
    """Ask the same as the vendor's product: two questions at once."""
    from countersign_client import AuthenticatedClient, models
    from countersign_client.api.access import evaluate_many

    questions = {
        "subject": {"type": "user", "id": str(user)},
        "resource": {"type": "account", "id": ACCOUNT},
        "evaluations": [{"action": {"name": RIGHT}}, {"action": {"name": "users.administer"}}],
    }
    key = demo.product_key("decisions")
    with AuthenticatedClient(base_url=demo.server, token=key) as client:
        body = models.AccessQuestions.from_dict(questions)
        decisions = evaluate_many.sync(client=client, body=body)
    expect([it.decision for it in decisions.evaluations] == [True, False], decisions)


def expect(is_so: bool, what: object) -> None:
    """End here unless it is so."""
    if not is_so:
        sys.exit(f"client.py: not as expected: {what}")


if __name__ == "__main__":
    sys.exit(main())
