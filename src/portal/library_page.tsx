import { formatSize } from '../downloads/page_figures.ts';
import { cursorAfter, pageOf } from '../http/pagination.ts';
import { Card, Form, Head, Submit, Table, Words } from '../pages/components.tsx';
import { askPage } from './ask_page.tsx';
import type { Customer } from './customer.ts';
import { Day } from './day.tsx';
import { freshLink } from './download.ts';
import { grouped } from './grouped.ts';
import { listOwned, type Owned } from './library.ts';
import { closed, open, type PortalAnswer, type PortalRequest } from './page.ts';
import type { VersionRow } from './purchase_queries.ts';

export const libraryPages = [open('get', '/my', show), closed('post', '/my/purchases/{id}/download', download)];

function show(request: PortalRequest<Customer | undefined>): Promise<PortalAnswer> | PortalAnswer {
  const { customer, csrf } = request;
  return customer ? library({ ...request, customer }) : askPage({ csrf });
}

async function library({ deps, query, csrf, customer }: PortalRequest): Promise<PortalAnswer> {
  const cursor = query.get('from');
  const page = pageOf(cursor === null ? {} : { cursor });
  const found = await listOwned(deps.db, customer.email, page);
  const owned = found.slice(0, page.limit);
  const last = found.length > page.limit ? owned.at(-1) : undefined;
  const publishers = [...grouped(owned, (row) => row.organisation_id).values()];
  return {
    title: 'Your downloads',
    wide: true,
    content: (
      <>
        <Head title="Your purchases" about="Download what you bought as often as you like." />
        {publishers.map((purchases) => (
          <Publisher purchases={purchases} csrf={csrf} />
        ))}
        {owned.length === 0 && <Nothing email={customer.email} />}
        {last && (
          <p>
            <a href={`/my?from=${cursorAfter(last.id)}`}>Older purchases</a>
          </p>
        )}
        <Everywhere csrf={csrf} />
      </>
    ),
  };
}

/** A fresh link is made each time, so that none has to be kept. */
async function download({ deps, params, form, customer }: PortalRequest): Promise<PortalAnswer> {
  const wanted = { purchaseId: params['id'] ?? '', version: form.get('version') };
  const { token } = await freshLink(deps.db, deps, customer, wanted);
  return { redirect: `/download?token=${token}` };
}

function Publisher({ purchases, csrf }: { readonly purchases: readonly Owned[]; readonly csrf: string }) {
  const [first] = purchases;
  if (!first) return null;
  return (
    <section class="card shelf">
      <h2>
        <Words>{first.organisation_name}</Words>
      </h2>
      {first.suspended && (
        <p class="soft">
          This seller’s account is out of service for now, so nothing can be downloaded. Your purchases are safe: look
          again later.
        </p>
      )}
      {purchases.map((purchase) => (
        <Purchase purchase={purchase} csrf={csrf} />
      ))}
    </section>
  );
}

/** What new customers get first, or else the newest, is in sight; the rest can be unfolded. */
function Purchase({ purchase, csrf }: { readonly purchase: Owned; readonly csrf: string }) {
  const { product_name, order_id, id, versions, suspended } = purchase;
  const best = versions.find(({ active }) => active) ?? versions[0];
  const others = versions.filter((version) => version !== best);
  return (
    <article>
      <h3>
        <Words>{product_name}</Words>
      </h3>
      <p class="soft note">
        Bought on <Day at={purchase.purchased_at} />
        {order_id !== id && (
          <>
            , order <Words>{order_id}</Words>
          </>
        )}
      </p>
      {best === undefined && <p>The seller has not put it up for download yet.</p>}
      {best && <Versions of={[best]} {...{ purchase, csrf }} />}
      {others.length > 0 && (
        <details>
          <summary>{suspended ? 'Other versions' : 'Download another version'}</summary>
          <Versions of={others} {...{ purchase, csrf }} />
        </details>
      )}
    </article>
  );
}

const COLUMNS = [
  { label: 'Version' },
  { label: 'Date' },
  { label: 'Size', figure: true },
  { label: 'Files', figure: true },
  { label: '' },
];

interface VersionsParts {
  readonly of: readonly VersionRow[];
  readonly purchase: Owned;
  readonly csrf: string;
}

function Versions({ of, purchase, csrf }: VersionsParts) {
  const { product_name, suspended } = purchase;
  const columns = suspended ? COLUMNS.slice(0, -1) : COLUMNS;
  const rows = of.map((row) => [
    <>
      <Words>{row.version}</Words> {row.active && <span class="tag">Current</span>}
    </>,
    <Day at={row.published_at} />,
    formatSize(Number(row.size)),
    row.file_count.toLocaleString('en'),
    <Form action={`/my/purchases/${purchase.id}/download`} csrf={csrf}>
      <Submit
        small
        kind={row.active ? undefined : 'quiet'}
        name="version"
        value={row.version}
        what={`${product_name} ${row.version}`}
      >
        Download
      </Submit>
    </Form>,
  ]);
  return <Table caption={`Versions of ${product_name}`} columns={columns} rows={rows} />;
}

function Nothing({ email }: { readonly email: string }) {
  return (
    <Card>
      <p class="empty">
        There is nothing here for <Words>{email}</Words>. Did you buy with another address? Then sign out, and try that
        one.
      </p>
    </Card>
  );
}

function Everywhere({ csrf }: { readonly csrf: string }) {
  return (
    <Card title="Signed in elsewhere?">
      <p class="soft">On a computer that is not yours, or on a phone that you lost, you can sign out from here.</p>
      <Form action="/my/sign-out-everywhere" csrf={csrf}>
        <Submit kind="quiet">Sign out everywhere</Submit>
      </Form>
    </Card>
  );
}
