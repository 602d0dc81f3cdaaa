// SPDX-License-Identifier: Apache-2.0
use crate::{name, text_of};
use serde_json::{json, Value};

/// Decodes MSG, PING, PONG and +OK: enough to show the bridge.
#[derive(Default)]
pub struct Parser {
    buffer: Vec<u8>,
}

impl Parser {
    /// Adds the frames that are complete.
    pub fn feed(&mut self, chunk: &[u8], frames: &mut Vec<Value>) -> Result<(), String> {
        self.buffer.extend(chunk);
        while let Some(end) = self.buffer.windows(2).position(|two| two == b"\r\n") {
            let words: Vec<Vec<u8>> = self.buffer[..end]
                .split(|byte| *byte == b' ' || *byte == b'\t')
                .filter(|word| !word.is_empty())
                .map(<[u8]>::to_vec)
                .collect();
            let mut next = end + 2;
            match words.first().map(Vec::as_slice) {
                Some(b"PING") => frames.push(json!({ "op": "ping" })),
                Some(b"PONG") => frames.push(json!({ "op": "pong" })),
                Some(b"+OK") => frames.push(json!({ "op": "ok" })),
                Some(b"MSG") if words.len() == 4 || words.len() == 5 => {
                    let size = number(&words[words.len() - 1])?;
                    if self.buffer.len() < next + size + 2 {
                        return Ok(());
                    }
                    let payload = text_of(&self.buffer[next..next + size]);
                    let reply = if words.len() == 5 { name(&words[3]) } else { Value::Null };
                    frames.push(json!({
                        "op": "msg", "subject": name(&words[1]), "sid": number(&words[2])?,
                        "reply": reply, "payload": payload,
                    }));
                    next += size + 2;
                }
                _ => return Err("unknown verb".into()),
            }
            self.buffer.drain(..next);
        }
        Ok(())
    }
}

fn number(word: &[u8]) -> Result<usize, String> {
    text_of(word).parse().map_err(|_| format!("not a number: {}", text_of(word)))
}
