// Requests as boto3 1.43.11 (botocore 1.43.11, November 2026) writes them: taken off a socket, with the host, the queue's URL and
// the length put in by the test. Its models: SQS is JSON 1.0 with x-amzn-query-mode, SNS is Query, Kinesis is JSON 1.1.
// Words in braces stand for what differs from answer to answer, `{long}` for 257 times x.

export interface Boto3Request {
  readonly what: string;
  /** Of the credential scope. */
  readonly service: 'sqs' | 'sns' | 'kinesis';
  /** Those that depend on the service, in their order. */
  readonly headers: readonly string[];
  readonly body: string;
  readonly status: number;
  /** Whole. */
  readonly answer: string;
  readonly queryError?: string;
}

/** Of every request, before and after those that are its own. */
export const before = ['POST / HTTP/1.1', 'Host: {host}', 'Accept-Encoding: identity'] as const;
export const after = [
  'User-Agent: Boto3/1.43.11 md/Botocore#1.43.11 ua/2.1 os/linux#6.18.44 md/arch#x86_64 lang/python#3.11.7 md/pyimpl#CPython m/e,b,N,Z,D cfg/retry-mode#legacy Botocore/1.43.11',
  'X-Amz-Date: 20261121T193216Z',
  'Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/us-east-1/{service}/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=4c73238c6ff1c13468fb83422e3d1bbf54272f4a99b6a28d08bc94ecb802469f',
  'amz-sdk-invocation-id: 347467ad-5232-4f76-89cd-8bec1782a2b2',
  'amz-sdk-request: attempt=1',
] as const;

