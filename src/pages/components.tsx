import type { ComponentChildren } from 'preact';

export { Checkbox, Field, Radios, Select, TextArea } from './fields.tsx';
export { type Column, Table } from './table.tsx';

interface Children {
  readonly children: ComponentChildren;
}

/** A form that posts to one of our paths, with the token that proves it came from our page. */
export function Form({ action, csrf, children }: Children & { readonly action: string; readonly csrf: string }) {
  return (
    <form method="post" action={action}>
      <input type="hidden" name="csrf" value={csrf} />
      {children}
    </form>
  );
}

interface SubmitParts extends Children {
  /** `danger` for what cannot be undone, `final` where the page asks about nothing else; `quiet` for what is beside the point. */
  readonly kind?: 'danger' | 'final' | 'quiet' | undefined;
  /** For a row of a table. */
  readonly small?: boolean;
  /** What it acts on, for who cannot see the row it stands in. */
  readonly what?: string;
  /** Sent with the form, where it has several buttons. */
  readonly name?: string;
  readonly value?: string;
}

export function Submit({ kind, small = false, what, name, value, children }: SubmitParts) {
  const looks = [kind, small && 'small'].filter(Boolean).join(' ');
  return (
    <button type="submit" class={looks || undefined} name={name} value={value}>
      {children}
      {what !== undefined && <span class="unseen"> {what}</span>}
    </button>
  );
}

/** What has just happened, or went wrong; read out when the page opens. Its children are text or paragraphs. */
export function Notice({ kind, children }: Children & { readonly kind: 'good' | 'bad' }) {
  return (
    <div class={`notice ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}

/** A part of a page with a heading of its own. */
export function Card({ id, title, children }: Children & { readonly id?: string; readonly title?: string }) {
  return (
    <section class="card" id={id}>
      {title !== undefined && <h2>{title}</h2>}
      {children}
    </section>
  );
}

interface HeadParts {
  readonly title: ComponentChildren;
  /** One sentence below the title. */
  readonly about?: ComponentChildren;
  /** The page's main link or button. */
  readonly children?: ComponentChildren;
}

/** The title of a page with navigation. */
export function Head({ title, about, children }: HeadParts) {
  return (
    <div class="head">
      <div>
        <h1>{title}</h1>
        {about !== undefined && <p class="soft">{about}</p>}
      </div>
      {children}
    </div>
  );
}

/** Somebody else's words, kept from turning the text around them when they run from right to left. */
export function Words({ children }: { readonly children: string }) {
  return <bdi>{children}</bdi>;
}

const MINUTE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

export function Time({ at }: { readonly at: Date }) {
  return <time dateTime={at.toISOString()}>{MINUTE.format(at)} UTC</time>;
}

/** Letters that one line has room for. */
const LONG = 60;

/**
 * A secret or code that is shown once, to be copied. The button appears with script only: say `script: true` to
 * `renderDocument` and `setPageHeaders`, or in the PageAnswer.
 * @param id unique in the page
 */
export function Secret({ label, value, id = 'secret' }: { label: string; value: string; id?: string }) {
  return (
    <div class="field long">
      <label for={id}>{label}</label>
      <div class="secret">
        {value.length > LONG ? (
          <textarea id={id} value={value} rows={3} readOnly autocomplete="off" spellcheck={false} dir="ltr" />
        ) : (
          <input id={id} value={value} readOnly autocomplete="off" spellcheck={false} dir="ltr" />
        )}
        <button type="button" class="quiet" data-copy={id} aria-live="polite" hidden>
          Copy
        </button>
      </div>
    </div>
  );
}
