import { appendFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Loaded into the server beforehand: at SIGUSR2 appends how late its timers were since the last time, as a line of JSON. */
const RESOLUTION = 1;
const histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
histogram.enable();
process.on('SIGUSR2', () => {
  // The histogram holds what lies between two ticks of a timer; what exceeds its interval is the delay, in ms.
  const late = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION);
  const [p50, p99, max] = [histogram.percentile(50), histogram.percentile(99), histogram.max].map(late);
  appendFileSync(process.env.DELAY_FILE ?? '/dev/null', `${JSON.stringify({ p50, p99, max })}\n`);
  histogram.reset();
});
