// The child process of kinesalite.ts.

import kinesalite from 'kinesalite';
import type { AddressInfo } from 'node:net';

const server = kinesalite({ createStreamMs: 0 });
server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
