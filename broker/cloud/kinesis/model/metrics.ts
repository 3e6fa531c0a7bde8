// What CloudWatch would show of a stream (Developer Guide, "Monitor the Amazon Kinesis Data Streams service with Amazon
// CloudWatch"): totals since the engine started, under CloudWatch's names.

export function nothingCounted() {
  return {
    IncomingBytes: 0,
    IncomingRecords: 0,
    'PutRecords.ThrottledRecords': 0,
    'GetRecords.Bytes': 0,
    'GetRecords.Records': 0,
    /** Of the last call, as far as what it read is behind the newest record. */
    'GetRecords.IteratorAgeMilliseconds': 0,
    'SubscribeToShardEvent.Bytes': 0,
    'SubscribeToShardEvent.Records': 0,
    /** Calls. */
    ReadProvisionedThroughputExceeded: 0,
    /** Records. */
    WriteProvisionedThroughputExceeded: 0,
  };
}
