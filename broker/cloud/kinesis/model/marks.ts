// What is noted with each record in the store.

const plainMark = 0;
/** The stream was encrypted when the record came. */
export const encryptedMark = 1;

/** `encryptionType`: of the stream. */
export function markOf(encryptionType: string | undefined): number {
  return encryptionType === undefined ? plainMark : encryptedMark;
}
