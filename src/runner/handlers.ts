import { operations } from '../../generated/operations.ts';
import { finishTask as finish, resolveTask } from '../builds/actions.ts';
import { recordArtifact, requireUpload } from '../builds/artifact.ts';
import { appendToLog } from '../builds/log.ts';
import { fail } from '../errors/fail.ts';
import { whenGone } from '../http/gone.ts';
import type { Handler } from '../http/handler.ts';
import { readRaw, useRaw } from '../http/raw_body.ts';
import { receive } from '../manifests/receive.ts';
import { storePack } from '../packs/actions.ts';
import { findPacks } from '../packs/queries.ts';
import { heartbeat, leaseOf } from './call.ts';
import { leaseTask as lease } from './lease.ts';
import { presentArtifact, presentFinished, presentHeartbeat, presentLog, presentTask } from './present.ts';
import { resolutionOf } from './resolution.ts';
import { openWork } from './work.ts';

export const leaseTask: Handler<'leaseTask'> = async ({ deps, principal, body, koa }, reply) => {
  const { kinds = ['resolve', 'build'], wait_seconds: waitSeconds = 0 } = body ?? {};
  const leased = await lease(deps, principal, { kinds, waitSeconds }, whenGone(koa.res));
  const opened = leased && (await openWork(deps, principal.organisationId, leased));
  return reply(200, { body: opened ? { response: presentTask(opened) } : {} });
};

export const extendLease: Handler<'extendLease'> = async (req, reply) => {
  const { lease, taskId } = leaseOf(req);
  return reply(200, { body: { response: presentHeartbeat(await heartbeat(req.db, lease, taskId)) } });
};

export const resolveRef: Handler<'resolveRef'> = async (req, reply) => {
  const { lease, taskId } = leaseOf(req);
  await resolveTask(req.db, req.deps, lease, taskId, resolutionOf(req.body));
  return reply(200, { body: { response: presentFinished(taskId) } });
};

export const appendLog: Handler<'appendLog'> = async (req, reply) => {
  const { lease, taskId } = leaseOf(req);
  const bytes = await readRaw(req.koa.req, operations.appendLog.maxBody);
  if (bytes.length === 0) throw fail('is_blank');
  const log = await appendToLog(req.db, lease, taskId, req.query.offset, bytes);
  return reply(200, { body: { response: presentLog(log) } });
};

export const checkTaskPacks: Handler<'checkTaskPacks'> = async (req, reply) => {
  const { lease, taskId } = leaseOf(req);
  await requireUpload(req.db, lease, taskId);
  const hashes = req.body.pack_hashes.map((hash) => Buffer.from(hash, 'hex'));
  const existing = await findPacks(req.db, lease.organisationId, hashes);
  return reply(200, { body: { response: { existing: existing.map((hash) => hash.toString('hex')) } } });
};

export const uploadTaskPack: Handler<'uploadTaskPack'> = async (req, reply) => {
  const { lease, taskId } = leaseOf(req);
  const { sha256 } = req.path;
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw fail('not_found', { field: 'sha256' });
  await requireUpload(req.db, lease, taskId);
  const { maxBody } = operations.uploadTaskPack;
  const store = (bytes: AsyncIterable<Uint8Array>) =>
    storePack(req.db, req.deps, lease.organisationId, sha256, bytes, maxBody);
  return reply(200, { body: { response: { sha256, size: await useRaw(req.koa.req, store) } } });
};

export const createArtifact: Handler<'createArtifact'> = async (req, reply) => {
  const { lease, taskId } = leaseOf(req);
  await requireUpload(req.db, lease, taskId);
  const { manifests } = req.deps;
  const response = await receive(manifests, req.koa.req, operations.createArtifact.maxBody, {
    parse: manifests.parseArtifact,
    use: async (artifact) => presentArtifact(await recordArtifact(req.db, lease, taskId, artifact), artifact),
  });
  return reply(200, { body: { response } });
};

export const finishTask: Handler<'finishTask'> = async (req, reply) => {
  const { lease, taskId } = leaseOf(req);
  await finish(req.db, req.deps, lease, taskId, req.body);
  return reply(200, { body: { response: presentFinished(taskId) } });
};
