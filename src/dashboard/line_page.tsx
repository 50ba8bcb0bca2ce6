import { Card, Form, Head, Notice, Select, Submit, Time, Words } from '../pages/components.tsx';
import type { ProductRow } from '../products/queries.ts';
import type { LineRow } from '../webhooks/line_queries.ts';
import type { Vendor } from '../webhooks/vendors.ts';
import { VENDOR_NAMES } from './integration_page.tsx';
import { type Mapped, ProductChoice } from './map_form.tsx';

const PATH = '/dashboard/integrations';

interface Parts {
  readonly line: LineRow;
  readonly products: readonly ProductRow[];
  readonly mapped: Mapped | undefined;
  readonly csrf: string;
}

/** What was sold, and the form that says what it is here. */
export function LinePage({ line, products, mapped, csrf }: Parts) {
  const vendor = VENDOR_NAMES[line.vendor as Vendor];
  const mappable = line.external_ids.length > 0 && products.length > 0 && line.reason === 'no_mapping';
  return (
    <>
      <Head title="Sold, but not mapped">
        <a href={PATH}>All integrations</a>
      </Head>
      {mapped && <Notice kind="bad">Nothing was mapped yet. Please look at the fields below.</Notice>}
      <Card>
        <Facts line={line} vendor={vendor} />
      </Card>
      {mappable && <MapIt {...{ line, products, mapped, csrf }} />}
      <Card title="Look again">
        <p class="soft">
          {line.reason === 'no_email'
            ? `Without an address nobody can be mailed. Look the order up in ${vendor}, and record the purchase with POST /api/purchases.`
            : 'If the item was mapped meanwhile, or its product published, this records the purchase.'}
        </p>
        <Form action={`${PATH}/unmapped/${line.id}/replay`} csrf={csrf}>
          <Submit kind="quiet">Replay</Submit>
        </Form>
      </Card>
    </>
  );
}

function Facts({ line, vendor }: { readonly line: LineRow; readonly vendor: string }) {
  return (
    <dl>
      <dt>Item</dt>
      <dd>
        <Words>{line.name ?? line.external_ids[0] ?? 'The payment does not say what was bought.'}</Words>
      </dd>
      <dt>Customer</dt>
      <dd>
        <Words>{line.customer_email ?? 'The payment does not say who bought it.'}</Words>
      </dd>
      <dt>Order</dt>
      <dd>
        <Words>{line.order_id}</Words>, {vendor}
      </dd>
      <dt>Sold</dt>
      <dd>
        <Time at={line.purchased_at} />
      </dd>
    </dl>
  );
}

function MapIt({ line, products, mapped, csrf }: Parts) {
  return (
    <Card title="Map it">
      <p class="soft">Whatever else was sold under that name is recorded as well.</p>
      <Form action={`${PATH}/unmapped/${line.id}`} csrf={csrf}>
        <Select
          name="externalId"
          label="Item"
          hint="As narrow as you want: a price, a variant, or the whole product of the shop."
          value={mapped?.externalId}
          error={mapped?.errors['externalId']}
          choices={line.external_ids.map((value) => ({ value, label: value }))}
        />
        <ProductChoice products={products} mapped={mapped} />
        <div class="choices">
          <Submit>Map and replay</Submit>
        </div>
      </Form>
    </Card>
  );
}
