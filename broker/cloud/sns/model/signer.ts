// Signs what SNS sends (Developer Guide, "Verifying the signatures of Amazon SNS messages"): SHA1withRSA or SHA256withRSA,
// with a key that is made when it is first needed, and kept. Signing happens on threads, not on the event loop.

import { createPrivateKey, generateKeyPair, hash, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Store } from '../../../core/store.ts';
import { selfSigned } from './certificate.ts';
import { decode, encode, recordTypes } from './record-codec.ts';
import type { SignerRecord } from './record-codec.ts';

interface Identity {
  readonly key: KeyObject;
  readonly certificate: string;
  /** Where the certificate is served. */
  readonly path: string;
}

export interface Signature {
  readonly version: string;
  /** In base64. */
  readonly value: string;
  readonly certificatePath: string;
}

const recordKey = 'key';
const keyBits = 2048;
const makeKeys = promisify(generateKeyPair);
const signOnThread = promisify(sign);

export class Signer {
  readonly #store: Store;
  #identity: Promise<Identity> | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** `version`: of the topic's attribute SignatureVersion. */
  async sign(text: string, version: string): Promise<Signature> {
    const { key, path } = await this.#get();
    const signature = await signOnThread(version === '2' ? 'RSA-SHA256' : 'RSA-SHA1', Buffer.from(text), key);
    return { version, value: signature.toString('base64'), certificatePath: path };
  }

  /** The certificate that is served at `path`; undefined where there is none. */
  async certificateAt(path: string): Promise<string | undefined> {
    if (!certificatePath.test(path)) return undefined;
    const identity = await this.#get();
    return identity.path === path ? identity.certificate : undefined;
  }

  #get(): Promise<Identity> {
    this.#identity ??= this.#load().catch((error: unknown) => {
      this.#identity = undefined;
      throw error;
    });
    return this.#identity;
  }

  async #load(): Promise<Identity> {
    const kept = await this.#store.readRecord(recordTypes.signer, recordKey);
    if (kept !== undefined) return identityOf(decode<SignerRecord>(kept));
    const keys = await makeKeys('rsa', { modulusLength: keyBits });
    const record: SignerRecord = {
      key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      certificate: selfSigned('sns.amazonaws.com', keys),
    };
    await this.#store.write([{ kind: 'record', type: recordTypes.signer, key: recordKey, value: encode(record) }]);
    return identityOf(record);
  }
}

const certificatePath = /^\/SimpleNotificationService-[0-9a-f]{32}\.pem$/;

function identityOf({ key, certificate }: SignerRecord): Identity {
  const path = `/SimpleNotificationService-${hash('sha256', certificate, 'hex').slice(0, 32)}.pem`;
  return { key: createPrivateKey(key), certificate, path };
}
