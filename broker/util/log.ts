// What components need of a logger. The engine passes pino children; tests pass `silent`.

export interface Log {
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
  debug(details: object, message: string): void;
  /** Frames; the only level at which bodies may appear. */
  trace(details: object, message: string): void;
  child(bindings: object): Log;
}

export const silent: Log = {
  error: () => {},
  warn: () => {},
  info: () => {},
  debug: () => {},
  trace: () => {},
  child: () => silent,
};
