// What rules give, on names and on wildcards.

import { array, assert, boolean, constantFrom, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, overlap } from '../../broker/access/patterns.ts';
import { isAllowed } from '../../broker/access/rules.ts';
import type { Rule } from '../../broker/access/rules.ts';
import type { Operation } from '../../broker/core/access.ts';
import { parseAddress } from '../../broker/core/address.ts';
import { matches } from '../../broker/core/topics.ts';

const nobody = { read: [], write: [], create: [], admin: [], final: false };

function rule(address: string, rights: Partial<Rule>): Rule {
  const [kind, pattern] = address.split('://') as [Rule['kind'], string];
  return { ...nobody, kind, pattern, ...rights };
}

function ask(rules: Rule[], user: string, operation: Operation, address: string): boolean {
  const [name = '', ...groups] = user.split('@');
  return isAllowed(rules, { user: name, groups }, operation, parseAddress(address));
}

/** The table of ActiveMQ's documentation of authorization. */
const activemq: Rule[] = [
  rule('queue://>', { read: ['admins'], write: ['admins'], admin: ['admins'] }),
  rule('queue://USERS.>', { read: ['users'], write: ['users'], admin: ['users'] }),
  rule('queue://GUEST.>', { read: ['guests'], write: ['guests', 'users'], admin: ['guests', 'users'] }),
  rule('topic://ActiveMQ.Advisory.>', { read: ['*'] }),
];

describe('rules', () => {
  it.each<[user: string, operation: Operation, address: string, allowed: boolean]>([
    ['a@users', 'read', 'queue://USERS.FOO', true],
    ['a@users', 'read', 'queue://USERS', true],
    ['a@users', 'create', 'queue://USERS.FOO', true],
    ['a@users', 'read', 'queue://GUEST.FOO', false],
    ['a@users', 'write', 'queue://GUEST.FOO', true],
    ['a@users', 'read', 'queue://OTHER', false],
    ['a@users', 'read', 'topic://USERS.FOO', false],
    // What several rules give adds up, whichever is the more specific.
    ['root@admins', 'read', 'queue://USERS.FOO', true],
    ['root@admins', 'write', 'queue://GUEST.FOO', true],
    ['a', 'read', 'topic://ActiveMQ.Advisory.Connection', true],
    ['a', 'write', 'topic://ActiveMQ.Advisory.Connection', false],
    ['a', 'read', 'queue://USERS.FOO', false],
    ['a@guests', 'write', 'temp-queue://x', true],
    // A wildcard needs a right to all that it stands for.
    ['a@users', 'read', 'queue://USERS.>', true],
    ['a@users', 'read', 'queue://USERS.*.x', true],
    ['a@users', 'read', 'queue://*.FOO', false],
    ['a@users', 'read', 'queue://>', false],
    ['root@admins', 'read', 'queue://>', true],
  ])('as those of ActiveMQ let %s %s %s: %s', (user, operation, address, allowed) => {
    expect(ask(activemq, user, operation, address)).toBe(allowed);
  });

  it('give nothing that they do not say', () => {
    expect(ask([], 'a', 'read', 'queue://x')).toBe(false);
  });

  it('name users, and everyone', () => {
    const rules = [rule('queue://x', { read: ['user:ann'], write: ['*'] })];
    expect(ask(rules, 'ann', 'read', 'queue://x')).toBe(true);
    expect(ask(rules, 'bob@ann', 'read', 'queue://x')).toBe(false);
    expect(ask(rules, 'bob', 'write', 'queue://x')).toBe(true);
  });

  it('end at one that is final, where there is an order', () => {
    const rules = [
      rule('queue://pay.>', { read: ['hr'], final: true }),
      rule('queue://>', { read: ['*'] }),
      rule('topic://$SYS.>', { read: ['ops'], final: true }),
      rule('topic://>', { read: ['*'] }),
    ];
    expect(ask(rules, 'a', 'read', 'queue://orders')).toBe(true);
    expect(ask(rules, 'a', 'read', 'queue://pay.roll')).toBe(false);
    expect(ask(rules, 'a@hr', 'read', 'queue://pay.roll')).toBe(true);
    expect(ask(rules, 'a', 'read', 'queue://>')).toBe(false);
    expect(ask(rules, 'a', 'read', 'queue://*')).toBe(false);
    expect(ask(rules, 'a', 'read', 'queue://*.list')).toBe(false);
    expect(ask(rules, 'a', 'read', 'queue://orders.>')).toBe(true);
    expect(ask(rules, 'a@hr', 'read', 'queue://>')).toBe(true);
    // A filter that begins with a wildcard does not reach names that begin with $.
    expect(ask(rules, 'a', 'read', 'topic://>')).toBe(true);
    expect(ask(rules, 'a', 'read', 'topic://$SYS.>')).toBe(false);
  });

  it('say of temporary destinations what is said, and allow them while nothing is', () => {
    const rules = [rule('temp://>', { create: ['users'] })];
    expect(ask(rules, 'a@users', 'create', 'temp-queue://x')).toBe(true);
    expect(ask(rules, 'a', 'create', 'temp-topic://x')).toBe(false);
    expect(ask([], 'a', 'create', 'temp-queue://x')).toBe(true);
  });
});

describe('patterns', () => {
  const levels = array(constantFrom('a', 'b', '*'), { minLength: 1, maxLength: 3 });
  const pattern = tuple(levels, boolean()).map(([names, isOpen]) => (isOpen ? [...names, '>'] : names).join('.'));
  const name = array(constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 5 }).map((names) => names.join('.'));

  it('cover and overlap as their names do', () => {
    assert(
      property(pattern, pattern, name, (one, other, candidate) => {
        if (matches(other, candidate) && covers(one, other)) expect(matches(one, candidate)).toBe(true);
        if (matches(one, candidate) && matches(other, candidate)) expect(overlap(one, other)).toBe(true);
        // The two say the same of a name as the core's own rule does.
        expect(covers(one, candidate)).toBe(matches(one, candidate));
        expect(overlap(one, candidate)).toBe(matches(one, candidate));
      }),
      { seed: 20_261_121, numRuns: 5000 },
    );
  });
});
