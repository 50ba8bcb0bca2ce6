import { createHash } from 'node:crypto';
import { codesIn, type Exchange, problemsOf } from '../src/testing/check.ts';
import { bodySchema } from './recipes/generic.ts';
import type { Entry } from './transactions.ts';

/** Why an answer does not prove its entry; empty when it does. */
export function judge(entry: Entry, exchange: Exchange): string[] {
  const { status, headers, body } = exchange;
  const type = headers['content-type'] ?? '-';
  return [
    ...(status === entry.status ? [] : [`status ${status}, not ${entry.status}`]),
    ...(type === entry.mediaType ? [] : [`Content-Type ${String(type)}, not ${entry.mediaType}`]),
    ...problemsOf(exchange),
    ...(entry.mediaType === 'text/html' ? pageProblems(entry, body.toString()) : codeProblems(entry, body)),
    ...binaryProblems(exchange, entry.mediaType),
  ];
}

/** The code must be there, under a field that the operation knows or `generic`. */
function codeProblems({ operation, code }: Entry, bytes: Buffer): string[] {
  if (code === '-') return [];
  const body: unknown = parsed(bytes);
  if (!codesIn(body).includes(code)) return [`the code ${code} is not in the body: ${JSON.stringify(body)}`];
  const known = new Set(['generic', ...operation.parameters.map(({ name }) => String(name))]);
  for (const name of Object.keys(bodySchema(operation)?.properties ?? {})) known.add(name);
  const { error } = body as { error: Record<string, string[]> | string };
  if (typeof error === 'string') return [];
  return Object.entries(error)
    .filter(([field, codes]) => !known.has(field.split('.')[0] ?? '') && !codes.includes('unknown_field'))
    .map(([field]) => `${field} is no field of ${operation.id}`);
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

/** What the title of a page says to people where JSON has the code. */
const TITLES: Readonly<Record<string, RegExp>> = {
  invalid_request: /does not work/,
  not_found: /not known/,
  expired: /expired/,
  revoked: /withdrawn/,
  used_up: /used up/,
  resource_temporary_unavailable: /paused/,
  server_error: /went wrong/,
  temporarily_unavailable: /Out of service/,
};

function pageProblems({ code }: Entry, page: string): string[] {
  const title = /^<!doctype html>\s*<html lang="\w+">[^]*<title>([^<]+)<\/title>[^]*<\/html>\s*$/.exec(page)?.[1];
  if (title === undefined) return ['no HTML page with a language and a title'];
  const told = code === '-' || TITLES[code]?.test(title) === true;
  return told ? [] : [`the page's title “${title}” does not tell of ${code}`];
}

const EMPTY_ZIP = 22;

function binaryProblems({ status, path, headers, body }: Exchange, mediaType: string): string[] {
  const length = Number(headers['content-length'] ?? Number.NaN);
  const problems =
    body.length === length || headers['transfer-encoding']
      ? []
      : [`Content-Length ${length}, but ${body.length} bytes`];
  if (status === 206) return [...problems, ...partProblems(String(headers['content-range']), body)];
  if (status !== 200) return status === 304 ? [] : problems;
  if (mediaType === 'application/zip') return [...problems, ...zipProblems(body)];
  if (mediaType === 'text/csv') return [...problems, ...csvProblems(body.toString())];
  const named = /packs\/([0-9a-f]{64})/.exec(path)?.[1];
  if (mediaType === 'application/octet-stream' && named !== createHash('sha256').update(body).digest('hex'))
    return [...problems, 'the bytes do not have the hash that names them'];
  return problems;
}

function partProblems(range: string, body: Buffer): string[] {
  const [, first, last, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range) ?? [];
  if (size === undefined) return [`Content-Range is ${range}`];
  const announced = Number(last) - Number(first) + 1;
  return announced === body.length && Number(last) < Number(size) ? [] : [`${range}, but ${body.length} bytes`];
}

/** As many cells in every row as in the header, and CRLF behind each (RFC 4180 §2). */
function csvProblems(text: string): string[] {
  const [header = '', ...rows] = text.replaceAll(/"(?:[^"]|"")*"/g, 'quoted').split('\r\n');
  if (rows.at(-1) !== '') return ['no CSV with a header that ends with CRLF'];
  const width = header.split(',').length;
  return rows.slice(0, -1).every((row) => row.split(',').length === width) ? [] : ['the rows differ from the header'];
}

/** A local file header first, the end of the central directory last, and as many entries as it says (APPNOTE 4.3.16). */
function zipProblems(body: Buffer): string[] {
  const end = body.length - EMPTY_ZIP;
  if (end < 0 || body.readUInt32LE(0) !== 0x04034b50 || body.readUInt32LE(end) !== 0x06054b50) return ['no ZIP'];
  const [count, size, offset] = [body.readUInt16LE(end + 10), body.readUInt32LE(end + 12), body.readUInt32LE(end + 16)];
  let at = offset;
  for (let i = 0; i < count; i++) {
    if (body.readUInt32LE(at) !== 0x02014b50) return [`entry ${i} is not where the ZIP says`];
    at += 46 + body.readUInt16LE(at + 28) + body.readUInt16LE(at + 30) + body.readUInt16LE(at + 32);
  }
  return at === offset + size && at === end && count > 0 ? [] : ['the central directory has another size'];
}
