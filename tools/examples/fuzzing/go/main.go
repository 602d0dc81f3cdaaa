// SPDX-License-Identifier: Apache-2.0
// Reads chunks, one JSON object a line, and writes what the parser makes of them.
package main

import (
	"bufio"
	"encoding/json"
	"os"
)

type request struct {
	Chunks []string `json:"chunks"`
}

type answer struct {
	Frames []map[string]any `json:"frames"`
	Error  string           `json:"error,omitempty"`
}

// bytesOf turns a text into bytes: each character is one byte.
func bytesOf(text string) []byte {
	var bytes []byte
	for _, character := range text {
		bytes = append(bytes, byte(character))
	}
	return bytes
}

// textOf turns bytes into a text: each byte is one character.
func textOf(bytes []byte) string {
	var text []rune
	for _, b := range bytes {
		text = append(text, rune(b))
	}
	return string(text)
}

// name is the form of a subject or reply: it may not be UTF-8.
func name(bytes []byte) map[string]string {
	return map[string]string{"bytes": textOf(bytes)}
}

func main() {
	input := bufio.NewReader(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	for {
		line, err := input.ReadBytes('\n')
		if err != nil {
			return
		}
		var asked request
		if err := json.Unmarshal(line, &asked); err != nil {
			panic(err)
		}
		parser := Parser{}
		made := answer{Frames: []map[string]any{}}
		for _, chunk := range asked.Chunks {
			frames, err := parser.Feed(bytesOf(chunk))
			made.Frames = append(made.Frames, frames...)
			if err != nil {
				made.Error = err.Error()
				break
			}
		}
		if err := output.Encode(made); err != nil {
			return
		}
	}
}
