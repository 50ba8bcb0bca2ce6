import type { MappingRow } from '../external_mappings/queries.ts';
import { Card, Field, Form, Head, Notice, Select, Submit, Table, Time, Words } from '../pages/components.tsx';
import type { ProductRow } from '../products/queries.ts';
import type { LineRow } from '../webhooks/order_queries.ts';
import type { DeliveryRow } from '../webhooks/queries.ts';
import { type Vendor, VENDORS } from '../webhooks/vendors.ts';
import { VENDOR_NAMES } from './integration_page.tsx';

const PATH = '/dashboard/integrations';

/** The mapping form as it was sent, and what is wrong with it. */
export interface Mapped {
  readonly vendor: string;
  readonly externalId: string;
  readonly productId: string;
  readonly errors: Readonly<Record<string, string>>;
}

interface Parts {
  readonly vendors: readonly { readonly vendor: Vendor; readonly since: Date | undefined }[];
  readonly lines: readonly LineRow[];
  readonly mappings: readonly MappingRow[];
  readonly deliveries: readonly DeliveryRow[];
  readonly products: readonly ProductRow[];
  readonly mapped: Mapped | undefined;
  readonly csrf: string;
}

const nameOf = (vendor: string) => VENDOR_NAMES[vendor as Vendor];

/** Who reports sales, what their items are here, and what could not be told. */
export function IntegrationsPage({ vendors, lines, mappings, deliveries, products, mapped, csrf }: Parts) {
  return (
    <>
      <Head title="Integrations" about="Shops and payment providers that report what was sold." />
      {mapped && <Notice kind="bad">Nothing was mapped yet. Please look at the fields below.</Notice>}
      <Card>
        <Table
          caption="Integrations"
          columns={[{ label: 'Vendor' }, { label: 'Secret' }, { label: '' }]}
          rows={vendors.map(vendorCells)}
        />
      </Card>
      {lines.length > 0 && (
        <Card title="Sold, but not mapped">
          <p class="soft">Map an item to a product, and its customers get their links.</p>
          <Table caption="Lines that no product or customer is known for" columns={LINES} rows={lines.map(lineCells)} />
        </Card>
      )}
      {mappings.length > 0 && (
        <Card title="Mappings">
          <Table
            caption="Items of shops and the products that they stand for"
            columns={[{ label: 'Vendor' }, { label: 'Item' }, { label: 'Product' }, { label: '' }]}
            rows={mappings.map((row) => mappingCells(row, csrf))}
          />
        </Card>
      )}
      <Card title="Map an item">
        <p class="soft">An item may stand for several products: map it to each.</p>
        {products.length === 0 ? (
          <p>There is no product yet to map it to.</p>
        ) : (
          <Form action={`${PATH}/mappings`} csrf={csrf}>
            <Select
              name="vendor"
              label="Vendor"
              value={mapped?.vendor}
              error={mapped?.errors['vendor']}
              choices={VENDORS.map((value) => ({ value, label: VENDOR_NAMES[value] }))}
            />
            <Field
              name="externalId"
              label="Item"
              hint="Its price, product, variant, SKU, path or Item ID there."
              value={mapped?.externalId}
              error={mapped?.errors['externalId']}
              maxLength={200}
              required
            />
            <ProductChoice products={products} mapped={mapped} />
            <div class="choices">
              <Submit>Map</Submit>
            </div>
          </Form>
        )}
      </Card>
      {deliveries.length > 0 && (
        <Card title="Latest reports">
          <Table caption="The last twenty reports" columns={DELIVERIES} rows={deliveries.map(deliveryCells)} />
        </Card>
      )}
    </>
  );
}

const LINES = [{ label: 'Vendor' }, { label: 'Item' }, { label: 'Customer' }, { label: 'Sold' }, { label: '' }];
const DELIVERIES = [{ label: 'Vendor' }, { label: 'Report' }, { label: 'State' }, { label: 'Received' }];

function vendorCells({ vendor, since }: Parts['vendors'][number]) {
  return [
    VENDOR_NAMES[vendor],
    since === undefined ? <span class="soft">Not set</span> : <Time at={since} />,
    <a class="button quiet small" href={`${PATH}/${vendor}`}>
      {since === undefined ? 'Set up' : 'Change'}
      <span class="unseen"> {VENDOR_NAMES[vendor]}</span>
    </a>,
  ];
}

function lineCells({ id, vendor, name, external_ids, customer_email, purchased_at }: LineRow) {
  return [
    nameOf(vendor),
    <Words>{name ?? external_ids[0] ?? 'unknown'}</Words>,
    customer_email === null ? <span class="bad">No address</span> : <Words>{customer_email}</Words>,
    <Time at={purchased_at} />,
    <a class="button quiet small" href={`${PATH}/unmapped/${id}`}>
      Map<span class="unseen"> {name ?? external_ids[0] ?? 'this line'}</span>
    </a>,
  ];
}

function mappingCells({ id, vendor, external_id, product_id }: MappingRow, csrf: string) {
  return [
    nameOf(vendor),
    <Words>{external_id}</Words>,
    product_id,
    <Form action={`${PATH}/mappings/${product_id}/${id}/remove`} csrf={csrf}>
      <Submit kind="danger" small what={`the mapping of ${external_id}`}>
        Remove
      </Submit>
    </Form>,
  ];
}

function deliveryCells({ vendor, type, status, error, received_at }: DeliveryRow) {
  return [
    nameOf(vendor),
    <Words>{type}</Words>,
    error === null ? status : <span class="bad">{`${status}: ${error}`}</span>,
    <Time at={received_at} />,
  ];
}

function ProductChoice({ products, mapped }: Pick<Parts, 'products' | 'mapped'>) {
  return (
    <Select
      name="productId"
      label="Product"
      value={mapped?.productId}
      error={mapped?.errors['productId']}
      choices={products.map(({ id, name }) => ({ value: id, label: `${name} (${id})` }))}
    />
  );
}

/** What was sold, and the form that says what it is here. */
export function LinePage({
  line,
  products,
  mapped,
  csrf,
}: Pick<Parts, 'products' | 'mapped' | 'csrf'> & { readonly line: LineRow }) {
  const path = `${PATH}/unmapped/${line.id}`;
  const ids = line.external_ids.map((value) => ({ value, label: value }));
  return (
    <>
      <Head title="An unmapped line" about={`Order ${line.order_id} of ${nameOf(line.vendor)}`}>
        <a href={PATH}>All integrations</a>
      </Head>
      {mapped && <Notice kind="bad">Nothing was mapped yet. Please look at the fields below.</Notice>}
      <Card>
        <dl>
          <dt>Item</dt>
          <dd>
            <Words>{line.name ?? line.external_ids[0] ?? 'The payment does not say what was bought.'}</Words>
          </dd>
          <dt>Customer</dt>
          <dd>
            <Words>{line.customer_email ?? 'The payment does not say who bought it.'}</Words>
          </dd>
        </dl>
        {ids.length > 0 && products.length > 0 && line.reason === 'no_mapping' && (
          <Form action={path} csrf={csrf}>
            <Select
              name="externalId"
              label="Map"
              value={mapped?.externalId}
              error={mapped?.errors['externalId']}
              choices={ids}
            />
            <ProductChoice products={products} mapped={mapped} />
            <div class="choices">
              <Submit>Map and replay</Submit>
            </div>
          </Form>
        )}
        <Form action={`${path}/replay`} csrf={csrf}>
          <Submit kind="quiet">Replay</Submit>
        </Form>
      </Card>
    </>
  );
}
