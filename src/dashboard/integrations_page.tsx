import type { MappingRow } from '../external_mappings/queries.ts';
import { Card, Form, Head, Notice, Submit, Table, Time, Words } from '../pages/components.tsx';
import type { ProductRow } from '../products/queries.ts';
import type { LineRow } from '../webhooks/line_queries.ts';
import type { Vendor } from '../webhooks/vendors.ts';
import { VENDOR_NAMES } from './integration_page.tsx';
import { Older, type Shown } from './older.tsx';
import { type Mapped, MapFields } from './map_form.tsx';

const PATH = '/dashboard/integrations';

interface Parts {
  readonly vendors: readonly { readonly vendor: Vendor; readonly since: Date | undefined }[];
  readonly lines: Shown<LineRow>;
  readonly mappings: Shown<MappingRow>;
  readonly products: readonly ProductRow[];
  readonly mapped: Mapped | undefined;
  readonly csrf: string;
}

const nameOf = (vendor: string) => <span class="whole">{VENDOR_NAMES[vendor as Vendor]}</span>;

/** Who reports sales, what their items are here, and what could not be told. */
export function IntegrationsPage({ vendors, lines, mappings, products, mapped, csrf }: Parts) {
  return (
    <>
      <Head title="Integrations" about="Shops and payment providers that report what was sold." />
      {mapped && <Notice kind="bad">Nothing was mapped yet. Please look at the fields below.</Notice>}
      {lines.rows.length > 0 && (
        <Card id="unmapped" title="Sold, but not mapped">
          <p class="soft">Map an item to a product, and its customers get their links.</p>
          <Table
            caption="Lines that no product or customer is known for"
            columns={LINES}
            rows={lines.rows.map(lineCells)}
          />
          <Older path={PATH} name="lines" older={lines.older}>
            Older sales
          </Older>
        </Card>
      )}
      <Card title="Vendors">
        <Table
          caption="Integrations"
          columns={[{ label: 'Vendor' }, { label: 'Secret' }, { label: '' }]}
          rows={vendors.map(vendorCells)}
          compact
        />
      </Card>
      {mappings.rows.length > 0 && (
        <Card title="Mappings">
          <Table
            caption="Items of shops and the products that they stand for"
            columns={[{ label: 'Vendor' }, { label: 'Item' }, { label: 'Product' }, { label: '' }]}
            rows={mappings.rows.map((row) => mappingCells(row, products, csrf))}
          />
          <Older path={PATH} name="mappings" older={mappings.older}>
            Older mappings
          </Older>
        </Card>
      )}
      <Card title="Map an item">
        {products.length === 0 ? (
          <p>Publish a product first: there is none yet to map an item to.</p>
        ) : (
          <>
            <p class="soft">An item may stand for several products: map it to each.</p>
            <Form action={`${PATH}/mappings`} csrf={csrf}>
              <MapFields products={products} mapped={mapped} />
            </Form>
          </>
        )}
      </Card>
    </>
  );
}

const LINES = [{ label: 'Vendor' }, { label: 'Item' }, { label: 'Customer' }, { label: 'Sold' }, { label: '' }];

function vendorCells({ vendor, since }: Parts['vendors'][number]) {
  return [
    nameOf(vendor),
    since === undefined ? <span class="soft">Not set</span> : <Time at={since} />,
    <a class="button quiet small" href={`${PATH}/${vendor}`}>
      {since === undefined ? 'Set up' : 'Change'}
      <span class="unseen"> {VENDOR_NAMES[vendor]}</span>
    </a>,
  ];
}

function lineCells({ id, vendor, name, external_ids, reason, customer_email, purchased_at }: LineRow) {
  const item = name ?? external_ids[0] ?? 'unknown';
  return [
    nameOf(vendor),
    <Words>{item}</Words>,
    customer_email === null ? <span class="bad">No address</span> : <Words>{customer_email}</Words>,
    <Time at={purchased_at} />,
    <a class="button quiet small" href={`${PATH}/unmapped/${id}`}>
      {reason === 'no_mapping' ? 'Map' : 'Look'}
      <span class="unseen"> {item}</span>
    </a>,
  ];
}

function mappingCells({ id, vendor, external_id, product_id }: MappingRow, products: Parts['products'], csrf: string) {
  const product = products.find((one) => one.id === product_id);
  return [
    nameOf(vendor),
    <Words>{external_id}</Words>,
    <Words>{product?.name ?? product_id}</Words>,
    <Form action={`${PATH}/mappings/${product_id}/${id}/remove`} csrf={csrf}>
      <Submit kind="danger" small what={`the mapping of ${external_id}`}>
        Remove
      </Submit>
    </Form>,
  ];
}
