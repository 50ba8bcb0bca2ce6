import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, call } from './api.ts';
import type { Publisher } from './release.ts';

/** Follows a version that the manifest call answered until it is `ready` or `failed`; throws when it was refused. */
export async function untilReady({ url, key }: Publisher, productId: string, posted: Answer): Promise<Answer> {
  if (posted.status !== 201 && posted.status !== 200) throw new Error(`manifest: ${posted.status} ${posted.text}`);
  for (;;) {
    const path = `/api/products/${productId}/versions/${String(posted.json.id)}`;
    const answer = await call('GET', url + path, { key });
    if (answer.json.status !== 'processing') return answer;
    await pause(50);
  }
}
