/** A client that a generator makes from the bundled document, and a program on top of it. Each folder here exports one. */
export interface Client {
  readonly language: string;
  readonly generator: string;
  /** Whether an integer of 64 bits keeps its value; where not, `id_str` is there. */
  readonly exactIntegers: boolean;
  /** Of the generator, asked of itself after `prepare`. */
  version(folder: string): Promise<string>;
  /** Installs what it needs, makes the client out of the bundle, compiles it and the program with warnings shown. */
  prepare(bundlePath: string, folder: string): Promise<Prepared>;
  /** Runs the program against the server (`program.ts` hands it the scenario and reads the result). */
  run(folder: string, scenario: Scenario): Promise<ScenarioResult>;
  /** Warnings that are expected, each with the reason why the document cannot avoid it. */
  readonly explained: readonly Explained[];
}

export interface Prepared {
  /** How many operations the client can call. */
  readonly operations: number;
  /** Each warning of generator and compiler, one line each. */
  readonly warnings: readonly string[];
}

export interface Explained {
  readonly match: RegExp;
  readonly reason: string;
}

/** What a program is told: JSON on its standard input. The organisation, the product and the purchases are its own. */
export interface Scenario {
  readonly url: string;
  /** Of an admin. */
  readonly apiKey: string;
  /** A draft without versions. */
  readonly productId: string;
  /** The number of the version to publish. */
  readonly version: string;
  /** The only pack of the version, not stored yet. */
  readonly pack: { readonly sha256: string; readonly base64: string };
  /** The manifest as `createManifest` takes it. */
  readonly manifest: unknown;
  readonly productHash: string;
  /** For `generateDownloadUrl`, which refuses it. */
  readonly unknownProductId: string;
  /** The `limit` for `listPurchases`; there are several pages. */
  readonly pageSize: number;
}

/**
 * What a program saw: JSON as the last line of its standard output. In this order, each by the generated client:
 * `getWhoami`, `getUser`, `checkPacks`, `uploadPack`, `checkPacks` again, `createManifest` (without `activate`),
 * `getVersion` until it is not `processing`, `activateVersion`, `generateDownloadUrl` (product and version),
 * `getDownloadArchive`, `generateDownloadUrl` for the unknown product, `listPurchases` along the `Link` header.
 */
export interface ScenarioResult {
  /** Of `getWhoami`. */
  readonly email: string;
  /** Of `getUser`: `id_str`, and `id` as decimal digits of whatever number the language has made of it. */
  readonly userIdStr: string;
  readonly userId: string;
  readonly organisationId: string;
  /** How many packs `checkPacks` names before and after the upload. */
  readonly existingBefore: number;
  readonly existingAfter: number;
  /** Of `activateVersion`. */
  readonly versionId: string;
  readonly status: string;
  readonly active: boolean;
  /** In hexadecimal digits, of every byte of the archive. */
  readonly archiveSha256: string;
  /** The refusal of the unknown product: HTTP status, and field → codes read from the typed error. */
  readonly errorStatus: number;
  readonly errorFields: Readonly<Record<string, readonly string[]>>;
  /** The ids of all purchases in the order of the list, and how many pages that took. */
  readonly purchaseIds: readonly string[];
  readonly pages: number;
}
