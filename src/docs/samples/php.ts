import type { Answer } from './answer.ts';
import type { Body } from './body.ts';
import { literal, type Notation } from './literal.ts';
import type { SampleRequest } from './request.ts';
import type { Signature } from './signing.ts';
import { merged, type Text } from './text.ts';

export function php({ method, url, headers, body, signature, answer }: SampleRequest): string {
  if (answer.kind === 'page') return `<?php\n\necho ${text(['Open ', ...url, ' in a browser'])}, PHP_EOL;`;
  const options = [
    ...methodOf(method, body),
    ...headersOf(headers),
    ...(signature ? ['CURLOPT_POSTFIELDS => $body,'] : bodyOf(body)),
    ...receiving(answer),
  ];
  return [
    '<?php',
    '',
    ...(signature && body?.kind === 'file' ? signed(signature, body.name) : []),
    ...opening(answer),
    `$curl = curl_init(${text(url)});`,
    'curl_setopt_array($curl, [',
    ...options.map((line) => `    ${line}`),
    ']);',
    ...read(answer),
  ].join('\n');
}

function methodOf(method: string, body: Body | undefined): string[] {
  return method === (body ? 'POST' : 'GET') ? [] : [`CURLOPT_CUSTOMREQUEST => '${method}',`];
}

function headersOf(headers: SampleRequest['headers']): string[] {
  const entries = headers.map(([name, value]) => text([`${name}: `, ...value]));
  if (entries.length < 2) return entries.map((entry) => `CURLOPT_HTTPHEADER => [${entry}],`);
  return ['CURLOPT_HTTPHEADER => [', ...entries.map((entry) => `    ${entry},`), '],'];
}

function bodyOf(body: Body | undefined): string[] {
  switch (body?.kind) {
    case undefined:
      return [];
    case 'form':
      return [`CURLOPT_POSTFIELDS => http_build_query(${literal(body.fields, notation, 1)}),`];
    case 'json':
      return [`CURLOPT_POSTFIELDS => json_encode(${literal(body.value, notation, 1)}),`];
    case 'file':
      return [`CURLOPT_POSTFIELDS => file_get_contents('${body.name}'),`];
  }
}

function signed({ encoding, timed }: Signature, file: string): string[] {
  const content = timed ? '"$timestamp.$body"' : '$body';
  const hmac = `hash_hmac('sha256', ${content}, getenv('WEBHOOK_SECRET')${encoding === 'hex' ? '' : ', true'})`;
  return [
    `$body = file_get_contents('${file}');`,
    ...(timed ? ['$timestamp = time();'] : []),
    `$signature = ${encoding === 'hex' ? hmac : `base64_encode(${hmac})`};`,
    '',
  ];
}

const isStreamed = ({ kind }: Answer): boolean => ['file', 'events', 'log'].includes(kind);

function opening(answer: Answer): string[] {
  if (answer.kind === 'file') return [`$file = fopen('${answer.name}', 'wb');`];
  return answer.kind === 'events' ? ["$rest = '';"] : [];
}

function receiving(answer: Answer): string[] {
  if (!isStreamed(answer)) return ['CURLOPT_RETURNTRANSFER => true,'];
  const failing = 'CURLOPT_FAILONERROR => true,';
  if (answer.kind === 'file') return [failing, 'CURLOPT_FILE => $file,'];
  // Without an option curl prints what comes as it comes.
  if (answer.kind === 'log') return [failing];
  return [
    failing,
    'CURLOPT_WRITEFUNCTION => function ($curl, $chunk) use (&$rest) {',
    '    $lines = explode("\\n", $rest . $chunk);',
    '    $rest = array_pop($lines);',
    '    foreach (array_filter($lines) as $line) {',
    '        print_r(json_decode($line, true));',
    '    }',
    '    return strlen($chunk);',
    '},',
  ];
}

function read(answer: Answer): string[] {
  if (isStreamed(answer)) return ['curl_exec($curl) || throw new Exception(curl_error($curl));'];
  return [
    '$answer = curl_exec($curl);',
    '$status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);',
    'if ($status < 200 || $status > 299) {',
    '    throw new Exception("$status $answer" . curl_error($curl));',
    '}',
    answer.kind === 'json' ? 'print_r(json_decode($answer, true));' : 'echo $status, PHP_EOL;',
  ];
}

function text(parts: Text): string {
  const written = merged(parts).map((part) => {
    if (typeof part === 'string') return quoted(part);
    return 'env' in part ? `getenv('${part.env}')` : `$${part.variable}`;
  });
  return written.join(' . ');
}

const quoted = (value: string): string => `'${value.replaceAll(/['\\]/g, '\\$&')}'`;

const notation: Notation = {
  null: 'null',
  true: 'true',
  false: 'false',
  text: quoted,
  key: (name) => `${quoted(name)} => `,
  object: { open: '[', close: ']', pad: '' },
  list: { open: '[', close: ']', pad: '' },
  // [] would be a list.
  emptyObject: 'new stdClass()',
  indent: '    ',
  trailingComma: true,
};
