// The operations of AWS's service models (botocore 1.43, August 2026; Kinesis: November 2026), which docs/aws.md lists one by one.

const sqs =
  'AddPermission CancelMessageMoveTask ChangeMessageVisibility ChangeMessageVisibilityBatch CreateQueue DeleteMessage ' +
  'DeleteMessageBatch DeleteQueue GetQueueAttributes GetQueueUrl ListDeadLetterSourceQueues ListMessageMoveTasks ' +
  'ListQueueTags ListQueues PurgeQueue ReceiveMessage RemovePermission SendMessage SendMessageBatch ' +
  'SetQueueAttributes StartMessageMoveTask TagQueue UntagQueue';

const sns =
  'AddPermission CheckIfPhoneNumberIsOptedOut ConfirmSubscription CreatePlatformApplication CreatePlatformEndpoint ' +
  'CreateSMSSandboxPhoneNumber CreateTopic DeleteEndpoint DeletePlatformApplication DeleteSMSSandboxPhoneNumber ' +
  'DeleteTopic GetDataProtectionPolicy GetEndpointAttributes GetPlatformApplicationAttributes GetSMSAttributes ' +
  'GetSMSSandboxAccountStatus GetSubscriptionAttributes GetTopicAttributes ListEndpointsByPlatformApplication ' +
  'ListOriginationNumbers ListPhoneNumbersOptedOut ListPlatformApplications ListSMSSandboxPhoneNumbers ' +
  'ListSubscriptions ListSubscriptionsByTopic ListTagsForResource ListTopics OptInPhoneNumber Publish PublishBatch ' +
  'PutDataProtectionPolicy RemovePermission SetEndpointAttributes SetPlatformApplicationAttributes SetSMSAttributes ' +
  'SetSubscriptionAttributes SetTopicAttributes Subscribe TagResource Unsubscribe UntagResource ' +
  'VerifySMSSandboxPhoneNumber';

const kinesis =
  'AddTagsToStream CreateChannel CreateStream DecreaseStreamRetentionPeriod DeleteChannel DeleteResourcePolicy ' +
  'DeleteStream DeregisterStreamConsumer DescribeAccountSettings DescribeChannel DescribeLimits DescribeStream ' +
  'DescribeStreamConsumer DescribeStreamSummary DisableEnhancedMonitoring EnableEnhancedMonitoring GetRecords ' +
  'GetResourcePolicy GetShardIterator IncreaseStreamRetentionPeriod ListChannels ListShards ListStreamConsumers ' +
  'ListStreams ListTagsForResource ListTagsForStream MergeShards PutRecord PutRecords PutResourcePolicy ' +
  'RegisterStreamConsumer RemoveTagsFromStream SplitShard StartStreamEncryption StopStreamEncryption ' +
  'SubscribeToShard TagResource UntagResource UpdateAccountSettings UpdateChannel UpdateMaxRecordSize ' +
  'UpdateShardCount UpdateStreamMode UpdateStreamRecordDistributionStrategy UpdateStreamWarmThroughput';

/** Of the AWS SDK for JavaScript, November 2026. */
export const s3: readonly string[] = (
  'AbortMultipartUpload CompleteMultipartUpload CopyObject CreateBucket CreateBucketMetadataConfiguration ' +
  'CreateBucketMetadataTableConfiguration CreateMultipartUpload CreateSession DeleteBucket ' +
  'DeleteBucketAnalyticsConfiguration DeleteBucketCors DeleteBucketEncryption ' +
  'DeleteBucketIntelligentTieringConfiguration DeleteBucketInventoryConfiguration DeleteBucketLifecycle ' +
  'DeleteBucketMetadataConfiguration DeleteBucketMetadataTableConfiguration DeleteBucketMetricsConfiguration ' +
  'DeleteBucketOwnershipControls DeleteBucketPolicy DeleteBucketReplication DeleteBucketTagging DeleteBucketWebsite ' +
  'DeleteObject DeleteObjectAnnotation DeleteObjectTagging DeleteObjects DeletePublicAccessBlock GetBucketAbac ' +
  'GetBucketAccelerateConfiguration GetBucketAcl GetBucketAnalyticsConfiguration GetBucketCors GetBucketEncryption ' +
  'GetBucketIntelligentTieringConfiguration GetBucketInventoryConfiguration GetBucketLifecycleConfiguration ' +
  'GetBucketLocation GetBucketLogging GetBucketMetadataConfiguration GetBucketMetadataTableConfiguration ' +
  'GetBucketMetricsConfiguration GetBucketNotificationConfiguration GetBucketOwnershipControls GetBucketPolicy ' +
  'GetBucketPolicyStatus GetBucketReplication GetBucketRequestPayment GetBucketTagging GetBucketVersioning ' +
  'GetBucketWebsite GetObject GetObjectAcl GetObjectAnnotation GetObjectAttributes GetObjectLegalHold ' +
  'GetObjectLockConfiguration GetObjectRetention GetObjectTagging GetObjectTorrent GetPublicAccessBlock HeadBucket ' +
  'HeadObject ListBucketAnalyticsConfigurations ListBucketIntelligentTieringConfigurations ' +
  'ListBucketInventoryConfigurations ListBucketMetricsConfigurations ListBuckets ListDirectoryBuckets ' +
  'ListMultipartUploads ListObjectAnnotations ListObjectVersions ListObjects ListObjectsV2 ListParts PutBucketAbac ' +
  'PutBucketAccelerateConfiguration PutBucketAcl PutBucketAnalyticsConfiguration PutBucketCors PutBucketEncryption ' +
  'PutBucketIntelligentTieringConfiguration PutBucketInventoryConfiguration PutBucketLifecycleConfiguration ' +
  'PutBucketLogging PutBucketMetricsConfiguration PutBucketNotificationConfiguration PutBucketOwnershipControls ' +
  'PutBucketPolicy PutBucketReplication PutBucketRequestPayment PutBucketTagging PutBucketVersioning ' +
  'PutBucketWebsite PutObject PutObjectAcl PutObjectAnnotation PutObjectLegalHold PutObjectLockConfiguration ' +
  'PutObjectRetention PutObjectTagging PutPublicAccessBlock RenameObject RestoreObject SelectObjectContent ' +
  'UpdateBucketMetadataAnnotationTableConfiguration UpdateBucketMetadataInventoryTableConfiguration ' +
  'UpdateBucketMetadataJournalTableConfiguration UpdateObjectEncryption UploadPart UploadPartCopy ' +
  'WriteGetObjectResponse'
).split(' ');

export const modelled: Readonly<Record<'SQS' | 'SNS' | 'Kinesis Data Streams', readonly string[]>> = {
  SQS: sqs.split(' '),
  SNS: sns.split(' '),
  'Kinesis Data Streams': kinesis.split(' '),
};
