import type { Answer } from './answer.ts';
import type { Body } from './body.ts';
import { literal, type Notation } from './literal.ts';
import type { SampleRequest } from './request.ts';
import type { Signature } from './signing.ts';
import type { Text } from './text.ts';

/** For Node 20 and newer. What reads and writes no file runs in browsers too, with the environment filled in. */
export function javascript({ method, url, headers, body, signature, answer }: SampleRequest): string {
  if (answer.kind === 'page') return `console.log(${text(['Open ', ...url, ' in a browser'])});`;
  const options = [
    ...(method === 'GET' ? [] : [`method: '${method}',`]),
    ...headersOf(headers),
    ...(signature ? ['body,'] : bodyOf(body)),
  ];
  const call = options.length === 0 ? `${text(url)});` : `${text(url)}, {`;
  return [
    ...importsOf(body, signature, answer),
    ...(signature && body?.kind === 'file' ? signed(signature, body.name) : []),
    `const response = await fetch(${call}`,
    ...(options.length === 0 ? [] : [...options.map((line) => `  ${line}`), '});']),
    'if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);',
    ...read(answer),
  ].join('\n');
}

function importsOf(body: Body | undefined, signature: Signature | undefined, answer: Answer): string[] {
  const files = [...(body?.kind === 'file' ? ['readFile'] : []), ...(answer.kind === 'file' ? ['writeFile'] : [])];
  return [
    ...(signature ? ["import { createHmac } from 'node:crypto';"] : []),
    ...(files.length > 0 ? [`import { ${files.join(', ')} } from 'node:fs/promises';`, ''] : []),
  ];
}

function headersOf(headers: SampleRequest['headers']): string[] {
  const entries = headers.map(([name, value]) => notation.key(name) + text(value));
  if (entries.length < 2) return entries.map((entry) => `headers: { ${entry} },`);
  return ['headers: {', ...entries.map((entry) => `  ${entry},`), '},'];
}

function bodyOf(body: Body | undefined): string[] {
  switch (body?.kind) {
    case undefined:
      return [];
    case 'form':
      return [`body: new URLSearchParams(${literal(body.fields, notation, 1)}),`];
    case 'json':
      return [`body: JSON.stringify(${literal(body.value, notation, 1)}),`];
    case 'file':
      return [`body: await readFile('${body.name}'),`];
  }
}

function signed({ encoding, timed }: Signature, file: string): string[] {
  const before = timed ? '.update(`${timestamp}.`)' : '';
  return [
    `const body = await readFile('${file}');`,
    ...(timed ? ['const timestamp = Math.floor(Date.now() / 1000);'] : []),
    "const hmac = createHmac('sha256', process.env.WEBHOOK_SECRET);",
    `const signature = hmac${before}.update(body).digest('${encoding}');`,
    '',
  ];
}

function read(answer: Answer): string[] {
  switch (answer.kind) {
    case 'file':
      return [`await writeFile('${answer.name}', response.body);`];
    case 'events':
      return [
        "let rest = '';",
        'for await (const text of response.body.pipeThrough(new TextDecoderStream())) {',
        "  const lines = (rest + text).split('\\n');",
        '  rest = lines.pop();',
        "  for (const line of lines) if (line !== '') console.log(JSON.parse(line));",
        '}',
      ];
    case 'log':
      return [
        'for await (const text of response.body.pipeThrough(new TextDecoderStream())) {',
        '  process.stdout.write(text);',
        '}',
      ];
    case 'json':
      return ['console.log(await response.json());'];
    default:
      return ['console.log(response.status);'];
  }
}

function text(parts: Text): string {
  const [first = ''] = parts;
  if (parts.length === 1) return typeof first === 'string' ? notation.text(first) : expression(first);
  const written = parts.map((part) =>
    typeof part === 'string' ? part.replaceAll(/[`\\]|\$(?=\{)/g, '\\$&') : `\${${expression(part)}}`,
  );
  return `\`${written.join('')}\``;
}

const expression = (part: Exclude<Text[number], string>): string =>
  'env' in part ? `process.env.${part.env}` : part.variable;

const notation: Notation = {
  null: 'null',
  true: 'true',
  false: 'false',
  text: (value) => `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`,
  key: (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? `${name}: ` : `'${name}': `),
  object: { open: '{', close: '}', pad: ' ' },
  list: { open: '[', close: ']', pad: '' },
  emptyObject: '{}',
  indent: '  ',
  trailingComma: true,
};
