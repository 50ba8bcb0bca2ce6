import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Scene } from './scene.ts';

/** A line to a mail server that may lose what it says. */
export interface DeafLine {
  readonly port: number;
  /** From now on, whatever is said after the end of a message gets lost: it is taken, but the sender never hears so. */
  loseReceipts(lose: boolean): void;
}

const END_OF_MESSAGE = '\r\n.\r\n';

export async function startDeafLine(scene: Scene, target: number): Promise<DeafLine> {
  let losing = false;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    let tail = '';
    let deaf = false;
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
    client.on('data', (chunk) => {
      tail = (tail + chunk.toString('latin1')).slice(-END_OF_MESSAGE.length);
      if (losing && tail === END_OF_MESSAGE) deaf = true;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (!deaf) client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  scene.onEnd(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    loseReceipts(lose) {
      losing = lose;
    },
  };
}
