/** Milliseconds; a terminal and npm both pass on one Ctrl-C, so that the program may see it twice. */
const SAME_KEY = 1000;

/**
 * Resolves at SIGTERM or SIGINT, or when the parent that started this process is gone; a second signal later than that
 * ends it at once. Asked for as early as possible: a signal that comes during the start must be waited for too.
 * In a process with a parent of ours SIGINT does nothing: the terminal sends it to all, and the parent decides.
 */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = 0;
    const stop = () => {
      if (asked > 0 && Date.now() - asked > SAME_KEY) process.exit(130);
      asked ||= Date.now();
      resolve();
    };
    const child = process.connected !== undefined;
    process.on('SIGTERM', stop);
    process.on('SIGINT', child ? () => undefined : stop);
    process.once('disconnect', resolve);
    if (process.connected === false) resolve();
  });
}
