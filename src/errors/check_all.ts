import { type FieldErrors, Failure, failFields } from './fail.ts';

/** Runs every check and throws one failure with all the fields that are wrong. */
export function checkAll(...checks: readonly (() => unknown)[]): void {
  const fields: FieldErrors = {};
  for (const check of checks) {
    try {
      check();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      Object.assign(fields, error.fields);
    }
  }
  if (Object.keys(fields).length > 0) throw failFields(fields);
}
