import { isUtf8 } from 'node:buffer';
import type { Context } from 'koa';
import { fail } from '../errors/fail.ts';
import { checkContentType } from './body.ts';
import type { Operation } from './operation.ts';
import { isCleanText } from './query.ts';
import { readRaw } from './raw_body.ts';

/** No parameter of OAuth is nearly as long, except a `state` that holds far too much. */
const MAX_LENGTH = 4096;

export interface Parameters {
  /** Those that have a value: one without counts as left out (RFC 6749 §3.1, §3.2). */
  readonly values: Readonly<Record<string, string>>;
  /** Sent twice, over-long, or no text. */
  readonly broken: ReadonlySet<string>;
}

/** Reads what the URL Standard calls application/x-www-form-urlencoded, strictly: a bad escape is not repaired. */
export function parseParameters(text: string): Parameters {
  const values: Record<string, string> = Object.create(null);
  const seen = new Set<string>();
  const broken = new Set<string>();
  for (const pair of text.split('&')) {
    const at = pair.indexOf('=');
    if (at < 0 || at === pair.length - 1) continue;
    const name = decode(pair.slice(0, at)) ?? pair.slice(0, at);
    const value = decode(pair.slice(at + 1));
    if (seen.has(name) || value === undefined || value.length > MAX_LENGTH || !isCleanText(value)) broken.add(name);
    else values[name] = value;
    seen.add(name);
  }
  for (const name of broken) delete values[name];
  return { values, broken };
}

/** The parameters of a body for which the operation's document says `x-body: form`. Fails with OAuth's `invalid_request`. */
export async function readForm(ctx: Context, operation: Operation): Promise<Readonly<Record<string, string>>> {
  checkContentType(ctx, operation);
  if (ctx.req.headers['content-encoding'] !== undefined) throw fail('unsupported_media_type');
  const bytes = await readRaw(ctx.req, operation.maxBody);
  if (!isUtf8(bytes)) throw fail('invalid_request', { description: 'The body is not UTF-8.' });
  const { values, broken } = parseParameters(bytes.toString());
  const description = 'A parameter was sent twice, is too long, or is no text.';
  if (broken.size > 0) throw fail('invalid_request', { description });
  return values;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
