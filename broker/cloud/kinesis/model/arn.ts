// Names of streams and consumers, and where they are.

export interface Location {
  readonly account: string;
  readonly region: string;
}

export interface ResourceName extends Location {
  readonly stream: string;
  /** Undefined: it is the stream itself. */
  readonly consumer?: { readonly name: string; readonly createdSeconds: number } | undefined;
}

const pattern =
  /^arn:aws[^:]*:kinesis:([^:]*):(\d{12}):stream\/([a-zA-Z0-9_.-]+)(?:\/consumer\/([a-zA-Z0-9_.-]+):(\d+))?$/;

export function namespaceOf({ account, region }: Location): string {
  return `aws/${account}/${region}`;
}

export function streamArnOf({ account, region }: Location, name: string): string {
  return `arn:aws:kinesis:${region}:${account}:stream/${name}`;
}

/** Undefined: it names neither a stream nor a consumer. */
export function parseArn(text: string): ResourceName | undefined {
  const [, region, account, stream, name, seconds] = pattern.exec(text) ?? [];
  if (region === undefined || account === undefined || stream === undefined) return undefined;
  const consumer = name === undefined ? undefined : { name, createdSeconds: Number(seconds) };
  return { region, account, stream, consumer };
}
