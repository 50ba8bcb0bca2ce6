import { stringify } from 'lossless-json';
import type { Surface } from '../errors/catalogue.ts';

/** JSON text of a body. Only the Platform API has 64-bit integers (`bigint`); they are written digit by digit. */
export function serialise(body: unknown, surface: Surface): string {
  return surface === 'platform' ? (stringify(body) ?? 'null') : JSON.stringify(body);
}
