import { freshSession, freshToken } from '../world.ts';
import type { Happy, Recipes } from './plan.ts';

const withToken: Happy = async (world, tenant) => ({ query: { token: (await freshToken(world, tenant)).token } });

export const downloads: Recipes = {
  happy: {
    getDownload: withToken,
    getDownloadArchive: withToken,
    getDownloadManifest: withToken,
    getDownloadPack: async (world, tenant) => ({
      ...(await withToken(world, tenant)),
      params: { sha256: tenant.base.pack.sha256 },
    }),
    createDownloadSession: withToken,
    updateDownloadSession: async (world, tenant) => {
      const token = await freshToken(world, tenant);
      const sessionId = await freshSession(world, tenant, token);
      return { params: { sessionId }, query: { token: token.token }, json: { status: 'failed' } };
    },
  },
  special: {
    'createDownloadSession 200': async ({ world, happy }) => {
      const plan = await happy(world.main);
      const headers = { 'User-Agent': 'the same client' };
      await world.server.client.post('/download/sessions', { query: plan.query ?? {}, headers });
      return { ...plan, headers };
    },
    'updateDownloadSession 409 conflict': async ({ world, happy }) => ({
      ...(await happy(world.main)),
      json: { status: 'completed' },
    }),
  },
};
