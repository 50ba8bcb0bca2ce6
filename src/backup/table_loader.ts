import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { CannotRestore } from './archive.ts';
import { copyIn, type Load } from './queries.ts';

export interface TableLoader {
  /** Loads one part; the parts of a table must follow each other. */
  add(name: string, bytes: AsyncIterable<Buffer>): Promise<void>;
  /** What was loaded, for every table there is. */
  finish(): Promise<Record<string, { rows: number; sha256: string }>>;
}

/** Loads tables through COPY, in the client's transaction. */
export function createTableLoader(client: PoolClient, loads: readonly Load[]): TableLoader {
  const nothing = { rows: 0, sha256: createHash('sha256').digest('hex') };
  const done: Record<string, { rows: number; sha256: string }> = {};
  let current: { name: string; add(chunk: Buffer): Promise<void>; end(): Promise<void> } | undefined;

  async function start(name: string) {
    const load = loads.find((each) => each.name === name);
    if (load === undefined || name in done) throw new CannotRestore(`the archive is damaged: table ${name}`);
    const { before, copy, after } = copyIn(load);
    if (before !== '') await client.query(before);
    const sink = client.query(copyFrom(copy));
    const ended = finished(sink);
    // Reported by whichever write comes next; until then it must not count as unhandled.
    ended.catch(() => undefined);
    const hash = createHash('sha256');
    return {
      name,
      async add(chunk: Buffer) {
        hash.update(chunk);
        if (!sink.write(chunk)) await Promise.race([once(sink, 'drain'), ended]);
      },
      async end() {
        sink.end();
        await ended;
        if (after !== '') await client.query(after);
        done[name] = { rows: sink.rowCount, sha256: hash.digest('hex') };
      },
    };
  }

  return {
    async add(name, bytes) {
      if (current?.name !== name) {
        await current?.end();
        current = undefined;
        current = await start(name);
      }
      for await (const chunk of bytes) await current.add(chunk);
    },
    async finish() {
      await current?.end();
      current = undefined;
      return Object.fromEntries(loads.map(({ name }) => [name, done[name] ?? nothing]));
    },
  };
}
