import type { ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import type { Outcome } from './outcome.ts';

/**
 * Wraps a successful JSON answer as `name(…)`; anything else stays as it is (product.md, "JSON-P"). A length that the
 * handler has set on the response grows with it.
 */
export function wrapInCallback(outcome: Outcome, name: string, res: ServerResponse): Outcome {
  const { status, type, body } = outcome;
  if (status < 200 || status > 299 || type !== 'application/json' || body === undefined) return outcome;
  const length = res.getHeader('Content-Length');
  if (length !== undefined) res.setHeader('Content-Length', Number(length) + name.length + '()'.length);
  return { ...outcome, type: 'application/javascript', body: wrap(body, name) };
}

function wrap(body: NonNullable<Outcome['body']>, name: string): NonNullable<Outcome['body']> {
  if (typeof body === 'string') return `${name}(${body})`;
  if (Buffer.isBuffer(body)) return Buffer.concat([Buffer.from(`${name}(`), body, Buffer.from(')')]);
  return async (sink) => {
    const script = scriptInto(sink, name);
    await body(script);
    await new Promise<void>((resolve, reject) => script.once('error', reject).end(resolve));
  };
}

/** Puts brackets around what is written to it. The first goes out with the first bytes: until then all can still fail. */
function scriptInto(sink: Writable, name: string): Writable {
  let opening = `${name}(`;
  const script = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (opening !== '') sink.write(opening);
      opening = '';
      if (sink.write(chunk)) done();
      else sink.once('drain', done);
    },
    final(done) {
      sink.write(`${opening})`);
      done();
    },
  });
  sink.once('close', () => script.destroy());
  return script;
}
