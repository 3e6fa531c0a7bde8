// Pages of queues, by name: the token is the last name of the page before.

import { invalidParameterValue } from '../../errors.ts';
import { limits } from './limits.ts';
import type { SqsQueue } from './sqs-queue.ts';

export interface Page {
  readonly queues: readonly SqsQueue[];
  readonly nextToken: string | undefined;
}

/** @param queues sorted by name. @throws AwsError InvalidParameterValue. */
export function pageOf(queues: readonly SqsQueue[], maxResults: number | undefined, token: string | undefined): Page {
  if (maxResults !== undefined && !(maxResults >= 1 && maxResults <= limits.listedQueues)) {
    throw invalidParameterValue(
      `Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and ` +
        `${limits.listedQueues}.`,
    );
  }
  const after = token === undefined ? '' : decodeToken(token);
  const rest = queues.filter(({ core }) => core.name > after);
  const page = rest.slice(0, maxResults ?? limits.listedQueues);
  // Who does not page is told of no further page.
  const more = maxResults !== undefined && rest.length > page.length;
  const last = page.at(-1)?.core.name;
  return { queues: page, nextToken: more && last !== undefined ? encodeToken(last) : undefined };
}

function encodeToken(name: string): string {
  return Buffer.from(name).toString('base64');
}

function decodeToken(token: string): string {
  const name = Buffer.from(token, 'base64').toString();
  if (name === '' || encodeToken(name) !== token) throw invalidParameterValue('Invalid or expired next token.');
  return name;
}
