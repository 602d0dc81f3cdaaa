# SPDX-License-Identifier: Apache-2.0
# The parser of nats-py as a command for natswire-fuzz.
import asyncio
import json
import sys

from nats.protocol.parser import Parser


def name(value):
    return {"bytes": value.decode("latin-1")} if value else None


class Recorder:
    """What the parser calls of a client. It reports no +OK, and the text of -ERR in lower case."""

    def __init__(self):
        self.frames = []

    async def _process_msg(self, sid, subject, reply, payload, headers):
        frame = {"op": "msg", "subject": name(subject), "sid": sid, "reply": name(reply)}
        frame["headers"] = headers and headers.decode("latin-1")
        self.frames.append({**frame, "payload": payload.decode("latin-1")})

    async def _process_err(self, text):
        self.frames.append({"op": "err"})

    async def _process_ping(self):
        self.frames.append({"op": "ping"})

    async def _process_pong(self):
        self.frames.append({"op": "pong"})

    async def _process_info(self, info):
        self.frames.append({"op": "info", "info": info})


async def main():
    for line in sys.stdin:
        recorder = Recorder()
        parser = Parser(recorder)
        answer = {"frames": recorder.frames}
        try:
            for chunk in json.loads(line)["chunks"]:
                await parser.parse(chunk.encode("latin-1"))
        except Exception as error:
            answer["error"] = f"{type(error).__name__}: {error}"
        print(json.dumps(answer), flush=True)


asyncio.run(main())
