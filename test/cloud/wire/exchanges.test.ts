// Whole exchanges on both wires, byte for byte, one after the other on one endpoint. What differs from run to run is
// masked: ids, dates, receipt handles.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { testEndpoint } from '../endpoint.ts';
import type { TestEndpoint } from '../endpoint.ts';
import { exchange, formRequest, jsonRequest } from '../raw-http.ts';

let endpoint: TestEndpoint;
beforeAll(async () => {
  endpoint = await testEndpoint();
});
afterAll(() => endpoint[Symbol.asyncDispose]());

const orders = 'http://127.0.0.1:4566/000000000000/orders';
const xmlns = 'xmlns="http://queue.amazonaws.com/doc/2012-11-05/"';
const metadata = '<ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata>';
const xml = '<?xml version="1.0"?>';

interface Exchange {
  readonly what: string;
  readonly request: string;
  readonly status: string;
  readonly contentType: string;
  readonly queryError?: string;
  readonly body: string;
}

const json10 = 'application/x-amz-json-1.0';
const coral = 'com.amazon.coral.service';

function onJson(what: string, action: string, input: string, body: string): Exchange {
  return { what, request: jsonRequest(action, input), status: '200 OK', contentType: json10, body };
}

function refusedOnJson(
  what: string,
  action: string,
  input: string,
  status: string,
  queryError: string,
  body: string,
): Exchange {
  return { what, request: jsonRequest(action, input), status, contentType: json10, queryError, body };
}

function onQuery(what: string, form: string, body: string, path?: string): Exchange {
  return { what, request: formRequest(form, path), status: '200 OK', contentType: 'text/xml', body: xml + body };
}

