import { setMaxListeners } from 'node:events';
import pg from 'pg';
import type { Log } from './log.ts';

/** Milliseconds. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;
const CHECK = 15_000;

/** Told a payload, or `undefined` where some may have been missed: look for yourself. */
type OnPayload = (payload: string | undefined) => void;

/** What the database says as soon as it commits (NOTIFY): a hint, since the tables are the truth. */
export interface Notices {
  /**
   * Calls `onPayload` for each notification on the channel, a word of small letters, from soon on: as soon as it listens,
   * and after each connection that was lost, it is called without a payload. Answers how to stop.
   */
  listen(channel: string, onPayload: OnPayload): () => void;
  /** Aborted when nothing more will be told; whoever waits goes home. */
  readonly closed: AbortSignal;
  /** Tells everybody once more, so that they look at `closed`. */
  close(): Promise<void>;
}

/** One connection for all who listen in this process, opened for the first of them and again whenever it is lost. */
export function createNotices({ connectionString, log }: { connectionString: string; log: Log }): Notices {
  const listeners = new Map<string, Set<OnPayload>>();
  const closing = new AbortController();
  // Each stream has one.
  setMaxListeners(0, closing.signal);
  let connection: Connection | undefined;
  let connecting: Promise<void> | undefined;

  const tell = (channel: string, payload: string | undefined) => {
    for (const onPayload of listeners.get(channel) ?? []) onPayload(payload);
  };

  /** Subscribes to what is listened to and was not yet; rejects when the connection breaks. */
  async function subscribe({ client, channels }: Connection): Promise<void> {
    for (const channel of listeners.keys()) {
      if (channels.has(channel)) continue;
      channels.add(channel);
      await client.query(`listen ${channel}`);
      tell(channel, undefined);
    }
  }

  async function open(): Promise<void> {
    const client = new pg.Client({
      connectionString,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      application_name: 'continuity listener',
    });
    const fresh = { client, channels: new Set<string>() };
    client.on('notification', ({ channel, payload }) => tell(channel, payload ?? ''));
    client.on('error', () => lose(fresh));
    client.on('end', () => lose(fresh));
    try {
      await client.connect();
      connection = fresh;
      await subscribe(fresh);
    } catch (error) {
      connection = undefined;
      client.end().catch(() => undefined);
      throw error;
    }
  }

  /** Lost counts once, whether it broke or ended. */
  function lose(lost: Connection): void {
    if (connection !== lost) return;
    connection = undefined;
    lost.client.end().catch(() => undefined);
    if (!closing.signal.aborted) log.warn({}, 'the connection that listens was lost');
    connect(FIRST_PAUSE);
  }

  function connect(pause: number): void {
    if (closing.signal.aborted) return;
    connecting ??= reopen(pause).finally(() => {
      connecting = undefined;
      // Lost again since: nobody else would notice.
      if (connection === undefined) connect(FIRST_PAUSE);
    });
  }

  async function reopen(pause: number): Promise<void> {
    for (let wait = pause; ; wait = Math.min(Math.max(wait * 2, FIRST_PAUSE), LONGEST_PAUSE)) {
      await sleep(wait, closing.signal);
      if (closing.signal.aborted) return;
      try {
        return await open();
      } catch (err) {
        log.warn({ err }, 'there is no connection to listen on');
      }
    }
  }

  // A connection can die without a word; an answer that does not come is a loss.
  const check = setInterval(() => {
    const checked = connection;
    checked?.client.query('select').catch(() => lose(checked));
  }, CHECK);
  check.unref();

  return {
    listen(channel, onPayload) {
      const all = listeners.get(channel) ?? new Set();
      listeners.set(channel, all.add(onPayload));
      const current = connection;
      if (current) subscribe(current).catch(() => lose(current));
      else connect(0);
      return () => void all.delete(onPayload);
    },
    closed: closing.signal,
    async close() {
      closing.abort();
      clearInterval(check);
      const open = connection;
      connection = undefined;
      for (const channel of listeners.keys()) tell(channel, undefined);
      await Promise.all([open?.client.end().catch(() => undefined), connecting]);
    },
  };
}

interface Connection {
  readonly client: pg.Client;
  /** What it has subscribed to. */
  readonly channels: Set<string>;
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    timer.unref();
    signal.addEventListener('abort', done);
  });
}
