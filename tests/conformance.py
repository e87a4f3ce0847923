"""Run scim2-tester against a running server; the exit status says whether every check succeeded.

Usage: CONFORMANCE_TOKEN=<bearer token> conformance.py <SCIM base URL>

The token comes by the environment: a command line can be read by every user of the machine.
Stricter than the tester's own command line in three ways, so that a check which quietly stopped
running cannot look like success: a check that was skipped, or succeeded only with a remark, fails
the run; both resource types must have been tried in full; and the number of checks has a floor.
"""

import os
import sys
from collections import Counter

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import CheckResult, Status, check_server

# With the schemas of User, Group and the two extensions of User: 26 checks of discovery and errors; 11 of
# create, read, replace and delete for each type; one per PATCH verb and attribute, 87 for User and 7 for
# Group (removing the password is not tried, since a password is never returned).
LEAST_CHECKS = 142

# What the tester must have tried on each resource type, by the names of its own checks.
EACH_TYPE = {
    "object_creation",
    "object_query",
    "object_query_without_id",
    "object_query_with_attributes",
    "object_list_with_attributes",
    "search_with_attributes",
    "object_replacement",
    "object_deletion",
    "check_add_attribute",
    "check_remove_attribute",
    "check_replace_attribute",
}
TYPES = ("User", "Group")


def main() -> int:
    """Run all checks, print a line for each, and answer with the exit status."""
    token = os.environ.get("CONFORMANCE_TOKEN", "")
    if len(sys.argv) != 2 or not token:
        print(__doc__, file=sys.stderr)
        return 2

    headers = {"Authorization": f"Bearer {token}"}
    with Client(base_url=sys.argv[1], headers=headers, timeout=30) as connection:
        client = SyncSCIMClient(connection)
        client.check_response_status_codes = True
        client.check_response_content_type = True
        # It would try to create what can only be read.
        results = check_server(client, resource_types=list(TYPES))

    for result in results:
        print(line(result))
    count = Counter(result.status.name for result in results)
    print(f"{len(results)} checks: " + ", ".join(f"{n} {name}" for name, n in count.items()))

    complaints = shortfalls(results)
    for complaint in complaints:
        print(f"conformance: {complaint}", file=sys.stderr)
    return 1 if complaints else 0


def line(result: CheckResult) -> str:
    """Describe one check on one line; what the server answered follows only if it failed."""
    text = f"{result.status.name:8} {result.resource_type or '-':6} {result.title}"
    if result.reason:
        text += ": " + " ".join(result.reason.split())
    if result.status is not Status.SUCCESS and result.data is not None:
        text += f"\n         {result.data}"
    return text


def shortfalls(results: list[CheckResult]) -> list[str]:
    """Say what keeps this run from counting as conformant; empty when nothing does."""
    found = [
        f"{result.title} ended as {result.status.name}"
        for result in results
        if result.status is not Status.SUCCESS
    ]
    if len(results) < LEAST_CHECKS:
        found.append(f"{len(results)} checks ran, expected at least {LEAST_CHECKS}")
    for name in TYPES:
        tried = {result.title for result in results if result.resource_type == name}
        found.extend(f"{missing} never ran for {name}" for missing in sorted(EACH_TYPE - tried))
    return found


if __name__ == "__main__":
    sys.exit(main())
