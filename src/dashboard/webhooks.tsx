import { Failure } from '../errors/fail.ts';
import { parseId } from '../ids/parse.ts';
import { Card, Form, Head, Select, Submit, Table, Time } from '../pages/components.tsx';
import { type DeliveryRow, listDeliveryRows } from '../webhooks/queries.ts';
import { replayDelivery } from '../webhooks/replay_delivery.ts';
import { isVendor, type Vendor, VENDORS } from '../webhooks/vendors.ts';
import { VENDOR_NAMES } from './integration_page.tsx';
import { MOST, Older, shownOf } from './older.tsx';
import { get, type PageAnswer, type PageRequest, post } from './page.ts';
import { StateCell, StateSelect, type States, stateIn } from './states.tsx';

const PATH = '/dashboard/webhooks';

export const webhooks = [get(PATH, 'admin', show), post(`${PATH}/{deliveryId}/replay`, 'admin', tryAgain)];

const STATES: States = {
  received: { label: 'Waiting' },
  applied: { label: 'Applied', kind: 'good' },
  ignored: { label: 'Ignored', about: 'It sells and refunds nothing.' },
  unmapped: { label: 'Not mapped', kind: 'bad', way: { href: '/dashboard/integrations#unmapped', label: 'Map it' } },
  failed: { label: 'Failed', kind: 'bad', about: 'It is tried again, for a week.' },
};

/** What shops reported, and what became of it. */
async function show({ deps, user, query, csrf }: PageRequest): Promise<PageAnswer> {
  const status = stateIn(STATES, query);
  const wanted = query.get('vendor') ?? '';
  const vendor = isVendor(wanted) ? wanted : undefined;
  const page = { limit: MOST, before: parseId(query.get('before') ?? '') };
  const { rows, older } = shownOf(await listDeliveryRows(deps.db, user.organisationId, { status, vendor }, page));
  const filter = { status: status ?? '', vendor: vendor ?? '' };
  return {
    title: 'Webhooks',
    current: PATH,
    content: (
      <>
        <Head title="Webhooks" about="What shops and payment providers reported, newest first." />
        <Filter {...filter} />
        <Card>
          {rows.length === 0 ? (
            <Nothing filtered={status !== undefined || vendor !== undefined} />
          ) : (
            <Table caption="Reports of sales" columns={COLUMNS} rows={rows.map((row) => cells(row, csrf))} />
          )}
          <Older path={PATH} query={filter} older={older}>
            Older reports
          </Older>
        </Card>
      </>
    ),
  };
}

function Filter({ status, vendor }: { readonly status: string; readonly vendor: string }) {
  const vendors = VENDORS.map((value) => ({ value, label: VENDOR_NAMES[value] }));
  return (
    <form class="filter" method="get" action={PATH}>
      <StateSelect states={STATES} value={status} />
      <Select name="vendor" label="Vendor" value={vendor} choices={[{ value: '', label: 'All' }, ...vendors]} />
      <button type="submit" class="quiet">
        Show
      </button>
    </form>
  );
}

function Nothing({ filtered }: { readonly filtered: boolean }) {
  if (filtered) return <p class="empty soft">There is none like that.</p>;
  return (
    <p class="empty soft">
      No shop has reported anything yet. <a href="/dashboard/integrations">Set one up</a>
    </p>
  );
}

const COLUMNS = [{ label: 'Report' }, { label: 'Vendor' }, { label: 'State' }, { label: 'Received' }, { label: '' }];

function cells({ id, vendor, type, event_id, status, error, received_at }: DeliveryRow, csrf: string) {
  return [
    <>
      <strong>
        <Breakable text={type} />
      </strong>
      <br />
      <code class="soft">{event_id}</code>
    </>,
    <span class="whole">{VENDOR_NAMES[vendor as Vendor]}</span>,
    <StateCell states={STATES} state={status} error={error} />,
    <Time at={received_at} />,
    status === 'failed' && (
      <Form action={`${PATH}/${id}/replay`} csrf={csrf}>
        <Submit kind="quiet" small what={`the report ${event_id}`}>
          Try again
        </Submit>
      </Form>
    ),
  ];
}

async function tryAgain({ deps, user, params }: PageRequest): Promise<PageAnswer> {
  try {
    const { status } = await replayDelivery(deps, user.organisationId, params['deliveryId'] ?? '');
    return { redirect: `${PATH}?done=report_${status}` };
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'conflict') throw error;
    return { redirect: `${PATH}?done=report_forgotten` };
  }
}

/** Names of events are long, and best broken where their parts end. */
function Breakable({ text }: { readonly text: string }) {
  return (
    <bdi>
      {text.split(/(?<=[._/])/).map((part) => (
        <>
          {part}
          <wbr />
        </>
      ))}
    </bdi>
  );
}
