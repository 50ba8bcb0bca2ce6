import { createRequire } from 'node:module';

const Dredd = createRequire(import.meta.url)('dredd') as new (configuration: object) => {
  run(done: (error: Error | null, stats: Stats) => void): void;
};

export interface Stats {
  readonly tests: number;
  readonly passes: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
}

/** A transaction as Dredd hands it to hooks; `expected` and `request` decide what it does with it. */
export interface Transaction {
  name: string;
  id: string;
  host: string;
  port: string;
  fullPath: string;
  fail?: string | boolean;
  skip: boolean;
  readonly origin: { readonly resourceName: string };
  request: { method: string; uri: string; headers: Record<string, string>; body: string; bodyEncoding?: string };
  expected: { statusCode: string; headers: Record<string, string>; body?: string | undefined };
  real?: { statusCode: number; headers: Record<string, string>; body?: string; bodyEncoding?: BufferEncoding };
}

export interface Run {
  beforeAll(transactions: Transaction[]): Promise<void>;
  beforeEach(transaction: Transaction): Promise<void>;
  beforeEachValidation(transaction: Transaction): Promise<void>;
  afterEach(transaction: Transaction): Promise<void>;
  afterAll(transactions: Transaction[]): Promise<void>;
  broke(subject: Transaction | Transaction[], error: unknown): void;
}

/** Runs Dredd on the bundle with `run` behind its hooks. */
export function runDredd(endpoint: string, run: Run): Promise<Stats> {
  Object.assign(globalThis, { contractRun: run });
  const here = new URL('.', import.meta.url).pathname;
  const dredd = new Dredd({
    endpoint,
    path: [new URL('../generated/openapi.json', import.meta.url).pathname],
    hookfiles: [`${here}hooks.cjs`],
    // An answer that never ends must fail its transaction, not stop the run.
    http: { timeout: 10_000 },
    loglevel: 'error',
    reporter: ['dot', 'xunit'],
    output: [`${here}reports/dredd.xml`],
    'inline-errors': false,
    details: false,
    color: false,
  });
  return new Promise((resolve, reject) => dredd.run((error, stats) => (error ? reject(error) : resolve(stats))));
}
