// What policies allow, as the IAM User Guide has it: tables of statements and requests.

import { describe, expect, it } from 'vitest';
import { anonymous, root, service, user } from '../../../broker/cloud/auth/caller.ts';
import type { Caller } from '../../../broker/cloud/auth/caller.ts';
import { denialOf } from '../../../broker/cloud/auth/decide.ts';
import { matches } from '../../../broker/cloud/auth/glob.ts';
import { readIdentityPolicy, readResourcePolicy } from '../../../broker/cloud/auth/policy.ts';
import { RequestContext } from '../../../broker/cloud/auth/request-context.ts';

const shop = '111122223333';
const other = '444455556666';
const arn = `arn:aws:sqs:us-east-1:${shop}:orders`;
const now = Date.parse('2026-11-21T12:00:00Z');

type Json = Readonly<Record<string, unknown>>;

interface Request {
  readonly caller?: Caller;
  readonly action?: string;
  readonly isShared?: boolean;
  readonly keys?: Readonly<Record<string, string>>;
  readonly source?: { readonly arn: string; readonly account: string };
  readonly address?: string;
}

/** Empty: allowed. */
function judged(statements: Json | readonly Json[], request: Request = {}, version = '2012-10-17'): string {
  const {
    caller = ann(),
    action = 'sqs:SendMessage',
    isShared = true,
    keys = {},
    source,
    address = '10.1.2.3',
  } = request;
  const context = new RequestContext({
    caller,
    now,
    resourceAccount: shop,
    resourceTags: new Map([['Team', 'blue']]),
    region: 'us-east-1',
    isSecure: false,
    address,
    userAgent: 'test',
    source,
    own: new Map(Object.entries(keys)),
  });
  const policy = readResourcePolicy(JSON.stringify({ Version: version, Statement: statements }));
  const denied = denialOf({ caller, action, resource: { arn, account: shop, isShared }, context }, policy);
  return denied === undefined ? '' : `${denied.isExplicit ? 'explicit' : 'implicit'} ${denied.by}`;
}

function ann(...statements: Json[]): Caller {
  return user(shop, 'ann', statements.length === 0 ? [] : [readIdentityPolicy({ Statement: statements })]);
}

function bob(...statements: Json[]): Caller {
  return user(other, 'bob', statements.length === 0 ? [] : [readIdentityPolicy({ Statement: statements })]);
}

const allow = { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: arn };
const deny = { ...allow, Effect: 'Deny' };
const may = { Effect: 'Allow', Action: 'sqs:*', Resource: '*' };
const mayNot = { Effect: 'Deny', Action: 'sqs:Send*', Resource: arn };

describe('within an account', () => {
  it.each<[string, string, Json | Json[], Request]>([
    ['nothing allows nothing', 'implicit identity', [], {}],
    ['the root may', '', [], { caller: root(shop) }],
    ['the root may not what is denied', 'explicit resource', deny, { caller: root(shop) }],
    ['the policy of a user is enough', '', [], { caller: ann(may) }],
    ['the policy of a resource is enough', '', allow, {}],
    ['a deny of the user wins', 'explicit identity', allow, { caller: ann(may, mayNot) }],
    ['a deny of the resource wins', 'explicit resource', [allow, deny], { caller: ann(may) }],
    ['a deny of something else does not', '', { ...deny, Action: 'sqs:DeleteQueue' }, { caller: ann(may) }],
    ['a user is named', '', { ...allow, Principal: { AWS: `arn:aws:iam::${shop}:user/ann` } }, {}],
    ['another user is not', 'implicit identity', { ...allow, Principal: { AWS: `arn:aws:iam::${shop}:user/eve` } }, {}],
    ['what the account is given is its to give', 'implicit identity', { ...allow, Principal: { AWS: shop } }, {}],
    ['what is denied to the account is denied to all', 'explicit resource', { ...deny, Principal: { AWS: shop } }, {}],
  ])('%s', (_what, expected, statements, request) => {
    expect(judged(statements, request)).toBe(expected);
  });
});

