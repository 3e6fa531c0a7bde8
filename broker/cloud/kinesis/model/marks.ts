// What is noted with each record in the store.

export const plainMark = 0;
/** The stream was encrypted when the record came. */
export const encryptedMark = 1;
