"""A demo of Countersign for the tests of its REST API, and its administrator, signed in as people sign in.

What nobody may do by the front door of a new demo is done at its database: giving the administrator the
right to set up single sign-on, and noting that a second factor was shown.
"""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from uuid import UUID

from httpx2 import Client, Response

ACCOUNT = "acme"
PROGRAM = Path(sys.argv[0]).name
# The last line that the demo prints before it waits.
READY = "Ctrl-C stops the demo"


@contextmanager
def running(binary: str, log: str) -> Iterator["Demo"]:
    """Start a demo, which ends with the block."""
    os.environ["NO_PROXY"] = "*"
    port = free_port()
    command = [binary, "demo", "--port", str(port), "--users", "60", "--groups", "5"]
    with Path(log).open("w") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            yield Demo(binary, f"http://localhost:{port}", read_until_ready(process))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


class Demo:
    """A demo that runs."""

    def __init__(self, binary: str, server: str, printed: str) -> None:
        """Take what it printed."""
        self.binary = binary
        self.server = server
        self.printed = printed
        self.database = Path(found(r"as mailed: (\S+)/mails/", printed)) / "demo.db"

    def administrator(self) -> tuple["Browser", dict]:
        """Sign in its administrator, with a second factor for the whole run."""
        browser = Browser(self.server)
        provider = found(r"(http\S+)/authenticator", self.printed)
        me = browser.sign_in(found(r"(\S+@acme\.example) ", self.printed), provider)
        permit(self.database, me)
        return browser, browser.get("/api/v1/me").json()

    def product_key(self, *scopes: str) -> str:
        """Issue a key for the vendor's product."""
        environment = {**os.environ, "COUNTERSIGN_DATABASE__URL": f"sqlite://{self.database}"}
        issue = [self.binary, "product-key", "create", "--name", PROGRAM.removesuffix(".py")]
        issue += [f"--scope={scope}" for scope in scopes]
        key = subprocess.run(issue, env=environment, check=True, capture_output=True, text=True)
        return key.stdout.strip()

    def provisioned(self, kind: str, count: int = 2) -> list[str]:
        """Find some of the customer's users or groups, as its identity provider would."""
        base, token = (found(rf"export {name}=(\S+)", self.printed) for name in ("BASE", "TOKEN"))
        with Client(timeout=30, headers={"Authorization": f"Bearer {token}"}) as client:
            found_there = client.get(f"{base}/{kind}", params={"count": count}).json()["Resources"]
            return [resource["id"] for resource in found_there]


class Browser:
    """As much of a browser as signing in takes: the server's cookies, and going where one is sent."""

    def __init__(self, server: str) -> None:
        """Begin without cookies."""
        self.server = server
        self.cookies: dict[str, str] = {}
        self.client = Client(timeout=30, headers={"Accept-Language": "en"})

    def sign_in(self, user_name: str, provider: str) -> dict:
        """Say to be somebody at the demo's provider; what the server then knows of them."""
        door = self.get(f"/accounts/{ACCOUNT}/login")
        start = unescape(found(r'href="([^"]+/start[^"]*)"', door.text))
        asked = self.get(start)
        # The provider names people, not addresses; the administrator is the first.
        first = unescape(found(r'href="(/[^"]*person=[^"]+)"', asked.text))
        self.get(provider + first)
        me = self.get("/api/v1/me").json()
        if me.get("user", {}).get("user_name") != user_name:
            sys.exit(f"{PROGRAM}: not signed in as {user_name}")
        return me

    def get(self, url: str) -> Response:
        """Go there, and on to wherever that leads."""
        url = urljoin(self.server, url)
        for _ in range(10):
            answer = self.client.get(url, headers=self.headers(url))
            self.keep(answer)
            if not answer.is_redirect:
                return answer
            url = urljoin(url, answer.headers["location"])
        return sys.exit(f"{PROGRAM}: sent round and round")

    def description(self) -> dict:
        """What the API says of itself."""
        return self.get("/api/v1/openapi.json").json()

    def make(self, path: str, body: dict) -> str:
        """Make something; its id."""
        url = urljoin(self.server, f"/api/v1/accounts/{ACCOUNT}/{path}")
        answer = self.client.post(url, json=body, headers=self.headers(url))
        if answer.status_code != 201:
            sys.exit(f"{PROGRAM}: POST {path}: {answer.status_code} {answer.text}")
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


def read_until_ready(demo: subprocess.Popen[str]) -> str:
    """Read what the demo prints until it waits."""
    printed = ""
    for line in demo.stdout or ():
        printed += line
        if line.startswith(READY):
            return printed
    return sys.exit(f"{PROGRAM}: the demo ended")


def found(pattern: str, text: str) -> str:
    """Find the first group of the pattern's first match."""
    match = re.search(pattern, text)
    return match.group(1) if match else sys.exit(f"{PROGRAM}: no {pattern} in what was answered")


def free_port() -> int:
    """Find a port that nobody uses."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
