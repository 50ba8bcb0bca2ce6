/** The part of a pino logger that the database layer needs. */
export interface Log {
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
}

export const silent: Log = { info: () => undefined, warn: () => undefined };
