import { FORM_KEY, newFormKey } from './submit_once.ts';

/** In a form that may be sent once. Browsers must not put the key of an earlier opening back into it. */
export function FormKey({ now }: { readonly now: Date }) {
  return <input type="hidden" name={FORM_KEY} value={newFormKey(now)} autocomplete="off" />;
}

/** What to say above a form that `submitOnce` found stale. */
export const STALE = 'This form was open for a long time, or was sent before. Check it and send it once more.';
