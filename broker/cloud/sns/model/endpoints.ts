// The protocols that can be subscribed, and what their endpoints look like (API Reference, Subscribe).

import { parseArn } from '../../sqs/model/arn.ts';
import { invalidParameter, noValueFor, refusal } from './errors.ts';

type Check = (endpoint: string) => void;

const checks: Readonly<Record<string, Check>> = {
  http: (endpoint) => checkUrl(endpoint, 'http:'),
  https: (endpoint) => checkUrl(endpoint, 'https:'),
  email: checkAddress,
  'email-json': checkAddress,
  sms: (endpoint) => {
    if (!isPhoneNumber(endpoint)) throw refusal('InvalidParameter', `Invalid SMS endpoint: ${endpoint}`);
  },
  sqs: (endpoint) => checkArn(endpoint, 'sqs', 'SQS endpoint ARN'),
  lambda: (endpoint) => checkArn(endpoint, 'lambda', 'Lambda endpoint ARN'),
  firehose: (endpoint) => checkArn(endpoint, 'firehose', 'Firehose endpoint ARN'),
  application: (endpoint) => checkArn(endpoint, 'sns', 'ApplicationEndpoint ARN'),
};

/** Protocols whose endpoints must confirm before they get anything. */
const confirming: ReadonlySet<string> = new Set(['http', 'https', 'email', 'email-json']);
/** Protocols that take messages beyond 256 KiB. */
const forLargeMessages: ReadonlySet<string> = new Set(['sqs', 'lambda', 'firehose']);

/** @throws AwsError InvalidParameter. */
export function checkEndpoint(protocol: string, endpoint: string | undefined): string {
  const check = Object.hasOwn(checks, protocol) ? checks[protocol] : undefined;
  if (check === undefined) {
    throw invalidParameter(`Amazon SNS does not support this protocol string: ${protocol}`);
  }
  if (endpoint === undefined) throw noValueFor('Endpoint');
  check(endpoint);
  return endpoint;
}

/** A queue confirms too, unless it is its own account that subscribes it. */
export function mustConfirm(protocol: string, endpoint: string, account: string): boolean {
  return confirming.has(protocol) || (protocol === 'sqs' && parseArn(endpoint)?.account !== account);
}

export function takesLargeMessages(protocol: string): boolean {
  return forLargeMessages.has(protocol);
}

/** E.164, with single separators between digits. */
export function isPhoneNumber(text: string): boolean {
  return /^\+?\d(?:[./-]?\d)+$/.test(text) && text.replaceAll(/\D/g, '').length <= 15;
}

function checkUrl(endpoint: string, protocol: string): void {
  if (!endpoint.startsWith(`${protocol}//`)) throw invalidParameter('Endpoint must match the specified protocol');
  if (!URL.canParse(endpoint)) throw invalidParameter('Endpoint');
}

function checkAddress(endpoint: string): void {
  if (!/^[^\s@]+@[^\s@]+$/.test(endpoint)) throw invalidParameter('Email address');
}

function checkArn(endpoint: string, service: string, what: string): void {
  const arn = parseArn(endpoint);
  if (arn?.service !== service || arn.region === '' || !/^\d{12}$/.test(arn.account)) throw invalidParameter(what);
}
