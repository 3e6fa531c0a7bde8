// The child process of fauxqs.ts.

import { startFauxqs } from 'fauxqs';

const server = await startFauxqs({ port: 0, logger: false });
process.send!(server.port);
process.on('disconnect', () => process.exit(0));
