import type { Context } from 'koa';
import type { Surface } from '../errors/catalogue.ts';
import type { Pour } from './handler.ts';
import { serialise } from './serialise.ts';

/** An answer before it is sent: JSON is text already, so that it can be stored and replayed byte for byte. */
export interface Outcome {
  readonly status: number;
  readonly type: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | Pour | undefined;
}

interface Parts {
  type?: string;
  headers?: Record<string, unknown>;
  body?: unknown;
}

/** The untyped side of `reply`: JSON bodies become text here, in one place. */
export function outcomeOf(status: number, { type, headers = {}, body }: Parts, surface: Surface): Outcome {
  const text: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) text[name] = String(value);
  const ready =
    body === undefined ||
    Buffer.isBuffer(body) ||
    typeof body === 'function' ||
    (type !== undefined && type !== 'application/json');
  if (ready)
    return {
      status,
      type: body === undefined ? undefined : (type ?? 'application/json'),
      headers: text,
      body: body as Outcome['body'],
    };
  return { status, type: 'application/json', headers: text, body: serialise(body, surface) };
}

/** Hands the answer to Koa; a body that writes itself goes to the socket directly, at the pace of its reader. */
export async function send(ctx: Context, { status, type, headers, body }: Outcome): Promise<void> {
  for (const name in headers) ctx.res.setHeader(name, headers[name] ?? '');
  if (type !== undefined) ctx.res.setHeader('Content-Type', type);
  if (typeof body === 'function') {
    ctx.respond = false;
    ctx.res.statusCode = status;
    if (ctx.method !== 'HEAD') await body(ctx.res);
    if (!ctx.res.destroyed) ctx.res.end();
    return;
  }
  ctx.body = body ?? null;
  ctx.status = status;
}
