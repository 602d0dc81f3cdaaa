// SPDX-License-Identifier: Apache-2.0

/** What one client of a benchmark has done so far. */
export interface Tally {
  messages: number;
  /** Bytes of the payloads. */
  bytes: number;
  /** When its first and its last message passed, in milliseconds; 0 before that. */
  first: number;
  last: number;
}

/** What a client, or all of them, did in a second. */
export interface Rates {
  readonly seconds: number;
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
}

/** Returns the tally of all clients: from the first message of any to the last one. */
export function totalOf(tallies: readonly Tally[]): Tally {
  const active = tallies.filter(({ first }) => first > 0);
  return {
    messages: active.reduce((sum, { messages }) => sum + messages, 0),
    bytes: active.reduce((sum, { bytes }) => sum + bytes, 0),
    first: Math.min(...active.map(({ first }) => first)),
    last: Math.max(...active.map(({ last }) => last)),
  };
}

/** Returns the rates of a tally; 0 if it took no time that can be measured. */
export function ratesOf({ messages, bytes, first, last }: Tally): Rates {
  const seconds = last > first ? (last - first) / 1000 : 0;
  const perSecond = (amount: number): number => (seconds === 0 ? 0 : Math.round(amount / seconds));
  return { seconds, messagesPerSecond: perSecond(messages), bytesPerSecond: perSecond(bytes) };
}

/** Returns the rates as text: `812,345 messages/s, 13.0 MB/s`. */
export function formatRates({ messagesPerSecond, bytesPerSecond }: Rates): string {
  return `${formatNumber(messagesPerSecond)} messages/s, ${(bytesPerSecond / 1e6).toFixed(1)} MB/s`;
}

/** Returns a number with a comma between thousands. */
export function formatNumber(value: number): string {
  return value.toLocaleString("en");
}
