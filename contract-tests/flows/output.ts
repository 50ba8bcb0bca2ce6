import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

const LONGEST = 120_000;

/** What a program prints, on both outputs. */
export interface Output {
  /** So far. */
  text(): string;
  /** Resolves when it matches; rejects when the program has ended without. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  readonly exited: Promise<number | null>;
}

export function readOutput(child: ChildProcess): Output {
  let text = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (const listener of listeners) listener();
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  // What it printed last may still be on its way; a child of its own may keep the output open for ever.
  const closed = Promise.race([once(child, 'close'), exited.then(() => pause(1_000))]);
  return {
    text: () => text,
    exited,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const fail = (how: string) => reject(new Error(`it ${how} without ${pattern}: ${text.slice(-2000)}`));
        const timer = setTimeout(fail, LONGEST, `went on for ${LONGEST} ms`);
        const look = () => {
          const match = pattern.exec(text);
          if (!match) return;
          clearTimeout(timer);
          listeners.delete(look);
          resolve(match);
        };
        listeners.add(look);
        void closed.then(() => fail('ended'));
        look();
      }),
  };
}
