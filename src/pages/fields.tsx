import type { ComponentChildren } from 'preact';

interface Common {
  /** Of the form field, and the id in the page. */
  readonly name: string;
  readonly label: string;
  /** What is wrong with what was sent. */
  readonly error?: string | undefined;
  readonly hint?: ComponentChildren;
  readonly required?: boolean;
  /** For the first field of a page that is nothing but a form. */
  readonly autofocus?: boolean;
}

export interface FieldParts extends Common {
  readonly type?: 'text' | 'email' | 'password' | 'url' | 'date';
  readonly value?: string | undefined;
  readonly autocomplete?: string;
  readonly maxLength?: number;
  readonly minLength?: number;
  /** The keyboard that a phone shows. */
  readonly inputMode?: 'numeric';
}

/** One line of text with its label, hint and error. */
export function Field({ label, error, hint, type = 'text', autocomplete = 'off', ...input }: FieldParts) {
  const { name } = input;
  return (
    <Labelled {...{ name, label, error, hint }}>
      <input id={name} type={type as 'text'} autocomplete={autocomplete} {...input} {...described(name, error, hint)} />
    </Labelled>
  );
}

/** Several lines of text. */
export function TextArea({
  label,
  error,
  hint,
  value,
  ...area
}: Common & { readonly value?: string | undefined; readonly rows?: number; readonly maxLength?: number }) {
  const { name } = area;
  return (
    <Labelled {...{ name, label, error, hint }}>
      <textarea id={name} {...area} {...described(name, error, hint)} value={value} />
    </Labelled>
  );
}

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly hint?: ComponentChildren;
}

/** One of several, in a list that opens. */
export function Select({
  label,
  error,
  hint,
  value,
  choices,
  ...select
}: Common & { readonly value?: string | undefined; readonly choices: readonly Choice[] }) {
  const { name } = select;
  return (
    <Labelled {...{ name, label, error, hint }}>
      <select id={name} {...select} {...described(name, error, hint)}>
        {choices.map((choice) => (
          <option value={choice.value} selected={choice.value === value}>
            {choice.label}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

/** One of several, all in sight. */
export function Radios({
  name,
  label,
  error,
  value,
  choices,
}: Common & { readonly value?: string | undefined; readonly choices: readonly Choice[] }) {
  return (
    <fieldset aria-describedby={error === undefined ? undefined : `${name}-error`}>
      <legend>{label}</legend>
      <Wrong name={name} error={error} />
      {choices.map((choice) => (
        <Option type="radio" name={name} checked={choice.value === value} {...choice} />
      ))}
    </fieldset>
  );
}

interface OptionParts extends Choice {
  readonly name: string;
  readonly checked: boolean;
}

/** Sent as `name=value` where it is ticked, else not at all. */
export function Checkbox(parts: Omit<OptionParts, 'value'> & { readonly value?: string }) {
  return (
    <div class="field">
      <Option type="checkbox" value="on" {...parts} />
    </div>
  );
}

function Option({ type, name, value, label, hint, checked }: OptionParts & { readonly type: 'radio' | 'checkbox' }) {
  const id = `${name}-${value}`;
  return (
    <div class="option">
      <input {...{ id, type, name, value, checked }} {...described(id, undefined, hint)} />
      <label for={id}>{label}</label>
      <Hint name={id} hint={hint} />
    </div>
  );
}

function Labelled({ name, label, error, hint, children }: Omit<Common, 'required'> & { children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <Hint name={name} hint={hint} />
      {children}
      <Wrong name={name} error={error} />
    </div>
  );
}

function Hint({ name, hint }: Pick<Common, 'name' | 'hint'>) {
  return hint === undefined ? null : (
    <p class="hint" id={`${name}-hint`}>
      {hint}
    </p>
  );
}

function Wrong({ name, error }: Pick<Common, 'name' | 'error'>) {
  return error === undefined ? null : (
    <p class="wrong" id={`${name}-error`}>
      {error}
    </p>
  );
}

/** The attributes that tie hint and error to their control (WAI-ARIA 1.2 §6.6); the first that is wrong has the focus. */
function described(name: string, error: string | undefined, hint: ComponentChildren) {
  const ids = [hint !== undefined && `${name}-hint`, error !== undefined && `${name}-error`].filter(Boolean);
  return {
    'aria-describedby': ids.length > 0 ? ids.join(' ') : undefined,
    ...(error === undefined ? {} : { 'aria-invalid': true, autofocus: true }),
  };
}
