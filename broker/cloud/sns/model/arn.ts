// ARNs of SNS: topics, subscriptions, platform applications and their endpoints. What is no ARN is refused with a count
// of its elements, as AWS does.

import { parseArn } from '../../sqs/model/arn.ts';
import type { Arn, Location } from '../../sqs/model/arn.ts';
import { invalidParameter } from './errors.ts';

export function topicArn({ account, region }: Location, name: string): string {
  return `arn:aws:sns:${region}:${account}:${name}`;
}

export function applicationArn({ account, region }: Location, platform: string, name: string): string {
  return `arn:aws:sns:${region}:${account}:app/${platform}/${name}`;
}

/** @throws AwsError InvalidParameter; `parameter` names what was given. */
export function checkElements(parameter: string, text: string): void {
  const elements = text.split(':').length;
  if (elements >= 6) return;
  throw invalidParameter(`${parameter} Reason: An ARN must have at least 6 elements, not ${elements}`);
}

/** @throws AwsError InvalidParameter; `parameter` names what was given. */
export function readArn(parameter: string, text: string): Arn {
  checkElements(parameter, text);
  const arn = parseArn(text);
  if (arn?.service !== 'sns') throw invalidParameter(parameter);
  return arn;
}

/** An ARN of a topic in the region that is asked. @throws AwsError InvalidParameter. */
export function readTopicArn(text: string, region: string, parameter = 'TopicArn'): Arn {
  const arn = readArn(parameter, text);
  if (arn.region !== region) throw invalidParameter(parameter);
  return arn;
}

/** `app/GCM/shop` or `endpoint/GCM/shop/ID`. @throws AwsError InvalidParameter. */
export function readPlatformArn(parameter: string, text: string, kind: 'app' | 'endpoint'): Arn {
  const arn = readArn(parameter, text);
  const steps = arn.resource.split('/');
  if (steps.length !== (kind === 'app' ? 3 : 4)) {
    throw invalidParameter(`${parameter} Reason: Wrong number of slashes in relative portion of the ARN.`);
  }
  if (steps[0] !== kind) throw invalidParameter(parameter);
  return arn;
}
