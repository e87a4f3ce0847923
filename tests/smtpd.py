"""An SMTP server for the tests: prints its port, then each mail as a line of JSON, as a reader sees it.

What stands before the @ of a recipient says how it behaves: `later` is put off for now, `never` is
refused for ever, `slow` is taken after two seconds.
"""

import asyncio
import json
import sys
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP


class Taker:
    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "later":
            return f"451 4.3.0 <{address}> come back"
        if name == "never":
            return f"550 5.1.1 <{address}> unknown here"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server, session, envelope):
        if any(to.startswith("slow@") for to in envelope.rcpt_tos):
            await asyncio.sleep(2)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        seen = {
            "to": envelope.rcpt_tos,
            "header": str(mail["to"]),
            "from": str(mail["from"]),
            "subject": str(mail["subject"]),
            "id": str(mail["message-id"]),
            "auto": str(mail["auto-submitted"]),
            "types": [part.get_content_type() for part in mail.walk()],
            "text": mail.get_body(("plain",)).get_content(),
            "html": mail.get_body(("html",)).get_content(),
        }
        print(json.dumps(seen), flush=True)
        return "250 taken"


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Taker(), loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Until whoever started it closes its input.
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
