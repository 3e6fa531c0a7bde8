// A STOMP frame, and the bounds on one (STOMP 1.2, "Size Limits"). The bytes are read in parser.ts and written in
// encoder.ts.

export interface Frame {
  readonly command: string;
  /** In the order of the wire; of a repeated header only the first ("Repeated Header Entries"). */
  readonly headers: ReadonlyMap<string, string>;
  /** May be a view of the chunk that it arrived in: who keeps it for long copies it. */
  readonly body: Buffer;
}

export interface FrameLimits {
  readonly commandBytes: number;
  readonly headerLineBytes: number;
  readonly headers: number;
  readonly bodyBytes: number;
  /** Everything that is read before the CONNECT frame is complete. */
  readonly connectBytes: number;
}

/** ActiveMQ's limits, so that what it accepts is accepted here; the last is ours, and guards the unauthenticated. */
export const defaultFrameLimits: FrameLimits = {
  commandBytes: 1024,
  headerLineBytes: 10 * 1024,
  headers: 1000,
  bodyBytes: 100 * 1024 * 1024,
  connectBytes: 64 * 1024,
};

/** "Only the SEND, MESSAGE, and ERROR frames MAY have a body." (STOMP 1.2, "Body") */
export function mayHaveBody(command: string): boolean {
  return command === 'SEND' || command === 'MESSAGE' || command === 'ERROR';
}

export const emptyBody: Buffer = Buffer.alloc(0);
