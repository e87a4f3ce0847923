"""Run schemathesis against the REST API of a demo; the exit status says whether every answer was as described.

Usage: rest.py <countersign binary> <file for the server's log>

The demo's administrator signs in through its provider, as people do, and every operation of
/api/v1/openapi.json is sent what its description allows, and much that it does not. No answer may be a
server error, and each must be described: its status, its media type, its form. Ids in paths are of
things that there are, so that requests come further than to a 404.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from demo import ACCOUNT, Browser, Demo, running

SEED = 20260131
EXAMPLES = 50
MINUTES = 10
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
BUNDLE = "GET /accounts/{account}/bundles/{id}"
PROVIDER = {"issuer": "http://127.0.0.1:1", "client_id": "c", "client_secret": "s"}
# What the vendor's product may, and what is not below /api/v1.
FOR_PRODUCTS = "/introspect|/rights"
AT_ROOT = "^/access/"


def main() -> int:
    """Start a demo, sign in, try every operation; answer with the exit status."""
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    with running(sys.argv[1], sys.argv[2]) as demo, tempfile.TemporaryDirectory() as folder:
        return run(demo, Path(folder))


def run(demo: Demo, folder: Path) -> int:
    """Sign in, make one of each resource, and run schemathesis as the person and as the product."""
    browser, me = demo.administrator()
    things = Things(browser, demo, me)
    (folder / "openapi.json").write_text(json.dumps(things.in_examples(browser.description())))
    person = {"Cookie": browser.cookie(), "Sec-Fetch-Site": "same-origin"}
    seat = f"--url={demo.server}/api/v1"
    statuses = [schemathesis(folder, person, things.ids, seat, f"--exclude-path-regex={AT_ROOT}")]
    if browser.get("/api/v1/me").status_code != 200:
        sys.exit("rest.py: the session ended meanwhile, so most was not tried at all")
    product = {"Authorization": f"Bearer {demo.product_key('introspect', 'decisions', 'rights')}"}
    statuses.append(schemathesis(folder, product, things.ids, seat, f"--include-path-regex={FOR_PRODUCTS}"))
    root = f"--url={demo.server}"
    statuses.append(schemathesis(folder, product, things.ids, root, f"--include-path-regex={AT_ROOT}"))
    return max(statuses)


def schemathesis(folder: Path, headers: dict[str, str], things: dict[str, str], *options: str) -> int:
    """Run it with these headers, which come by the environment: command lines can be read by everybody."""
    names = {name: f"REST_{number}" for number, name in enumerate(headers)}
    lines = ["[generation]", "with-security-parameters = false"]
    lines += ["[parameters]", f'account = "{ACCOUNT}"', "[headers]"]
    lines += [f'{name} = "${{{variable}}}"' for name, variable in names.items()]
    for operation, id_ in things.items():
        lines += ["[[operations]]", f'include-name = "{operation}"', f'parameters = {{ id = "{id_}" }}']
    config = folder / "schemathesis.toml"
    config.write_text("\n".join(lines) + "\n")
    command = [
        Path(sys.executable).parent / "schemathesis",
        f"--config-file={config}",
        "run",
        str(folder / "openapi.json"),
        f"--checks={CHECKS}",
        f"--max-examples={EXAMPLES}",
        f"--seed={SEED}",
        "--phases=examples,coverage,fuzzing",
        "--generation-database=none",
        "--request-timeout=20",
        "--continue-on-failure",
        "--warnings=off",
        "--no-color",
        *options,
    ]
    environment = os.environ | {names[name]: value for name, value in headers.items()}
    return subprocess.run(command, env=environment, cwd=folder, check=False, timeout=MINUTES * 60).returncode


class Things:
    """One of each to look at and change, and one to take away."""

    def __init__(self, browser: Browser, demo: Demo, me: dict) -> None:
        """Make them; `ids` are by their operations."""
        self.group = demo.provisioned("Groups")[0]
        self.user = next(id_ for id_ in demo.provisioned("Users") if id_ != me["user"]["id"])
        names = {"given_name": "Ada", "family_name": "Tried", "language": "en"}
        connection = browser.get(f"/api/v1/accounts/{ACCOUNT}/connections").json()["items"][0]["id"]
        self.ids = {"POST groups/{id}/preview": self.group, "GET groups/{id}": self.group}
        self.ids["GET connections/{id}"] = connection
        lines = browser.get(f"/api/v1/accounts/{ACCOUNT}/activities").json()["items"]
        self.ids["GET activities/{id}"] = lines[0]["id"]
        for number, methods in enumerate((("GET", "PATCH"), ("DELETE",))):
            name = {"name": f"Tried {number}"}
            person = names | {"user_name": f"tried{number}", "email": f"tried{number}@acme.example"}
            bundle = browser.make("bundles", name | {"rights": []})
            role = browser.make("roles", name | {"level": "account", "bundles": [bundle]})
            things = {
                "bundles": browser.make("bundles", {"name": f"Free {number}", "rights": []}),
                "roles": role,
                "sso": browser.make("sso", name | PROVIDER),
                "group-mappings": browser.make("group-mappings", {"group": self.group, "role": role}),
                "grants": browser.make("grants", {"user": self.user, "bundle": bundle, "reason": "x"}),
                "users": browser.make("users", person),
                "recipients": browser.make("recipients", person | {"user_name": f"reader{number}"}),
            }
            self.ids |= {f"{method} {kind}/{{id}}": things[kind] for method in methods for kind in things}
        self.ids["POST sso/{id}/test"] = self.ids["GET sso/{id}"]
        for name in ("GET users/{id}/explanation", "GET users/{id}/rights"):
            self.ids[name] = me["user"]["id"]
        self.ids = {name.replace(" ", " /accounts/{account}/"): id_ for name, id_ in self.ids.items()}
        # The session of these requests must outlive them.
        self.ids["DELETE /sessions/{id}"] = me["user"]["id"]

    def in_examples(self, description: dict) -> dict:
        """Put them where the description has ids that only look like some."""
        for kind, example in {
            "group-mappings": {"group": self.group, "bundle": self.ids[BUNDLE]},
            "grants": {"user": self.user, "bundle": self.ids[BUNDLE], "reason": "An example"},
            "recipients": {"user_name": "reader@example.com"},
        }.items():
            post = description["paths"][f"/accounts/{{account}}/{kind}"]["post"]
            content = post["requestBody"]["content"]["application/json"]
            kept = content["example"] if kind == "recipients" else {}
            content["example"] = kept | example
        return description


if __name__ == "__main__":
    sys.exit(main())