describe('between accounts', () => {
  const toOther = { ...allow, Principal: { AWS: [`arn:aws:iam::${other}:root`] } };

  it.each<[string, string, Json | Json[], Request]>([
    ['the root of one may nothing in another', 'implicit resource', [], { caller: root(other) }],
    ['the user alone is not enough', 'implicit resource', [], { caller: bob(may) }],
    ['the resource alone is not enough', 'implicit identity', allow, { caller: bob() }],
    ['both are', '', allow, { caller: bob(may) }],
    ['an account is enough of a name', '', toOther, { caller: bob(may) }],
    ['by its twelve digits as well', '', { ...allow, Principal: { AWS: other } }, { caller: root(other) }],
    ['some operations never', 'implicit resource', allow, { caller: bob(may), isShared: false }],
    ['nobody known needs a star', '', allow, { caller: anonymous }],
    ['nobody known is in no account', 'implicit resource', toOther, { caller: anonymous }],
  ])('%s', (_what, expected, statements, request) => {
    expect(judged(statements, request)).toBe(expected);
  });
});

describe('a service', () => {
  const sns = service('sns.amazonaws.com');
  const toSns = { ...allow, Principal: { Service: 'sns.amazonaws.com' } };
  const topic = { arn: `arn:aws:sns:us-east-1:${shop}:news`, account: shop };

  it.each<[string, string, Json, Request]>([
    ['is let in by name', '', toSns, {}],
    ['is not another', 'implicit resource', { ...allow, Principal: { Service: 's3.amazonaws.com' } }, {}],
    ['is no account', 'implicit resource', { ...allow, Principal: { AWS: shop } }, {}],
    ['asks for a topic', '', { ...toSns, Condition: { ArnEquals: { 'aws:SourceArn': topic.arn } } }, {}],
    ['asks for any topic', '', { ...toSns, Condition: { ArnLike: { 'AWS:SourceArn': 'arn:aws:sns:*:*:ne?s' } } }, {}],
    ['asks for an account', '', { ...toSns, Condition: { StringEquals: { 'aws:SourceAccount': shop } } }, {}],
    [
      'is no deputy of others',
      'implicit resource',
      { ...toSns, Condition: { StringEquals: { 'aws:SourceAccount': other } } },
      {},
    ],
    [
      'is refused what has to have a source',
      'implicit resource',
      { ...toSns, Condition: { ArnEquals: { 'aws:SourceArn': `${topic.arn}2` } } },
      {},
    ],
  ])('%s', (_what, expected, statement, request) => {
    expect(judged(statement, { caller: sns, source: topic, ...request })).toBe(expected);
  });
});

