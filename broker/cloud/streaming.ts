// What a service is to the endpoint whose bodies are too large to be held: it takes its requests as they come in, bounds them
// itself, and answers piece by piece.

import type { Identity } from './identity.ts';
import type { Endpoint, Request } from './pipeline.ts';
import type { Routed } from './route.ts';

export type Head = Omit<Routed, 'body'>;

export interface StreamedRequest extends Omit<Request, 'body'> {
  /** The body; ends with an error if the client goes before it has sent all. Read once, or not at all. */
  readonly incoming: AsyncIterable<Buffer>;
}

export interface StreamedAnswer {
  readonly status: number;
  /** Names and values in turn; a length, where it is known before the body is. */
  readonly headers: readonly string[];
  readonly body: string | Buffer | AsyncIterable<Buffer>;
}

export interface StreamedOutcome {
  readonly answer: StreamedAnswer;
  readonly service: string;
  readonly operation: string | undefined;
  readonly identity: Identity | undefined;
  /** The code of the refusal. */
  readonly refusal: string | undefined;
}

export interface StreamingService {
  /** Whether the request is for this service. */
  claims(head: Head): boolean;
  /** Refusals are answers. */
  respond(request: StreamedRequest, endpoint: Endpoint): Promise<StreamedOutcome>;
}
