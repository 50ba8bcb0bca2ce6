import type { components } from '../../generated/types.ts';
import { requirePaid } from '../http/authenticate.ts';
import type { Handler } from '../http/handler.ts';
import { announce } from './actions.ts';
import type { AnnouncementRow } from './queries.ts';

const presentAnnouncement = (row: AnnouncementRow): components['schemas']['Announcement'] => ({
  id: row.id,
  productId: row.product_id,
  versionId: row.version_id,
  status: row.finished_at === null ? 'queueing' : 'queued',
  mails: row.mails,
  skipped: row.skipped,
  createdAt: row.created_at.toISOString(),
});

export const announceVersion: Handler<'announceVersion'> = async ({ db, deps, principal, path }, reply) => {
  requirePaid(principal);
  const row = await announce(db, deps, principal, path.productId, path.versionId);
  return reply(200, { body: presentAnnouncement(row) });
};
