// SPDX-License-Identifier: Apache-2.0
package main

import (
	"bytes"
	"errors"
	"strconv"
)

// Parser decodes MSG, PING, PONG and +OK: enough to show the bridge.
type Parser struct {
	buffer []byte
}

// Feed returns the frames that are complete.
func (p *Parser) Feed(chunk []byte) ([]map[string]any, error) {
	p.buffer = append(p.buffer, chunk...)
	var frames []map[string]any
	for {
		end := bytes.Index(p.buffer, []byte("\r\n"))
		if end < 0 {
			return frames, nil
		}
		words := bytes.Fields(p.buffer[:end])
		if len(words) == 0 {
			return frames, errors.New("empty line")
		}
		rest := p.buffer[end+2:]
		switch string(words[0]) {
		case "PING", "PONG":
			frames = append(frames, map[string]any{"op": string(bytes.ToLower(words[0]))})
		case "+OK":
			frames = append(frames, map[string]any{"op": "ok"})
		case "MSG":
			if len(words) < 4 || len(words) > 5 {
				return frames, errors.New("wrong number of arguments")
			}
			size, err := strconv.Atoi(string(words[len(words)-1]))
			if err != nil {
				return frames, err
			}
			if len(rest) < size+2 {
				return frames, nil
			}
			sid, err := strconv.Atoi(string(words[2]))
			if err != nil {
				return frames, err
			}
			frame := map[string]any{"op": "msg", "subject": name(words[1]), "sid": sid, "payload": textOf(rest[:size])}
			if len(words) == 5 {
				frame["reply"] = name(words[3])
			}
			frames = append(frames, frame)
			rest = rest[size+2:]
		default:
			return frames, errors.New("unknown verb")
		}
		p.buffer = rest
	}
}
