// What the three batch actions have in common: the checks of the batch as a whole, and the failures of single entries.

import { AwsError, missingParameter } from '../../errors.ts';
import type { Value } from '../../shape.ts';
import { emptyBatchRequest, idsNotDistinct, invalidBatchEntryId, tooManyEntries } from './errors.ts';
import { limits } from './limits.ts';
import type { failedEntries } from './shapes.ts';

export type Failed = Value<typeof failedEntries>[number];

const idPattern = new RegExp(`^[a-zA-Z0-9_-]{1,${limits.batchIdLength}}$`);

/** An entry whose Id was checked. */
export type Identified<E> = E & { readonly Id: string };

/**
 * @param entryName of an entry, as the messages call it.
 * @throws AwsError where the batch as a whole is refused.
 */
export function checkBatch<E extends { readonly Id?: string | undefined }>(
  entries: readonly E[],
  entryName: string,
): readonly Identified<E>[] {
  if (entries.length === 0) throw emptyBatchRequest(entryName);
  if (entries.length > limits.batchEntries) throw tooManyEntries(limits.batchEntries, entries.length);
  const ids = new Set<string>();
  return entries.map((entry, index) => {
    const { Id: id } = entry;
    if (id === undefined) throw missingParameter(`${entryName}.${index + 1}.Id`);
    if (!idPattern.test(id)) throw invalidBatchEntryId();
    if (ids.has(id)) throw idsNotDistinct(id);
    ids.add(id);
    return { ...entry, Id: id };
  });
}

/** What an entry's refusal looks like in an answer whose other entries did well. Anything else fails the batch. */
export function failure(id: string, error: unknown): Failed {
  if (!(error instanceof AwsError)) throw error;
  const { kind, message } = error;
  return { Id: id, SenderFault: kind.fault === 'Sender', Code: kind.code, Message: message };
}

/** Runs `act` on all entries at once, and says of each how it went. `position` counts from 1. */
export async function eachEntry<E extends { readonly Id: string }>(
  entries: readonly E[],
  act: (entry: E, position: number) => Promise<void>,
): Promise<{ readonly Successful: readonly { readonly Id: string }[]; readonly Failed: readonly Failed[] }> {
  const outcomes = await Promise.allSettled(entries.map((entry, index) => act(entry, index + 1)));
  const successful: { readonly Id: string }[] = [];
  const failed: Failed[] = [];
  outcomes.forEach((outcome, index) => {
    const id = entries[index]?.Id ?? '';
    if (outcome.status === 'fulfilled') successful.push({ Id: id });
    else failed.push(failure(id, outcome.reason));
  });
  return { Successful: successful, Failed: failed };
}
