// How long a fuzz test runs, and from which seed: `npm run fuzz` makes it run for longer, from another.

export interface Fuzz {
  readonly cases: number;
  readonly seed: number;
  /** Milliseconds. */
  readonly timeout: number;
}

/** `usual`: of `npm test`. */
export function fuzz(usual: { readonly cases: number; readonly seed: number; readonly timeout?: number }): Fuzz {
  const scale = Number(process.env['FUZZ_SCALE'] ?? 1);
  const seed = Number(process.env['FUZZ_SEED'] ?? usual.seed);
  return { cases: usual.cases * scale, seed, timeout: (usual.timeout ?? 120_000) * scale };
}
