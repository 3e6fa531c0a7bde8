// The AWS SDK for JavaScript, version 2, as lifion-kinesis brings it along: a generation of its own, with its own parsers,
// signer and retries.

import { createRequire } from 'node:module';

const ofLifion = createRequire(createRequire(import.meta.url).resolve('lifion-kinesis'));

// eslint-disable-next-line typescript/no-explicit-any -- an answer's members are what tests look at
export type Answer2 = Readonly<Record<string, any>>;

/** Every operation is there by its name, with a small letter. */
export type Client2 = Readonly<Record<string, (input?: object) => { promise(): Promise<Answer2> }>>;

type Make = new (config: object) => Client2;

// It warns of its own age.
process.env['AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE'] = '1';

export const sdk2 = ofLifion('aws-sdk') as Readonly<Record<'SQS' | 'SNS' | 'Kinesis', Make>>;
