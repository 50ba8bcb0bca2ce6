import type { IncomingMessage } from 'node:http';
import { fail } from '../errors/fail.ts';
import { isCleanText } from '../http/query.ts';
import { readRaw } from '../http/raw_body.ts';

/** Bytes; the longest form is an application's with its redirect URIs. */
const LARGEST_FORM = 64 * 1024;

/** The fields of a posted form; throws what its page is. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') throw fail('unsupported_media_type');
  return cleanParameters((await readRaw(request, LARGEST_FORM)).toString());
}

/** Names and values as text that the database can take; else 400. */
export function cleanParameters(text: string): URLSearchParams {
  const parameters = new URLSearchParams(text);
  for (const pair of parameters) if (!pair.every(isCleanText)) throw fail('invalid_format', { status: 400 });
  return parameters;
}
