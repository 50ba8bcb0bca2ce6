import type { Answer } from './answer.ts';
import type { Body } from './body.ts';
import { literal, type Notation } from './literal.ts';
import type { SampleRequest } from './request.ts';
import type { Signature } from './signing.ts';
import type { Text } from './text.ts';

/** With requests, which has a read timeout of its own: a stream gives a sign of life every 15 seconds. */
export function python({ method, url, headers, body, signature, answer }: SampleRequest): string {
  if (answer.kind === 'page') return `import os\n\nprint(${text(['Open ', ...url, ' in a browser'])})`;
  const call = [
    `response = requests.${method.toLowerCase()}(`,
    `    ${text(url)},`,
    ...headersOf(headers, body),
    ...(signature ? ['    data=body,'] : bodyOf(body)),
    ...(['file', 'events', 'log'].includes(answer.kind) ? ['    stream=True,'] : []),
    '    timeout=60,',
    ')',
  ];
  return [
    ...importsOf(signature, answer),
    ...(body?.kind === 'file' ? sent(body, signature, call) : call),
    'if not response.ok:',
    '    raise SystemExit(f"{response.status_code} {response.text}")',
    ...read(answer),
  ].join('\n');
}

function importsOf(signature: Signature | undefined, answer: Answer): string[] {
  const names = [
    ...(signature?.encoding === 'base64' ? ['base64'] : []),
    ...(signature ? ['hmac'] : []),
    ...(answer.kind === 'events' ? ['json'] : []),
    'os',
    ...(signature?.timed ? ['time'] : []),
  ];
  return [...names.map((name) => `import ${name}`), '', 'import requests', ''];
}

function headersOf(headers: SampleRequest['headers'], body: Body | undefined): string[] {
  // requests names the media type of json itself.
  const own = headers.filter(([name]) => name !== 'Content-Type' || body?.kind !== 'json');
  const entries = own.map(([name, value]) => notation.key(name) + text(value));
  if (entries.length < 2) return entries.map((entry) => `    headers={${entry}},`);
  return ['    headers={', ...entries.map((entry) => `        ${entry},`), '    },'];
}

function bodyOf(body: Body | undefined): string[] {
  switch (body?.kind) {
    case undefined:
      return [];
    case 'form':
      return [`    data=${literal(body.fields, notation, 1)},`];
    case 'json':
      return [`    json=${literal(body.value, notation, 1)},`];
    case 'file':
      return ['    data=file,'];
  }
}

function sent(body: Body & { kind: 'file' }, signature: Signature | undefined, call: readonly string[]): string[] {
  const opened = `with open("${body.name}", "rb") as file:`;
  return signature
    ? [opened, '    body = file.read()', ...signed(signature), '', ...call]
    : [opened, ...call.map((line) => `    ${line}`)];
}

function signed({ encoding, timed }: Signature): string[] {
  return [
    ...(timed ? ['timestamp = int(time.time())'] : []),
    'secret = os.environ["WEBHOOK_SECRET"].encode()',
    `digest = hmac.digest(secret, ${timed ? 'f"{timestamp}.".encode() + ' : ''}body, "sha256")`,
    `signature = ${encoding === 'hex' ? 'digest.hex()' : 'base64.b64encode(digest).decode()'}`,
  ];
}

function read(answer: Answer): string[] {
  switch (answer.kind) {
    case 'file':
      return [
        `with open("${answer.name}", "wb") as file:`,
        '    for chunk in response.iter_content(65536):',
        '        file.write(chunk)',
      ];
    case 'events':
      return ['for line in response.iter_lines():', '    if line:', '        print(json.loads(line), flush=True)'];
    case 'log':
      return ['for line in response.iter_lines():', '    print(line.decode(), flush=True)'];
    case 'json':
      return ['print(response.json())'];
    default:
      return ['print(response.status_code)'];
  }
}

function text(parts: Text): string {
  const [first = ''] = parts;
  if (parts.length === 1) return typeof first === 'string' ? notation.text(first) : expression(first);
  const written = parts.map((part) =>
    typeof part === 'string' ? JSON.stringify(part).slice(1, -1).replaceAll(/[{}]/g, '$&$&') : `{${expression(part)}}`,
  );
  return `f"${written.join('')}"`;
}

/** Within the double quotes of an f-string Python before 3.12 takes single ones only. */
const expression = (part: Exclude<Text[number], string>): string =>
  'env' in part ? `os.environ['${part.env}']` : part.variable;

const notation: Notation = {
  null: 'None',
  true: 'True',
  false: 'False',
  text: (value) => JSON.stringify(value),
  key: (name) => `${JSON.stringify(name)}: `,
  object: { open: '{', close: '}', pad: '' },
  list: { open: '[', close: ']', pad: '' },
  emptyObject: '{}',
  indent: '    ',
  trailingComma: true,
};
