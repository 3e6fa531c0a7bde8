// A message as a client of one dialect sees it: each place that holds something, and what it holds, as text. What the table
// of docs/compatibility.md is written in, and what its test compares.

export type View = Readonly<Record<string, string>>;

/** A value that differs from run to run: what the table says of it, and how the test knows it. */
export interface Pattern {
  readonly says: string;
  /** `now`: when the message was sent, in milliseconds since the epoch. */
  readonly matches: (value: string, now: number) => boolean;
}

export type Expected = Readonly<Record<string, string | Pattern>>;

/** Clocks of sender and engine are one; what lies between them is a slow machine. */
const toleranceMs = 20_000;

function isNear(value: string, time: number): boolean {
  return /^\d{13}$/.test(value) && Math.abs(Number(value) - time) < toleranceMs;
}

export const newId: Pattern = { says: '*new identifier*', matches: (value) => /^[\w:.-]{8,}$/.test(value) };
export const arrival: Pattern = { says: '*time of arrival*', matches: isNear };
export const inAMinute: Pattern = {
  says: '*time in 60 s*',
  matches: (value, now) => isNear(value, now + 60_000),
};
/** What is left of a minute. */
export const aMinuteLeft: Pattern = {
  says: '*milliseconds left*',
  matches: (value) => Number(value) > 60_000 - toleranceMs && Number(value) <= 60_000,
};

/** Properties that have no attribute of their own, each as name, type and text. */
export function packed(
  ...properties: readonly (readonly [string, string, string])[]
): Readonly<Record<string, string>> {
  return { 'attribute causeway.packed': `String ${JSON.stringify(JSON.stringify({ headers: {}, properties }))}` };
}

/** When it was sent, as an attribute of SQS. */
export const sentAt: Pattern = {
  says: 'Number, *time of arrival*',
  matches: (value, now) => isNear(value.replace('Number ', ''), now),
};

/** The same in MQTT 5. */
export const secondsOfAMinute: Pattern = {
  says: '*seconds left*',
  matches: (value) => Number(value) > 40 && Number(value) <= 60,
};
/** Of a time that is years away. */
export const secondsToCome: Pattern = {
  says: '*seconds left*',
  matches: (value) => /^\d{9,10}$/.test(value),
};

/** The view in which each value that its pattern knows is put as the pattern says it: equal to `spoken(expected)` if it is right. */
export function recognised(view: View, expected: Expected, now: number): View {
  return Object.fromEntries(
    Object.entries(view).map(([place, value]) => {
      const known = expected[place];
      if (typeof known !== 'object' || !known.matches(value, now)) return [place, value];
      return [place, known.says];
    }),
  );
}

export function spoken(expected: Expected): View {
  return Object.fromEntries(
    Object.entries(expected).map(([place, value]) => [place, typeof value === 'string' ? value : value.says]),
  );
}

/** Octets as text where they are printable, else in hexadecimal digits. */
export function octets(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString();
  const isPrintable = Buffer.from(text).equals(bytes) && !/[\p{Cc}\ufffd]/u.test(text);
  return isPrintable ? `"${text}"` : `0x${Buffer.from(bytes).toString('hex')}`;
}
