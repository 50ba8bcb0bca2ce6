/** Something the person who publishes can act on: the message says what failed and what to do. */
export class PublishError extends Error {
  override readonly name = 'PublishError';
  /** Of the server's answer, where there was one. */
  readonly status: number | undefined;
  /** The server's error codes, as `field: code`. */
  readonly codes: readonly string[];

  constructor(message: string, options: { status?: number; codes?: readonly string[]; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.status = options.status;
    this.codes = options.codes ?? [];
  }
}
