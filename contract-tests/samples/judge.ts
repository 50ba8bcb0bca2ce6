import { isDeepStrictEqual } from 'node:util';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SampleRequest } from '../../src/docs/samples/request.ts';
import type { Documented } from '../../src/testing/document.ts';
import type { Plan } from '../recipes/plan.ts';
import { write } from '../recipes/write.ts';
import type { Ran } from '../flows/run.ts';
import type { Exchange } from './recorder.ts';

export interface Done {
  readonly operation: Documented;
  readonly plan: Plan;
  readonly request: SampleRequest;
  readonly folder: string;
  readonly ran: Ran;
  readonly exchanges: readonly Exchange[];
}

/** What is wrong with a sample that was run: it must have sent what was planned, been answered well, and said so. */
export function problemsOf(done: Done): string[] {
  const { ran, exchanges } = done;
  const [exchange] = exchanges;
  if (ran.code !== 0 || !exchange || exchanges.length > 1)
    return [`exit code ${ran.code}, ${exchanges.length} requests: ${ran.out}${ran.err}`.slice(0, 1500)];
  return [
    ...(exchange.status < 300 ? [] : [`answered ${exchange.status}`]),
    ...differences(done, exchange),
    ...told(done, exchange),
  ];
}

/** The request against what the recipes of the contract run write for the same plan. */
function differences({ operation, plan }: Done, { method, path, headers, body }: Exchange): string[] {
  const wire = write(operation, plan, '', null);
  const [sent, wanted] = [new URL(path, 'http://sent'), new URL(wire.path, 'http://sent')];
  const mediaType = wire.headers['Content-Type'];
  const pairs: [string, unknown, unknown][] = [
    ['method', method, wire.method],
    ['path', sent.pathname, wanted.pathname],
    ['query', Object.fromEntries(sent.searchParams), Object.fromEntries(wanted.searchParams)],
    ['Authorization', headers.authorization, plan.key ? `Bearer ${plan.key}` : undefined],
    ['body', parsed(body, mediaType), parsed(wire.body, mediaType)],
    ...(mediaType === undefined
      ? []
      : [['media type', headers['content-type']?.split(';')[0], mediaType] as [string, unknown, unknown]]),
    ...Object.entries(plan.headers ?? {}).map(
      ([name, value]) => [name, headers[name.toLowerCase()], value] as [string, unknown, unknown],
    ),
  ];
  return pairs
    .filter(([, seen, meant]) => !isDeepStrictEqual(seen, meant))
    .map(([what, seen, meant]) => `${what}: ${JSON.stringify(seen)} instead of ${JSON.stringify(meant)}`);
}

function parsed(body: Buffer, mediaType: string | undefined): unknown {
  const text = body.toString('latin1');
  if (mediaType === 'application/x-www-form-urlencoded') return Object.fromEntries(new URLSearchParams(text));
  if (mediaType !== 'application/json') return text;
  try {
    return JSON.parse(body.toString());
  } catch {
    return text;
  }
}

/** What the reader of the sample gets: the file, the lines, the log as it is, or something of the answer. */
function told({ request, folder, ran }: Done, { answer }: Exchange): string[] {
  if (request.answer.kind === 'file') {
    const file = join(folder, request.answer.name);
    if (!existsSync(file)) return [`${request.answer.name} was not written`];
    return readFileSync(file).equals(answer) ? [] : [`${request.answer.name} has other bytes than were sent`];
  }
  if (request.answer.kind === 'log')
    return ran.out.trimEnd() === answer.toString().trimEnd() ? [] : [`printed ${ran.out}`];
  if (request.answer.kind === 'events') {
    const ids = [...answer.toString().matchAll(/"id_str":"(\d+)"/g)].map(([, id = '']) => id);
    return ids.length > 0 && ids.every((id) => ran.out.includes(id)) ? [] : ['not every event was printed'];
  }
  // curl prints the body, and here is none.
  if (request.answer.kind === 'nothing') return [];
  return ran.out.trim() === '' ? ['nothing was printed'] : [];
}
