// SPDX-License-Identifier: Apache-2.0

// Package nats contains the unmodified parser.go of nats.go, which the build copies here. This file has what it calls.
package nats

import (
	"encoding/json"
	"strings"
)

// Frame is what the parser made of one frame.
type Frame map[string]any

// Conn stands for the client: it records the calls of the parser.
type Conn struct {
	ps     *parseState
	frames []Frame
}

// Parse returns the frames of one stream, and the error of the parser.
func Parse(chunks []string) ([]Frame, error) {
	nc := &Conn{ps: &parseState{}, frames: []Frame{}}
	for _, chunk := range chunks {
		var bytes []byte
		for _, character := range chunk {
			bytes = append(bytes, byte(character))
		}
		if err := nc.parse(bytes); err != nil {
			return nc.frames, err
		}
	}
	return nc.frames, nil
}

func text(bytes []byte) string {
	var characters []rune
	for _, b := range bytes {
		characters = append(characters, rune(b))
	}
	return string(characters)
}

func name(bytes []byte) any {
	if bytes == nil {
		return nil
	}
	return map[string]string{"bytes": text(bytes)}
}

func (nc *Conn) add(frame Frame) { nc.frames = append(nc.frames, frame) }

func (nc *Conn) processMsg(data []byte) {
	arg := nc.ps.ma
	frame := Frame{"op": "msg", "subject": name(arg.subject), "sid": arg.sid, "reply": name(arg.reply)}
	if arg.hdr >= 0 {
		frame["headers"] = text(data[:arg.hdr])
		data = data[arg.hdr:]
	}
	frame["payload"] = text(data)
	nc.add(frame)
}

func (nc *Conn) processErr(ie string) {
	// As the client does with it.
	nc.add(Frame{"op": "err", "text": strings.Trim(strings.TrimSpace(ie), "'")})
}

func (nc *Conn) processAsyncInfo(info []byte) {
	var read any
	// The client ignores this error too.
	_ = json.Unmarshal(info, &read)
	nc.add(Frame{"op": "info", "info": read})
}

func (nc *Conn) processOK()   { nc.add(Frame{"op": "ok"}) }
func (nc *Conn) processPing() { nc.add(Frame{"op": "ping"}) }
func (nc *Conn) processPong() { nc.add(Frame{"op": "pong"}) }
