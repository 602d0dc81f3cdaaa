// SPDX-License-Identifier: Apache-2.0
// Reads chunks, one JSON object a line, and writes what the parser makes of them.
mod parser;

use parser::Parser;
use serde_json::{json, Value};
use std::io::{self, BufRead, Write};

/// Turns a text into bytes: each character is one byte.
fn bytes_of(text: &str) -> Vec<u8> {
    text.chars().map(|character| character as u8).collect()
}

/// Turns bytes into a text: each byte is one character.
pub fn text_of(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| byte as char).collect()
}

/// Returns the form of a subject or reply: it may not be UTF-8.
pub fn name(bytes: &[u8]) -> Value {
    json!({ "bytes": text_of(bytes) })
}

fn answer(line: &str) -> Value {
    let asked: Value = serde_json::from_str(line).expect("JSON");
    let mut parser = Parser::default();
    let mut frames = Vec::new();
    for chunk in asked["chunks"].as_array().expect("chunks") {
        if let Err(error) = parser.feed(&bytes_of(chunk.as_str().expect("text")), &mut frames) {
            return json!({ "frames": frames, "error": error });
        }
    }
    json!({ "frames": frames })
}

fn main() -> io::Result<()> {
    for line in io::stdin().lock().lines() {
        println!("{}", answer(&line?));
        io::stdout().flush()?;
    }
    Ok(())
}
