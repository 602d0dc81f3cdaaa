// SPDX-License-Identifier: Apache-2.0

// Copied into nats.go's source, because the parser and its state are unexported.
package nats

import (
	"errors"
	"io"
)

// ParserBench feeds bytes to the parser of a connection without a socket.
type ParserBench struct {
	nc     *Conn
	stream []byte
	chunk  int
	ch     chan *Msg
	first  Sums
	bytes  uint64
}

// Sums counts the frames and messages of one pass over the stream. The checksum adds up the lengths of subjects, sids
// and sizes.
type Sums struct {
	Frames, Messages, Checksum uint64
}

// NewParserBench parses whole frames in chunks of the given size (0: in one piece). Without subscribed, the client knows
// no sid: it counts each message and looks for its subscription, nothing more.
func NewParserBench(stream []byte, chunk int, subscribed bool) (*ParserBench, error) {
	if chunk <= 0 {
		chunk = len(stream)
	}
	b := &ParserBench{stream: stream, chunk: chunk, nc: &Conn{ps: &parseState{}, subs: map[int64]*Subscription{}}}
	// The client answers PING, so it needs a writer.
	b.nc.bw = &natsWriter{w: io.Discard, limit: defaultBufSize}
	sids, err := b.learn()
	if err == nil && subscribed {
		b.ch = make(chan *Msg, b.first.Messages)
		for sid := range sids {
			b.nc.subs[sid] = &Subscription{conn: b.nc, sid: sid, typ: ChanSubscription, mch: b.ch}
		}
	}
	return b, err
}

// Sums returns the sums of the whole stream.
func (b *ParserBench) Sums() Sums { return b.first }

// learn adds up the stream. The parser does not report messages without a subscription, but its state after each byte
// shows them.
func (b *ParserBench) learn() (map[int64]bool, error) {
	sids := map[int64]bool{}
	ps := b.nc.ps
	for i := range b.stream {
		before := ps.state
		if err := b.nc.parse(b.stream[i : i+1]); err != nil {
			return nil, err
		}
		if ps.state == before {
			continue
		}
		switch ps.state {
		case MSG_PAYLOAD:
			sids[ps.ma.sid] = true
			b.first.Messages++
			b.first.Checksum += uint64(len(ps.ma.subject)) + uint64(ps.ma.sid) + uint64(ps.ma.size)
		case OP_START:
			b.first.Frames++
		}
	}
	if ps.state != OP_START {
		return nil, errors.New("the stream ends within a frame")
	}
	b.bytes = b.nc.InBytes
	return sids, nil
}

// Pass parses the stream once. This goroutine empties the channel subscription after each chunk: a second goroutine
// would add the time of the scheduler.
func (b *ParserBench) Pass() error {
	nc := b.nc
	nc.InMsgs, nc.InBytes = 0, 0
	var delivered, checksum uint64
	for at := 0; at < len(b.stream); at += b.chunk {
		if err := nc.parse(b.stream[at:min(at+b.chunk, len(b.stream))]); err != nil {
			return err
		}
		for len(b.ch) > 0 {
			m := <-b.ch
			delivered++
			checksum += uint64(m.wsz-len(m.Reply)) + uint64(m.Sub.sid)
		}
	}
	if nc.ps.state != OP_START || nc.InMsgs != b.first.Messages || nc.InBytes != b.bytes {
		return errors.New("a pass saw other messages than the first one")
	}
	if b.ch != nil && (delivered != b.first.Messages || checksum != b.first.Checksum) {
		return errors.New("a pass delivered other messages than it parsed")
	}
	return nil
}
