import { messageOf } from './problems.ts';

export interface PatienceOptions {
  /** Rejects while the runner could do no task. */
  probe(): Promise<void>;
  pause(ms: number): Promise<void>;
  readonly tell: (line: string) => void;
}

/** Keeps a runner that is in trouble of its own (a full disk, no more processes) from tasks that others could do. */
export interface Patience {
  /** Says whether the runner was fit for a task. */
  note(fit: boolean): void;
  /** Resolves when the runner is worth another try, or stops: at once, unless it was not fit. */
  untilWell(stopping: AbortSignal): Promise<void>;
}

const FIRST_MS = 5_000;
const LONGEST_MS = 5 * 60_000;

export function createPatience({ probe, pause, tell }: PatienceOptions): Patience {
  let ill = false;
  /** In a row: that a probe succeeds is no proof yet. */
  let troubles = 0;

  function note(fit: boolean): void {
    ill = !fit;
    troubles = fit ? 0 : troubles + 1;
  }

  return {
    note,
    async untilWell(stopping) {
      while (ill && !stopping.aborted) {
        const ms = Math.min(LONGEST_MS, FIRST_MS * 2 ** (troubles - 1));
        tell(`this runner is in trouble: it asks for no work for ${ms / 1000} seconds`);
        await pause(ms);
        try {
          await probe();
          ill = false;
        } catch (error) {
          troubles++;
          tell(`nothing can be built here: ${messageOf(error)}`);
        }
      }
    },
  };
}
