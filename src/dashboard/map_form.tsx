import { Field, Select, Submit } from '../pages/components.tsx';
import type { ProductRow } from '../products/queries.ts';
import { VENDORS } from '../webhooks/vendors.ts';
import { VENDOR_NAMES } from './integration_page.tsx';

/** The mapping form as it was sent, and what is wrong with it. */
export interface Mapped {
  readonly vendor: string;
  readonly externalId: string;
  readonly productId: string;
  readonly errors: Readonly<Record<string, string>>;
}

interface Parts {
  readonly products: readonly ProductRow[];
  readonly mapped: Mapped | undefined;
}

/** Which item of which vendor is which product here. */
export function MapFields({ products, mapped }: Parts) {
  return (
    <>
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
    </>
  );
}

export function ProductChoice({ products, mapped }: Parts) {
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
