# SPDX-License-Identifier: Apache-2.0
# Reads chunks, one JSON object a line, and writes what the parser makes of them.
import json
import sys

from parser import Parser


def text(value):
    """Bytes as the fuzzer reads them: one character for each byte."""
    return value.decode("latin-1")


def plain(frame):
    for name in ("payload", "headers"):
        if frame.get(name) is not None:
            frame[name] = text(frame[name])
    for name in ("subject", "reply"):
        if frame.get(name) is not None:
            frame[name] = {"bytes": text(frame[name])}
    return frame


for line in sys.stdin:
    parser = Parser()
    answer = {"frames": []}
    try:
        for chunk in json.loads(line)["chunks"]:
            for frame in parser.feed(chunk.encode("latin-1")):
                answer["frames"].append(plain(frame))
    except ValueError as error:
        answer["error"] = str(error)
    print(json.dumps(answer), flush=True)
