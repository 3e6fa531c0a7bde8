// What each method of the control API does, over the core and what engine.ts supplies. Requests were checked by
// requests.ts before they come here; what is thrown is a BrokerError, and server.ts says it in HTTP.

import { randomUUID } from 'node:crypto';
import { formatAddress, isFilter } from '../core/address.ts';
import type { Destination } from '../core/address.ts';
import { BrokerError } from '../core/errors.ts';
import type { Message } from '../core/message.ts';
import { temporary } from '../core/namespaces.ts';
import type { Clock } from '../util/clock.ts';
import type { CloudMetrics, CloudMetricsRow, TopicDetail } from './api-cloud.ts';
import type { SendRequest, SubscriptionDetail } from './api-messages.ts';
import type { RouteComparison } from './api-routes.ts';
import { comparisonCsv } from './comparison-csv.ts';
import type { CloudMessage, ConsoleEngine, ConsoleRoute, ConsoleTopic } from './console-engine.ts';
import type { Found } from './destinations.ts';
import { findDestination, findQueue, findStream, findSubscription, findTopic, topicsOf } from './destinations.ts';
import type { EngineSource } from './engine-source.ts';
import { routeRow } from './engine-source.ts';
import type { HistoryRecorder } from './history.ts';
import { ledgerCsv } from './ledger-csv.ts';
import { readMailbox } from './mailbox.ts';
import { peekInto } from './peek.ts';
import { cancelScheduled, listScheduled } from './scheduled.ts';
import type { Handlers } from './server.ts';
import { describeStream, peekShard } from './streams.ts';

const subscriptionsShown = 1000;
const metricsShown = 1000;

/** What has no name of its own. */
const notDurable = { clientId: undefined, name: '', durable: false } as const;

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
    peek: (request) => peekInto(findQueue(engine, request.destination), request, clock.now()),
    send: async (request) => ({ id: await send(engine, request, clock.now()) }),
    purge: async ({ destination }) => ({ removed: await findQueue(engine, destination).purge() }),
    describeTopic: async ({ destination }) => describeTopic(findTopic(engine, destination)),
    describeStream: async ({ destination }) => describeStream(findStream(engine, destination)),
    describeSubscription: async ({ destination }) => describeSubscription(engine, destination),
    unsubscribe: async ({ destination }) => {
      const { clientId, name, durable } = broker.subscriptions.of(findSubscription(engine, destination)) ?? notDurable;
      if (!durable) throw new BrokerError('not-allowed', 'a subscription that is not durable ends with its clients');
      await broker.subscriptions.unsubscribe(clientId, name);
      return {};
    },
    peekShard: async (request) => peekShard(findStream(engine, request.destination), request),
    putRecord: async ({ destination, partitionKey, hashKey, body, encoding }) =>
      findStream(engine, destination).put({ data: bytesOf(body, encoding), partitionKey, hashKey }),
    scheduled: async () => ({ messages: await listScheduled(broker) }),
    cancelScheduled: async ({ key }) => {
      await cancelScheduled(broker, key);
      return {};
    },
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
    compareRoute: async ({ name, format = 'json' }) => {
      const comparison = compare(findRoute(engine, name));
      return format === 'csv' ? { csv: comparisonCsv(comparison) } : comparison;
    },
    previewRoute: async ({ name, message }) => engine.previewRoute(name, message),
    cloudQuotas: async () => ({ excesses: await engine.cloud.excesses() }),
    cloudMetrics: async ({ service, after }) => metricsPage(engine.cloud.metrics(service), after),
    mailbox: (request) => readMailbox(engine.cloud, request),
    clearMailbox: async () => ({ removed: await engine.cloud.clearMailbox() }),
    reload: () => engine.reload(),
    disconnectClient: async ({ id }) => {
      const client = clients.get(id);
      if (client === undefined) throw new BrokerError('not-found', `no client "${id}"`);
      client.disconnect('disconnected by hand, from the console');
      return {};
    },
  };
}

function metricsPage(all: Iterable<CloudMetricsRow>, after = ''): CloudMetrics {
  const rest = [...all].filter(({ arn }) => arn > after).sort((a, b) => (a.arn < b.arn ? -1 : 1));
  const rows = rest.slice(0, metricsShown);
  const last = rest.length > rows.length ? rows.at(-1) : undefined;
  return { rows, ...(last === undefined ? {} : { after: last.arn }) };
}

function findRoute({ routes }: ConsoleEngine, name: string): ConsoleRoute {
  const route = routes.find((candidate) => candidate.name === name);
  if (route === undefined) throw new BrokerError('not-found', `no route "${name}"`);
  return route;
}

