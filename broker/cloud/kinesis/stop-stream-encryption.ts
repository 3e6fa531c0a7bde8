// StopStreamEncryption: whether records are said to be encrypted with a key of KMS. What is stored is not enciphered.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, structure } from '../shape.ts';
import { anotherTime, checkEncryption } from './model/encryption.ts';
import type { Kinesis } from './model/kinesis.ts';
import { encryptionType, keyId as keyIdShape, streamMembers } from './model/shapes.ts';

const input = structure({ EncryptionType: required(encryptionType), KeyId: required(keyIdShape), ...streamMembers });

export function stopStreamEncryption({ streams, clock }: Kinesis): Operation {
  return command('StopStreamEncryption', input, async ({ EncryptionType: type, KeyId: keyId, ...names }, call) => {
    const stream = streams.named(names, call);
    checkEncryption(type, keyId);
    stream.requireActive();
    const { keyRemovedAt: before = [] } = stream.settings;
    const keyRemovedAt = anotherTime('StopStreamEncryption', stream.name, before, clock.now());
    await stream.change({ keyId: undefined, keyRemovedAt });
    await streams.begin(stream, 'UPDATING', { kind: 'settle' });
  });
}
