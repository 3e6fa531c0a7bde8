// The Kinesis Data Streams service: its names on each wire, and the registry of its actions. What is not listed here does not
// exist.

import type { BrokerError } from '../../core/errors.ts';
import type { Breach } from '../constraints.ts';
import { validationMessage } from '../constraints.ts';
import type { AwsError } from '../errors.ts';
import type { Quotas } from '../quotas.ts';
import type { Routed } from '../route.ts';
import type { Service } from '../service.ts';
import { cbor11 } from '../wire/cbor.ts';
import { json11 } from '../wire/json.ts';
import type { Answer, Wire } from '../wire/wire.ts';
import { addTagsToStream } from './add-tags-to-stream.ts';
import { kinesisAuthorization } from './authorization.ts';
import { createChannel } from './create-channel.ts';
import { createStream } from './create-stream.ts';
import { decreaseStreamRetentionPeriod } from './decrease-stream-retention-period.ts';
import { deleteChannel } from './delete-channel.ts';
import { deleteResourcePolicy } from './delete-resource-policy.ts';
import { deleteStream } from './delete-stream.ts';
import { deregisterStreamConsumer } from './deregister-stream-consumer.ts';
import { describeAccountSettings } from './describe-account-settings.ts';
import { describeChannel } from './describe-channel.ts';
import { describeLimits } from './describe-limits.ts';
import { describeStream } from './describe-stream.ts';
import { describeStreamConsumer } from './describe-stream-consumer.ts';
import { describeStreamSummary } from './describe-stream-summary.ts';
import { disableEnhancedMonitoring } from './disable-enhanced-monitoring.ts';
import { enableEnhancedMonitoring } from './enable-enhanced-monitoring.ts';
import { getRecords } from './get-records.ts';
import { getResourcePolicy } from './get-resource-policy.ts';
import { getShardIterator } from './get-shard-iterator.ts';
import { increaseStreamRetentionPeriod } from './increase-stream-retention-period.ts';
import { listChannels } from './list-channels.ts';
import { listShards } from './list-shards.ts';
import { listStreamConsumers } from './list-stream-consumers.ts';
import { listStreams } from './list-streams.ts';
import { listTagsForResource } from './list-tags-for-resource.ts';
import { listTagsForStream } from './list-tags-for-stream.ts';
import { mergeShards } from './merge-shards.ts';
import { invalidArgument, resourceNotFound, unavailable, validationFailed } from './model/errors.ts';
import type { Kinesis } from './model/kinesis.ts';
import { putRecord } from './put-record.ts';
import { putRecords } from './put-records.ts';
import { putResourcePolicy } from './put-resource-policy.ts';
import { registerStreamConsumer } from './register-stream-consumer.ts';
import { removeTagsFromStream } from './remove-tags-from-stream.ts';
import { splitShard } from './split-shard.ts';
import { startStreamEncryption } from './start-stream-encryption.ts';
import { stopStreamEncryption } from './stop-stream-encryption.ts';
import { subscribeToShard } from './subscribe-to-shard.ts';
import { tagResource } from './tag-resource.ts';
import { untagResource } from './untag-resource.ts';
import { kinesisThrottle } from './throttle.ts';
import { updateAccountSettings } from './update-account-settings.ts';
import { updateChannel } from './update-channel.ts';
import { updateMaxRecordSize } from './update-max-record-size.ts';
import { updateShardCount } from './update-shard-count.ts';
import { updateStreamMode } from './update-stream-mode.ts';
import { updateStreamRecordDistributionStrategy } from './update-stream-record-distribution-strategy.ts';
import { updateStreamWarmThroughput } from './update-stream-warm-throughput.ts';

const actions = [
  addTagsToStream,
  createChannel,
  createStream,
  decreaseStreamRetentionPeriod,
  deleteChannel,
  deleteResourcePolicy,
  deleteStream,
  deregisterStreamConsumer,
  describeAccountSettings,
  describeChannel,
  describeLimits,
  describeStream,
  describeStreamConsumer,
  describeStreamSummary,
  disableEnhancedMonitoring,
  enableEnhancedMonitoring,
  getRecords,
  getResourcePolicy,
  getShardIterator,
  increaseStreamRetentionPeriod,
  listChannels,
  listShards,
  listStreamConsumers,
  listStreams,
  listTagsForResource,
  listTagsForStream,
  mergeShards,
  putRecord,
  putRecords,
  putResourcePolicy,
  registerStreamConsumer,
  removeTagsFromStream,
  splitShard,
  startStreamEncryption,
  stopStreamEncryption,
  subscribeToShard,
  tagResource,
  untagResource,
  updateAccountSettings,
  updateChannel,
  updateMaxRecordSize,
  updateShardCount,
  updateStreamMode,
  updateStreamRecordDistributionStrategy,
  updateStreamWarmThroughput,
];

/** `quotas`: absent, calls are not counted against them; of the throughput of shards `kinesis` sees to itself. */
export function kinesisService(kinesis: Kinesis, quotas?: Quotas): Service {
  return {
    name: 'kinesis',
    targetPrefix: 'Kinesis_20131202',
    // It was never on the Query wire.
    versions: [],
    xmlNamespace: '',
    operations: new Map(actions.map((make) => make(kinesis)).map((made) => [made.name, made])),
    resourceMember: '',
    resourcePath: /^(?!)/,
    hasExtendedId: true,
    wireOf,
    authorization: kinesisAuthorization(kinesis),
    throttle: quotas === undefined || quotas.mode === 'off' ? undefined : kinesisThrottle(quotas, kinesis.streams),
    refuse,
    translate,
  };
}

const json = 'application/x-amz-json-1.1';
const cbor = 'application/x-amz-cbor-1.1';

/** The service looks at the type of the body before it looks for the operation; without a body, CBOR is its own language. */
function wireOf({ method, headers, body }: Routed): Wire | Answer {
  if (method !== 'POST') return notDetermined;
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  switch (type.trim()) {
    case json:
      return json11;
    case cbor:
      return cbor11;
    default:
      if (body.length === 0) return cbor11;
      if (type.trim() === 'application/json') return oldest(body);
      return headers['x-amz-target'] === undefined ? notDetermined : unknownType;
  }
}

/** What a wire before JSON 1.1 was told, which is no longer spoken. */
function oldest(body: Buffer): Answer {
  const isObject = body.toString('latin1').trimStart().startsWith('{');
  const name = isObject ? 'UnknownOperationException' : 'SerializationException';
  const said = JSON.stringify({ Output: { __type: `com.amazon.coral.service#${name}` }, Version: '1.0' });
  return { status: isObject ? 404 : 400, contentType: 'application/json', body: said };
}

const notDetermined: Answer = {
  status: 403,
  contentType: '',
  body:
    '<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized</Message>\n' +
    '</AccessDeniedException>\n',
};

const unknownType: Answer = {
  status: 404,
  contentType: '',
  body: '<UnknownOperationException/>\n',
};

function refuse(breaches: readonly [Breach, ...Breach[]]): AwsError {
  return validationFailed(validationMessage(breaches));
}

function translate({ code, message }: BrokerError): AwsError {
  switch (code) {
    case 'not-found':
    // The stream was deleted while the request was under way.
    case 'closed':
      return resourceNotFound(message);
    case 'invalid':
    case 'exists':
    case 'too-large':
    case 'unsupported':
    case 'not-allowed':
    case 'unauthorized':
      return invalidArgument(message);
    // The store cannot take it now: SDKs try again.
    case 'limit':
    case 'store-full':
    case 'store-failed':
    case 'fenced':
      return unavailable(message);
  }
}
