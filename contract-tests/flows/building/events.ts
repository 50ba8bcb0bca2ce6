import { setTimeout as pause } from 'node:timers/promises';
import type { Scene } from '../scene.ts';
import type { Tally } from '../tally.ts';
import type { Platform } from './platform.ts';
import { follow, type Program } from './programs.ts';
import type { Workshop } from './site.ts';

interface Event {
  readonly id_str: string;
  readonly type: string;
}

export interface Followed {
  /** Does something while nobody listens. */
  away(action: () => Promise<void>): Promise<void>;
  /** Compares what was told with the list of events. */
  compare(tally: Tally): Promise<void>;
}

const EXPECTED = ['build_request.processing', 'commit.waiting_for_builds', 'build.enqueued_for_build', 'build.building']
  .concat(['build.build_failed', 'build.build_succeed', 'commit.failed', 'commit.succeed', 'build_request.processed'])
  .concat(['runner.created', 'project.created', 'suite.created']);

/** Follows the organisation's events with `curl -N`; whenever the stream ends it goes on behind the last one. */
export async function followEvents(scene: Scene, { platform, server, account }: Workshop): Promise<Followed> {
  const [newest] = await platform.get<Event[]>('/events');
  const before: Event[] = [];
  const open = () => {
    const since = before.at(-1) ?? newest;
    const query = since ? `?since=${since.id_str}` : '';
    return follow(scene, `${server.url}/firehose${query}`, account.apiKey);
  };
  let stream = open();
  let connections = 1;
  let back: Promise<unknown> = Promise.resolve();
  let over = false;
  const goOn = async () => {
    for (;;) {
      await stream.exited;
      if (over) return;
      before.push(...eventsOf(stream));
      await back;
      stream = open();
      connections++;
      // While the server is away.
      await pause(200);
    }
  };
  void goOn();
  scene.onEnd(async () => {
    over = true;
  });
  return {
    async away(action) {
      const done = action();
      back = done.catch(() => undefined);
      await stream.end('SIGTERM');
      await done;
    },
    async compare(tally) {
      const listed = idsOf((await listAll(platform)).filter(({ id_str }) => isAfter(id_str, newest)));
      const told = () => [...before, ...eventsOf(stream)];
      for (let i = 0; i < 200 && told().length < listed.length; i++) await pause(50);
      tally.note(`${listed.length} events, ${connections} times connected`);
      const all = idsOf(told()).join() === listed.join();
      tally.check('curl -N /firehose told each event once, over pauses and the kill of the API', all, [
        idsOf(told()),
        listed,
      ]);
      const types = new Set(told().map(({ type }) => type));
      const absent = EXPECTED.filter((type) => !types.has(type));
      tally.check('of all kinds, from the project to the end of its builds', absent.length === 0, absent);
    },
  };
}

/** A line that is not whole is none; empty ones are signs of life. */
function eventsOf(stream: Program): Event[] {
  const lines = stream.text().split('\n').slice(0, -1);
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Event);
}

const isAfter = (id: string, event: Event | undefined): boolean => !event || BigInt(id) > BigInt(event.id_str);
const idsOf = (events: readonly Event[]): string[] => events.map(({ id_str }) => id_str).sort();

async function listAll(platform: Platform): Promise<Event[]> {
  const all: Event[] = [];
  for (let next: string | undefined = '/events?limit=200'; next;) {
    const { json, headers, status, text } = await platform.ask('GET', next);
    if (status !== 200) throw new Error(`the events were answered ${status} ${text}`);
    all.push(...(json.response as Event[]));
    const link: URL | null = URL.parse(/<([^>]*)>; *rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? '');
    next = link ? link.pathname + link.search : undefined;
  }
  return all;
}
