// CONNECT, after it was read (MQTT 3.1.1, 3.1.4): the steps from a client's wish to its session, each of which may refuse.

import { randomUUID } from 'node:crypto';
import type { Principal } from '../../core/access.ts';
import { returnCode } from './codec/connect.ts';
import type { Connect, ReturnCode } from './codec/connect.ts';
import type { Connection } from './connection.ts';
import type { Hub } from './hub.ts';
import type { Session } from './session.ts';
import { storeWill, willOf } from './will.ts';
import type { Will } from './will.ts';

export interface Attempt {
  readonly hub: Hub;
  readonly connection: Connection;
  readonly connect: Connect;
  // What the steps find out.
  clientId: string;
  principal: Principal | undefined;
  session: Session | undefined;
  sessionPresent: boolean;
  will: Will | undefined;
}

/** Undefined: go on. */
type Step = (attempt: Attempt) => ReturnCode | undefined | Promise<ReturnCode | undefined>;

const steps: readonly Step[] = [identify, makeWill, authenticate, takeOver, openSession, keepWill];

/**
 * Runs the steps, as long as the connection stands.
 * @returns the code for CONNACK.
 * @throws BrokerError `invalid`: to be closed without an answer; others as Store.write does.
 */
export async function handleConnect(attempt: Attempt): Promise<ReturnCode> {
  for (const step of steps) {
    const code = await step(attempt);
    if (code !== undefined) return code;
    if (attempt.connection.isOver) return returnCode.unavailable;
  }
  return returnCode.accepted;
}

function identify(attempt: Attempt): ReturnCode | undefined {
  const { clientId, cleanSession, level } = attempt.connect;
  if (clientId === '') {
    // [MQTT-3.1.3-8]; MQTT 3.1 knows no empty identifier.
    if (!cleanSession || level === 3) return returnCode.identifierRejected;
    attempt.clientId = `causeway-${randomUUID()}`; // [MQTT-3.1.3-6]
  }
  return undefined;
}

function makeWill(attempt: Attempt): undefined {
  const { hub, clientId, connect } = attempt;
  if (connect.will !== undefined) attempt.will = willOf(hub, clientId, connect.will);
}

async function authenticate(attempt: Attempt): Promise<ReturnCode | undefined> {
  const { user, password } = attempt.connect;
  const credentials = user === undefined ? undefined : { user, password: password ?? Buffer.alloc(0) };
  const known = await attempt.hub.context.access.authenticate(attempt.connection.peer, credentials);
  if (known === undefined) return credentials === undefined ? returnCode.notAuthorized : returnCode.badCredentials;
  attempt.principal = known;
  return undefined;
}

/** [MQTT-3.1.4-2]. The session is ours once what the other connection had under way is in the store. */
async function takeOver({ connection, clientId }: Attempt): Promise<undefined> {
  const previous = connection.own(clientId);
  previous?.end('another connection has the same client identifier');
  await previous?.ended;
}

/** [MQTT-3.1.4-3] */
async function openSession(attempt: Attempt): Promise<undefined> {
  const { hub, clientId, connect } = attempt;
  const opened = await hub.sessions.open(clientId, connect.cleanSession);
  attempt.session = opened.session;
  attempt.sessionPresent = opened.present;
}

async function keepWill({ hub, will }: Attempt): Promise<undefined> {
  if (will !== undefined) await storeWill(hub, will);
}
