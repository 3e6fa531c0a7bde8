// Finds what a request asks for, by what it says itself: X-Amz-Target, then Action, then the path of a resource. The
// credential scope decides only between services that both have the action.

import type { IncomingHttpHeaders } from 'node:http';
import type { Operation, Service } from './service.ts';
import { json10, json11 } from './wire/json.ts';
import { query, readParameters } from './wire/query.ts';
import { queryJson } from './wire/query-json.ts';
import type { Answer, Wire } from './wire/wire.ts';

export interface Route {
  readonly wire: Wire;
  /** It is no request at all: this is what is said to that. */
  readonly answer?: Answer;
  readonly service: Service | undefined;
  /** Undefined: the request names none, or one that the service does not have. */
  readonly operation: Operation | undefined;
  /** What the request called it. */
  readonly action: string | undefined;
  /** Of the Query wire: those of the URL and the form. */
  readonly parameters: ReadonlyMap<string, string> | undefined;
}

export interface Routed {
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export class Router {
  readonly #byPrefix = new Map<string, Service>();
  readonly services: readonly Service[];

  constructor(services: readonly Service[]) {
    this.services = services;
    for (const service of services) this.#byPrefix.set(service.targetPrefix, service);
  }

  /** @throws AwsError for parameters that cannot be read. */
  route(request: Routed): Route {
    const target = request.headers['x-amz-target'];
    if (typeof target === 'string') return this.#byTarget(target, request);
    if (this.#signedFor(request.headers) !== undefined) return this.#byTarget('', request);
    if (isJson(request.headers)) {
      return {
        wire: isJson11(request.headers) ? json11 : json10,
        service: undefined,
        operation: undefined,
        action: undefined,
        parameters: undefined,
      };
    }
    return this.#byAction(request);
  }

  /** `AmazonSQS.SendMessage` */
  #byTarget(target: string, request: Routed): Route {
    const dot = target.lastIndexOf('.');
    const action = target.slice(dot + 1);
    const service = this.#byPrefix.get(target.slice(0, Math.max(0, dot))) ?? this.#signedFor(request.headers);
    const operation = service?.operations.get(action);
    const found = { service, operation, action, parameters: undefined };
    if (service?.wireOf === undefined) return { wire: isJson11(request.headers) ? json11 : json10, ...found };
    const wire = service.wireOf(request);
    return 'parse' in wire ? { wire, ...found } : { wire: json11, answer: wire, ...found };
  }

  /** A service that is named by targets alone knows what was meant for it, without one, by the signature. */
  #signedFor({ authorization = '' }: IncomingHttpHeaders): Service | undefined {
    for (const service of this.#byPrefix.values()) {
      if (service.wireOf !== undefined && authorization.includes(`/${service.name}/aws4_request`)) return service;
    }
    return undefined;
  }

  #byAction({ method, target, headers, body }: Routed): Route {
    const parameters = new Map<string, string>();
    const question = target.indexOf('?');
    const path = question < 0 ? target : target.slice(0, question);
    if (question >= 0) readParameters(target.slice(question + 1), parameters);
    if (method === 'POST' && isForm(headers)) readParameters(body.toString(), parameters);
    const action = parameters.get('Action');
    if (action === undefined) {
      return { wire: query, service: undefined, operation: undefined, action, parameters };
    }
    const wire = wantsJson(headers) ? queryJson : query;
    const service = this.#serviceFor(action, path, parameters, headers);
    const operation = service?.operations.get(action);
    if (service === undefined || operation === undefined || !service.resourcePath.test(path)) {
      return { wire, service, operation, action, parameters };
    }
    if (!operation.atResource) return { wire, service, operation: undefined, action, parameters };
    const { resourceMember } = service;
    if (!parameters.has(resourceMember)) parameters.set(resourceMember, `http://${headers.host ?? 'localhost'}${path}`);
    return { wire, service, operation, action, parameters };
  }

  #serviceFor(
    action: string,
    path: string,
    parameters: ReadonlyMap<string, string>,
    { authorization }: IncomingHttpHeaders,
  ): Service | undefined {
    const [only, ...others] = this.services.filter((service) => service.operations.has(action));
    if (only !== undefined && others.length === 0) return only;
    const candidates = only === undefined ? this.services : [only, ...others];
    const version = parameters.get('Version') ?? '';
    const scope = parameters.get('X-Amz-Credential') ?? authorization ?? '';
    return (
      candidates.find((service) => service.versions.includes(version)) ??
      candidates.find((service) => service.resourcePath.test(path)) ??
      candidates.find((service) => scope.includes(`/${service.name}/`)) ??
      candidates[0]
    );
  }
}

/** Of the Query wire: XML is what it answers in else. */
function wantsJson({ accept = '' }: IncomingHttpHeaders): boolean {
  return accept.includes('application/json');
}

function isJson(headers: IncomingHttpHeaders): boolean {
  return headers['content-type']?.startsWith('application/x-amz-json') ?? false;
}

function isJson11(headers: IncomingHttpHeaders): boolean {
  return headers['content-type']?.startsWith('application/x-amz-json-1.1') ?? false;
}

/** Without a content type a body is taken for a form, as AWS does. */
function isForm(headers: IncomingHttpHeaders): boolean {
  return headers['content-type']?.includes('x-www-form-urlencoded') ?? true;
}
