import { Readable } from 'node:stream';
import type { Connection, Submittable } from 'pg';

/** Message types that a server sends during COPY (PostgreSQL manual, "Message Formats"). */
const COPY_DATA = 0x64;
const COPY_DONE = 0x63;
const ERROR = 0x45;
/** Type and length. */
const HEADER = 5;

const LF = 10;
const CR = 13;

type DataHandler = (chunk: Buffer) => void;

/**
 * The rows of a `COPY … TO STDOUT (FORMAT csv)` as bytes, with CRLF at the end of every line as RFC 4180 §2 wants, where
 * COPY writes LF. Takes them from the connection's socket in one pass over each chunk: a message is one row, and pg's
 * own parser, or pg-copy-streams', makes several objects for each of a million.
 */
export class CopyRows extends Readable implements Submittable {
  readonly #text: string;
  #socket: NodeJS.ReadWriteStream | undefined;
  #given: DataHandler | undefined;
  /** The beginning of a message whose rest has not come yet. */
  #rest: Buffer | undefined;

  constructor(text: string) {
    super();
    this.#text = text;
  }

  submit(connection: Connection): void {
    const { stream } = connection as unknown as { stream: NodeJS.ReadWriteStream };
    const [given] = stream.listeners('data') as DataHandler[];
    if (!given) throw new Error('nobody reads the connection');
    this.#socket = stream;
    this.#given = given;
    stream.off('data', given);
    stream.on('data', this.#take);
    connection.query(this.#text);
  }

  handleError(error: Error): void {
    this.destroy(error);
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {}

  override _read(): void {
    this.#socket?.resume();
  }

  readonly #take: DataHandler = (chunk) => {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    const { rows, end, over } = readRows(bytes);
    this.#rest = end < bytes.length ? bytes.subarray(end) : undefined;
    const full = rows.length > 0 && !this.push(rows);
    if (over) this.#giveBack(bytes.subarray(end));
    else if (full) this.#socket?.pause();
  };

  /** What follows the rows is for pg: that the command is complete, or what went wrong. */
  #giveBack(bytes: Buffer): void {
    const [socket, given] = [this.#socket, this.#given];
    this.#socket = undefined;
    if (!socket || !given) return;
    socket.off('data', this.#take);
    socket.on('data', given);
    const failed = bytes[0] === ERROR;
    given(bytes);
    if (!failed) this.push(null);
    socket.resume();
  }
}

interface Read {
  readonly rows: Buffer;
  /** Of the messages that were read. */
  readonly end: number;
  /** Whether the message there is none of the rows any more. */
  readonly over: boolean;
}

function readRows(bytes: Buffer): Read {
  // Every line break becomes two bytes at most.
  const rows = Buffer.allocUnsafe(bytes.length * 2);
  let written = 0;
  let at = 0;
  while (at + HEADER <= bytes.length) {
    const type = bytes[at];
    if (type === ERROR || type === COPY_DONE) return { rows: rows.subarray(0, written), end: at, over: true };
    const next = at + 1 + bytes.readUInt32BE(at + 1);
    if (next > bytes.length) break;
    if (type === COPY_DATA) written = writeLines(bytes, at + HEADER, next, rows, written);
    at = next;
  }
  return { rows: rows.subarray(0, written), end: at, over: false };
}

/** Answers where the rows end then. */
function writeLines(from: Buffer, start: number, end: number, rows: Buffer, at: number): number {
  let written = at;
  for (let line = start; line < end;) {
    const found = from.indexOf(LF, line);
    const stop = found < 0 || found >= end ? end : found;
    written += from.copy(rows, written, line, stop);
    if (stop === end) break;
    rows[written] = CR;
    rows[written + 1] = LF;
    written += 2;
    line = stop + 1;
  }
  return written;
}