function compare({ name, from, to, shadow, transferred, deadLettered }: ConsoleRoute): RouteComparison {
  if (shadow === undefined) {
    throw new BrokerError('unsupported', `route "${name}" moves: only shadows and dry runs have something to compare`);
  }
  const { mode, behind, dropped } = shadow;
  const compared = shadow.report();
  const sums = { sent: transferred, refused: deadLettered, behind, dropped };
  return { name, mode, from, to, ...sums, ...(compared === undefined ? {} : { compared }) };
}

async function replay(route: ConsoleRoute, from: string): Promise<{ readonly replayed?: number }> {
  if (from === 'dead-letter') return { replayed: await route.retryDead() };
  const at = Date.parse(from);
  if (Number.isNaN(at)) throw new BrokerError('invalid', 'from: expected dead-letter, or a time in ISO 8601');
  await route.rewind(at);
  return {};
}

function describeTopic(topic: ConsoleTopic): TopicDetail {
  const { arn, displayName } = topic;
  const names = new Intl.Collator('en', { numeric: true });
  const subscriptions = topic
    .subscriptions()
    .toSorted((a, b) => names.compare(a.protocol, b.protocol) || names.compare(a.endpoint, b.endpoint))
    .slice(0, subscriptionsShown);
  return { arn, subscriptions, ...(displayName === undefined ? {} : { displayName }) };
}

function describeSubscription(engine: ConsoleEngine, id: string): SubscriptionDetail {
  const queue = findSubscription(engine, id);
  const { durable, shared, active, filters, selector, noLocal } = engine.broker.subscriptions.of(queue) ?? {
    ...notDurable,
    shared: 'share' in queue.attributes,
    active: queue.consumerCount > 0,
    filters: topicsOf(queue),
    selector: undefined,
    noLocal: false,
  };
  return { durable, shared, active, filters, noLocal, ...(selector === undefined ? {} : { selector: selector.text }) };
}

async function send(engine: ConsoleEngine, request: SendRequest, now: number): Promise<string> {
  const found = findDestination(engine, request.destination);
  if (found.kind === 'aws') return engine.cloud.send(found.queue, cloudMessage(request, 'SQS'));
  if (found.kind === 'sns') return found.topic.publish(cloudMessage(request, 'SNS'));
  refuseCloudOptions(request);
  const to = target(found);
  const message = brokerMessage(to, request, now);
  await engine.broker.publish(to, message);
  return message.id;
}

function target(found: Found): Destination {
  switch (found.kind) {
    case 'subscription':
      throw new BrokerError('not-allowed', 'a subscription is fed by its topic; send to that');
    case 'stream':
      throw new BrokerError('not-allowed', 'a stream takes records, with a key; put one');
    case 'queue': {
      const { namespace, name } = found.queue;
      return { kind: namespace === temporary ? 'temp-queue' : 'queue', name };
    }
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
    body: bytesOf(body, encoding),
    bodyType: encoding === 'text' ? 'text' : 'bytes',
    contentType,
    durable,
    priority: 4,
    timestamp: now,
    properties: Object.entries(properties).map(([name, value]) => ({ name, type: 'string', value })),
  };
}

/** SQS and SNS have text and attributes: the content type becomes one, under the name that bridges give it. */
function cloudMessage(request: SendRequest, service: 'SQS' | 'SNS'): CloudMessage {
  const { body, encoding, contentType, durable, properties = {}, subject, groupId, deduplicationId } = request;
  if (encoding === 'base64') {
    throw new BrokerError('invalid', `${service} takes text, not bytes; send the base64 as text`);
  }
  if (durable === false) throw new BrokerError('invalid', `every message in ${service} is durable`);
  if (subject !== undefined && service === 'SQS') throw new BrokerError('invalid', 'messages of SQS have no subject');
  const attributes = new Map(Object.entries(properties));
  if (contentType !== undefined) attributes.set('content-type', contentType);
  return { body, attributes, subject, groupId, deduplicationId };
}

/** @throws BrokerError `invalid`. */
function refuseCloudOptions({ subject, groupId, deduplicationId }: SendRequest): void {
  if (subject === undefined && groupId === undefined && deduplicationId === undefined) return;
  throw new BrokerError('invalid', 'subject, groupId and deduplicationId are of SQS and SNS');
}

function bytesOf(body: string, encoding: SendRequest['encoding']): Buffer {
  return encoding === 'text' ? Buffer.from(body) : fromBase64(body);
}

/** Strictly [RFC 4648, 4], white space and missing padding apart: Node skips what it does not understand. */
function fromBase64(text: string): Buffer {
  const digits = text.replaceAll(/\s/g, '');
  const isPadded = digits.endsWith('=');
  const isWhole = isPadded ? digits.length % 4 === 0 : digits.length % 4 !== 1;
  if (!isWhole || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) throw new BrokerError('invalid', 'the body is not base64');
  return Buffer.from(digits, 'base64');
}
