import { isUtf8 } from 'node:buffer';
import { unzipSync } from 'node:zlib';
import type { Context } from 'koa';
import bodyParser from 'koa-bodyparser';
import type { ErrorCode } from '../errors/catalogue.ts';
import { fail } from '../errors/fail.ts';
import type { Operation } from './operation.ts';

/** What the parser's statuses are called here; 415 is an unknown Content-Encoding. */
const CODES = new Map<unknown, ErrorCode>([
  [413, 'payload_too_large'],
  [415, 'unsupported_media_type'],
]);

const ignore = async (): Promise<void> => undefined;

/** One parser for each limit that the document names, made once. */
const parsers = new Map<number, (ctx: Context, next: () => Promise<void>) => Promise<void>>();

function parserFor(limit: number) {
  const known = parsers.get(limit);
  if (known) return known;
  const parser = bodyParser({
    enableTypes: ['json'],
    jsonLimit: String(limit),
    strict: false,
    onerror(error) {
      throw fail(CODES.get(Reflect.get(error, 'status')) ?? 'invalid_json', { cause: error });
    },
  }) as unknown as (ctx: Context, next: () => Promise<void>) => Promise<void>;
  parsers.set(limit, parser);
  return parser;
}

/** Refuses a body of another media type than the documented one (415), or one announced as too large (413). */
export function checkContentType(ctx: Context, { mediaType, alsoAccepts, maxBody }: Operation): void {
  const { headers } = ctx.req;
  const length = headers['content-length'];
  if (length === '0' || (length === undefined && headers['transfer-encoding'] === undefined)) return;
  const sent = headers['content-type'];
  const type = sent?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (sent !== mediaType && type !== mediaType && !alsoAccepts.includes(type)) throw fail('unsupported_media_type');
  if (length !== undefined && Number(length) > maxBody)
    throw fail('payload_too_large', { headers: { Connection: 'close' } });
}

/** The parsed JSON body and its text; `undefined` when the request carries none. Text that is not UTF-8 is refused. */
export async function readJson(ctx: Context, operation: Operation): Promise<{ value: unknown; text: string }> {
  const chunks: Buffer[] = [];
  ctx.req.on('data', (chunk: Buffer) => chunks.push(chunk));
  await parserFor(operation.maxBody)(ctx, ignore);
  const { rawBody, body } = ctx.request as { rawBody?: string; body?: unknown };
  if (!rawBody) return { value: undefined, text: '' };
  if (rawBody.includes(REPLACEMENT) && !isUtf8(plain(ctx, chunks))) throw fail('invalid_json');
  return { value: body, text: rawBody };
}

/** The parser puts it where bytes are no UTF-8 (RFC 8259 §8.1); it may also have been sent. */
const REPLACEMENT = '\ufffd';

function plain(ctx: Context, chunks: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(chunks);
  return ctx.req.headers['content-encoding'] === undefined ? bytes : unzipSync(bytes);
}
