/** What is wrong with a document that broke with its last release. */
export interface Compared {
  /** Of the documents, as in `info.version`. */
  readonly released: string;
  readonly current: string;
  /** A sentence each. */
  readonly breaking: readonly string[];
  readonly changelog: string;
}

/**
 * Breaking what clients rely on takes a new major version (semver.org, 8) and a section of the changelog under it. Answers
 * a sentence for each thing that is missing.
 */
export function problemsOf({ released, current, breaking, changelog }: Compared): string[] {
  const problems: string[] = [];
  if (isLower(current, released)) problems.push(`version ${current} is lower than the released ${released}`);
  if (breaking.length > 0 && majorOf(current) <= majorOf(released))
    problems.push(`info.version is ${current}, and must be ${majorOf(released) + 1}.0.0 for what breaks`);
  if (current !== released && !hasSection(changelog, current))
    problems.push(`openapi/CHANGELOG.md has no section "## ${current}" with a line below it`);
  return problems;
}

const numbersOf = (version: string): number[] => version.split('.').map(Number);
const majorOf = (version: string): number => numbersOf(version)[0] ?? 0;

function isLower(version: string, than: string): boolean {
  const [one, two] = [numbersOf(version), numbersOf(than)];
  const at = one.findIndex((number, n) => number !== two[n]);
  return at >= 0 && (one[at] ?? 0) < (two[at] ?? 0);
}

function hasSection(changelog: string, version: string): boolean {
  const lines = changelog.split('\n');
  const at = lines.findIndex((line) => line === `## ${version}` || line.startsWith(`## ${version} `));
  const rest = at < 0 ? [] : lines.slice(at + 1);
  const next = rest.findIndex((line) => line.startsWith('## '));
  return (next < 0 ? rest : rest.slice(0, next)).some((line) => line.startsWith('- '));
}
