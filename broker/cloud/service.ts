// What an AWS service is to the endpoint: its names on each wire and its operations. A service never sees HTTP; an
// operation never sees a wire.

import type { IncomingHttpHeaders } from 'node:http';
import type { ConnectedClient } from '../core/clients.ts';
import type { BrokerError } from '../core/errors.ts';
import type { Authorization, Input } from './auth/authorization.ts';
import type { Breach } from './constraints.ts';
import type { AwsError } from './errors.ts';
import type { Routed } from './route.ts';
import type { StructureShape, Value } from './shape.ts';
import type { Answer, Wire } from './wire/wire.ts';

/** Who asks, for which account and region, and how they reached us. */
export interface Call {
  readonly requestId: string;
  readonly account: string;
  readonly region: string;
  /** Scheme, host and port as the client wrote them: URLs handed out start with it. */
  readonly origin: string;
  readonly headers: IncomingHttpHeaders;
  readonly client: ConnectedClient;
  /** Aborted when the client has gone, or the endpoint closes: nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** An answer that is a stream: its member, and the shape of each kind of event. */
export interface EventShapes {
  readonly member: string;
  readonly events: Readonly<Record<string, StructureShape>>;
}

export interface TypedOperation<I extends StructureShape, O extends StructureShape> {
  readonly name: string;
  readonly input: I;
  /** Absent: success has an empty body. */
  readonly output: O | undefined;
  /** Whether it may be sent to the URL of a resource, rather than to the root of the endpoint, on the Query wire. */
  readonly atResource: boolean;
  /** The answer is a stream of events: the value of its member is an AsyncIterable of `{ NameOfEvent: value }`. */
  readonly events?: EventShapes;
  /** Its answers may be megabytes, and nothing is lost if one is not made: so many are made at a time. */
  readonly isBulky?: boolean;
  /** The shape to check the input against, where that depends on the resource that it names. */
  shapeFor?(input: Value<I>, call: Call): StructureShape;
  /** @throws AwsError for what the service refuses; BrokerError is translated by the service. */
  act(input: Value<I>, call: Call): Promise<Value<O> | undefined>;
}

/** Any operation: what it acts on is only known to be of its own input's shape. */
export type Operation = TypedOperation<StructureShape, StructureShape>;

/** An operation with an answer. */
export function operation<I extends StructureShape, O extends StructureShape>(
  name: string,
  input: I,
  output: O,
  act: (input: Value<I>, call: Call) => Promise<Value<O>>,
  traits: { readonly atResource?: boolean; readonly isBulky?: boolean } = {},
): TypedOperation<I, O> {
  return { name, input, output, atResource: true, ...traits, act };
}

/** An operation whose success says nothing more. */
export function command<I extends StructureShape>(
  name: string,
  input: I,
  act: (input: Value<I>, call: Call) => Promise<void>,
): TypedOperation<I, StructureShape> {
  return {
    name,
    input,
    output: undefined,
    atResource: true,
    act: async (value, call) => {
      await act(value, call);
      return undefined;
    },
  };
}

/** Whether a call is within its quotas. @throws AwsError in the words of the service where it is not. */
export type Throttle = (operation: string, input: Input, call: Call) => void;

export interface Service {
  /** As in a credential scope. */
  readonly name: string;
  /** What stands before the dot in X-Amz-Target. */
  readonly targetPrefix: string;
  /** Versions of its API on the Query wire. */
  readonly versions: readonly string[];
  /** Namespace of its answers on the Query wire. */
  readonly xmlNamespace: string;
  readonly operations: ReadonlyMap<string, Operation>;
  /** Member of a Query request that stands for the resource whose URL was posted to. */
  readonly resourceMember: string;
  /** How requests that name it in X-Amz-Target are read. Default: JSON 1.0. @throws AwsError for what is no request. */
  wireOf?(request: Routed): Wire | Answer;
  /** Answers carry the second request id that some services give. */
  readonly hasExtendedId?: boolean;
  /** Path of a resource's URL: that is how requests without an Action are known to be for the service. */
  readonly resourcePath: RegExp;
  /** Its errors on the Query wire have no element for details. */
  readonly plainErrors?: boolean;
  /** What it serves, beside its operations, to requests that name none; undefined: nothing is there. */
  page?(request: Routed): Promise<Answer | undefined>;
  /** How its requests are judged, where there is a guard. */
  readonly authorization: Authorization;
  /** Absent: calls are not counted. */
  readonly throttle?: Throttle | undefined;
  /** Breaches of the input's constraints, in the service's own words. */
  refuse(breaches: readonly [Breach, ...Breach[]]): AwsError;
  /** What the engine refused, in the service's own words. */
  translate(error: BrokerError): AwsError;
}
