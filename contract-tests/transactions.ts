import { type Documented, documented, globalErrors } from '../src/testing/document.ts';

/** One thing to prove: an operation answers a status as a media type, for errors with a code. `-` where there is none. */
export interface Entry {
  readonly operation: Documented;
  readonly status: number;
  readonly code: string;
  readonly mediaType: string;
  /** `operationId status code mediaType`: what recipes are found by. */
  readonly key: string;
  /** Dredd generates one transaction for each status and media type; further codes are clones of it. */
  readonly clone: boolean;
}

/** Every operation × status × media type × error code of the bundle. */
export const entries: readonly Entry[] = documented.flatMap((operation) =>
  [...operation.statuses].flatMap(([status, { mediaTypes }]) =>
    orDash(mediaTypes).flatMap((mediaType) =>
      orDash(operation.errorCodes[status] ?? []).map((code, index) => ({
        operation,
        status,
        code,
        mediaType,
        key: `${operation.id} ${status} ${code} ${mediaType}`,
        clone: index > 0,
      })),
    ),
  ),
);

function orDash(values: readonly string[]): readonly string[] {
  return values.length === 0 ? ['-'] : values;
}

/** Every (operation, status, code) that `x-error-codes` promises, as `operationId status code`. */
export const errorCodes: readonly string[] = documented.flatMap(({ id, errorCodes: byStatus }) =>
  Object.entries(byStatus).flatMap(([status, codes]) => codes.map((code) => `${id} ${status} ${code}`)),
);

/** Every (status, code) of `x-global-errors`, as `status code`. */
export const globalCodes: readonly string[] = Object.entries(globalErrors).flatMap(([status, codes]) =>
  codes.map((code) => `${status} ${code}`),
);

export const operationIds: readonly string[] = documented.map(({ id }) => id);

/** What a line of uncovered.txt names. */
export function waiverOf({ operation, status, code }: Entry): string {
  return `${operation.id} ${status} ${code}`;
}
