// Where queues are, by who names them. AWS resources are in `aws/ACCOUNT/REGION`.

/** The queues that applications name over AMQP, MQTT and STOMP. */
export const mq = 'mq';
/** The queues behind subscriptions and sessions. */
export const subscriptions = 'subscription';
/** What the scheduler sends later. */
export const scheduled = 'scheduled';
/** Queues that end with their connection. */
export const temporary = 'temporary';
