// What connections and requests may take of the cloud endpoint.

export interface CloudLimits {
  readonly connections: number;
  readonly headerBytes: number;
  /** Of one request. A message of 1 MiB grows threefold when it is percent-encoded, 10 MiB of records by a third. */
  readonly bodyBytes: number;
  /** Of all requests that are being read or answered; small ones have an eighth more, so that large ones do not keep them out. */
  readonly bufferedBytes: number;
  /** Of all answers that nobody has taken yet. What would be more is refused instead, for who asks may be slow on purpose. */
  readonly answeredBytes: number;
  /** For the first bytes of a connection, for TLS, and for the headers of a request; each. */
  readonly headersMs: number;
  /** From the first byte of a body to its last. */
  readonly requestMs: number;
  /** Between two requests of a connection. */
  readonly idleMs: number;
  /** Without a byte in either direction, answer outstanding or not. Longer than the longest poll. */
  readonly stalledMs: number;
}

export const defaultLimits: CloudLimits = {
  connections: 10_000,
  headerBytes: 16 * 1024,
  bodyBytes: 16 * 1024 * 1024,
  bufferedBytes: 128 * 1024 * 1024,
  answeredBytes: 128 * 1024 * 1024,
  headersMs: 10_000,
  requestMs: 60_000,
  idleMs: 65_000,
  stalledMs: 120_000,
};
