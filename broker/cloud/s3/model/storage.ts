// The object store: bodies in files, everything else in the engine's store.

import { join } from 'node:path';
import type { Store } from '../../../core/store.ts';
import type { Clock } from '../../../util/clock.ts';
import type { Log } from '../../../util/log.ts';
import { Turns } from '../../sns/model/turns.ts';
import { Buckets } from './buckets.ts';
import { Files } from './files.ts';
import { Objects } from './objects.ts';
import { Uploads } from './uploads.ts';

interface StorageOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly dataDirectory: string;
}

export class ObjectStorage {
  readonly store: Store;
  readonly clock: Clock;
  readonly files: Files;
  readonly buckets: Buckets;
  readonly objects: Objects;
  readonly uploads: Uploads;

  constructor({ store, clock, log, dataDirectory }: StorageOptions) {
    this.store = store;
    this.clock = clock;
    const turns = new Turns();
    this.files = new Files({ store, directory: join(dataDirectory, 'objects'), log });
    this.buckets = new Buckets(store, clock, turns);
    this.objects = new Objects(store, this.buckets, this.files, turns);
    this.uploads = new Uploads({
      store,
      clock,
      turns,
      buckets: this.buckets,
      objects: this.objects,
      files: this.files,
    });
  }

  /** What an engine that was killed has left behind is removed. @throws BrokerError as the store does. */
  async open(): Promise<void> {
    await this.buckets.load();
    await this.files.sweep();
  }
}
