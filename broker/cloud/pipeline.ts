// The way of one request, step by step, whatever protocol carried it: route, identify, admit, parse, authorize, validate,
// act, serialise.
// A refusal at any step is answered on the wire that the request spoke.

import { asBrokerError, BrokerError } from '../core/errors.ts';
import type { ConnectedClient } from '../core/clients.ts';
import type { Log } from '../util/log.ts';
import type { Guard } from './auth/guard.ts';
import { checkConstraints } from './constraints.ts';
import { AwsError, commonErrors, unknownOperation } from './errors.ts';
import { identify } from './identity.ts';
import type { Identity, IdentityDefaults } from './identity.ts';
import type { Pace } from './pace.ts';
import type { Route, Routed, Router } from './route.ts';
import type { Call, Operation, Service } from './service.ts';
import type { StructureShape, Value } from './shape.ts';
import { query } from './wire/query.ts';
import type { Answer } from './wire/wire.ts';

/** A request as its transport read it. */
export interface Request extends Routed {
  readonly requestId: string;
  readonly origin: string;
  readonly client: ConnectedClient;
  /** Names and values in turn, as sent. */
  readonly rawHeaders: readonly string[];
  readonly signal: AbortSignal;
}

export interface Endpoint {
  readonly router: Router;
  readonly defaults: IdentityDefaults;
  /** Callers are let in though nothing about them is verified. */
  readonly anonymous: boolean;
  /** Undefined: callers are whom they say, and may do everything. */
  readonly guard: Guard | undefined;
  readonly pace: Pace;
  readonly log: Log;
}

/** What became of a request, for logs and counts. */
export interface Outcome {
  readonly answer: Answer;
  /** The answer carries a second request id. */
  readonly extendedId?: boolean;
  readonly service: string | undefined;
  readonly operation: string | undefined;
  readonly identity: Identity | undefined;
  /** The Query code of the refusal. */
  readonly refusal: string | undefined;
}

/** Bytes, or characters: what is shorter takes no time to speak of. */
const longBody = 64 * 1024;

export async function respond(request: Request, endpoint: Endpoint): Promise<Outcome> {
  let route: Route | undefined;
  let identity: Identity | undefined;
  try {
    route = endpoint.router.route(request);
    if (route.wire === query && route.action === undefined) return await servePage(request, endpoint);
    if (route.answer !== undefined) return noRequest(route.answer, route.service?.hasExtendedId);
    identity = identifyCaller(request, route, endpoint);
    admit(endpoint, identity);
    noteUser(request.client, identity, request.headers['user-agent']);
    const { service, operation } = known(route);
    const { wire } = route;
    const input = wire.parse(operation.input, { body: request.body, parameters: route.parameters });
    const call = new IncomingCall(request, identity.account, identity.region);
    endpoint.guard?.authorize(service, operation, input, call, identity);
    validate(service, operation, input, call);
    service.throttle?.(operation.name, input, call);
    const make = async (): Promise<Answer> => {
      const output = await act(service, operation, input, call);
      if (endpoint.pace.isFull) await endpoint.pace.room();
      return wire.serialise(service, operation, output, request.requestId);
    };
    const answer = operation.isBulky === true ? await makeBulky(make, endpoint) : await make();
    if (answer.body.length > longBody) endpoint.pace.spend(answer.body.length);
    const { name, hasExtendedId: extendedId = false } = service;
    return { answer, extendedId, service: name, operation: operation.name, identity, refusal: undefined };
  } catch (error) {
    const refusal = asAwsError(error, request, endpoint.log);
    const { wire = query, service, action } = route ?? {};
    const answer = wire.refuse(service, refusal, request.requestId);
    const extendedId = service?.hasExtendedId ?? false;
    return { answer, extendedId, service: service?.name, operation: action, identity, refusal: refusal.kind.code };
  }
}

/** So many at a time, and none that nobody would take. */
async function makeBulky(make: () => Promise<Answer>, { pace }: Endpoint): Promise<Answer> {
  if (!(await pace.beginBulky())) {
    throw new AwsError(commonErrors.serviceUnavailable, 'Service is unavailable: too many answers were not taken.');
  }
  try {
    return await make();
  } finally {
    pace.endBulky();
  }
}

/** An answer that is on no wire: the request never said what it wants, or was refused before it could. */
export function bareAnswer(status: number, name: string): Answer {
  return { status, contentType: 'text/xml', body: `<${name}/>\n` };
}

const nothingAsked = noRequest(bareAnswer(404, 'UnknownOperationException'));

function noRequest(answer: Answer, extendedId = false): Outcome {
  return {
    answer,
    extendedId,
    service: undefined,
    operation: undefined,
    identity: undefined,
    refusal: 'UnknownOperationException',
  };
}

/** A request that names no operation may be for something that a service serves beside them. */
async function servePage(request: Request, endpoint: Endpoint): Promise<Outcome> {
  for (const service of endpoint.router.services) {
    if (service.page === undefined) continue;
    admit(endpoint);
    const answer = await service.page(request);
    if (answer !== undefined) {
      return { answer, service: service.name, operation: undefined, identity: undefined, refusal: undefined };
    }
  }
  return nothingAsked;
}

function identifyCaller(request: Request, route: Route, { guard, defaults }: Endpoint): Identity {
  if (guard === undefined) return identify(request.headers, route.parameters, defaults);
  const { service, operation } = known(route);
  return guard.identify(request, service, operation, route.parameters, defaults);
}

/** As long as nobody looks who it is, everybody is anonymous. */
export function admit({ anonymous }: Pick<Endpoint, 'anonymous'>, identity?: Identity): void {
  if (anonymous || identity?.caller !== undefined) return;
  throw new AwsError(commonErrors.accessDenied, 'Access to the resource is denied.');
}

export function noteUser(client: ConnectedClient, { accessKeyId }: Identity, userAgent: string | undefined): void {
  client.user = accessKeyId;
  client.clientId ??= userAgent?.slice(0, 100);
}

function known({ service, operation, action }: Route): { readonly service: Service; readonly operation: Operation } {
  if (service === undefined || operation === undefined) throw unknownOperation(action ?? '');
  return { service, operation };
}

function validate(service: Service, operation: Operation, input: Value<StructureShape>, call: Call): void {
  const shape = operation.shapeFor?.(input, call) ?? operation.input;
  const [first, ...others] = checkConstraints(shape, input);
  if (first !== undefined) throw service.refuse([first, ...others]);
}

async function act(
  service: Service,
  operation: Operation,
  input: Value<StructureShape>,
  call: Call,
): Promise<Value<StructureShape> | undefined> {
  try {
    return await operation.act(input, call);
  } catch (error) {
    throw error instanceof BrokerError ? service.translate(error) : error;
  }
}

/** What an operation sees of the request. Its signal is made only if it is asked for. */
class IncomingCall {
  readonly account: string;
  readonly region: string;
  readonly #request: Request;

  constructor(request: Request, account: string, region: string) {
    this.#request = request;
    this.account = account;
    this.region = region;
  }

  get requestId(): string {
    return this.#request.requestId;
  }

  get origin(): string {
    return this.#request.origin;
  }

  get headers(): Request['headers'] {
    return this.#request.headers;
  }

  get client(): ConnectedClient {
    return this.#request.client;
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }
}

function asAwsError(error: unknown, { requestId }: Request, log: Log): AwsError {
  if (error instanceof AwsError) return error;
  log.error({ err: asBrokerError(error), requestId }, 'answer a request');
  return new AwsError(commonErrors.internalFailure, 'We encountered an internal error. Please try again.');
}
