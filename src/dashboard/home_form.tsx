import { Field, Select } from '../pages/components.tsx';
import type { Chosen } from './home_filter.ts';

interface FilterParts {
  readonly chosen: Chosen;
  /** What is shown where nothing was chosen. */
  readonly shown: { readonly from: string; readonly to: string };
  readonly products: readonly { readonly id: string; readonly name: string }[];
  readonly errors: Readonly<Record<string, string>>;
}

/** Which days and products; the address of the page says it, so that it can be kept and shared. */
export function FilterForm({ chosen, shown, products, errors }: FilterParts) {
  const all = { value: '', label: 'All products' };
  const choices = [all, ...products.map(({ id, name }) => ({ value: id, label: name }))];
  return (
    <form class="filter" method="get" action="/dashboard">
      <Field name="from" label="From" type="date" value={chosen.from || shown.from} error={errors['from']} />
      <Field name="to" label="To" type="date" value={chosen.to || shown.to} error={errors['to']} />
      <Select name="product" label="Product" value={chosen.product} choices={choices} />
      <button type="submit" class="quiet">
        Show
      </button>
    </form>
  );
}
