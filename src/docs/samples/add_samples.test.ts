import { expect, test } from 'vitest';
import bundle from '../../../generated/openapi.json' with { type: 'json' };
import { addSamples, languages, samplesOf } from './add_samples.ts';
import { type Node, operationsOf } from './document.ts';

const samples = samplesOf(bundle);

test('every operation gets a sample in each language', () => {
  for (const { id } of operationsOf(bundle)) {
    const own = samples.get(id) ?? [];
    expect(own.map(({ label }) => label)).toEqual(['curl', 'JavaScript', 'Python', 'Go', 'Ruby', 'PHP']);
    for (const { source } of own) expect(source).toContain('CONTINUITY_URL');
  }
});

test('the document that is given stays as it is', () => {
  const before = structuredClone(bundle);
  const [{ node } = { node: {} as Node }] = operationsOf(addSamples(bundle) as Node);
  expect(node).toHaveProperty('x-codeSamples');
  expect(bundle).toEqual(before);
});

test('every parameter of a path is filled in', () => {
  for (const [id, all] of samples) for (const { source } of all) expect(source, id).not.toMatch(/\/\{\w+\}/);
});

test('the token is looked for under the name of what the operation takes', () => {
  const curl = (id: string) => samples.get(id)?.[0]?.source ?? '';
  expect(curl('listProducts')).toContain('Bearer $CONTINUITY_API_KEY');
  expect(curl('listPortalPurchases')).toContain('Bearer $CONTINUITY_PORTAL_TOKEN');
  expect(curl('leaseTask')).toContain('Bearer $CONTINUITY_RUNNER_TOKEN');
  expect(curl('getDownload')).not.toContain('Authorization');
});

/** What a reader could put in: the signs that mean something in at least one of the languages. */
const AWKWARD = `it's "so" \\ #{x} #$x \${x} $x \`x\` {x} %s é €`;

const small = (example: unknown, parameter = 'x'): Node => ({
  paths: {
    '/things/{name}': {
      post: {
        operationId: 'createThing',
        parameters: [{ name: 'name', in: 'path', required: true, example: parameter }],
        requestBody: { content: { 'application/json': { example } } },
        responses: { 201: { content: { 'application/json': {} } } },
      },
    },
  },
});

const written = (document: Node) =>
  Object.fromEntries((samplesOf(document).get('createThing') ?? []).map(({ label, source }) => [label, source]));

test('text is quoted as each language wants it', () => {
  const { curl, JavaScript, Python, Go, Ruby, PHP } = written(small({ text: AWKWARD }));
  const json = JSON.stringify(AWKWARD);
  expect(curl).toContain(json.replaceAll("'", `'\\''`));
  expect(JavaScript).toContain(`'it\\'s "so" \\\\ #{x} #$x \${x} $x \`x\` {x} %s é €'`);
  expect(Python).toContain(json);
  expect(Go).toContain(json);
  expect(Ruby).toContain(json.replaceAll(/#(?=[{$])/g, '\\#'));
  expect(PHP).toContain(`'it\\'s "so" \\\\ #{x} #$x \${x} $x \`x\` {x} %s é €'`);
});

test('what is awkward in an address is percent-encoded', () => {
  for (const source of Object.values(written(small({}, 'a b/$c"{d}'))))
    expect(source).toContain('/things/a%20b%2F%24c%22%7Bd%7D');
});

test('empty objects, lists, true and null are those of the language', () => {
  const sources = written(small({ none: null, yes: true, list: [], object: {} }));
  expect(sources['Python']).toContain('"none": None');
  expect(sources['Ruby']).toContain('none: nil');
  expect(sources['Go']).toContain('"object": map[string]any{}');
  expect(sources['PHP']).toContain("'object' => new stdClass()");
});

test('a number that JavaScript would round is refused', () => {
  expect(() => written(small({ id: 123456789123456000 }))).toThrow('use the string');
  expect(() => written(small({ deep: [{ id: 2 ** 53 }] }))).toThrow('use the string');
  expect(languages.length).toBe(Object.keys(written(small({ id: 2 ** 53 - 1 }))).length);
});
