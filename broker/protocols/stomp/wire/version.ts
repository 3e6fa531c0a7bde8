// The versions of STOMP and how their wire rules differ (sections "Value Encoding" and "STOMP Frames" of each).
// Which one a session speaks is negotiated in handle-connect.ts.

/** Best first: the order in which they are preferred. */
export const versions = ['1.2', '1.1', '1.0'] as const;

export type Version = (typeof versions)[number];

export interface WireRules {
  /** A line may end in CR LF. */
  readonly carriageReturnEndsLine: boolean;
  /** A CR elsewhere in a header is data; where it is not, it has to be escaped. */
  readonly bareCarriageReturn: boolean;
  /** What may follow a backslash, and what the two stand for; null: a backslash is a character like any other. */
  readonly escapes: Readonly<Record<string, string>> | null;
  /** Spaces around header values are padding. */
  readonly trimsValues: boolean;
  /** A body on a frame other than SEND, MESSAGE and ERROR is an error; elsewhere it is ignored. */
  readonly refusesStrayBody: boolean;
}

export const wireRules: Readonly<Record<Version | 'connecting', WireRules>> = {
  // Before the version is known: a 1.2 client may end lines with CR LF already, CONNECT is never escaped, and what
  // 1.0 calls padding may be a space that 1.2 must not trim.
  connecting: {
    carriageReturnEndsLine: true,
    bareCarriageReturn: true,
    escapes: null,
    trimsValues: false,
    refusesStrayBody: false,
  },
  // The specification knows no CR, but people type 1.0 into telnet, and ActiveMQ takes it. Its own examples pad.
  '1.0': {
    carriageReturnEndsLine: true,
    bareCarriageReturn: true,
    escapes: null,
    trimsValues: true,
    refusesStrayBody: false,
  },
  '1.1': {
    carriageReturnEndsLine: false,
    bareCarriageReturn: true,
    escapes: { n: '\n', c: ':', '\\': '\\' },
    trimsValues: false,
    refusesStrayBody: true,
  },
  '1.2': {
    carriageReturnEndsLine: true,
    bareCarriageReturn: false,
    escapes: { r: '\r', n: '\n', c: ':', '\\': '\\' },
    trimsValues: false,
    refusesStrayBody: true,
  },
};
