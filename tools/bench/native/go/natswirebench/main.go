// SPDX-License-Identifier: Apache-2.0

// Times the parser of nats.go: natswirebench FILE [MILLISECONDS [parse|deliver [CHUNK]]].
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	round  = 4 * time.Millisecond
	warmUp = 20 * time.Millisecond
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errors.New("usage: natswirebench FILE [MILLISECONDS [parse|deliver [CHUNK]]]")
	}
	stream, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	milliseconds, err := number(args, 1, 200)
	if err != nil {
		return err
	}
	mode := "parse"
	if len(args) > 2 {
		mode = args[2]
	}
	if mode != "parse" && mode != "deliver" {
		return fmt.Errorf("no such mode: %s", mode)
	}
	chunk, err := number(args, 3, 65_536)
	if err != nil {
		return err
	}
	bench, err := nats.NewParserBench(stream, chunk, mode == "deliver")
	if err != nil {
		return err
	}
	sums := bench.Sums()
	if sums.Frames == 0 {
		return errors.New("no frames")
	}

	var last time.Duration
	for began := time.Now(); time.Since(began) < warmUp; {
		start := time.Now()
		if err := bench.Pass(); err != nil {
			return err
		}
		last = time.Since(start)
	}
	repeat := max(1, int(round/max(last, 1)))
	rounds := make([]float64, max(1, time.Duration(milliseconds)*time.Millisecond/round))
	for i := range rounds {
		start := time.Now()
		for range repeat {
			if err := bench.Pass(); err != nil {
				return err
			}
		}
		rounds[i] = float64(time.Since(start).Nanoseconds()) / float64(repeat) / float64(sums.Frames)
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"frames":   sums.Frames,
		"checksum": sums.Checksum,
		"rounds":   rounds,
	})
}

func number(args []string, at, otherwise int) (int, error) {
	if len(args) <= at {
		return otherwise, nil
	}
	return strconv.Atoi(args[at])
}
