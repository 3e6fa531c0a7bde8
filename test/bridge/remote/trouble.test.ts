// What failed calls mean, by the errors that the SDK throws.

import { describe, expect, it } from 'vitest';
import { CallRefused, isDenied, judge } from '../../../broker/bridge/endpoints/aws/trouble.ts';
import { RemoteTrouble } from '../../../broker/bridge/remote.ts';
import { message } from '../../support/messages.ts';
import { world } from '../world.ts';

const place = { remote: 'prod', profile: 'p', address: 'sqs://orders@prod' };

function thrown(name: string, words: string, status?: number, code?: string): Error {
  const error = new Error(words);
  error.name = name;
  if (status !== undefined) Object.assign(error, { $metadata: { httpStatusCode: status } });
  return code === undefined ? error : Object.assign(error, { code });
}

const cases: readonly (readonly [Error, RemoteTrouble['kind'] | 'refused', string])[] = [
  [
    thrown('ThrottlingException', 'Rate exceeded', 400),
    'throttled',
    'remote "prod" has too much to do: ThrottlingException: Rate exceeded',
  ],
  [thrown('ProvisionedThroughputExceededException', 'slow', 400), 'throttled', 'has too much to do'],
  [thrown('Error', 'x', 429), 'throttled', 'has too much to do: status 429: x'],
  [thrown('AWS.SimpleQueueService.NonExistentQueue', 'x', 400), 'not-found', 'sqs://orders@prod does not exist'],
  [thrown('QueueDoesNotExist', 'x', 400), 'not-found', 'sqs://orders@prod does not exist'],
  [thrown('ResourceNotFoundException', 'x', 400), 'not-found', 'sqs://orders@prod does not exist'],
  [
    thrown('ExpiredTokenException', 'The security token is expired', 403),
    'not-allowed',
    'the credentials of remote "prod" have expired: ExpiredTokenException: The security token is expired; log in again (aws sso login --profile p)',
  ],
  [
    thrown('CredentialsProviderError', 'Could not load credentials from any providers'),
    'not-allowed',
    'remote "prod" has no credentials by profile "p": Could not load credentials from any providers; log in again',
  ],
  [thrown('InvalidClientTokenId', 'x', 403), 'not-allowed', 'does not take the credentials: InvalidClientTokenId: x'],
  [thrown('AccessDeniedException', 'x', 400), 'not-allowed', 'the credentials of remote "prod" do not suffice: '],
  [thrown('Error', 'Region is missing'), 'not-allowed', 'remote "prod" has no region: '],
  [thrown('InternalFailure', 'x', 500), 'away', 'answers with a failure of its own: InternalFailure: x'],
  [
    thrown('Error', 'connect ECONNREFUSED 127.0.0.1:1', undefined, 'ECONNREFUSED'),
    'away',
    'cannot be reached: connect ECONNREFUSED',
  ],
  [thrown('TimeoutError', 'x'), 'away', 'cannot be reached: x'],
  [
    thrown('SyntaxError', 'Unexpected token <', 200),
    'away',
    'gives answers that are none: SyntaxError: Unexpected token <',
  ],
  [thrown('InvalidMessageContents', 'x', 400), 'refused', 'InvalidMessageContents: x'],
  [thrown('AWS.SimpleQueueService.BatchRequestTooLong', 'x', 400), 'refused', 'BatchRequestTooLong: x'],
  // What nobody knows is not taken for the messages' fault: a backlog of dead letters helps nobody.
  [
    thrown('UnsupportedOperation', 'x', 400),
    'not-allowed',
    'remote "prod" refuses sqs://orders@prod: UnsupportedOperation: x',
  ],
];

describe('a failed call', () => {
  it.each(cases)('%s is %s', (error, kind, words) => {
    const judged = judge(error, place);
    expect(judged).toBeInstanceOf(kind === 'refused' ? CallRefused : RemoteTrouble);
    expect(judged).toMatchObject({ message: expect.stringContaining(words), ...(kind !== 'refused' && { kind }) });
  });

  it('that is a bug of ours stays one', () => {
    const bug = new TypeError('x is not a function');
    expect(judge(bug, place)).toBe(bug);
  });

  it('for want of a right is told from one for want of credentials', () => {
    expect(isDenied(judge(thrown('AccessDenied', 'x', 403), place))).toBe(true);
    expect(isDenied(judge(thrown('ExpiredToken', 'x', 403), place))).toBe(false);
  });
});

it('a profile that is not there is the state of the route, in words', async () => {
  await using w = await world({
    remotes: '{prod: {type: aws, region: eu-west-1, profile: causeway-has-no-such-profile}}',
    routes: '[{name: r, from: queue://in, to: sqs://orders@prod}]',
  });
  await w.broker.publish({ kind: 'queue', name: 'in' }, message({ text: 'x' }));
  await expect
    .poll(() => w.route('r').error)
    .toMatch(
      /^remote "prod" has no credentials by profile "causeway-has-no-such-profile": .*aws sso login --profile causeway/,
    );
  expect(w.broker.queue('in').readyCount).toBe(1);
});
