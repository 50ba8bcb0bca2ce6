import { Select, Words } from '../pages/components.tsx';

/** The states of something, in words. */
export type States = Readonly<Record<string, State>>;

interface State {
  readonly label: string;
  readonly kind?: 'good' | 'bad';
  /** What it means, where nothing else is said. */
  readonly about?: string;
  /** Where something can be done about it. */
  readonly way?: { readonly href: string; readonly label: string };
}

/** The state that the address asks for; any, where it names none. */
export function stateIn(states: States, query: URLSearchParams): string | undefined {
  return Object.keys(states).find((state) => state === query.get('status'));
}

interface SelectParts {
  readonly states: States;
  readonly value: string | undefined;
}

export function StateSelect({ states, value }: SelectParts) {
  const choices = Object.entries(states).map(([state, { label }]) => ({ value: state, label }));
  return <Select name="status" label="State" value={value} choices={[{ value: '', label: 'All' }, ...choices]} />;
}

interface StateParts {
  readonly states: States;
  readonly state: string;
  /** What went wrong the last time. */
  readonly error: string | null;
}

export function StateCell({ states, state, error }: StateParts) {
  const { label, kind, about, way } = states[state] ?? { label: state };
  const why = error ?? about;
  return (
    <>
      <span class={kind ? `tag ${kind}` : 'tag'}>{label}</span>
      {way && (
        <>
          {' '}
          <a href={way.href}>{way.label}</a>
        </>
      )}
      {why !== undefined && (
        <p class="soft note why">
          <Words>{why}</Words>
        </p>
      )}
    </>
  );
}