describe('elements', () => {
  it.each<[string, Json, boolean]>([
    ['Action with a wildcard', { ...allow, Action: ['SQS:Get*', 'SQS:Send*'] }, true],
    ['Action in any case', { ...allow, Action: 'SQS:sendMESSAGE' }, true],
    ['Action of all', { ...allow, Action: '*' }, true],
    ['NotAction', { ...allow, Action: undefined, NotAction: 'sqs:Delete*' }, true],
    ['NotAction of it', { ...allow, Action: undefined, NotAction: 'sqs:Send*' }, false],
    ['Resource with a wildcard', { ...allow, Resource: 'arn:aws:sqs:*:*:ord?rs' }, true],
    ['Resource of another', { ...allow, Resource: `${arn}2` }, false],
    ['no Resource', { ...allow, Resource: undefined }, true],
    ['NotResource', { ...allow, Resource: undefined, NotResource: `${arn}2` }, true],
    ['NotResource of it', { ...allow, Resource: undefined, NotResource: arn }, false],
    ['NotPrincipal', { ...allow, Principal: undefined, NotPrincipal: { AWS: `arn:aws:iam::${shop}:user/eve` } }, true],
    [
      'NotPrincipal of it',
      { ...allow, Principal: undefined, NotPrincipal: { AWS: `arn:aws:iam::${shop}:user/ann` } },
      false,
    ],
    ['no Principal', { ...allow, Principal: undefined }, false],
    ['Principal of another kind', { ...allow, Principal: { Federated: '*' } }, false],
    ['a variable', { ...allow, Resource: `arn:aws:sqs:us-east-1:\${aws:PrincipalAccount}:orders` }, true],
    ['a variable that is another', { ...allow, Resource: `arn:aws:sqs:us-east-1:${shop}:\${aws:username}` }, false],
    ['a variable without a value', { ...allow, Resource: 'arn:${aws:SourceArn}*' }, false],
    ['a star that is meant', { ...allow, Resource: 'arn:aws:sqs:us-east-1:${*}:orders' }, false],
    ['an effect that is none', { ...allow, Effect: 'Maybe' }, false],
  ])('%s: %o', (_what, statement, allowed) => {
    expect(judged(statement) === '').toBe(allowed);
  });

  it('have variables since 2012', () => {
    const statement = { ...allow, Resource: `arn:aws:sqs:us-east-1:\${aws:PrincipalAccount}:orders` };
    expect(judged(statement)).toBe('');
    expect(judged(statement, {}, '2008-10-17')).toBe('implicit identity');
  });

  it('of a policy that cannot be read allow nothing', () => {
    expect(readResourcePolicy('{')).toEqual({ statements: [] });
    expect(readResourcePolicy('[]')).toEqual({ statements: [] });
  });
});

