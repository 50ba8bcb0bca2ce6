import { mapItem, unmapItem } from '../external_mappings/actions.ts';
import { listMappingRows } from '../external_mappings/queries.ts';
import { Failure, fail } from '../errors/fail.ts';
import { requirePaid } from '../http/authenticate.ts';
import { checkBody } from '../http/validate.ts';
import { parseId } from '../ids/parse.ts';
import { removeSecrets, requireVendor, setSecret } from '../integrations/actions.ts';
import { listSecretRows } from '../integrations/queries.ts';
import { webhookUrl } from '../integrations/rules.ts';
import { fieldErrors } from '../pages/messages.ts';
import { listProductRows } from '../products/queries.ts';
import { findLine, listLineRows } from '../webhooks/line_queries.ts';
import { replayLine } from '../webhooks/replay.ts';
import { type Vendor, VENDORS } from '../webhooks/vendors.ts';
import { IntegrationPage, NewUrl, VENDOR_NAMES } from './integration_page.tsx';
import { IntegrationsPage } from './integrations_page.tsx';
import { LinePage } from './line_page.tsx';
import type { Mapped } from './map_form.tsx';
import { MOST, shownOf } from './older.tsx';
import { get, type PageAnswer, type PageRequest, post } from './page.ts';
import { submitOnce } from './submit_once.ts';

const PATH = '/dashboard/integrations';

export const integrations = [
  get(PATH, 'admin', (req) => listPage(req)),
  post(`${PATH}/mappings`, 'admin', map),
  post(`${PATH}/mappings/{productId}/{mappingId}/remove`, 'admin', unmap),
  get(`${PATH}/unmapped/{lineId}`, 'admin', (req) => linePage(req)),
  post(`${PATH}/unmapped/{lineId}`, 'admin', mapAndReplay),
  post(`${PATH}/unmapped/{lineId}/replay`, 'admin', replay),
  get(`${PATH}/{vendor}`, 'admin', (req) => vendorPage(req)),
  post(`${PATH}/{vendor}`, 'admin', set),
  post(`${PATH}/{vendor}/secrets/{secretId}/remove`, 'admin', remove),
];

async function listPage({ deps, user, query, csrf }: PageRequest, mapped?: Mapped): Promise<PageAnswer> {
  const { organisationId } = user;
  const secrets = await listSecretRows(deps.db, organisationId);
  const pageFrom = (name: string) => ({ limit: MOST, before: parseId(query.get(name) ?? '') });
  const lines = await listLineRows(deps.db, organisationId, {}, pageFrom('lines'));
  const mappings = await listMappingRows(deps.db, organisationId, undefined, pageFrom('mappings'));
  const products = (await listProductRows(deps.db, organisationId)).filter(({ status }) => status !== 'archived');
  const vendors = VENDORS.map((vendor) => ({
    vendor,
    since: secrets.find((row) => row.vendor === vendor)?.created_at,
  }));
  return {
    title: 'Integrations',
    current: PATH,
    status: mapped ? 422 : 200,
    content: (
      <IntegrationsPage
        vendors={vendors}
        lines={shownOf(lines)}
        mappings={shownOf(mappings)}
        products={products}
        mapped={mapped}
        csrf={csrf}
      />
    ),
  };
}

async function map(req: PageRequest): Promise<PageAnswer> {
  const { user, form } = req;
  requirePaid(user);
  const typed = typedIn(form);
  try {
    await mapTyped(req, typed);
  } catch (error) {
    return listPage(req, { ...typed, errors: mappingErrors(error) });
  }
  return { redirect: `${PATH}?done=item_mapped` };
}

const typedIn = (form: URLSearchParams) => ({
  vendor: form.get('vendor') ?? '',
  externalId: (form.get('externalId') ?? '').trim(),
  productId: form.get('productId') ?? '',
});

async function mapTyped(
  { deps, user }: PageRequest,
  { productId, ...item }: ReturnType<typeof typedIn>,
): Promise<void> {
  checkBody('createExternalMapping', item);
  await mapItem(deps.db, deps, user, productId, { ...item, vendor: requireVendor(item.vendor) });
}

function mappingErrors(error: unknown): Record<string, string> {
  return fieldErrors(error, {
    externalId: { already_exists: 'This item stands for that product already.' },
    productId: { not_found: 'Please choose one of your products.' },
  });
}

