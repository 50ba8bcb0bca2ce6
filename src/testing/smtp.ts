import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';

/** What the server says to the next messages: takes them where the list is empty. */
export type Answer = { readonly at: 'rcpt' | 'data'; readonly code: number } | { readonly at: 'drop' };

export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly source: string;
}

export interface TestSmtp {
  readonly port: number;
  readonly received: Received[];
  readonly answers: Answer[];
  /** Connections so far. */
  readonly connections: () => number;
  /** Cuts every connection, as a server that was idle for too long. */
  hangUp(): void;
  stop(): Promise<void>;
}

/** A real mail server on the loopback interface that does as it is told. */
export async function startSmtp(options: SMTPServerOptions = {}, port = 0): Promise<TestSmtp> {
  const received: Received[] = [];
  const answers: Answer[] = [];
  let connections = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 100,
    onConnect(_session, done) {
      connections += 1;
      done();
    },
    onRcptTo(_address, _session, done) {
      const [answer] = answers;
      if (answer?.at !== 'rcpt') return done();
      answers.shift();
      done(Object.assign(new Error('as told'), { responseCode: answer.code }));
    },
    onData(stream, session, done) {
      const answer = answers.shift();
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (answer?.at === 'drop') drop(server, session);
      });
      stream.on('end', () => {
        if (answer?.at === 'data') return done(Object.assign(new Error('as told'), { responseCode: answer.code }));
        if (answer) return;
        received.push(readingOf(session, Buffer.concat(chunks).toString('latin1')));
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    answers,
    connections: () => connections,
    hangUp: () => drop(server),
    stop: () => new Promise((done) => server.close(done)),
  };
}

function readingOf({ envelope, secure }: SMTPServerSession, source: string): Received {
  const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
  return { from, to: envelope.rcptTo.map(({ address }) => address), secure, source };
}

/** Cuts a connection, or all, as a server that dies. */
function drop(server: SMTPServer, session?: SMTPServerSession): void {
  for (const connection of server.connections as Set<{ id: string; _socket: { destroy(): void } }>)
    if (!session || connection.id === session.id) connection._socket.destroy();
}
