import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * One request every 10 ms over a kept connection, each followed by one to a bare server in a process that does nothing
 * else, until a line comes in; then by how many milliseconds the 99th percentile is above that of the bare one: on a
 * machine that is busy with other things, both wait for the processor.
 */
const PROGRAM = `
const http = require('node:http');
const bare = "require('node:http').createServer((q, r) => r.end('pong')).listen(0, '127.0.0.1', function () { console.log(this.address().port); })";
const control = require('node:child_process').spawn(process.execPath, ['-e', bare], { stdio: ['ignore', 'pipe', 'inherit'] });
let going = true;
process.stdin.once('data', () => { going = false; });
const asking = (url) => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const times = [];
  const ask = () => new Promise((resolve, reject) => {
    const started = performance.now();
    http.get(url, { agent }, (response) => {
      response.resume().on('end', () => { times.push(performance.now() - started); resolve(); });
    }).on('error', reject);
  });
  const p99 = () => times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)];
  return { ask, times, p99 };
};
control.stdout.once('data', async (port) => {
  const pair = [asking(process.argv[1] + '/ping'), asking('http://127.0.0.1:' + Number(port))];
  const both = async () => { for (const { ask } of pair) await ask(); };
  await both();
  for (const { times } of pair) times.length = 0;
  console.log('pinging');
  while (going) { await both(); await new Promise((resolve) => setTimeout(resolve, 10)); }
  const [ours, bare] = pair.map(({ p99 }) => p99());
  control.kill('SIGKILL');
  console.log(Math.round(10 * Math.max(0, ours - bare)) / 10);
  process.exit();
});`;

/** Measures in a process of its own: this one is busy making large bodies. */
export async function startPinging(url: string): Promise<() => Promise<number>> {
  const child = spawn(process.execPath, ['-e', PROGRAM, url], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return async () => {
    child.stdin.write('\n');
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    return Number(line.toString());
  };
}
