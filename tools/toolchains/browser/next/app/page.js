// SPDX-License-Identifier: Apache-2.0
"use client";
import { connect } from "@natswire/websocket";
import { useEffect, useState } from "react";

export default function Page() {
  const [greeting, setGreeting] = useState("");
  useEffect(() => {
    greet().then(setGreeting);
  }, []);
  return <p>{greeting}</p>;
}

async function greet() {
  const client = await connect(new URLSearchParams(location.search).get("server"));
  client.subscribe("greet", { callback: (message) => message.respond(`hello, ${message.text()}`) });
  const reply = await client.request("greet", "ann");
  await client.close();
  return reply.text();
}
