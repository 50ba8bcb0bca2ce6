import { documented } from '../../src/testing/document.ts';
import { ask, jsonIn, type Place } from './place.ts';

/** The list that a parameter of a path is found in. */
const LISTS: Readonly<Record<string, string>> = {
  productId: 'listProducts',
  versionId: 'listVersions',
  tokenId: 'listDownloadTokens',
  purchaseId: 'listPurchases',
  mailId: 'listMails',
  mappingId: 'listExternalMappings',
  invitation_id: 'listInvitations',
  application_id: 'listApplications',
  project_id: 'listProjects',
  collaborator_id: 'listCollaborators',
  suite_id: 'listSuites',
  commit_id: 'listCommits',
  build_request_id: 'listBuildRequests',
  build_id: 'listBuilds',
};
/** Of each list; one product without versions does not end the search. */
const LOOKED_AT = 5;

export type Params = Readonly<Record<string, string>>;

/** Finds things that are there, by the lists of the API itself. */
export interface Finder {
  /** What the path's parameters may be; undefined where there is no such thing. */
  find(path: string): Promise<Params | undefined>;
}

export function namesIn(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

export function createFinder(place: Place, made: Readonly<Record<string, string>>): Finder {
  const lists = new Map<string, Promise<string[]>>();

  async function* paramsFor(path: string): AsyncGenerator<Params> {
    const names = namesIn(path);
    const last = names.at(-1);
    if (last === undefined) return yield {};
    if (names.every((name) => made[name] !== undefined)) yield made;
    const list = documented.find(({ id }) => id === LISTS[last]);
    if (!list) return;
    for await (const params of paramsFor(list.path)) {
      const key = JSON.stringify([list.id, params]);
      if (!lists.has(key)) lists.set(key, idsIn(place, list, params));
      for (const id of (await lists.get(key)) ?? []) yield { ...params, [last]: id };
    }
  }

  return {
    async find(path) {
      for await (const params of paramsFor(path)) return params;
      return undefined;
    },
  };
}

async function idsIn(place: Place, list: (typeof documented)[number], params: Params): Promise<string[]> {
  const json = jsonIn(await ask(place, list, { params }));
  const items: unknown = json?.response ?? json;
  if (!Array.isArray(items)) return [];
  return items.slice(0, LOOKED_AT).map(({ id_str, id, product }: Item) => String(id_str ?? id ?? product?.id));
}

interface Item {
  readonly id_str?: string;
  readonly id?: unknown;
  readonly product?: { readonly id: string };
}
