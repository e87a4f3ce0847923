"""Run schemathesis against the REST API of a demo; the exit status says whether every answer was as described.

Usage: rest.py <countersign binary> <file for the server's log>

The demo's administrator signs in through its provider, as people do, and every operation of
/api/v1/openapi.json is sent what its description allows, and much that it does not. No answer may be a
server error, and each must be described: its status, its media type, its form. Ids in paths are of
things that there are, so that requests come further than to a 404. What nobody may do by the front door
of a new demo is done at its database: giving the administrator the right to set up single sign-on, and
noting that a second factor was shown.
"""

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
    things = make_things(browser, printed, me)
    person = {"Cookie": browser.cookie(), "Sec-Fetch-Site": "same-origin"}
    status = schemathesis(server, folder, person, things)
    environment = {**os.environ, "COUNTERSIGN_DATABASE__URL": f"sqlite://{database}"}
    issue = [sys.argv[1], "product-key", "create", "--name", "rest", "--scope", "introspect"]
    if browser.get("/api/v1/me").status_code != 200:
        sys.exit("rest.py: the session ended meanwhile, so most was not tried at all")
    key = subprocess.run(issue, env=environment, check=True, capture_output=True, text=True)
    product = {"Authorization": f"Bearer {key.stdout.strip()}"}
    return status or schemathesis(server, folder, product, {}, "--include-path=/introspect")


def schemathesis(
    server: str, folder: Path, headers: dict[str, str], things: dict[str, str], *options: str
) -> int:
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
        f"{server}/api/v1/openapi.json",
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


def make_things(browser: "Browser", printed: str, me: dict) -> dict[str, str]:
    """Make one of each to look at and change, and one to take away; the ids, by their operations."""
    user = me["user"]["id"]
    group = provisioned("Groups", printed)[0]
    other = next(id_ for id_ in provisioned("Users", printed) if id_ != user)
    provider = {"issuer": "http://127.0.0.1:1", "client_id": "c", "client_secret": "s"}
    ids = {"POST groups/{id}/preview": group, "GET users/{id}/explanation": user}
    ids |= {"POST users/{id}/enrolment-links": user}
    for number, methods in enumerate((("GET", "PATCH"), ("DELETE",))):
        name = {"name": f"Tried {number}"}
        bundle = browser.make("bundles", name | {"rights": []})
        role = browser.make("roles", name | {"level": "account", "bundles": [bundle]})
        things = {
            "bundles": bundle if number == 0 else browser.make("bundles", {"name": "Free", "rights": []}),
            "roles": role,
            "sso": browser.make("sso", name | provider),
            "group-mappings": browser.make("group-mappings", {"group": group, "role": role}),
            "grants": browser.make("grants", {"user": other, "bundle": bundle, "reason": "tried"}),
        }
        ids |= {f"{method} {kind}/{{id}}": things[kind] for method in methods for kind in things}
    ids["POST sso/{id}/test"] = ids["GET sso/{id}"]
    ids = {name.replace(" ", " /accounts/{account}/"): id_ for name, id_ in ids.items()}
    # The session of these requests must outlive them.
    return ids | {"DELETE /sessions/{id}": me["user"]["id"]}


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
