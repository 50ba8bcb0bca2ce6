import { Piscina } from 'piscina';
import { threadUrl } from '../../server/thread_url.ts';
import type { Drawing } from './drawing.ts';

export interface Charts {
  /** The chart as SVG, in which nothing needs a stylesheet or a script. */
  draw(drawing: Drawing): Promise<string>;
  close(): Promise<void>;
}

/** Draws in a thread that starts when needed and ends when idle: loading the library alone takes half a second. */
export function createCharts(): Charts {
  let threads: Piscina | undefined;
  return {
    draw(drawing) {
      threads ??= startThread();
      return threads.run(drawing) as Promise<string>;
    },
    async close() {
      await threads?.destroy();
      threads = undefined;
    },
  };
}

function startThread(): Piscina {
  const { url, execArgv } = threadUrl('charts', import.meta.url);
  return new Piscina({ filename: url.href, execArgv, minThreads: 0, maxThreads: 1, idleTimeout: 60_000 });
}
