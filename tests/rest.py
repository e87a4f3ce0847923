"""Run schemathesis against the REST API of a demo; the exit status says whether every answer was as described.

Usage: rest.py <countersign binary> <file for the server's log>

The demo's administrator signs in through its provider, as people do, and every operation of
/api/v1/openapi.json is sent what its description allows, and much that it does not. No answer may be a
server error, and each must be described: its status, its media type, its form. Ids in paths are of
things that there are, so that requests come further than to a 404. What nobody may do by the front door
of a new demo is done at its database: giving the administrator the right to set up single sign-on, and
noting that a second factor was shown.
"""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from uuid import UUID

from httpx2 import Client, Response

SEED = 20260131
EXAMPLES = 50
MINUTES = 3
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
ACCOUNT = "acme"
BUNDLE = "GET /accounts/{account}/bundles/{id}"
PROVIDER = {"issuer": "http://127.0.0.1:1", "client_id": "c", "client_secret": "s"}
# What the vendor's product may, and what is not below /api/v1.
FOR_PRODUCTS = "/introspect|/rights"
AT_ROOT = "^/access/"
# The last line that the demo prints before it waits.
READY = "Ctrl-C stops the demo"


def main() -> int:
    """Start a demo, sign in, try every operation; answer with the exit status."""
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    os.environ["NO_PROXY"] = "*"
    port = free_port()
    with Path(sys.argv[2]).open("w") as log, tempfile.TemporaryDirectory() as folder:
        command = [sys.argv[1], "demo", "--port", str(port), "--users", "60", "--groups", "5"]
        demo = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            printed = read_until_ready(demo)
            return run(f"http://localhost:{port}", printed, Path(folder))
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(30)


def run(server: str, printed: str, folder: Path) -> int:
    """Sign in, make one of each resource, and run schemathesis as the person and as the product."""
    database = Path(found(r"as mailed: (\S+)/mails/", printed)) / "demo.db"
    browser = Browser(server)
    browser.sign_in(found(r"(\S+@acme\.example) ", printed), found(r"(http\S+)/authenticator", printed))
    me = browser.get("/api/v1/me").json()
    permit(database, me)
    things = Things(browser, printed, me)
    (folder / "openapi.json").write_text(json.dumps(things.in_examples(browser.description())))
    person = {"Cookie": browser.cookie(), "Sec-Fetch-Site": "same-origin"}
    seat = f"--url={server}/api/v1"
    statuses = [schemathesis(folder, person, things.ids, seat, f"--exclude-path-regex={AT_ROOT}")]
    if browser.get("/api/v1/me").status_code != 200:
        sys.exit("rest.py: the session ended meanwhile, so most was not tried at all")
    environment = {**os.environ, "COUNTERSIGN_DATABASE__URL": f"sqlite://{database}"}
    issue = [sys.argv[1], "product-key", "create", "--name", "rest"]
    issue += [f"--scope={scope}" for scope in ("introspect", "decisions", "rights")]
    key = subprocess.run(issue, env=environment, check=True, capture_output=True, text=True)
    product = {"Authorization": f"Bearer {key.stdout.strip()}"}
    statuses.append(schemathesis(folder, product, things.ids, seat, f"--include-path-regex={FOR_PRODUCTS}"))
    root = f"--url={server}"
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

    def __init__(self, browser: "Browser", printed: str, me: dict) -> None:
        """Make them; `ids` are by their operations."""
        self.group = provisioned("Groups", printed)[0]
        self.user = next(id_ for id_ in provisioned("Users", printed) if id_ != me["user"]["id"])
        names = {"given_name": "Ada", "family_name": "Tried", "language": "en"}
        self.ids = {"POST groups/{id}/preview": self.group, "GET groups/{id}": self.group}
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


def provisioned(kind: str, printed: str) -> list[str]:
    """Find two of the customer's users or groups, as its identity provider would."""
    base, token = (found(rf"export {name}=(\S+)", printed) for name in ("BASE", "TOKEN"))
    with Client(timeout=30, headers={"Authorization": f"Bearer {token}"}) as client:
        found_there = client.get(f"{base}/{kind}", params={"count": 2}).json()["Resources"]
        return [resource["id"] for resource in found_there]


def permit(database: Path, me: dict) -> None:
    """Give the administrator the right to set up single sign-on, and a second factor for the whole run."""
    account, user = (UUID(me[what]["id"]).bytes for what in ("account", "user"))
    with sqlite3.connect(database, timeout=30) as connection:
        connection.execute(
            "INSERT INTO seed_grants (account_id, user_id, right_key, valid_from, valid_to, why) "
            "VALUES (?, ?, 'sso.configure', 0, 9223372036854775807, 'test')",
            (account, user),
        )
        shown = "UPDATE sessions SET second_factor_at = ? WHERE level = 'full'"
        connection.execute(shown, (int(time.time() * 1e6),))


class Browser:
    """As much of a browser as signing in takes: the server's cookies, and going where one is sent."""

    def __init__(self, server: str) -> None:
        """Begin without cookies."""
        self.server = server
        self.cookies: dict[str, str] = {}
        self.client = Client(timeout=30, headers={"Accept-Language": "en"})

    def sign_in(self, user_name: str, provider: str) -> None:
        """Say to be somebody at the demo's provider."""
        door = self.get(f"/accounts/{ACCOUNT}/login")
        start = unescape(found(r'href="([^"]+/start[^"]*)"', door.text))
        asked = self.get(start)
        # The provider names people, not addresses; the administrator is the first.
        first = unescape(found(r'href="(/[^"]*person=[^"]+)"', asked.text))
        self.get(provider + first)
        me = self.get("/api/v1/me").json()
        if me.get("user", {}).get("user_name") != user_name:
            sys.exit(f"rest.py: not signed in as {user_name}")

    def get(self, url: str) -> Response:
        """Go there, and on to wherever that leads."""
        url = urljoin(self.server, url)
        for _ in range(10):
            answer = self.client.get(url, headers=self.headers(url))
            self.keep(answer)
            if not answer.is_redirect:
                return answer
            url = urljoin(url, answer.headers["location"])
        return sys.exit("rest.py: sent round and round")

    def description(self) -> dict:
        """What the API says of itself."""
        return self.get("/api/v1/openapi.json").json()

    def make(self, path: str, body: dict) -> str:
        """Make something; its id."""
        url = urljoin(self.server, f"/api/v1/accounts/{ACCOUNT}/{path}")
        answer = self.client.post(url, json=body, headers=self.headers(url))
        if answer.status_code != 201:
            sys.exit(f"rest.py: POST {path}: {answer.status_code} {answer.text}")
        return answer.json()["id"]

    def headers(self, url: str) -> dict[str, str]:
        """What the server is sent, and nobody else."""
        if urlsplit(url).netloc != urlsplit(self.server).netloc:
            return {}
        return {"Cookie": self.cookie(), "Sec-Fetch-Site": "same-origin"}

    def cookie(self) -> str:
        """All cookies, as the header has them."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def keep(self, answer: Response) -> None:
        """Keep the cookies that an answer brings."""
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value


def read_until_ready(demo: subprocess.Popen[str]) -> str:
    """Read what the demo prints until it waits."""
    printed = ""
    for line in demo.stdout or ():
        printed += line
        if line.startswith(READY):
            return printed
    return sys.exit("rest.py: the demo ended")


def found(pattern: str, text: str) -> str:
    """Find the first group of the pattern's first match."""
    match = re.search(pattern, text)
    return match.group(1) if match else sys.exit(f"rest.py: no {pattern} in what was answered")


def free_port() -> int:
    """Find a port that nobody uses."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
