/** Resolves at SIGTERM or SIGINT, or when the parent that started this process is gone; a second signal ends it at once. */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (signal: string) => {
      if (asked && signal !== 'disconnect') process.exit(130);
      asked = true;
      resolve();
    };
    process.on('SIGTERM', () => stop('SIGTERM'));
    process.on('SIGINT', () => stop('SIGINT'));
    process.once('disconnect', () => stop('disconnect'));
  });
}
