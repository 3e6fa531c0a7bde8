// What the benchmarks use of kinesalite, which has no types of its own.

declare module 'kinesalite' {
  import type { Server } from 'node:http';

  export default function kinesalite(options: { readonly createStreamMs: number }): Server;
}
