import { randomUUID } from 'node:crypto';
import Koa from 'koa';

/** Answers every request with the bytes and headers of `GET /ping`, and does nothing else. Argument: port. */
const app = new Koa();
app.use((ctx) => {
  ctx.set({
    'Request-Id': randomUUID(),
    Vary: 'Accept',
    'Cache-Control': 'private',
    Server: 'ContinuityApp Web Services',
    'X-Content-Type-Options': 'nosniff',
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': 'Link, Location, Request-Id, Retry-After, ETag',
    'Content-Type': 'application/json',
  });
  ctx.body = '{"response":"pong"}';
});
const server = app.listen(Number(process.argv[2]), '127.0.0.1');
server.keepAliveTimeout = 75_000;
process.on('SIGTERM', () => process.exit(0));
