// The SNS service: its names on each wire, the registry of its actions, and what it serves beside them. What is not listed
// here does not exist.

import type { BrokerError } from '../../core/errors.ts';
import type { Breach } from '../constraints.ts';
import { validationMessage } from '../constraints.ts';
import { AwsError, commonErrors } from '../errors.ts';
import type { Quotas } from '../quotas.ts';
import type { Service } from '../service.ts';
import { snsAuthorization } from './authorization.ts';
import { addPermission } from './add-permission.ts';
import { checkIfPhoneNumberIsOptedOut } from './check-if-phone-number-is-opted-out.ts';
import { confirmSubscription } from './confirm-subscription.ts';
import { createPlatformApplication } from './create-platform-application.ts';
import { createPlatformEndpoint } from './create-platform-endpoint.ts';
import { createSmsSandboxPhoneNumber } from './create-sms-sandbox-phone-number.ts';
import { createTopic } from './create-topic.ts';
import { deleteEndpoint } from './delete-endpoint.ts';
import { deletePlatformApplication } from './delete-platform-application.ts';
import { deleteSmsSandboxPhoneNumber } from './delete-sms-sandbox-phone-number.ts';
import { deleteTopic } from './delete-topic.ts';
import { getDataProtectionPolicy } from './get-data-protection-policy.ts';
import { getEndpointAttributes } from './get-endpoint-attributes.ts';
import { getPlatformApplicationAttributes } from './get-platform-application-attributes.ts';
import { getSmsAttributes } from './get-sms-attributes.ts';
import { getSmsSandboxAccountStatus } from './get-sms-sandbox-account-status.ts';
import { getSubscriptionAttributes } from './get-subscription-attributes.ts';
import { getTopicAttributes } from './get-topic-attributes.ts';
import { listEndpointsByPlatformApplication } from './list-endpoints-by-platform-application.ts';
import { listOriginationNumbers } from './list-origination-numbers.ts';
import { listPhoneNumbersOptedOut } from './list-phone-numbers-opted-out.ts';
import { listPlatformApplications } from './list-platform-applications.ts';
import { listSmsSandboxPhoneNumbers } from './list-sms-sandbox-phone-numbers.ts';
import { listSubscriptionsByTopic } from './list-subscriptions-by-topic.ts';
import { listSubscriptions } from './list-subscriptions.ts';
import { listTagsForResource } from './list-tags-for-resource.ts';
import { listTopics } from './list-topics.ts';
import { noValueFor, refusal, topicDoesNotExist } from './model/errors.ts';
import { pageAt } from './model/pages.ts';
import type { Sns } from './model/sns.ts';
import { optInPhoneNumber } from './opt-in-phone-number.ts';
import { publishBatch } from './publish-batch.ts';
import { publish } from './publish.ts';
import { putDataProtectionPolicy } from './put-data-protection-policy.ts';
import { removePermission } from './remove-permission.ts';
import { setEndpointAttributes } from './set-endpoint-attributes.ts';
import { setPlatformApplicationAttributes } from './set-platform-application-attributes.ts';
import { setSmsAttributes } from './set-sms-attributes.ts';
import { setSubscriptionAttributes } from './set-subscription-attributes.ts';
import { setTopicAttributes } from './set-topic-attributes.ts';
import { subscribe } from './subscribe.ts';
import { tagResource } from './tag-resource.ts';
import { snsThrottle } from './throttle.ts';
import { unsubscribe } from './unsubscribe.ts';
import { untagResource } from './untag-resource.ts';
import { verifySmsSandboxPhoneNumber } from './verify-sms-sandbox-phone-number.ts';

const actions = [
  addPermission,
  checkIfPhoneNumberIsOptedOut,
  confirmSubscription,
  createPlatformApplication,
  createPlatformEndpoint,
  createSmsSandboxPhoneNumber,
  createTopic,
  deleteEndpoint,
  deletePlatformApplication,
  deleteSmsSandboxPhoneNumber,
  deleteTopic,
  getDataProtectionPolicy,
  getEndpointAttributes,
  getPlatformApplicationAttributes,
  getSmsAttributes,
  getSmsSandboxAccountStatus,
  getSubscriptionAttributes,
  getTopicAttributes,
  listEndpointsByPlatformApplication,
  listOriginationNumbers,
  listPhoneNumbersOptedOut,
  listPlatformApplications,
  listSmsSandboxPhoneNumbers,
  listSubscriptions,
  listSubscriptionsByTopic,
  listTagsForResource,
  listTopics,
  optInPhoneNumber,
  publish,
  publishBatch,
  putDataProtectionPolicy,
  removePermission,
  setEndpointAttributes,
  setPlatformApplicationAttributes,
  setSmsAttributes,
  setSubscriptionAttributes,
  setTopicAttributes,
  subscribe,
  tagResource,
  unsubscribe,
  untagResource,
  verifySmsSandboxPhoneNumber,
];

/** `quotas`: absent, nothing is counted against them. */
export function snsService(sns: Sns, quotas?: Quotas): Service {
  return {
    name: 'sns',
    targetPrefix: 'AmazonSimpleNotificationService',
    versions: ['2010-03-31'],
    xmlNamespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
    operations: new Map(actions.map((make) => make(sns)).map((made) => [made.name, made])),
    resourceMember: '',
    // Topics have no URLs.
    resourcePath: /^(?!)/,
    plainErrors: true,
    page: (request) => pageAt(sns, request),
    authorization: snsAuthorization(sns.topics),
    throttle: quotas === undefined || quotas.mode === 'off' ? undefined : snsThrottle(quotas, sns),
    refuse,
    translate,
  };
}

/** A text that is missing is named; all else is gathered into one message. */
function refuse(breaches: readonly [Breach, ...Breach[]]): AwsError {
  const [{ constraint, path, label }] = breaches;
  if (constraint === 'missing' && !path.includes('.') && path !== 'attributes') return noValueFor(label);
  return refusal('ValidationError', validationMessage(breaches));
}

function translate({ code, message }: BrokerError): AwsError {
  switch (code) {
    case 'not-found':
      return topicDoesNotExist();
    case 'invalid':
    case 'exists':
    case 'too-large':
    case 'unsupported':
    case 'not-allowed':
      return refusal('InvalidParameter', `Invalid parameter: ${message}`);
    case 'unauthorized':
      return refusal('AuthorizationError', message);
    // The store cannot take it now: SDKs try again.
    case 'limit':
    case 'store-full':
    case 'store-failed':
    case 'fenced':
    case 'closed':
      return new AwsError(commonErrors.serviceUnavailable, `Service is unavailable: ${message}`);
  }
}
