// Requests and answers of SNS on the Query wire, byte for byte, in the order in which they are sent.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { exchange, formRequest } from '../raw-http.ts';
import { snsEndpoint } from './endpoint.ts';
import type { SnsEndpoint } from './endpoint.ts';

let endpoint: SnsEndpoint;
beforeAll(async () => {
  endpoint = await snsEndpoint();
});
afterAll(() => endpoint[Symbol.asyncDispose]());

const xmlns = 'xmlns="http://sns.amazonaws.com/doc/2010-03-31/"';
const metadata = '<ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata>';
const topic = 'arn:aws:sns:us-east-1:000000000000:t';

interface Row {
  readonly what: string;
  readonly request: string;
  readonly status: string;
  readonly body: string;
}

function post(what: string, form: string, inner: string): Row {
  const [, action = ''] = /^Action=(\w+)/.exec(form) ?? [];
  const body = `<?xml version="1.0"?><${action}Response ${xmlns}>${inner}${metadata}</${action}Response>`;
  return { what, request: formRequest(`${form}&Version=2010-03-31`), status: '200 OK', body };
}

function refused(what: string, form: string, status: string, code: string, message: string): Row {
  const body =
    `<?xml version="1.0"?><ErrorResponse ${xmlns}><Error><Type>Sender</Type><Code>${code}</Code>` +
    `<Message>${message}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>`;
  return { what, request: formRequest(form), status, body };
}

const rows: readonly Row[] = [
  post(
    'CreateTopic',
    'Action=CreateTopic&Name=t&Tags.member.1.Key=a&Tags.member.1.Value=b',
    `<CreateTopicResult><TopicArn>${topic}</TopicArn></CreateTopicResult>`,
  ),
  post(
    'ListTopics',
    'Action=ListTopics',
    `<ListTopicsResult><Topics><member><TopicArn>${topic}</TopicArn></member></Topics></ListTopicsResult>`,
  ),
  post(
    'ListTagsForResource',
    `Action=ListTagsForResource&ResourceArn=${topic}`,
    '<ListTagsForResourceResult><Tags><member><Key>a</Key><Value>b</Value></member></Tags></ListTagsForResourceResult>',
  ),
  post(
    'TagResource: an empty result',
    `Action=TagResource&ResourceArn=${topic}&Tags.member.1.Key=c&Tags.member.1.Value=d`,
    '<TagResourceResult/>',
  ),
  post(
    'SetTopicAttributes: no result',
    `Action=SetTopicAttributes&TopicArn=${topic}&AttributeName=DisplayName&AttributeValue=x`,
    '',
  ),
  post(
    'Subscribe: pending',
    `Action=Subscribe&TopicArn=${topic}&Protocol=email&Endpoint=a%40example.com`,
    '<SubscribeResult><SubscriptionArn>pending confirmation</SubscriptionArn></SubscribeResult>',
  ),
  post(
    'ListSubscriptions',
    'Action=ListSubscriptions',
    '<ListSubscriptionsResult><Subscriptions><member><SubscriptionArn>PendingConfirmation</SubscriptionArn><Owner>000000000000</Owner>' +
      `<Protocol>email</Protocol><Endpoint>a@example.com</Endpoint><TopicArn>${topic}</TopicArn></member></Subscriptions></ListSubscriptionsResult>`,
  ),
  post(
    'Publish with attributes',
    `Action=Publish&TopicArn=${topic}&Message=m&MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value.DataType=String&MessageAttributes.entry.1.Value.StringValue=v`,
    '<PublishResult><MessageId>{id}</MessageId></PublishResult>',
  ),
  post(
    'PublishBatch',
    `Action=PublishBatch&TopicArn=${topic}&PublishBatchRequestEntries.member.1.Id=a&PublishBatchRequestEntries.member.1.Message=m`,
    '<PublishBatchResult><Successful><member><Id>a</Id><MessageId>{id}</MessageId></member></Successful><Failed/></PublishBatchResult>',
  ),
  post(
    'GetSMSAttributes: a map',
    'Action=GetSMSAttributes',
    '<GetSMSAttributesResult><attributes><entry><key>MonthlySpendLimit</key><value>1</value></entry></attributes></GetSMSAttributesResult>',
  ),
  {
    what: 'Publish with its parameters in the URL',
    request: `POST /?Action=Publish&Version=2010-03-31&TopicArn=${topic}&Message=in+the+URL HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`,
    status: '200 OK',
    body: `<?xml version="1.0"?><PublishResponse ${xmlns}><PublishResult><MessageId>{id}</MessageId></PublishResult>${metadata}</PublishResponse>`,
  },
  refused(
    'a topic that is not there',
    `Action=Publish&TopicArn=${topic}x&Message=m`,
    '404 Not Found',
    'NotFound',
    'Topic does not exist',
  ),
  refused(
    'no message',
    `Action=Publish&TopicArn=${topic}`,
    '400 Bad Request',
    'InvalidParameter',
    'Invalid parameter: Message Reason: no value for required parameter',
  ),
  refused(
    'a number out of range',
    'Action=ListSMSSandboxPhoneNumbers&MaxResults=101',
    '400 Bad Request',
    'ValidationError',
    "1 validation error detected: Value '101' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100",
  ),
];

it.each(rows)('$what', async ({ request, status, body }) => {
  const port = Number(new URL(endpoint.url).port);
  const answer = Buffer.from(await exchange(port, request), 'latin1').toString();
  const [head = '', text = ''] = answer.split('\r\n\r\n');
  const [statusLine, ...headers] = head.split('\r\n');
  expect(statusLine).toBe(`HTTP/1.1 ${status}`);
  expect(headers).toContain('Content-Type: text/xml');
  expect(headers).toContain(`Content-Length: ${Buffer.byteLength(text)}`);
  expect(masked(text)).toBe(body);
});

it('AddPermission and RemovePermission are told from those of SQS by the version, or by who signed', async () => {
  const port = Number(new URL(endpoint.url).port);
  for (const action of ['AddPermission', 'RemovePermission']) {
    const form = `Action=${action}&TopicArn=${topic}&Label=l&AWSAccountId.member.1=1&ActionName.member.1=Publish`;
    expect(await exchange(port, formRequest(`${form}&Version=2010-03-31`))).toContain(`<${action}Response ${xmlns}>`);
    const credential = 'Authorization: AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/sns/aws4_request';
    const second = form.replace('Label=l', 'Label=m');
    expect(await exchange(port, formRequest(second, '/', [credential]))).toContain(`<${action}Response ${xmlns}>`);
  }
});

it('the certificate is served where it is, and nothing where it is not', async () => {
  const none = await endpoint.get(`/SimpleNotificationService-${'0'.repeat(32)}.pem`);
  expect([none.status, none.text]).toEqual([404, '<UnknownOperationException/>\n']);
});

function masked(text: string): string {
  return text.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, '{id}');
}
