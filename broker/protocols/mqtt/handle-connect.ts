// CONNECT, after it was read (MQTT 3.1.1 and 5, 3.1.4): the steps from a client's wish to its session, each of which may
// refuse.

import { randomUUID } from 'node:crypto';
import type { Principal } from '../../core/access.ts';
import { authenticatePlainly, beginScram, endScram, scramMethod } from './authentication.ts';
import type { Connect } from './codec/connect.ts';
import { auth } from './codec/disconnect.ts';
import type { Properties } from './codec/properties.ts';
import { protocolError, reason, WireError } from './codec/reason.ts';
import type { Reason } from './codec/reason.ts';
import type { Connection } from './connection.ts';
import { dropRefused } from './handle-subscribe.ts';
import type { Hub } from './hub.ts';
import { never } from './session-records.ts';
import type { Session } from './session.ts';
import { willOf } from './will.ts';
import type { Will } from './will.ts';

/** An AUTH packet. */
export interface Authentication {
  readonly code: number;
  readonly properties: Properties;
}

export interface Attempt {
  readonly hub: Hub;
  readonly connection: Connection;
  readonly connect: Connect;
  /** Asks the client for more. Resolves with undefined if the connection ends. */
  readonly ask: (packet: Buffer) => Promise<Authentication | undefined>;
  // What the steps find out.
  clientId: string;
  principal: Principal | undefined;
  /** Of SCRAM: what proves the server to the client. */
  authenticationData: Buffer | undefined;
  /** Session Expiry Interval, as it is granted. */
  expirySeconds: number;
  session: Session | undefined;
  sessionPresent: boolean;
  will: Will | undefined;
}

/** Undefined: go on. */
type Step = (attempt: Attempt) => Reason | undefined | Promise<Reason | undefined>;

const steps: readonly Step[] = [identify, authenticate, requireOwnership, makeWill, takeOver, openSession, keepWill];

/**
 * Runs the steps, as long as the connection stands.
 * @returns the code for CONNACK.
 * @throws WireError: to be closed; others as Store.write does.
 */
export async function handleConnect(attempt: Attempt): Promise<Reason> {
  for (const step of steps) {
    const code = await step(attempt);
    if (code !== undefined) return code;
    if (attempt.connection.isOver) return reason.serverUnavailable;
  }
  return reason.success;
}

function identify(attempt: Attempt): Reason | undefined {
  const { clientId, clean, level, properties } = attempt.connect;
  const { maxSessionExpirySeconds } = attempt.hub.options;
  const asked = level === 5 ? (properties.sessionExpiry ?? 0) : clean ? 0 : never;
  attempt.expirySeconds = Math.min(asked, maxSessionExpirySeconds);
  if (clientId !== '') return undefined;
  // [MQTT-3.1.3-8]; MQTT 5 tells the client of the one it gets. MQTT 3.1 knows no empty identifier, but clients of its time,
  // FuseSource's among them, leave it to the server, and ActiveMQ gives them one.
  if (level < 5 && !clean) return reason.identifierNotValid;
  attempt.clientId = `causeway-${randomUUID()}`; // [MQTT-3.1.3-6]
  return undefined;
}

async function authenticate(attempt: Attempt): Promise<Reason | undefined> {
  const { hub, connection, connect } = attempt;
  const { access } = hub.context;
  const { authenticationMethod } = connect.properties;
  if (authenticationMethod !== undefined) return authenticateByExchange(attempt, authenticationMethod);
  const known = await authenticatePlainly(access, connection.peer, connect);
  if (known === undefined) return connect.user === undefined ? reason.notAuthorized : reason.badCredentials;
  attempt.principal = known;
  return undefined;
}

/** MQTT 5, 4.12. */
async function authenticateByExchange(attempt: Attempt, method: string): Promise<Reason | undefined> {
  const { hub, connection, connect } = attempt;
  const { access } = hub.context;
  // [MQTT-4.12.0-1 of 5]
  if (method !== scramMethod || !access.knowsScram) return reason.badAuthenticationMethod;
  const next = async (data: Buffer | undefined): Promise<Buffer | undefined> => {
    const answer = await attempt.ask(auth(reason.continueAuthentication, method, data)); // [MQTT-4.12.0-2 of 5]
    if (answer === undefined) return undefined;
    const { code, properties } = answer;
    // [MQTT-4.12.0-3 of 5], [MQTT-4.12.0-5 of 5]
    if (code !== reason.continueAuthentication) throw protocolError('AUTH: not the answer to AUTH');
    if (properties.authenticationMethod !== method) throw protocolError('AUTH: another authentication method');
    return properties.authenticationData ?? Buffer.alloc(0);
  };
  const first = connect.properties.authenticationData ?? (await next(undefined));
  if (first === undefined) return reason.serverUnavailable;
  const begun = await beginScram(access, first);
  const final = await next(begun.message);
  if (final === undefined) return reason.serverUnavailable;
  const proved = await endScram(access, connection.peer, begun, final);
  if (proved === undefined) return reason.notAuthorized; // [MQTT-4.12.0-4 of 5]
  attempt.principal = proved.principal;
  attempt.authenticationData = proved.data;
  return undefined;
}

/**
 * "The implementation should check that the Client is authorized to use the Client Identifier as this gives access to the MQTT
 * Session State" (MQTT 5, 5.4.2): the session, and the connection, of a user are nobody else's.
 */
function requireOwnership({ hub, clientId, principal }: Attempt): Reason | undefined {
  const { access, log } = hub.context;
  for (const owner of [hub.owners.get(clientId)?.user, hub.sessions.userOf(clientId)]) {
    if (owner === undefined || owner === principal?.user || !access.isProven(owner)) continue;
    log.info({ clientId, owner, user: principal?.user }, "refused a client identifier that is another user's");
    return reason.notAuthorized;
  }
  return undefined;
}

function makeWill(attempt: Attempt): undefined {
  const { hub, clientId, connect, principal } = attempt;
  if (principal === undefined) throw new WireError(reason.notAuthorized, 'nobody', 'unauthorized');
  if (connect.will !== undefined) attempt.will = willOf(hub, clientId, connect.will, principal);
}

/** [MQTT-3.1.4-2], [MQTT-3.1.4-3 of 5]. The session is ours once what the other connection had under way is in the store. */
async function takeOver({ connection, clientId, principal }: Attempt): Promise<undefined> {
  const previous = connection.own(clientId, principal?.user ?? '');
  previous?.end('another connection has the same client identifier', reason.sessionTakenOver);
  await previous?.ended;
}

/** [MQTT-3.1.4-3], [MQTT-3.1.4-4 of 5] */
async function openSession(attempt: Attempt): Promise<undefined> {
  const { hub, clientId, connect, principal, expirySeconds } = attempt;
  const opened = await hub.sessions.open(clientId, connect.clean, expirySeconds, principal?.user ?? '');
  attempt.session = opened.session;
  attempt.sessionPresent = opened.present;
  if (opened.present) {
    if (principal !== undefined) await dropRefused(hub, opened.session, principal);
    await hub.wills.sessionGoesOn(clientId);
  } else await hub.wills.sessionEnded(clientId);
}

async function keepWill({ hub, will }: Attempt): Promise<undefined> {
  if (will !== undefined) await hub.wills.keep(will);
}
