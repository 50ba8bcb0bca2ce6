import type { Deps } from '../deps.ts';
import { followLog } from '../builds/follow_log.ts';
import { readStretch } from '../builds/log_queries.ts';
import { type BuildRow, findVisibleBuild } from '../builds/queries.ts';
import { hasEnded } from '../builds/rules.ts';
import { requireBuild } from '../builds/visible.ts';
import { pourStream } from '../firehose/outlet.ts';
import type { Pour } from '../http/handler.ts';
import { buildWord } from './build_words.tsx';
import { readable, showable } from './log_text.ts';
import type { PageRequest } from './page.ts';
import { currentSession } from './session_cookie.ts';
import { fail } from '../errors/fail.ts';

/** Bytes of a log that its page brings: browsers scroll through megabytes badly. */
const TAIL = 128 * 1024;

export interface Backlog {
  readonly text: string;
  /** Bytes that were left out in front of it. */
  readonly skipped: number;
  /** Where what follows begins. */
  readonly next: number;
}

/** The end of the log as it is by now, from the start of a line on. */
export async function readBacklog(db: Deps['db'], build: BuildRow): Promise<Backlog> {
  const start = Math.max(0, Number(build.log_size) - TAIL);
  let bytes = Buffer.alloc(0);
  for (;;) {
    const stretch = await readStretch(db, build.organisation_id, build.id, start + bytes.length);
    if (!stretch || stretch.bytes.length === 0) break;
    bytes = Buffer.concat([bytes, stretch.bytes]);
    if (start + bytes.length >= stretch.size) break;
  }
  const end = hasEnded(build.state) ? bytes.length : showable(bytes);
  const line = start === 0 ? 0 : bytes.indexOf('\n') + 1;
  return { text: readable(bytes.subarray(line, end)), skipped: start + line, next: start + end };
}

type Asked = Pick<PageRequest, 'deps' | 'koa' | 'user'>;

const KEEP_ALIVE = 15_000;

/** The log from an offset on as server-sent events, whose ids are offsets too, and how the build ended. */
export function streamEvents(req: Asked, build: BuildRow, from: number): Pour {
  const { deps, user } = req;
  return pourStream(deps.notices, pulseOf(req, build, Buffer.from(': \n\n')), async (outlet) => {
    await outlet.pour(Buffer.from('retry: 2000\n\n'));
    for await (const { text, next, last } of textOf(deps, build, from, outlet.over)) {
      if (text !== '') await outlet.pour(Buffer.from(`id: ${next}\ndata: ${JSON.stringify(text)}\n\n`));
      const ended = last ? await findVisibleBuild(deps.db, user, build.id) : undefined;
      if (!ended) continue;
      const { label, tone = '' } = buildWord(ended);
      await outlet.pour(Buffer.from(`event: end\ndata: ${JSON.stringify({ label, tone })}\n\n`));
    }
  });
}

/** The whole log as it is by now. */
export function streamText(req: Asked, build: BuildRow): Pour {
  return pourStream(req.deps.notices, pulseOf(req, build, undefined), async (outlet) => {
    for await (const { text } of textOf(req.deps, build, 0, outlet.over, false)) await outlet.pour(Buffer.from(text));
  });
}

/** Whoever signed out meanwhile, or lost access, reads no further. */
function pulseOf({ deps, koa }: Asked, build: BuildRow, sign: Buffer | undefined) {
  const check = async () => {
    const session = await currentSession(deps, koa);
    if (!session || session.user.suspended) throw fail('unauthorized');
    await requireBuild(deps.db, session.user, build.id);
  };
  return { every: KEEP_ALIVE, sign, check };
}

interface TextPart {
  readonly text: string;
  readonly next: number;
  readonly last: boolean;
}

async function* textOf(
  deps: Deps,
  { organisation_id: organisationId, id }: BuildRow,
  from: number,
  over: AbortSignal,
  follow = true,
): AsyncGenerator<TextPart> {
  let carried = Buffer.alloc(0);
  let start = from;
  for await (const part of followLog(deps, { organisationId }, id, from, over, follow)) {
    const bytes = Buffer.concat([carried, part.bytes]);
    const end = part.last ? bytes.length : showable(bytes);
    carried = bytes.subarray(end);
    start += end;
    yield { text: readable(bytes.subarray(0, end)), next: start, last: part.last };
  }
  if (!follow && carried.length > 0) yield { text: readable(carried), next: start, last: false };
}
