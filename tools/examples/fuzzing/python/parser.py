# SPDX-License-Identifier: Apache-2.0
# A parser of server frames, for the fuzzer to test.
import json
import re

VERBS = re.compile(rb"(MSG|HMSG|INFO|-ERR)[ \t]+(.*)|(PING|PONG|\+OK)[ \t]*", re.I | re.S)


class Parser:
    def __init__(self):
        self.buffer = b""

    def feed(self, chunk):
        """Yields the frames that are complete. Raises ValueError if the peer violates the protocol."""
        self.buffer += chunk
        while (end := self.buffer.find(b"\n")) >= 0:
            line = self.buffer[:end].removesuffix(b"\r")
            match = VERBS.fullmatch(line)
            if not match:
                raise ValueError(f"unknown verb: {line[:20]}")
            verb = (match[1] or match[3]).upper()
            if verb in (b"MSG", b"HMSG"):
                frame = self.message(verb, match[2].split(), end + 1)
                if frame is None:
                    return
                yield frame
                continue
            self.buffer = self.buffer[end + 1 :]
            if verb == b"INFO":
                yield {"op": "info", "info": json.loads(match[2])}
            elif verb == b"-ERR":
                yield {"op": "err", "text": match[2].strip(b" \t").strip(b"'").decode()}
            else:
                yield {"op": {b"+OK": "ok"}.get(verb, verb.decode().lower())}

    def message(self, verb, words, start):
        sizes = 1 if verb == b"MSG" else 2
        if not 2 + sizes <= len(words) <= 3 + sizes:
            raise ValueError("wrong number of arguments")
        header = int(words[-2]) if verb == b"HMSG" else 0
        total = int(words[-1])
        end = start + total
        if len(self.buffer) < end + 2:
            return None
        frame = {
            "op": "msg",
            "subject": words[0],
            "sid": int(words[1]),
            "reply": words[2] if len(words) == 3 + sizes else None,
            "headers": self.buffer[start : start + header] if verb == b"HMSG" else None,
            "payload": self.buffer[start + header : end],
        }
        self.buffer = self.buffer[end + 2 :]
        return frame
