// Loaded into a Node process before its program: gives it Electron's `process.parentPort`, over Node's own channel.
import { EventEmitter } from 'node:events';

const port = new EventEmitter();
Object.assign(port, {
  postMessage: (message: unknown) => process.send?.(message),
  start: () => {},
});
process.on('message', (data) => port.emit('message', { data, ports: [] }));
process.on('disconnect', () => process.exit(1));
Object.defineProperty(process, 'parentPort', { value: port });
