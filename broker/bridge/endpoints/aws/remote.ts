// AWS itself, or what speaks like it, as routes reach it: one client for each service, loaded when it is first needed, with the
// SDK's own search for credentials. The SDK does not try again by itself: what failed is the routes' business.

import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient, SQSClientConfig } from '@aws-sdk/client-sqs';
import type { Clock } from '../../../util/clock.ts';
import { RemoteTrouble } from '../../remote.ts';
import { isAboutCredentials, judge } from './trouble.ts';

/** As the configuration has it. */
export interface AwsSettings {
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly profile?: string | undefined;
  readonly credentials?:
    | {
        readonly accessKeyId: string;
        readonly secretAccessKey: string;
        readonly sessionToken?: string | undefined;
      }
    | undefined;
  readonly account?: string | undefined;
}

/** Of those that do not wait for messages. */
const callMs = 15_000;
const connectMs = 5000;
/** How long what is under way may take when the engine stops. */
const lastMs = 3000;
/** Routes share them; a source keeps a few busy by waiting. */
const maxSockets = 1000;
/** Where an endpoint is given and no region: what does not care is content with it. */
const usualRegion = 'us-east-1';

export class AwsRemote {
  readonly name: string;
  readonly settings: AwsSettings;
  readonly #clock: Clock;
  #sqs: Promise<SQSClient> | undefined;
  #sns: Promise<SNSClient> | undefined;
  #kinesis: Promise<KinesisClient> | undefined;
  #s3: Promise<S3Client> | undefined;
  readonly #last = new Set<Promise<unknown>>();

  constructor(name: string, settings: AwsSettings, clock: Clock) {
    this.name = name;
    this.settings = settings;
    this.#clock = clock;
  }

  sqs(): Promise<SQSClient> {
    return (this.#sqs ??= this.#openSqs());
  }

  sns(): Promise<SNSClient> {
    return (this.#sns ??= this.#openSns());
  }

  kinesis(): Promise<KinesisClient> {
    return (this.#kinesis ??= this.#openKinesis());
  }

  s3(): Promise<S3Client> {
    return (this.#s3 ??= this.#openS3());
  }

  /**
   * Runs a call that is about `address`, and gives up after a while, or when `signal` is aborted.
   * @throws RemoteTrouble, or CallRefused for what the call says.
   */
  async call<T>(
    address: string,
    signal: AbortSignal,
    run: (signal: AbortSignal) => Promise<T>,
    timeoutMs = callMs,
  ): Promise<T> {
    const own = new AbortController();
    const { promise: over, reject } = Promise.withResolvers<never>();
    const end = (reason: RemoteTrouble): void => {
      reject(reason);
      own.abort();
    };
    const onAbort = (): void => end(new RemoteTrouble('away', `remote "${this.name}" is not asked any more`));
    const timer = this.#clock.after(timeoutMs, () => {
      end(new RemoteTrouble('away', `remote "${this.name}" did not answer within ${Math.round(timeoutMs / 1000)} s`));
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      return await Promise.race([over, run(own.signal)]);
    } catch (error) {
      // What others have under way with these goes on.
      if (isAboutCredentials(error)) this.#sqs = this.#sns = this.#kinesis = this.#s3 = undefined;
      throw judge(error, { remote: this.name, profile: this.settings.profile, address });
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** What should still be done when the engine stops, if that does not take long. */
  last(work: Promise<unknown>): void {
    const tracked = work.catch(() => undefined).finally(() => this.#last.delete(tracked));
    this.#last.add(tracked);
  }

  /** Idempotent. */
  async close(): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.after(lastMs, resolve);
    await Promise.race([Promise.all(this.#last), late]);
    timer.cancel();
    const opened = await Promise.allSettled([this.#sqs, this.#sns, this.#kinesis, this.#s3]);
    for (const client of opened) if (client.status === 'fulfilled') client.value?.destroy();
    this.#sqs = this.#sns = this.#kinesis = this.#s3 = undefined;
  }

  async #openSqs(): Promise<SQSClient> {
    const { SQSClient: Client } = await import('@aws-sdk/client-sqs');
    const { endpoint } = this.settings;
    // What an emulator takes for its own host may lead nowhere from here.
    return new Client({ ...this.#config(), useQueueUrlAsEndpoint: endpoint === undefined });
  }

  async #openSns(): Promise<SNSClient> {
    const { SNSClient: Client } = await import('@aws-sdk/client-sns');
    return new Client(this.#config());
  }

  async #openS3(): Promise<S3Client> {
    const { S3Client: Client } = await import('@aws-sdk/client-s3');
    // A bucket's name before that of another endpoint's host leads nowhere.
    return new Client({ ...this.#config(), forcePathStyle: this.settings.endpoint !== undefined });
  }

  /** Over HTTP/1.1, as the other SDKs do it: of HTTP/2 with prior knowledge, emulators and proxies know little. */
  async #openKinesis(): Promise<KinesisClient> {
    const [{ KinesisClient: Client }, sqs] = await Promise.all([import('@aws-sdk/client-kinesis'), this.#openSqs()]);
    return new Client({ ...this.#config(), requestHandler: sqs.config.requestHandler });
  }

  #config(): Pick<
    SQSClientConfig,
    'region' | 'endpoint' | 'profile' | 'credentials' | 'maxAttempts' | 'requestHandler'
  > {
    const { region, endpoint, profile, credentials } = this.settings;
    const agent = { maxSockets, keepAlive: true };
    return {
      maxAttempts: 1,
      requestHandler: { connectionTimeout: connectMs, httpAgent: agent, httpsAgent: agent },
      ...(region !== undefined && { region }),
      ...(region === undefined && endpoint !== undefined && { region: usualRegion }),
      ...(endpoint !== undefined && { endpoint }),
      ...(profile !== undefined && { profile }),
      ...(credentials !== undefined && { credentials: withoutUndefined(credentials) }),
    };
  }
}

function withoutUndefined({ accessKeyId, secretAccessKey, sessionToken }: NonNullable<AwsSettings['credentials']>) {
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}
