/** What the server says of the log after an append. */
export interface LogState {
  readonly size: number;
  readonly truncated: boolean;
}

export interface LogShipperOptions {
  /** Where the log goes on. */
  readonly offset: number;
  /** Puts bytes at `offset`, as often as it takes; undefined where the server takes no more of this build. */
  send(offset: number, bytes: Buffer): Promise<LogState | undefined>;
}

export interface LogShipper {
  write(bytes: Buffer): void;
  /** Resolves when everything was sent, or is not wanted. */
  end(): Promise<void>;
}

export const CHUNK = 64 * 1024;
export const FLUSH_MS = 200;
/** What the server keeps, and a byte, for which it says that the log is full. */
const MOST_WAITING = 10 * 1024 * 1024 + 1;

/**
 * Sends a log in order, one chunk at a time: what came within 200 ms goes together. What the server would not keep is not
 * held either, so that a build can print without end.
 */
export function createLogShipper({ offset, send }: LogShipperOptions): LogShipper {
  let at = offset;
  let waiting: Buffer[] = [];
  let size = 0;
  let open = true;
  let ending = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shipping: Promise<void> | undefined;

  function take(): Buffer {
    const all = waiting.length === 1 && waiting[0] ? waiting[0] : Buffer.concat(waiting);
    const chunk = all.subarray(0, CHUNK);
    const rest = all.subarray(CHUNK);
    waiting = rest.length > 0 ? [rest] : [];
    size = rest.length;
    return chunk;
  }

  async function ship(): Promise<void> {
    do {
      const chunk = take();
      const state = await send(at, chunk);
      at += chunk.length;
      if (!state || state.truncated) close();
    } while (open && (size >= CHUNK || (ending && size > 0)));
  }

  function close(): void {
    open = false;
    waiting = [];
    size = 0;
  }

  function start(): void {
    clearTimeout(timer);
    timer = undefined;
    if (shipping || size === 0) return;
    shipping = ship()
      .catch(close)
      .finally(() => {
        shipping = undefined;
        plan();
      });
  }

  function plan(): void {
    if (shipping || size === 0) return;
    if (ending || size >= CHUNK) start();
    else timer ??= setTimeout(start, FLUSH_MS);
  }

  return {
    write(bytes) {
      const room = MOST_WAITING - size;
      if (!open || room <= 0 || bytes.length === 0) return;
      waiting.push(bytes.subarray(0, room));
      size += Math.min(bytes.length, room);
      plan();
    },
    async end() {
      ending = true;
      start();
      while (shipping) await shipping;
    },
  };
}
