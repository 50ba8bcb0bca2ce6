import { connect } from 'node:net';

/**
 * The load generator, a process of its own: repeats one request on N kept-alive connections for some seconds, each
 * as soon as the last was answered, and prints what it saw as JSON. It reads raw sockets, since an HTTP client would
 * take more CPU time than the servers that it measures. Arguments: JSON of Job.
 */
export interface Job {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string;
  connections: number;
  seconds: number;
}

export interface Seen {
  requestsPerSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** Answers other than 200. */
  failed: number;
}

const job = JSON.parse(process.argv[2] ?? '{}') as Job;
const { hostname, port, pathname, host } = new URL(job.url);
const headers = { Host: host, 'Content-Length': String(Buffer.byteLength(job.body)), ...job.headers };
const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
const request = Buffer.from(`${job.method} ${pathname} HTTP/1.1\r\n${head.join('')}\r\n${job.body}`);

const times: number[] = [];
let failed = 0;
const started = performance.now();
const deadline = started + job.seconds * 1000;
await Promise.all(Array.from({ length: job.connections }, repeat));
const seconds = (performance.now() - started) / 1000;
times.sort((a, b) => a - b);
const seen: Seen = {
  requestsPerSecond: times.length / seconds,
  p50: times[times.length >> 1] ?? 0,
  p99: times[Math.floor(times.length * 0.99)] ?? 0,
  failed,
};
console.log(JSON.stringify(seen));

function repeat(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let received = '';
    let sent = 0;
    const send = () => {
      sent = performance.now();
      socket.write(request);
    };
    socket.setNoDelay().setEncoding('latin1').once('connect', send).once('error', reject);
    socket.on('data', (chunk: string) => {
      received += chunk;
      const end = received.indexOf('\r\n\r\n') + 4;
      if (end < 4) return;
      const length = /content-length: (\d+)/i.exec(received.slice(0, end))?.[1];
      if (length === undefined) return reject(new Error(`no Content-Length: ${received.slice(0, end)}`));
      if (received.length < end + Number(length)) return;
      if (!received.startsWith('HTTP/1.1 200 ')) failed++;
      const now = performance.now();
      times.push(now - sent);
      received = '';
      if (now < deadline) send();
      else socket.end(resolve);
    });
  });
}