export const boto3Requests: readonly Boto3Request[] = [
  {
    what: 'sqs create_queue',
    service: 'sqs',
    headers: [
      'X-Amz-Target: AmazonSQS.CreateQueue',
      'Content-Type: application/x-amz-json-1.0',
      'x-amzn-query-mode: true',
    ],
    body: '{"QueueName": "q", "Attributes": {"VisibilityTimeout": "60"}, "tags": {"team": "shop"}}',
    status: 200,
    answer: '{"QueueUrl":"http://{host}/000000000000/q"}',
  },
  {
    what: 'sqs send_message',
    service: 'sqs',
    headers: [
      'X-Amz-Target: AmazonSQS.SendMessage',
      'Content-Type: application/x-amz-json-1.0',
      'x-amzn-query-mode: true',
    ],
    body: '{"QueueUrl": "http://{host}/000000000000/q", "MessageBody": "h\\u00e9llo <&> \\"\\ud83d\\ude00\\"", "MessageAttributes": {"n": {"DataType": "Number", "StringValue": "12"}, "b": {"DataType": "Binary", "BinaryValue": "AP8="}}}',
    status: 200,
    answer:
      '{"MD5OfMessageBody":"f0d9d0dc40255945d7599613fd13a8cf","MD5OfMessageAttributes":"4a3d00a5c9b28a5a917583da21313a77","MessageId":"{uuid}"}',
  },
  {
    what: 'sqs receive_message',
    service: 'sqs',
    headers: [
      'X-Amz-Target: AmazonSQS.ReceiveMessage',
      'Content-Type: application/x-amz-json-1.0',
      'x-amzn-query-mode: true',
    ],
    body: '{"QueueUrl": "http://{host}/000000000000/q", "MaxNumberOfMessages": 10, "MessageSystemAttributeNames": ["ApproximateReceiveCount"], "MessageAttributeNames": ["All"], "VisibilityTimeout": 0}',
    status: 200,
    answer:
      '{"Messages":[{"MessageId":"{uuid}","ReceiptHandle":"{base64}","MD5OfBody":"f0d9d0dc40255945d7599613fd13a8cf","Body":"héllo <&> \\"😀\\"","Attributes":{"ApproximateReceiveCount":"1"},"MD5OfMessageAttributes":"4a3d00a5c9b28a5a917583da21313a77","MessageAttributes":{"n":{"StringValue":"12","DataType":"Number"},"b":{"BinaryValue":"AP8=","DataType":"Binary"}}}]}',
  },
  {
    what: 'sqs delete_message_batch',
    service: 'sqs',
    headers: [
      'X-Amz-Target: AmazonSQS.DeleteMessageBatch',
      'Content-Type: application/x-amz-json-1.0',
      'x-amzn-query-mode: true',
    ],
    body: '{"QueueUrl": "http://{host}/000000000000/q", "Entries": [{"Id": "a", "ReceiptHandle": "garbage"}]}',
    status: 200,
    answer:
      '{"Failed":[{"Id":"a","SenderFault":true,"Code":"ReceiptHandleIsInvalid","Message":"The input receipt handle \\"garbage\\" is not a valid receipt handle."}]}',
  },
  {
    what: 'sqs get_queue_attributes',
    service: 'sqs',
    headers: [
      'X-Amz-Target: AmazonSQS.GetQueueAttributes',
      'Content-Type: application/x-amz-json-1.0',
      'x-amzn-query-mode: true',
    ],
    body: '{"QueueUrl": "http://{host}/000000000000/q", "AttributeNames": ["QueueArn", "VisibilityTimeout"]}',
    status: 200,
    answer: '{"Attributes":{"QueueArn":"arn:aws:sqs:us-east-1:000000000000:q","VisibilityTimeout":"60"}}',
  },
  {
    what: 'sqs list_queues',
    service: 'sqs',
    headers: [
      'X-Amz-Target: AmazonSQS.ListQueues',
      'Content-Type: application/x-amz-json-1.0',
      'x-amzn-query-mode: true',
    ],
    body: '{"QueueNamePrefix": "none"}',
    status: 200,
    answer: '{}',
  },
  {
    what: 'sqs get_queue_url refused',
    service: 'sqs',
    headers: [
      'X-Amz-Target: AmazonSQS.GetQueueUrl',
      'Content-Type: application/x-amz-json-1.0',
      'x-amzn-query-mode: true',
    ],
    body: '{"QueueName": "none"}',
    status: 400,
    answer: '{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}',
    queryError: 'AWS.SimpleQueueService.NonExistentQueue;Sender',
  },
  {
    what: 'sqs send_message refused',
    service: 'sqs',
    headers: [
      'X-Amz-Target: AmazonSQS.SendMessage',
      'Content-Type: application/x-amz-json-1.0',
      'x-amzn-query-mode: true',
    ],
    body: '{"QueueUrl": "http://{host}/000000000000/q", "MessageBody": ""}',
    status: 400,
    answer:
      '{"__type":"com.amazon.coral.service#MissingRequiredParameterException","message":"The request must contain the parameter MessageBody."}',
    queryError: 'MissingParameter;Sender',
  },
  {
    what: 'sqs receive_message refused',
    service: 'sqs',
    headers: [
      'X-Amz-Target: AmazonSQS.ReceiveMessage',
      'Content-Type: application/x-amz-json-1.0',
      'x-amzn-query-mode: true',
    ],
    body: '{"QueueUrl": "http://{host}/000000000000/q", "MaxNumberOfMessages": 11}',
    status: 400,
    answer:
      '{"__type":"com.amazon.coral.service#InvalidParameterValueException","message":"Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."}',
    queryError: 'InvalidParameterValue;Sender',
  },
  {
    what: 'sqs delete_queue',
    service: 'sqs',
    headers: [
      'X-Amz-Target: AmazonSQS.DeleteQueue',
      'Content-Type: application/x-amz-json-1.0',
      'x-amzn-query-mode: true',
    ],
    body: '{"QueueUrl": "http://{host}/000000000000/q"}',
    status: 200,
    answer: '',
  },
  {
    what: 'sns create_topic',
    service: 'sns',
    headers: ['Content-Type: application/x-www-form-urlencoded; charset=utf-8'],
    body: 'Action=CreateTopic&Version=2010-03-31&Name=t&Attributes.entry.1.key=DisplayName&Attributes.entry.1.value=d+%26+%C3%A9&Tags.member.1.Key=a&Tags.member.1.Value=b+c',
    status: 200,
    answer:
      '<?xml version="1.0"?><CreateTopicResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><CreateTopicResult><TopicArn>arn:aws:sns:us-east-1:000000000000:t</TopicArn></CreateTopicResult><ResponseMetadata><RequestId>{uuid}</RequestId></ResponseMetadata></CreateTopicResponse>',
  },
  {
    what: 'sns publish',
    service: 'sns',
    headers: ['Content-Type: application/x-www-form-urlencoded; charset=utf-8'],
    body: 'Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A000000000000%3At&Message=%3Ch%C3%A9llo%3E+%26+%F0%9F%98%80&Subject=s&MessageAttributes.entry.1.Name=n&MessageAttributes.entry.1.Value.DataType=Number&MessageAttributes.entry.1.Value.StringValue=1&MessageAttributes.entry.2.Name=b&MessageAttributes.entry.2.Value.DataType=Binary&MessageAttributes.entry.2.Value.BinaryValue=AP8%3D',
    status: 200,
    answer:
      '<?xml version="1.0"?><PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>{uuid}</MessageId></PublishResult><ResponseMetadata><RequestId>{uuid}</RequestId></ResponseMetadata></PublishResponse>',
  },
  {
    what: 'sns list_tags_for_resource',
    service: 'sns',
    headers: ['Content-Type: application/x-www-form-urlencoded; charset=utf-8'],
    body: 'Action=ListTagsForResource&Version=2010-03-31&ResourceArn=arn%3Aaws%3Asns%3Aus-east-1%3A000000000000%3At',
    status: 200,
    answer:
      '<?xml version="1.0"?><ListTagsForResourceResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ListTagsForResourceResult><Tags><member><Key>a</Key><Value>b c</Value></member></Tags></ListTagsForResourceResult><ResponseMetadata><RequestId>{uuid}</RequestId></ResponseMetadata></ListTagsForResourceResponse>',
  },
  {
    what: 'sns publish_batch',
    service: 'sns',
    headers: ['Content-Type: application/x-www-form-urlencoded; charset=utf-8'],
    body: 'Action=PublishBatch&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A000000000000%3At&PublishBatchRequestEntries.member.1.Id=a&PublishBatchRequestEntries.member.1.Message=m',
    status: 200,
    answer:
      '<?xml version="1.0"?><PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishBatchResult><Successful><member><Id>a</Id><MessageId>{uuid}</MessageId></member></Successful><Failed/></PublishBatchResult><ResponseMetadata><RequestId>{uuid}</RequestId></ResponseMetadata></PublishBatchResponse>',
  },
  {
    what: 'sns get_topic_attributes refused',
    service: 'sns',
    headers: ['Content-Type: application/x-www-form-urlencoded; charset=utf-8'],
    body: 'Action=GetTopicAttributes&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A000000000000%3Atnone',
    status: 404,
    answer:
      '<?xml version="1.0"?><ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message></Error><RequestId>{uuid}</RequestId></ErrorResponse>',
  },
  {
    what: 'sns publish refused',
    service: 'sns',
    headers: ['Content-Type: application/x-www-form-urlencoded; charset=utf-8'],
    body: 'Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A000000000000%3At&Message=',
    status: 400,
    answer:
      '<?xml version="1.0"?><ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>Invalid parameter: Empty message</Message></Error><RequestId>{uuid}</RequestId></ErrorResponse>',
  },
  {
    what: 'sns delete_topic',
    service: 'sns',
    headers: ['Content-Type: application/x-www-form-urlencoded; charset=utf-8'],
    body: 'Action=DeleteTopic&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A000000000000%3At',
    status: 200,
    answer:
      '<?xml version="1.0"?><DeleteTopicResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ResponseMetadata><RequestId>{uuid}</RequestId></ResponseMetadata></DeleteTopicResponse>',
  },
  {
    what: 'kinesis create_stream',
    service: 'kinesis',
    headers: ['X-Amz-Target: Kinesis_20131202.CreateStream', 'Content-Type: application/x-amz-json-1.1'],
    body: '{"StreamName": "s", "ShardCount": 1}',
    status: 200,
    answer: '',
  },
  {
    what: 'kinesis put_record',
    service: 'kinesis',
    headers: ['X-Amz-Target: Kinesis_20131202.PutRecord', 'Content-Type: application/x-amz-json-1.1'],
    body: '{"StreamName": "s", "Data": "AP9ow6lsbG8=", "PartitionKey": "k\\u00e9y"}',
    status: 200,
    answer: '{"ShardId":"shardId-000000000000","SequenceNumber":"{digits}"}',
  },
  {
    what: 'kinesis put_records',
    service: 'kinesis',
    headers: ['X-Amz-Target: Kinesis_20131202.PutRecords', 'Content-Type: application/x-amz-json-1.1'],
    body: '{"StreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/s", "Records": [{"Data": "YQ==", "PartitionKey": "k"}, {"Data": "Yg==", "PartitionKey": "k", "ExplicitHashKey": "1"}]}',
    status: 200,
    answer:
      '{"FailedRecordCount":0,"Records":[{"SequenceNumber":"{digits}","ShardId":"shardId-000000000000"},{"SequenceNumber":"{digits}","ShardId":"shardId-000000000000"}]}',
  },
  {
    what: 'kinesis list_shards',
    service: 'kinesis',
    headers: ['X-Amz-Target: Kinesis_20131202.ListShards', 'Content-Type: application/x-amz-json-1.1'],
    body: '{"StreamName": "s", "ShardFilter": {"Type": "AT_TIMESTAMP", "Timestamp": 1795262400}}',
    status: 200,
    answer:
      '{"Shards":[{"ShardId":"shardId-000000000000","HashKeyRange":{"StartingHashKey":"0","EndingHashKey":"340282366920938463463374607431768211455"},"SequenceNumberRange":{"StartingSequenceNumber":"{digits}"}}]}',
  },
  {
    what: 'kinesis get_shard_iterator',
    service: 'kinesis',
    headers: ['X-Amz-Target: Kinesis_20131202.GetShardIterator', 'Content-Type: application/x-amz-json-1.1'],
    body: '{"StreamName": "s", "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}',
    status: 200,
    answer: '{"ShardIterator":"{base64}"}',
  },
  {
    what: 'kinesis describe_stream_summary refused',
    service: 'kinesis',
    headers: ['X-Amz-Target: Kinesis_20131202.DescribeStreamSummary', 'Content-Type: application/x-amz-json-1.1'],
    body: '{"StreamName": "none"}',
    status: 400,
    answer: '{"__type":"ResourceNotFoundException","message":"Stream none under account 000000000000 not found."}',
  },
  {
    what: 'kinesis get_records refused',
    service: 'kinesis',
    headers: ['X-Amz-Target: Kinesis_20131202.GetRecords', 'Content-Type: application/x-amz-json-1.1'],
    body: '{"ShardIterator": "garbage"}',
    status: 400,
    answer: '{"__type":"InvalidArgumentException","message":"Invalid ShardIterator."}',
  },
  {
    what: 'kinesis put_record refused',
    service: 'kinesis',
    headers: ['X-Amz-Target: Kinesis_20131202.PutRecord', 'Content-Type: application/x-amz-json-1.1'],
    body: '{"StreamName": "s", "Data": "", "PartitionKey": "{long}"}',
    status: 400,
    answer:
      '{"__type":"ValidationException","message":"1 validation error detected: Value \'{long}\' at \'partitionKey\' failed to satisfy constraint: Member must have length less than or equal to 256"}',
  },
];
