// What each method of the control API does, over the core and what engine.ts supplies. Requests were checked by
// requests.ts before they come here; what is thrown is a BrokerError, and server.ts says it in HTTP.

import { randomUUID } from 'node:crypto';
import { formatAddress, isFilter } from '../core/address.ts';
import type { Destination } from '../core/address.ts';
import { BrokerError } from '../core/errors.ts';
import type { Message } from '../core/message.ts';
import type { Clock } from '../util/clock.ts';
import type { SendRequest } from './api.ts';
import type { ConsoleEngine, ConsoleRoute } from './console-engine.ts';
import type { Found } from './destinations.ts';
import { findDestination, findQueue } from './destinations.ts';
import type { EngineSource } from './engine-source.ts';
import { routeRow } from './engine-source.ts';
import type { HistoryRecorder } from './history.ts';
import { ledgerCsv } from './ledger-csv.ts';
import { peekInto } from './peek.ts';
import type { Handlers } from './server.ts';

export function handlersFor(
  engine: ConsoleEngine,
  source: EngineSource,
  history: HistoryRecorder,
  clock: Clock,
): Handlers {
  const { broker, clients } = engine;
  return {
    overview: async () => {
      await source.refresh();
      return source.overview();
    },
    history: async () => history.read(),
    peek: (request) => peekInto(findQueue(broker, request.destination), request, clock.now()),
    send: async (request) => ({ id: await send(engine, request, clock.now()) }),
    purge: async ({ destination }) => ({ removed: await findQueue(broker, destination).purge() }),
    pauseRoute: async ({ name }) => {
      const route = findRoute(engine, name);
      route.pause();
      return routeRow(route);
    },
    resumeRoute: async ({ name }) => {
      const route = findRoute(engine, name);
      route.resume();
      return routeRow(route);
    },
    listRoutes: async () => ({ routes: engine.routes.map(routeRow) }),
    drainRoute: async ({ name }) => {
      const route = findRoute(engine, name);
      route.drain();
      return routeRow(route);
    },
    replayRoute: ({ name, from }) => replay(findRoute(engine, name), from),
    routeLedger: async ({ name, format = 'json' }) => {
      const rows = findRoute(engine, name).ledger();
      return format === 'csv' ? { csv: ledgerCsv(rows) } : { rows };
    },
    previewRoute: async ({ name, message }) => engine.previewRoute(name, message),
    disconnectClient: async ({ id }) => {
      const client = clients.get(id);
      if (client === undefined) throw new BrokerError('not-found', `no client "${id}"`);
      client.disconnect('disconnected by hand, from the console');
      return {};
    },
  };
}

function findRoute({ routes }: ConsoleEngine, name: string): ConsoleRoute {
  const route = routes.find((candidate) => candidate.name === name);
  if (route === undefined) throw new BrokerError('not-found', `no route "${name}"`);
  return route;
}

async function replay(route: ConsoleRoute, from: string): Promise<{ readonly replayed?: number }> {
  if (from === 'dead-letter') return { replayed: await route.retryDead() };
  const at = Date.parse(from);
  if (Number.isNaN(at)) throw new BrokerError('invalid', 'from: expected dead-letter, or a time in ISO 8601');
  await route.rewind(at);
  return {};
}

async function send(engine: ConsoleEngine, request: SendRequest, now: number): Promise<string> {
  const found = findDestination(engine.broker, request.destination);
  if (found.kind === 'aws') return engine.sendToCloud(found.queue, cloudMessage(request));
  const to = target(found);
  const message = brokerMessage(to, request, now);
  await engine.broker.publish(to, message);
  return message.id;
}

function target(found: Exclude<Found, { kind: 'aws' }>): Destination {
  switch (found.kind) {
    case 'subscription':
      throw new BrokerError('not-allowed', 'a subscription is fed by its topic; send to that');
    case 'queue':
      return { kind: 'queue', name: found.queue.name };
    case 'new-queue':
      return { kind: 'queue', name: found.name };
    case 'topic':
      if (isFilter(found.name)) throw new BrokerError('invalid', `"${found.name}" is a filter, not a topic`);
      return { kind: 'topic', name: found.name };
    default:
      throw new BrokerError('unsupported', 'messages cannot be sent there');
  }
}

function brokerMessage(to: Destination, request: SendRequest, now: number): Message {
  const { body, encoding, contentType, durable = true, properties = {} } = request;
  return {
    id: randomUUID(),
    to: formatAddress(to),
    body: encoding === 'text' ? Buffer.from(body) : fromBase64(body),
    bodyType: encoding === 'text' ? 'text' : 'bytes',
    contentType,
    durable,
    priority: 4,
    timestamp: now,
    properties: Object.entries(properties).map(([name, value]) => ({ name, type: 'string', value })),
  };
}

/** SQS has text and attributes: the content type becomes one, under the name that bridges give it. */
function cloudMessage({ body, encoding, contentType, durable, properties = {} }: SendRequest) {
  if (encoding === 'base64') throw new BrokerError('invalid', 'SQS takes text, not bytes; send the base64 as text');
  if (durable === false) throw new BrokerError('invalid', 'every message in SQS is durable');
  const attributes = new Map(Object.entries(properties));
  if (contentType !== undefined) attributes.set('content-type', contentType);
  return { body, attributes };
}

/** Strictly [RFC 4648, 4], white space and missing padding apart: Node skips what it does not understand. */
function fromBase64(text: string): Buffer {
  const digits = text.replaceAll(/\s/g, '');
  const isPadded = digits.endsWith('=');
  const isWhole = isPadded ? digits.length % 4 === 0 : digits.length % 4 !== 1;
  if (!isWhole || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) throw new BrokerError('invalid', 'the body is not base64');
  return Buffer.from(digits, 'base64');
}
