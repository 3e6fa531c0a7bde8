// Recorded calls of tools that make resources: a table of steps, each a call with what is answered. Words in braces stand for
// what earlier steps have kept: `{url}`.

export interface Step {
  /** `sqs.CreateQueue` */
  readonly call: string;
  readonly input: object;
  /** What is in the answer, at least. A string that is JSON is compared as JSON, as the tools do. */
  readonly answer?: object;
  /** Attributes that the answer does not have. */
  readonly absent?: readonly string[];
  /** Instead of an answer: the name of the exception that the tool waits for. */
  readonly refused?: string;
  /** Names for members of the answer, to be used in later steps. */
  readonly keep?: Readonly<Record<string, string>>;
  /** The tool asks until the answer is so, and then as often again: each time it is the same. */
  readonly times?: number;
}

export interface Recording {
  readonly what: string;
  /** Where the calls are in the tool's own source. */
  readonly source: string;
  readonly steps: readonly Step[];
}
