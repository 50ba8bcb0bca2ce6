import { Card, Checkbox, Field, Form, Select, Submit } from '../pages/components.tsx';
import type { ProductRow } from '../products/queries.ts';
import type { Errors } from './typed.ts';

/** What stands in the form that asks for a build. */
export interface BuildTyped {
  readonly ref: string;
  /** Empty: nothing is published. */
  readonly productId: string;
  readonly version: string;
  readonly activate: boolean;
}

interface Parts {
  readonly path: string;
  readonly csrf: string;
  readonly products: readonly ProductRow[];
  readonly typed: BuildTyped | undefined;
  readonly errors: Errors;
}

export function BuildForm({ path, csrf, products, typed, errors }: Parts) {
  return (
    <Card title="Build a ref">
      <Form action={`${path}/build`} csrf={csrf}>
        <Field
          name="ref"
          label="Ref"
          value={typed?.ref ?? 'main'}
          error={errors['ref'] ?? errors['publish']}
          hint="A branch, a tag, a whole ref, or the whole SHA of a commit."
          maxLength={255}
          required
        />
        {products.length > 0 && <Publish products={products} typed={typed} errors={errors} />}
        <div class="choices">
          <Submit>Build</Submit>
        </div>
      </Form>
    </Card>
  );
}

function Publish({ products, typed, errors }: Pick<Parts, 'products' | 'typed' | 'errors'>) {
  const choices = products.map(({ id, name }) => ({ value: id, label: `${name} (${id})` }));
  return (
    <>
      <Select
        name="product_id"
        label="Publish, if every suite succeeds, as a version of"
        value={typed?.productId}
        error={errors['publish.product_id']}
        choices={[{ value: '', label: 'Nothing' }, ...choices]}
      />
      <Field
        name="version"
        label="Version (where something is published)"
        value={typed?.version}
        error={errors['publish.version']}
        hint="Such as 1.1.0."
        maxLength={64}
      />
      <Checkbox name="activate" label="Make it the active version" checked={typed?.activate ?? false} />
    </>
  );
}