async function unmap({ deps, user, params }: PageRequest): Promise<PageAnswer> {
  const { productId = '', mappingId = '' } = params;
  await unmapItem(deps.db, deps, user, { productId, mappingId });
  return { redirect: `${PATH}?done=item_unmapped` };
}

async function linePage({ deps, user, params, csrf }: PageRequest, mapped?: Mapped): Promise<PageAnswer> {
  const id = parseId(params['lineId'] ?? '');
  const line = id && (await findLine(deps.db, user.organisationId, id));
  if (!line) throw fail('not_found');
  const products = (await listProductRows(deps.db, user.organisationId)).filter(({ status }) => status !== 'archived');
  return {
    title: 'Sold, but not mapped',
    current: PATH,
    status: mapped ? 422 : 200,
    content: <LinePage line={line} products={products} mapped={mapped} csrf={csrf} />,
  };
}

async function mapAndReplay(req: PageRequest): Promise<PageAnswer> {
  const { user, form, params, deps } = req;
  requirePaid(user);
  const id = parseId(params['lineId'] ?? '');
  const line = id && (await findLine(deps.db, user.organisationId, id));
  if (!line) throw fail('not_found');
  const typed = { ...typedIn(form), vendor: line.vendor };
  try {
    await mapTyped(req, typed);
  } catch (error) {
    return linePage(req, { ...typed, errors: mappingErrors(error) });
  }
  return replay(req);
}

/** The worker may have been quicker, and then the line is gone. */
async function replay({ deps, user, params }: PageRequest): Promise<PageAnswer> {
  try {
    const { status } = await replayLine(deps.db, deps, user.organisationId, params['lineId'] ?? '');
    return { redirect: `${PATH}?done=${status === 'applied' ? 'line_applied' : 'line_waits'}` };
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'not_found') throw error;
    return { redirect: `${PATH}?done=line_applied` };
  }
}

async function vendorPage(req: PageRequest, error?: string): Promise<PageAnswer> {
  const { deps, user, params, csrf } = req;
  const vendor = requireVendor(params['vendor'] ?? '');
  const rows = await listSecretRows(deps.db, user.organisationId);
  return {
    title: VENDOR_NAMES[vendor],
    current: PATH,
    script: true,
    status: error === undefined ? 200 : 422,
    content: (
      <IntegrationPage
        vendor={vendor}
        url={webhookUrl(deps.config.publicUrl, user.organisationId, vendor)}
        secrets={rows.filter((row) => row.vendor === vendor)}
        error={error}
        now={deps.clock()}
        csrf={csrf}
      />
    ),
  };
}

async function set(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, params, form } = req;
  requirePaid(user);
  const vendor = requireVendor(params['vendor'] ?? '');
  if (vendor === 'vibracartpro') return renewUrl(req, vendor);
  const secret = (form.get('secret') ?? '').trim();
  try {
    checkBody('updateIntegration', { secret });
    await setSecret(deps.db, deps, user, vendor, secret);
  } catch (error) {
    const wording = { secret: { invalid_format: 'Between 8 and 500 characters.', is_blank: 'Please fill this in.' } };
    return vendorPage(req, fieldErrors(error, wording)['secret']);
  }
  return { redirect: `${PATH}/${vendor}?done=secret_set` };
}

/** Makes a URL and shows it, once. */
async function renewUrl(req: PageRequest, vendor: Vendor): Promise<PageAnswer> {
  const { deps, user } = req;
  const sent = await submitOnce(req, 'updateIntegration', (tx) => setSecret(tx, deps, user, vendor, undefined));
  if (sent === 'again' || sent === 'stale') return { redirect: `${PATH}/${vendor}?done=url_sent_before` };
  const url = webhookUrl(deps.config.publicUrl, user.organisationId, vendor, sent.first);
  return { title: VENDOR_NAMES[vendor], current: PATH, script: true, content: <NewUrl url={url} /> };
}

async function remove({ deps, user, params }: PageRequest): Promise<PageAnswer> {
  const vendor = requireVendor(params['vendor'] ?? '');
  await removeSecrets(deps.db, deps, user, vendor, params['secretId']);
  return { redirect: `${PATH}/${vendor}?done=secret_removed` };
}
