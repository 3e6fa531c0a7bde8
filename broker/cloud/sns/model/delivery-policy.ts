// Delivery policies (Developer Guide, "Amazon SNS message delivery retries"): the texts that topics and subscriptions are
// told, what holds of both together, and when the next attempt is made.

import { InvalidAttribute } from './errors.ts';
import { limits } from './limits.ts';

export interface RetryPolicy {
  readonly minDelayTarget: number;
  readonly maxDelayTarget: number;
  readonly numRetries: number;
  readonly numMaxDelayRetries: number;
  readonly numNoDelayRetries: number;
  readonly numMinDelayRetries: number;
  readonly backoffFunction: Backoff;
}

type Backoff = keyof typeof backoffs;

/** What a subscription over HTTP goes by. */
export interface EffectivePolicy {
  readonly retry: RetryPolicy;
  /** Undefined: as many as the endpoint takes. */
  readonly maxReceivesPerSecond: number | undefined;
  readonly contentType: string;
}

/** The parts of a policy's text; undefined: not told. */
interface Parts {
  readonly retry: Told | undefined;
  readonly throttle: Told | undefined;
  readonly request: Told | undefined;
  readonly disableSubscriptionOverrides: boolean;
}

type Told = Readonly<Record<string, unknown>>;

const defaultRetry: RetryPolicy = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: 'linear',
};
const defaultContentType = 'text/plain; charset=UTF-8';

/** How far along from the least to the greatest delay the retry `at` (0…1) of the back-off phase is. */
const backoffs = {
  linear: (at: number): number => at,
  arithmetic: (at: number): number => (at + at * at) / 2,
  geometric: (at: number): number => at * at,
  exponential: (at: number): number => (2 ** (10 * at) - 1) / (2 ** 10 - 1),
} as const;

const mostJitter = 0.1;

const counts = ['numRetries', 'numMaxDelayRetries', 'numNoDelayRetries', 'numMinDelayRetries'] as const;
const needed = ['numRetries', 'minDelayTarget', 'maxDelayTarget'] as const;

// ---- topics

/** The text as it is kept. @throws InvalidAttribute. */
export function checkTopicPolicy(text: string): string {
  const { retry, throttle, request, disableSubscriptionOverrides } = readTopicPolicy(text);
  return JSON.stringify({
    http: {
      ...(retry === undefined ? {} : { defaultHealthyRetryPolicy: retry }),
      disableSubscriptionOverrides,
      ...(throttle === undefined ? {} : { defaultThrottlePolicy: throttle }),
      ...(request === undefined ? {} : { defaultRequestPolicy: request }),
    },
  });
}

export function effectiveTopicPolicy(text: string | undefined): string {
  const { retry, throttle, request, disableSubscriptionOverrides } = readTopicPolicy(text);
  return JSON.stringify({
    http: {
      defaultHealthyRetryPolicy: { ...defaultRetry, ...retry },
      disableSubscriptionOverrides,
      ...(throttle === undefined ? {} : { defaultThrottlePolicy: throttle }),
      defaultRequestPolicy: { headerContentType: defaultContentType, ...request },
    },
  });
}

// ---- subscriptions

/** The text as it is kept. @throws InvalidAttribute. */
export function checkSubscriptionPolicy(text: string): string {
  const { retry, throttle, request } = readSubscriptionPolicy(text);
  return shownPolicy(retry === undefined ? null : { ...defaultRetry, ...retry }, throttle, request);
}

export function effectiveSubscriptionPolicy(topic: string | undefined, subscription: string | undefined): string {
  const { retry, throttle, request } = combine(topic, subscription);
  return shownPolicy({ ...defaultRetry, ...retry }, throttle, { headerContentType: defaultContentType, ...request });
}

export function effectivePolicy(topic: string | undefined, subscription: string | undefined): EffectivePolicy {
  const { retry, throttle, request } = combine(topic, subscription);
  const perSecond = throttle?.['maxReceivesPerSecond'];
  const contentType = request?.['headerContentType'];
  return {
    retry: { ...defaultRetry, ...retry },
    maxReceivesPerSecond: typeof perSecond === 'number' ? perSecond : undefined,
    contentType: typeof contentType === 'string' ? contentType : defaultContentType,
  };
}

/** Milliseconds until the attempt after `failures` ones that failed; undefined: there is none. */
export function retryDelayMs(policy: RetryPolicy, failures: number): number | undefined {
  const { numRetries, numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries } = policy;
  if (failures > numRetries) return undefined;
  if (failures <= numNoDelayRetries) return 0;
  if (failures <= numNoDelayRetries + numMinDelayRetries) return policy.minDelayTarget * 1000;
  const backoffRetries = numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries;
  const index = failures - numNoDelayRetries - numMinDelayRetries;
  if (index > backoffRetries) return policy.maxDelayTarget * 1000;
  const at = backoffRetries === 1 ? 0 : (index - 1) / (backoffRetries - 1);
  const { minDelayTarget: least, maxDelayTarget: most } = policy;
  return Math.round((least + (most - least) * backoffs[policy.backoffFunction](at)) * 1000);
}

/**
 * The delay as it is waited for: AWS says that it jitters retries, and not by how much; here it is up to a tenth later, never
 * before the policy's time. `random`: from 0 to 1.
 */
export function jittered(delayMs: number, random: number): number {
  return Math.round(delayMs * (1 + random * mostJitter));
}

// ---- private

