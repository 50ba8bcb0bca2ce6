export type FieldCode = 'is_blank' | 'invalid_format' | 'unknown_field' | 'invalid_json';

/** Field (dotted path from the request body) → codes: the inside of the error body. */
export type FieldErrors = Record<string, FieldCode[]>;

/** One field more is of no use to anybody who has to fix fifty. */
const MAX_FIELDS = 50;

export interface Report {
  errors: FieldErrors;
  add(field: string, code: FieldCode): void;
  /** True when nothing can be listed any more, so that checking may stop. */
  full(): boolean;
  failed(): boolean;
}

export function createReport(): Report {
  const errors: FieldErrors = Object.create(null);
  let count = 0;
  return {
    errors,
    add(field, code) {
      const codes = errors[field];
      if (codes) {
        if (!codes.includes(code)) codes.push(code);
      } else if (count < MAX_FIELDS) {
        errors[field] = [code];
        count++;
      }
    },
    full: () => count >= MAX_FIELDS,
    failed: () => count > 0,
  };
}

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as an object that has no other keys, or undefined after reporting what is wrong with it. */
export function objectWith(
  value: unknown,
  keys: readonly string[],
  field: string,
  report: Report,
): JsonObject | undefined {
  if (!isObject(value)) {
    report.add(field, value === undefined || value === null ? 'is_blank' : 'invalid_format');
    return undefined;
  }
  // A client chooses the name: it is cut so that an answer stays small.
  for (const key in value) if (!keys.includes(key)) report.add(`${field}.${key.slice(0, 64)}`, 'unknown_field');
  return value;
}
