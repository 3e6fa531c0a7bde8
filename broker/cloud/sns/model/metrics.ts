// What CloudWatch would show of a topic (Developer Guide, "Monitoring Amazon SNS topics using CloudWatch"): totals since the
// engine started, under CloudWatch's names.

export function nothingCounted() {
  return {
    NumberOfMessagesPublished: 0,
    /** Of what was taken by a queue, a phone, a mailbox, or an HTTP endpoint that said so. */
    NumberOfNotificationsDelivered: 0,
    /** After the last retry. */
    NumberOfNotificationsFailed: 0,
    NumberOfNotificationsFilteredOut: 0,
    NumberOfNotificationsRedrivenToDlq: 0,
    NumberOfNotificationsFailedToRedriveToDlq: 0,
  };
}
