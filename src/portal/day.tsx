const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });

/** A day for people, without the time. */
export function Day({ at }: { readonly at: Date }) {
  return <time dateTime={at.toISOString()}>{DAY.format(at)}</time>;
}