function refusedOnQuery(
  what: string,
  form: string,
  status: string,
  code: string,
  message: string,
  path?: string,
): Exchange {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message><Detail/></Error>`;
  const body = `${xml}<ErrorResponse ${xmlns}>${error}<RequestId>{id}</RequestId></ErrorResponse>`;
  return { what, request: formRequest(form, path), status, contentType: 'text/xml', body };
}

const exchanges: readonly Exchange[] = [
  onJson(
    'create on JSON',
    'CreateQueue',
    '{"QueueName":"orders","Attributes":{"VisibilityTimeout":"0"}}',
    `{"QueueUrl":"${orders}"}`,
  ),
  onQuery(
    'create again on Query, with the same attribute',
    'Action=CreateQueue&Version=2012-11-05&QueueName=orders&Attribute.1.Name=VisibilityTimeout&Attribute.1.Value=0',
    `<CreateQueueResponse ${xmlns}><CreateQueueResult><QueueUrl>${orders}</QueueUrl></CreateQueueResult>${metadata}</CreateQueueResponse>`,
  ),
  onJson(
    'send on JSON',
    'SendMessage',
    `{"QueueUrl":"${orders}","MessageBody":"h\\u00e9llo"}`,
    '{"MD5OfMessageBody":"be50e8478cf24ff3595bc7307fb91b50","MessageId":"{id}"}',
  ),
  onJson(
    'receive on JSON',
    'ReceiveMessage',
    `{"QueueUrl":"${orders}"}`,
    '{"Messages":[{"MessageId":"{id}","ReceiptHandle":"{handle}","MD5OfBody":"be50e8478cf24ff3595bc7307fb91b50","Body":"héllo"}]}',
  ),
  onQuery(
    'receive on Query at the URL of the queue',
    'Action=ReceiveMessage&Version=2012-11-05&AttributeName.1=ApproximateReceiveCount',
    `<ReceiveMessageResponse ${xmlns}><ReceiveMessageResult><Message><MessageId>{id}</MessageId>` +
      '<ReceiptHandle>{handle}</ReceiptHandle><MD5OfBody>be50e8478cf24ff3595bc7307fb91b50</MD5OfBody><Body>héllo</Body>' +
      '<Attribute><Name>ApproximateReceiveCount</Name><Value>2</Value></Attribute></Message></ReceiveMessageResult>' +
      `${metadata}</ReceiveMessageResponse>`,
    '/000000000000/orders',
  ),
  onJson('purge on JSON: an empty body', 'PurgeQueue', `{"QueueUrl":"${orders}"}`, ''),
  onJson('receive nothing on JSON', 'ReceiveMessage', `{"QueueUrl":"${orders}"}`, '{}'),
  onQuery(
    'receive nothing on Query',
    `Action=ReceiveMessage&Version=2012-11-05&QueueUrl=${encodeURIComponent(orders)}`,
    `<ReceiveMessageResponse ${xmlns}><ReceiveMessageResult/>${metadata}</ReceiveMessageResponse>`,
  ),
  onQuery(
    'send with an attribute on Query',
    `Action=SendMessage&Version=2012-11-05&QueueUrl=${encodeURIComponent(orders)}&MessageBody=hello+world` +
      '&MessageAttribute.1.Name=color&MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=blue',
    `<SendMessageResponse ${xmlns}><SendMessageResult><MD5OfMessageBody>5eb63bbbe01eeed093cb22bb8f5acdc3</MD5OfMessageBody>` +
      '<MD5OfMessageAttributes>da1b33cc3cbfe8b1630921e78e6b9880</MD5OfMessageAttributes><MessageId>{id}</MessageId>' +
      `</SendMessageResult>${metadata}</SendMessageResponse>`,
  ),
  onQuery(
    'purge on Query: no result element',
    'Action=PurgeQueue&Version=2012-11-05',
    `<PurgeQueueResponse ${xmlns}>${metadata}</PurgeQueueResponse>`,
    '/000000000000/orders',
  ),
  onQuery(
    'a batch on Query: one succeeds, one fails',
    'Action=SendMessageBatch&Version=2012-11-05&SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=x' +
      '&SendMessageBatchRequestEntry.2.Id=b&SendMessageBatchRequestEntry.2.MessageBody=',
    `<SendMessageBatchResponse ${xmlns}><SendMessageBatchResult><SendMessageBatchResultEntry><Id>a</Id>` +
      '<MD5OfMessageBody>9dd4e461268c8034f5c8564e155c67a6</MD5OfMessageBody><MessageId>{id}</MessageId></SendMessageBatchResultEntry>' +
      '<BatchResultErrorEntry><Id>b</Id><SenderFault>true</SenderFault><Code>MissingParameter</Code>' +
      '<Message>The request must contain the parameter SendMessageBatchRequestEntry.2.MessageBody.</Message></BatchResultErrorEntry>' +
      `</SendMessageBatchResult>${metadata}</SendMessageBatchResponse>`,
    '/000000000000/orders',
  ),
  refusedOnJson(
    'no such queue on JSON',
    'GetQueueUrl',
    '{"QueueName":"nope"}',
    '400 Bad Request',
    'AWS.SimpleQueueService.NonExistentQueue;Sender',
    '{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}',
  ),
  refusedOnQuery(
    'no such queue on Query',
    'Action=GetQueueUrl&Version=2012-11-05&QueueName=nope',
    '400 Bad Request',
    'AWS.SimpleQueueService.NonExistentQueue',
    'The specified queue does not exist for this wsdl version.',
  ),
  refusedOnJson(
    'no handle on JSON',
    'DeleteMessage',
    `{"QueueUrl":"${orders}","ReceiptHandle":"garbage"}`,
    '404 Not Found',
    'ReceiptHandleIsInvalid;Sender',
    '{"__type":"com.amazonaws.sqs#ReceiptHandleIsInvalid","message":"The input receipt handle \\"garbage\\" is not a valid receipt handle."}',
  ),
  refusedOnJson(
    'an operation that is not there on JSON',
    'FooBar',
    '{}',
    '400 Bad Request',
    'InvalidAction;Sender',
    `{"__type":"${coral}#UnknownOperationException","message":"The requested operation is not recognized by the service."}`,
  ),
  refusedOnQuery(
    'an operation that is not there on Query',
    'Action=FooBar&Version=2012-11-05',
    '400 Bad Request',
    'InvalidAction',
    'The action FooBar is not valid for this endpoint.',
    '/000000000000/orders',
  ),
  refusedOnQuery(
    'an operation that is not for the URL of a queue',
    'Action=CreateQueue&QueueName=other',
    '400 Bad Request',
    'InvalidAction',
    'The action CreateQueue is not valid for this endpoint.',
    '/000000000000/orders',
  ),
  refusedOnJson(
    'no JSON',
    'GetQueueUrl',
    '{',
    '400 Bad Request',
    'MalformedInput;Sender',
    `{"__type":"${coral}#SerializationException"}`,
  ),
  {
    what: 'what a form cannot be: it is not known whom it is for',
    request: formRequest('Action=ListQueues&QueueNamePrefix=%zz'),
    status: '400 Bad Request',
    contentType: 'text/xml',
    body:
      `${xml}<ErrorResponse><Error><Type>Sender</Type><Code>MalformedInput</Code><Message>Malformed percent-encoding</Message>` +
      '<Detail/></Error><RequestId>{id}</RequestId></ErrorResponse>',
  },
  {
    what: 'JSON without a target',
    request: 'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 2\r\n\r\n{}',
    status: '400 Bad Request',
    contentType: json10,
    queryError: 'InvalidAction;Sender',
    body: `{"__type":"${coral}#UnknownOperationException","message":"The requested operation is not recognized by the service."}`,
  },
  {
    what: 'a target of another service',
    request: 'POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: Kinesis_20131202.ListStreams\r\nContent-Length: 2\r\n\r\n{}',
    status: '400 Bad Request',
    contentType: json10,
    queryError: 'InvalidAction;Sender',
    body: `{"__type":"${coral}#UnknownOperationException","message":"The requested operation is not recognized by the service."}`,
  },
  {
    what: 'a GET that asks for nothing',
    request: 'GET /000000000000/orders HTTP/1.1\r\nHost: x\r\n\r\n',
    status: '404 Not Found',
    contentType: 'text/xml',
    body: '<UnknownOperationException/>\n',
  },
  {
    what: 'a GET with an action',
    request: 'GET /000000000000/orders?Action=GetQueueUrl&QueueName=orders HTTP/1.1\r\nHost: queue.test:99\r\n\r\n',
    status: '200 OK',
    contentType: 'text/xml',
    body: `${xml}<GetQueueUrlResponse ${xmlns}><GetQueueUrlResult><QueueUrl>http://queue.test:99/000000000000/orders</QueueUrl></GetQueueUrlResult>${metadata}</GetQueueUrlResponse>`,
  },
];

it.each(exchanges)('$what', async ({ request, status, contentType, queryError, body }) => {
  const answer = Buffer.from(await exchange(endpoint.port, request), 'latin1').toString();
  const [head = '', text = ''] = answer.split('\r\n\r\n');
  const [statusLine, ...headers] = head.split('\r\n').map(masked);
  expect(statusLine).toBe(`HTTP/1.1 ${status}`);
  expect(headers).toEqual([
    'x-amzn-RequestId: {id}',
    `Content-Type: ${contentType}`,
    ...(queryError === undefined ? [] : [`x-amzn-query-error: ${queryError}`]),
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Date: {date}',
    'Connection: keep-alive',
    'Keep-Alive: timeout=65',
  ]);
  expect(masked(text)).toBe(body);
});

function masked(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, '{id}')
    .replaceAll(/AQ[A-Za-z0-9+/]{42}/g, '{handle}')
    .replace(/^Date: .*$/, 'Date: {date}');
}
