// Tries one target from end to end, and says in a sentence how it is.

import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Clock } from '../util/clock.ts';
import { messageOf } from '../util/network-words.ts';
import { ailment, loginAilment, tripAilment } from './ailment.ts';
import { openStream } from './open-stream.ts';
import type { Trust } from './open-stream.ts';
import type { Probe, Visit } from './probe.ts';
import { probeAmqp } from './probe-amqp.ts';
import { probeMqtt } from './probe-mqtt.ts';
import { probeStomp } from './probe-stomp.ts';
import { protocolNames } from './target.ts';
import type { Login, Target } from './target.ts';
import { within } from './within.ts';

export interface Examination {
  readonly login: Login | undefined;
  readonly trust: Trust;
  /** For each step. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

export interface Finding {
  readonly isWell: boolean;
  readonly sentence: string;
}

const probes: Readonly<Record<Target['protocol'], Probe>> = { amqp: probeAmqp, mqtt: probeMqtt, stomp: probeStomp };
const closeMs = 1000;
const mostOfAnswer = 64;

/** Never rejects. */
export async function examine(target: Target, { login, trust, timeoutMs, clock }: Examination): Promise<Finding> {
  const opened: Duplex[] = [];
  const startedAt = clock.monotonic();
  const step = <T>(promise: Promise<T>, late: string): Promise<T> =>
    within(clock, timeoutMs, promise, () => ailment(`${late} within ${timeoutMs / 1000} s`));
  let visit: Visit | undefined;
  try {
    const stream = await step(openStream(target, trust, opened), 'it does not answer');
    visit = await step(
      letIn(target, stream, login),
      `it speaks, but does not let a ${protocolNames[target.protocol]} client in`,
    );
    const body = randomBytes(12).toString('base64url');
    const late =
      'it let the client in, but its message did not come back: senders may be held back, by a store or memory that is nearly full,';
    const returned = await step(trip(visit, body, login), late);
    const ms = Math.max(1, Math.round(clock.monotonic() - startedAt));
    if (returned !== body) return { isWell: false, sentence: 'another message came back than was sent' };
    return { isWell: true, sentence: `a message went there and back, ${ms} ms in all` };
  } catch (error) {
    return { isWell: false, sentence: messageOf(error) };
  } finally {
    if (visit !== undefined) await leave(visit, clock);
    for (const stream of opened.toReversed()) stream.destroy();
  }
}

/** What was found is found: whether it also says goodbye is not asked. */
async function leave(visit: Visit, clock: Clock): Promise<void> {
  const gone = visit.close().catch(() => undefined);
  await within(clock, closeMs, gone, () => ailment('it does not say goodbye')).catch(() => undefined);
}

async function letIn({ protocol }: Target, stream: Duplex, login: Login | undefined) {
  let answer = Buffer.alloc(0);
  const admitted = probes[protocol](stream, login);
  // After the client has taken the stream, so that nothing flows before it listens.
  stream.on('data', (chunk: Buffer) => {
    if (answer.length < mostOfAnswer) answer = Buffer.concat([answer, chunk.subarray(0, mostOfAnswer)]);
  });
  try {
    return await admitted;
  } catch (error) {
    throw loginAilment(error, protocolNames[protocol], answer, login !== undefined);
  }
}

async function trip(visit: Visit, body: string, login: Login | undefined): Promise<string> {
  try {
    return await visit.roundTrip(body);
  } catch (error) {
    throw tripAilment(error, login === undefined ? 'a client without a name' : `user "${login.user}"`);
  }
}
