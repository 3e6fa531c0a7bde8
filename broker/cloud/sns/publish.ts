// Publish: to a topic, to an endpoint of a platform application, or to a phone; answered once it is stored.

import { randomUUID } from 'node:crypto';
import { operation } from '../service.ts';
import type { Call, Operation } from '../service.ts';
import { string, structure } from '../shape.ts';
import { readArn } from './model/arn.ts';
import { checkDraft, draftSize } from './model/drafts.ts';
import { isPhoneNumber } from './model/endpoints.ts';
import { invalidParameter, noValueFor } from './model/errors.ts';
import { limits } from './model/limits.ts';
import { Publication } from './model/publication.ts';
import type { Draft, Published } from './model/publisher.ts';
import { publishedMembers } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';
import type { Topic } from './model/topic.ts';

const input = structure({ TopicArn: string(), TargetArn: string(), PhoneNumber: string(), ...publishedMembers });
const output = structure({ MessageId: string(), SequenceNumber: string() });

export function publish(sns: Sns): Operation {
  return operation('Publish', input, output, async (given, call) => {
    const { PhoneNumber: number } = given;
    const target = given.TopicArn ?? given.TargetArn;
    if (number !== undefined) checkPhone(number);
    else if (target === undefined) throw noValueFor('TopicArn or TargetArn');
    const topic = number === undefined && target !== undefined ? topicOf(sns, target, given, call) : undefined;
    if (topic === undefined && number === undefined) checkPush(sns, target ?? '');
    const draft = checkDraft(given, topic, call, sns.clock.now());
    checkSize(draft, topic?.maximumMessageBytes ?? limits.messageBytes);
    sns.broker.received++;
    call.client.messagesIn++;
    if (topic !== undefined) {
      const [published] = await sns.publisher.publish(topic, [draft]);
      return published ?? {};
    }
    return number === undefined ? push(sns, target ?? '', draft) : text(sns, number, draft, call);
  });
}

/** @throws AwsError InvalidParameter. */
export function checkSize(draft: Draft, mostBytes: number): void {
  if (draftSize(draft) > mostBytes) throw invalidParameter('Message too long');
}

function checkPhone(number: string): void {
  if (!isPhoneNumber(number)) throw invalidParameter(`PhoneNumber Reason: ${number} is not valid to publish to`);
}

/** Undefined for an endpoint of an application. */
function topicOf(
  { topics }: Sns,
  target: string,
  { TopicArn: topicArn }: { readonly TopicArn?: string | undefined },
  { region }: Call,
): Topic | undefined {
  const parameter = topicArn === undefined ? 'TargetArn' : 'TopicArn';
  const { resource } = readArn(parameter, target);
  return resource.startsWith('endpoint/') ? undefined : topics.at(target, region, parameter);
}

/** @throws AwsError for an endpoint that is not there, or disabled. */
function checkPush({ platforms }: Sns, endpoint: string): void {
  const refused = platforms.refusalOf(endpoint);
  if (refused !== undefined) throw refused;
}

async function push({ broker, platforms }: Sns, endpoint: string, draft: Draft): Promise<Published> {
  const publication = new Publication({ ...draft, id: randomUUID(), sequenceNumber: undefined, replayed: false });
  const transaction = broker.transaction();
  platforms.push(transaction, endpoint, publication, undefined);
  await transaction.commit();
  return { MessageId: publication.data.id, SequenceNumber: undefined };
}

/** To a number that opted out nothing is sent, as AWS does, without saying so. */
async function text(sns: Sns, to: string, draft: Draft, { account, region }: Call): Promise<Published> {
  const id = randomUUID();
  if (sns.phones.optedOut({ account, region }).includes(to)) return { MessageId: id, SequenceNumber: undefined };
  const publication = new Publication({ ...draft, id, sequenceNumber: undefined, replayed: false });
  const transaction = sns.broker.transaction();
  sns.rates.text({ account, region }, draft.attributes);
  sns.mailbox.deliver(transaction, {
    account,
    region,
    id,
    kind: 'sms',
    to,
    subject: undefined,
    body: publication.messageFor('sms'),
    topicArn: undefined,
    at: draft.timestamp,
  });
  await transaction.commit();
  return { MessageId: id, SequenceNumber: undefined };
}
