import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { Notices } from '../db/listen.ts';
import type { Pour } from '../http/handler.ts';

/** The reader's end of a stream. */
export interface Outlet {
  /** Aborts when there is no more to write: nobody reads, or may read, or reads fast enough, or the server stops. */
  readonly over: AbortSignal;
  /** Writes at once whole lines; ends the stream instead where too much waits for the reader already. */
  push(lines: Buffer): void;
  /** Writes whole lines and resolves when the reader can take more, or the stream is over. */
  pour(lines: Buffer): Promise<void>;
}

export interface Pulse {
  /** Milliseconds. */
  readonly every: number;
  /** Written at each, so that everybody on the way knows that the connection is alive. */
  readonly sign: Buffer | undefined;
  /** Rejects when the caller may not read on. */
  readonly check: () => Promise<unknown>;
}

/** Bytes that wait for one reader at most. */
const MOST = 256 * 1024;
/** Milliseconds that a reader has for what waits when the stream ends. */
const FAREWELL = 10_000;

/**
 * A body that goes on until `run` resolves, the reader is gone, or may not read on: then it ends behind a whole line. One
 * who has taken nothing from one pulse to the next, though there was something, is cut off. A rejection of `run` cuts off
 * everybody, as it does elsewhere.
 */
export function pourStream(notices: Notices, pulse: Pulse, run: (outlet: Outlet) => Promise<void>): Pour {
  return async (sink) => {
    const over = new AbortController();
    const end = () => over.abort();
    const writing = writeTo(sink, over);
    const stop = startPulse(writing, over, pulse);
    sink.once('close', end);
    notices.closed.addEventListener('abort', end);
    try {
      if (sink.destroyed || notices.closed.aborted) end();
      await run(writing.outlet);
      await sayFarewell(sink);
    } finally {
      stop();
      end();
      sink.off('close', end);
      notices.closed.removeEventListener('abort', end);
    }
  };
}

/**
 * Sends the head, so that the client knows that it is connected. While nothing happens nothing may be sent, so the server
 * must not take silence for the end; TCP finds out where the other side is gone (RFC 9293 §3.8.4).
 */
export function startStream(response: ServerResponse, outlet: Outlet): void {
  response.setTimeout(0);
  response.socket?.setKeepAlive(true, 15_000);
  outlet.push(Buffer.alloc(0));
}

interface Writing {
  readonly outlet: Outlet;
  /** Bytes that wait, and bytes that the reader has taken in all. */
  progress(): { waiting: number; taken: number };
  cut(): void;
}

function writeTo(sink: Writable, over: AbortController): Writing {
  let handed = 0;
  const write = (lines: Buffer) => {
    handed += lines.length;
    return sink.write(lines);
  };
  const outlet: Outlet = {
    over: over.signal,
    push(lines) {
      if (over.signal.aborted) return;
      const waiting = sink.writableLength;
      if (waiting > 0 && waiting + lines.length > MOST) over.abort();
      else write(lines);
    },
    async pour(lines) {
      if (!over.signal.aborted && !write(lines)) await drained(sink, over.signal);
    },
  };
  const progress = () => ({ waiting: sink.writableLength, taken: handed - sink.writableLength });
  return { outlet, progress, cut: () => sink.destroy() };
}

function startPulse({ outlet, progress, cut }: Writing, over: AbortController, pulse: Pulse): () => void {
  const { every, sign, check } = pulse;
  let before: ReturnType<typeof progress> | undefined;
  const beat = async () => {
    const now = progress();
    if (before && before.waiting > 0 && now.waiting > 0 && now.taken <= before.taken) return cut();
    before = now;
    try {
      await check();
    } catch {
      return over.abort();
    }
    if (sign && progress().waiting === 0) outlet.push(sign);
  };
  const timer = setInterval(() => void beat(), every);
  return () => clearInterval(timer);
}

/** Resolves when the sink takes more, or never will. */
function drained(sink: Writable, over: AbortSignal): Promise<void> {
  if (sink.destroyed || over.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      sink.off('drain', done);
      over.removeEventListener('abort', done);
      resolve();
    };
    sink.on('drain', done);
    over.addEventListener('abort', done);
  });
}

/** Ends it behind what was written. Who does not take that within seconds is cut off. */
function sayFarewell(sink: Writable): Promise<void> {
  if (sink.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => sink.destroy(), FAREWELL);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    sink.once('close', done);
    sink.once('finish', done);
    sink.end();
  });
}
