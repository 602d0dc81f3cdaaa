// SPDX-License-Identifier: Apache-2.0
// The parser of nats.go as a command for natswire-fuzz.
package main

import (
	"bufio"
	"encoding/json"
	"os"

	"natswire/parsers/nats"
)

func main() {
	input := bufio.NewReader(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	for {
		line, err := input.ReadBytes('\n')
		if err != nil {
			return
		}
		var asked struct{ Chunks []string }
		if err := json.Unmarshal(line, &asked); err != nil {
			panic(err)
		}
		frames, err := nats.Parse(asked.Chunks)
		answer := map[string]any{"frames": frames}
		if err != nil {
			answer["error"] = err.Error()
		}
		if err := output.Encode(answer); err != nil {
			return
		}
	}
}
