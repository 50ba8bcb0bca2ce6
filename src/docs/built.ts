import { existsSync } from 'node:fs';

const PLACES = ['./docs/', '../docs/', '../../dist/docs/'].map((place) => new URL(place, import.meta.url));

/**
 * Where `npm run build` left the pages: beside the program, whose chunks are one folder below it, or, where TypeScript
 * runs as it is, in dist/. `undefined` when they were not built.
 */
export function builtFolder(places: readonly URL[] = PLACES): URL | undefined {
  return places.find((place) => existsSync(new URL('page.html', place)));
}
