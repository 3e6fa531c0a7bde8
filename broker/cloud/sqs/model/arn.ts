// Names of queues in AWS's terms: where a queue is, its ARN, its URL, and the engine's namespace that it lives in.

import type { Queue } from '../../../core/queue.ts';

export interface Location {
  readonly account: string;
  readonly region: string;
}

const namespacePattern = /^aws\/(\d{12})\/([a-z0-9-]+)$/;
const arnPattern = /^arn:([^:]+):([^:]+):([^:]*):([^:]*):(.+)$/;
/** `/123456789012/orders`, whatever stands before it. */
const urlPathPattern = /\/(\d{12})\/([^/?#]+)\/?$/;

export function namespaceOf({ account, region }: Location): string {
  return `aws/${account}/${region}`;
}

/** Undefined for a queue of the broker's own world. */
export function locationOf({ namespace }: { readonly namespace: string }): Location | undefined {
  const [, account, region] = namespacePattern.exec(namespace) ?? [];
  return account === undefined || region === undefined ? undefined : { account, region };
}

export function queueArn({ account, region }: Location, name: string): string {
  return `arn:aws:sqs:${region}:${account}:${name}`;
}

export function queueUrl(origin: string, { namespace, name }: Queue): string {
  return `${origin}/${locationOf({ namespace })?.account ?? ''}/${name}`;
}

export interface Arn extends Location {
  readonly service: string;
  readonly resource: string;
}

export function parseArn(text: string): Arn | undefined {
  const [, , service, region, account, resource] = arnPattern.exec(text) ?? [];
  if (service === undefined || region === undefined || account === undefined || resource === undefined) {
    return undefined;
  }
  return { service, region, account, resource };
}

/** Account and name, wherever the URL says that the endpoint is. */
export function parseQueueUrl(url: string): { readonly account: string; readonly name: string } | undefined {
  const [, account, name] = urlPathPattern.exec(url) ?? [];
  return account === undefined || name === undefined ? undefined : { account, name };
}
