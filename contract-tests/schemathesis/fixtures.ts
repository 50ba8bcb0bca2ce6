import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type Documented, documented } from '../../src/testing/document.ts';
import type { Scene } from '../flows/scene.ts';
import { keyFor } from '../recipes/generic.ts';
import { signPush } from '../recipes/hooks.ts';
import { happyPlan } from '../recipes/index.ts';
import type { Plan } from '../recipes/plan.ts';
import { signers } from '../recipes/webhooks.ts';
import type { World } from '../world.ts';
import { proofOf, type Turn } from './credentials.ts';

const byId = new Map(documented.map((operation) => [operation.id, operation]));

/**
 * Answers `GET /operationId` with a request that succeeds, on things made for it: ids that exist, a body that names
 * them, a proof of who asks. `POST /operationId` with a body answers one that carries that body, signed. hooks.py asks (told.py).
 */
export async function serveFixtures(scene: Scene, world: World, turn: Turn): Promise<string> {
  const server = createServer((request, response) => {
    fixture(world, turn, request).then(
      (made) => response.end(JSON.stringify(made)),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.stack : String(error)),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  scene.onEnd(async () => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function fixture(world: World, turn: Turn, request: IncomingMessage) {
  const operation = byId.get(String(request.url).slice(1));
  if (!operation) throw new Error(`the document has no ${request.url}`);
  const plan =
    request.method === 'POST'
      ? await signedPlan(world, operation, (await buffer(request)).toString())
      : await happyPlan(world, world.main, operation);
  const key = plan.key === undefined ? keyFor(world.main, operation.operation) : plan.key;
  const { params = {}, query = {}, headers = {}, json, form } = plan;
  return { params, query, headers, json, form, proof: await proofOf(world, turn, operation, key) };
}

function signedPlan(world: World, { id }: Documented, body: string): Promise<Plan> {
  if (id === 'receiveGithubPush') return signPush(world, world.main, body);
  const sign = signers[id];
  if (!sign) throw new Error(`nobody signs ${id}`);
  return sign(world, world.main, body);
}
