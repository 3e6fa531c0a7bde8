// RedrivePolicy and RedriveAllowPolicy: JSON texts, checked and worded as SQS does (Developer Guide, "Configure a
// dead-letter queue"; CreateQueue). Whether the target exists and lets itself be used is the directory's to say.

import { invalidParameterValue } from '../../errors.ts';
import type { AwsError } from '../../errors.ts';
import { parseArn } from './arn.ts';
import type { Arn } from './arn.ts';
import { invalidAttributeValue } from './errors.ts';
import { limits } from './limits.ts';

export interface RedrivePolicy {
  readonly target: Arn;
  readonly targetArn: string;
  readonly maxReceiveCount: number;
}

export interface RedriveAllowPolicy {
  readonly permission: 'allowAll' | 'denyAll' | 'byQueue';
  readonly sourceArns: readonly string[];
}

const redriveMembers = ['maxReceiveCount', 'deadLetterTargetArn'] as const;
const mostReceives = 1000;
const unsupportedFormat = "Amazon SQS can't create the redrive allow policy, as it’s in an unsupported format.";

export function parseRedrivePolicy(text: string): RedrivePolicy {
  const given = parseObject(text);
  if (given === undefined) {
    throw invalidAttributeValue('RedrivePolicy', 'Redrive policy is not a valid JSON map.');
  }
  for (const name of redriveMembers) {
    if (!given.has(name)) {
      throw redriveRefused(text, `Redrive policy does not contain mandatory attribute: ${name}.`);
    }
  }
  if (given.size > redriveMembers.length) {
    throw redriveRefused(text, `Only following attributes are supported: [${redriveMembers.join(', ')}].`);
  }
  const maxReceiveCount = wholeNumber(given.get('maxReceiveCount'));
  if (maxReceiveCount === undefined || maxReceiveCount < 1 || maxReceiveCount > mostReceives) {
    const shown = String(given.get('maxReceiveCount'));
    throw redriveRefused(
      text,
      `Invalid value for maxReceiveCount: ${shown}, valid values are from 1 to ${mostReceives} both inclusive.`,
    );
  }
  const targetArn = given.get('deadLetterTargetArn');
  const target = typeof targetArn === 'string' ? parseArn(targetArn) : undefined;
  if (typeof targetArn !== 'string' || target === undefined) {
    throw redriveRefused(text, 'Invalid value for deadLetterTargetArn.');
  }
  if (target.service !== 'sqs') {
    throw redriveRefused(text, 'Only SQS queues are valid resources for deadLetterTargetArn.');
  }
  return { target, targetArn, maxReceiveCount };
}

/** As GetQueueAttributes gives it back, whatever spaces and quotes it came with. */
export function formatRedrivePolicy({ targetArn, maxReceiveCount }: RedrivePolicy): string {
  return JSON.stringify({ deadLetterTargetArn: targetArn, maxReceiveCount });
}

export function redriveRefused(text: string, reason: string): AwsError {
  return invalidParameterValue(`Value ${text} for parameter RedrivePolicy is invalid. Reason: ${reason}`);
}

export function parseRedriveAllowPolicy(text: string): RedriveAllowPolicy {
  const given = parseObject(text);
  const permission = given?.get('redrivePermission');
  const sources = given?.get('sourceQueueArns');
  const known = given === undefined ? 0 : Number(given.has('redrivePermission')) + Number(given.has('sourceQueueArns'));
  if (
    (permission !== 'allowAll' && permission !== 'denyAll' && permission !== 'byQueue') ||
    known !== given?.size ||
    (sources !== undefined && !isListOfStrings(sources))
  ) {
    throw invalidAttributeValue('RedriveAllowPolicy', unsupportedFormat);
  }
  const sourceArns = sources ?? [];
  if (permission === 'byQueue' && sourceArns.length === 0) {
    throw allowRefused(
      text,
      'When you specify the byQueue permission type, you must also specify one or more sourceQueueArns values.',
    );
  }
  if (permission !== 'byQueue' && sourceArns.length > 0) {
    throw allowRefused(text, 'To specify one or more source queue ARNs, you must set redrivePermission to byQueue.');
  }
  if (sourceArns.length > limits.redriveSources) {
    throw allowRefused(text, `The maximum number of source queue ARNs you can specify is ${limits.redriveSources}.`);
  }
  return { permission, sourceArns };
}

export function formatRedriveAllowPolicy({ permission, sourceArns }: RedriveAllowPolicy): string {
  return JSON.stringify({
    redrivePermission: permission,
    ...(permission === 'byQueue' ? { sourceQueueArns: sourceArns } : {}),
  });
}

/** Whether a queue may name the one with this policy as its dead-letter queue. */
export function permits({ permission, sourceArns }: RedriveAllowPolicy, sourceArn: string): boolean {
  return permission === 'allowAll' || (permission === 'byQueue' && sourceArns.includes(sourceArn));
}

function allowRefused(text: string, reason: string): AwsError {
  return invalidParameterValue(
    `Value ${text} for parameter RedriveAllowPolicy is invalid. Reason: ` +
      `Amazon SQS can't create the redrive allow policy. ${reason}`,
  );
}

function parseObject(text: string): ReadonlyMap<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return new Map(Object.entries(value));
}

/** A number, or the text of one, as many templates write it. */
function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^[+-]?\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : undefined;
}

function isListOfStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