describe('conditions', () => {
  const arnOfTopic = 'arn:aws:sns:us-east-1:111122223333:news';
  const keys = { 'sns:protocol': 'https', 'sns:endpoint': 'https://shop.example/hook' };

  it.each<[string, Json, boolean]>([
    ['StringEquals', { 'sns:Protocol': ['sqs', 'https'] }, true],
    ['StringEquals', { 'sns:Protocol': 'HTTPS' }, false],
    ['StringEquals', { 'aws:SourceArn': 'x' }, false],
    ['StringEqualsIfExists', { 'aws:SourceArn': 'x' }, true],
    ['StringEqualsIfExists', { 'sns:Protocol': 'x' }, false],
    ['StringNotEquals', { 'sns:Protocol': ['sqs', 'https'] }, false],
    ['StringNotEquals', { 'aws:SourceArn': 'x' }, true],
    ['StringEqualsIgnoreCase', { 'sns:Protocol': 'HTTPS' }, true],
    ['StringNotEqualsIgnoreCase', { 'sns:Protocol': 'HTTPS' }, false],
    ['StringLike', { 'sns:Endpoint': 'https://*.example/*' }, true],
    ['StringNotLike', { 'sns:Endpoint': 'http://*' }, true],
    ['StringLike', { 'aws:username': '${aws:username}' }, true],
    ['StringEquals', { 'aws:username': "${aws:SourceArn, 'ann'}" }, true],
    ['NumericEquals', { 'aws:EpochTime': now / 1000 }, true],
    ['NumericNotEquals', { 'aws:EpochTime': now / 1000 }, false],
    ['NumericLessThan', { 'aws:EpochTime': '1' }, false],
    ['NumericGreaterThanEquals', { 'aws:EpochTime': '1' }, true],
    ['NumericGreaterThan', { 'sns:Protocol': '1' }, false],
    ['DateGreaterThan', { 'aws:CurrentTime': '2026-11-21T11:59:59Z' }, true],
    ['DateLessThan', { 'aws:CurrentTime': '2026-11-21T11:59:59Z' }, false],
    ['DateLessThanEquals', { 'aws:EpochTime': '2026-11-21T12:00:00Z' }, true],
    ['DateEquals', { 'aws:CurrentTime': '2026-11-21T13:00:00+01:00' }, true],
    ['Bool', { 'aws:SecureTransport': 'false' }, true],
    ['Bool', { 'aws:SecureTransport': true }, false],
    ['IpAddress', { 'aws:SourceIp': ['192.0.2.0/24', '10.0.0.0/8'] }, true],
    ['IpAddress', { 'aws:SourceIp': '10.1.2.3' }, true],
    ['IpAddress', { 'aws:SourceIp': '2001:db8::/32' }, false],
    ['IpAddress', { 'aws:SourceIp': '10.0.0.0/33' }, false],
    ['NotIpAddress', { 'aws:SourceIp': '10.0.0.0/8' }, false],
    ['ArnEquals', { 'aws:PrincipalArn': 'arn:aws:iam::*:user/a*' }, true],
    ['ArnLike', { 'aws:PrincipalArn': 'arn:*:user/ann' }, false],
    ['ArnNotLike', { 'aws:PrincipalArn': arnOfTopic }, true],
    ['Null', { 'aws:SourceArn': 'true' }, true],
    ['Null', { 'aws:PrincipalArn': 'true' }, false],
    ['Null', { 'aws:PrincipalArn': false }, true],
    ['ForAllValues:StringEquals', { 'aws:TagKeys': 'x' }, true],
    ['ForAnyValue:StringEquals', { 'aws:TagKeys': 'x' }, false],
    ['ForAnyValue:StringLike', { 'sns:Protocol': 'http*' }, true],
    ['StringEquals', { 'aws:ResourceTag/team': 'blue' }, true],
    ['StringEquals', { 'aws:ResourceAccount': shop, 'aws:PrincipalAccount': other }, false],
    ['StringEquals', { 'aws:RequestedRegion': 'us-east-1' }, true],
    ['NoSuchOperator', { 'sns:Protocol': 'https' }, false],
  ])('%s %o', (operator, given, holds) => {
    expect(judged({ ...allow, Condition: { [operator]: given } }, { keys }) === '').toBe(holds);
  });

  it('must hold together', () => {
    const both = { StringEquals: { 'aws:username': 'ann' }, Bool: { 'aws:SecureTransport': 'true' } };
    expect(judged({ ...allow, Condition: both })).toBe('implicit identity');
  });

  it('that nobody knows deny', () => {
    expect(judged([allow, { ...deny, Condition: { NoSuchOperator: { a: 'b' } } }])).toBe('explicit resource');
  });
});

describe('a policy of a user', () => {
  it.each([
    [{ Statement: { ...may, Principal: '*' } }, 'a policy of a user has no Principal'],
    [{ Statement: { Effect: 'Allow', Action: '*' } }, 'a statement needs Resource or NotResource'],
    [{ Statement: { Effect: 'Allow', Resource: '*' } }, 'a statement needs Action or NotAction'],
    [{ Statement: { ...may, NotAction: '*' } }, 'Action and NotAction exclude each other'],
    [{ Statement: { ...may, Effect: 'allow' } }, 'Effect is Allow or Deny'],
    [{ Statement: { ...may, Condition: { Like: { a: 'b' } } } }, 'a Condition has an operator that there is not'],
    ['all', 'a policy is an object with a Statement'],
  ])('is checked: %o', (document, message) => {
    expect(() => readIdentityPolicy(document)).toThrow(message);
  });
});

describe('patterns', () => {
  it.each([
    ['', '', true],
    ['*', '', true],
    ['**', 'abc', true],
    ['a*c', 'abcbc', true],
    ['a*d', 'abcbc', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['a.c', 'abc', false],
    ['*a*b*', 'xxaxxbxx', true],
  ])('%o and %o: %o', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  it('that are made to take long do not', () => {
    expect(matches(`${'*a'.repeat(1000)}b`, 'a'.repeat(10_000))).toBe(false);
  });
});
