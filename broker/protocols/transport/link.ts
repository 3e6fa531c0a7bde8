// A connection on its way from a listener's port to its dialect.

export interface Link {
  /** The far end, without its port; what limits count by. */
  readonly ip: string;
  /** Address and port of the far end, for people. */
  readonly address: string;
  readonly encrypted: boolean;
  /** As RFC 4514 writes it; undefined without a client's certificate. */
  readonly certificateSubject: string | undefined;
}
