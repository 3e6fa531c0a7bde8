/** Resolves as `promise` does, or rejects after `ms` with what is awaited: a run that hangs is to say where. */
export async function within<T>(promise: Promise<T>, ms: number, awaited: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms} ms for ${awaited()}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