function shownPolicy(retry: object | null, throttle: Told | undefined, request: Told | undefined): string {
  return JSON.stringify({
    healthyRetryPolicy: retry,
    sicklyRetryPolicy: null,
    throttlePolicy: throttle ?? null,
    requestPolicy: request ?? null,
    guaranteed: false,
  });
}

/** The subscription's word before the topic's, unless the topic forbids that. */
function combine(topic: string | undefined, subscription: string | undefined): Parts {
  const outer = readTopicPolicy(topic);
  if (subscription === undefined || outer.disableSubscriptionOverrides) return outer;
  const inner = readSubscriptionPolicy(subscription);
  return {
    retry: inner.retry ?? outer.retry,
    throttle: inner.throttle ?? outer.throttle,
    request: inner.request ?? outer.request,
    disableSubscriptionOverrides: false,
  };
}

function readTopicPolicy(text: string | undefined): Parts {
  if (text === undefined) {
    return { retry: undefined, throttle: undefined, request: undefined, disableSubscriptionOverrides: false };
  }
  const http = memberOf(parse(text), 'http') ?? {};
  return {
    retry: readRetry(http, 'http.defaultHealthyRetryPolicy', 'defaultHealthyRetryPolicy'),
    throttle: readThrottle(http, 'http.defaultThrottlePolicy', 'defaultThrottlePolicy'),
    request: readRequest(http, 'http.defaultRequestPolicy', 'defaultRequestPolicy'),
    disableSubscriptionOverrides: http['disableSubscriptionOverrides'] === true,
  };
}

function readSubscriptionPolicy(text: string): Parts {
  const told = parse(text);
  return {
    retry: readRetry(told, 'healthyRetryPolicy', 'healthyRetryPolicy'),
    throttle: readThrottle(told, 'throttlePolicy', 'throttlePolicy'),
    request: readRequest(told, 'requestPolicy', 'requestPolicy'),
    disableSubscriptionOverrides: false,
  };
}

function parse(text: string): Told {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('failed to parse JSON.');
  }
  if (!isObject(value)) throw invalid('must be a JSON object');
  return value;
}

function memberOf(told: Told, name: string): Told | undefined {
  const value = told[name];
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw invalid(`${name} must be a JSON object`);
  return value;
}

function readRetry(told: Told, path: string, name: string): Told | undefined {
  const retry = memberOf(told, name);
  if (retry === undefined) return undefined;
  for (const member of needed) if (!(member in retry)) throw invalid(`${path}.${member} must be specified`);
  for (const member of counts) checkWhole(retry, path, member, 0, 100);
  checkWhole(retry, path, 'minDelayTarget', 1, limits.retryTotalSeconds);
  checkWhole(retry, path, 'maxDelayTarget', 1, limits.retryTotalSeconds);
  const backoff = retry['backoffFunction'];
  if (backoff !== undefined && !(typeof backoff === 'string' && Object.hasOwn(backoffs, backoff))) {
    throw invalid(`${path}.backoffFunction must be one of linear, arithmetic, geometric, exponential`);
  }
  const whole: RetryPolicy = { ...defaultRetry, ...retry };
  if (whole.maxDelayTarget < whole.minDelayTarget) {
    throw invalid(`${path}.maxDelayTarget must be greater than or equal to minDelayTarget`);
  }
  if (whole.numNoDelayRetries + whole.numMinDelayRetries + whole.numMaxDelayRetries > whole.numRetries) {
    throw invalid(`${path}.numRetries must be greater than or equal to total of all other retry counts`);
  }
  let totalMs = 0;
  for (let failures = 1; failures <= whole.numRetries; failures++) totalMs += retryDelayMs(whole, failures) ?? 0;
  if (totalMs > limits.retryTotalSeconds * 1000) {
    throw invalid(`${path}: total retry time must be less than or equal to ${limits.retryTotalSeconds} seconds`);
  }
  return pick(retry, Object.keys(defaultRetry));
}

function readThrottle(told: Told, path: string, name: string): Told | undefined {
  const throttle = memberOf(told, name);
  if (throttle?.['maxReceivesPerSecond'] == null) return undefined;
  checkWhole(throttle, path, 'maxReceivesPerSecond', 1, 1_000_000);
  return pick(throttle, ['maxReceivesPerSecond']);
}

function readRequest(told: Told, path: string, name: string): Told | undefined {
  const request = memberOf(told, name);
  const type = request?.['headerContentType'];
  if (request === undefined || type === undefined) return undefined;
  if (typeof type !== 'string' || !/^[a-z]+\/[\w.+-]+(\s*;\s*[\w-]+=[\w.-]+)*$/i.test(type)) {
    throw invalid(`${path}.headerContentType is not a supported content type`);
  }
  return { headerContentType: type };
}

function checkWhole(told: Told, path: string, name: string, min: number, max: number): void {
  const value = told[name];
  if (value === undefined) return;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw invalid(`${path}.${name} must be an integer`);
  if (value < min) throw invalid(`${path}.${name} must be greater than or equal to ${min}`);
  if (value > max) throw invalid(`${path}.${name} must be less than or equal to ${max}`);
}

/** Those that are told, in the order in which AWS lists them. */
function pick(told: Told, names: readonly string[]): Told {
  return Object.fromEntries(names.filter((name) => told[name] !== undefined).map((name) => [name, told[name]]));
}

function isObject(value: unknown): value is Told {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(reason: string): InvalidAttribute {
  return new InvalidAttribute(`DeliveryPolicy: ${reason}`);
}
