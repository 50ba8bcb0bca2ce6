import * as analytics from './analytics/handlers.ts';
import * as applications from './applications/handlers.ts';
import * as collaborators from './collaborators/handlers.ts';
import * as buildRequests from './build_requests/handlers.ts';
import * as builds from './builds/handlers.ts';
import * as commits from './commits/handlers.ts';
import * as downloadTokens from './download_tokens/handlers.ts';
import * as downloads from './downloads/handlers.ts';
import { getDownload } from './downloads/page_handler.ts';
import * as events from './events/handlers.ts';
import * as firehose from './firehose/handlers.ts';
import * as externalMappings from './external_mappings/handlers.ts';
import * as health from './health/handlers.ts';
import * as hooks from './hooks/handlers.ts';
import type { FusedHandlers, Handlers } from './http/handler.ts';
import * as integrations from './integrations/handlers.ts';
import * as invitations from './invitations/handlers.ts';
import * as mails from './mail/handlers.ts';
import * as manifests from './manifests/handlers.ts';
import * as oauth2 from './oauth2/handlers.ts';
import { authorizeApplication } from './oauth2/page_handler.ts';
import * as packs from './packs/handlers.ts';
import * as portal from './portal/handlers.ts';
import * as products from './products/handlers.ts';
import * as projects from './projects/handlers.ts';
import * as releases from './releases/handlers.ts';
import * as reports from './reports/handlers.ts';
import * as runner from './runner/handlers.ts';
import * as runners from './runners/handlers.ts';
import * as purchases from './purchases/handlers.ts';
import * as suites from './suites/handlers.ts';
import * as users from './users/handlers.ts';
import * as versions from './versions/handlers.ts';
import * as webhooks from './webhooks/handlers.ts';

const { generateDownloadUrlFused, ...tokenHandlers } = downloadTokens;

/** Every operation of the document by its operationId: a missing, surplus or wrongly typed handler does not compile. */
export const handlers = {
  ...health,
  ...users,
  ...invitations,
  ...applications,
  ...projects,
  ...collaborators,
  ...suites,
  ...oauth2,
  authorizeApplication,
  ...products,
  ...versions,
  ...packs,
  ...manifests,
  ...tokenHandlers,
  ...downloads,
  ...reports,
  ...analytics,
  ...purchases,
  ...portal,
  ...events,
  ...firehose,
  ...externalMappings,
  ...integrations,
  ...webhooks,
  ...mails,
  ...releases,
  ...commits,
  ...buildRequests,
  ...builds,
  ...runners,
  ...runner,
  ...hooks,
  getDownload,
} satisfies Handlers;

/** Hot operations whose statement authenticates as well. */
export const fusedHandlers = { generateDownloadUrl: generateDownloadUrlFused } satisfies FusedHandlers;
