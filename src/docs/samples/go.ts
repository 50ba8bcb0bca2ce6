import type { Answer } from './answer.ts';
import type { Body } from './body.ts';
import { aligned, goLiteral, quoted } from './go_literal.ts';
import type { SampleRequest } from './request.ts';
import type { Signature } from './signing.ts';
import { merged, type Text } from './text.ts';

export function go(request: SampleRequest): string {
  const { url, answer } = request;
  const statements =
    answer.kind === 'page' ? [`fmt.Println(${text(['Open ', ...url, ' in a browser'], ' + ')})`] : exchange(request);
  const main = ['func main() {', ...statements.map((line) => (line === '' ? '' : `\t${line}`)), '}'].join('\n');
  return ['package main', '', 'import (', ...importsOf(main).map((name) => `\t"${name}"`), ')', '', main].join('\n');
}

function exchange({ method, url, headers, body, signature, answer }: SampleRequest): string[] {
  const [reader, ...before] = bodyOf(body);
  return [
    ...before.flatMap((line) => line.split('\n')),
    ...(signature ? signed(signature) : []),
    `request, err := http.NewRequest("${method}", ${text(url)}, ${reader})`,
    ...fatal,
    ...[...headers, ...formType(body)].map(([name, value]) => `request.Header.Set("${name}", ${text(value)})`),
    '',
    'response, err := http.DefaultClient.Do(request)',
    ...fatal,
    'defer response.Body.Close()',
    'if response.StatusCode > 299 {',
    '\tproblem, _ := io.ReadAll(response.Body)',
    '\tlog.Fatalf("%s: %s", response.Status, problem)',
    '}',
    ...read(answer),
  ];
}

const fatal = ['if err != nil {', '\tlog.Fatal(err)', '}'];

/** The reader of the body, then the lines that come before. */
function bodyOf(body: Body | undefined): readonly [string, ...string[]] {
  switch (body?.kind) {
    case undefined:
      return ['nil'];
    case 'form': {
      const fields = Object.entries(body.fields).map(([name, value]) => [quoted(name), `{${quoted(value)}}`] as const);
      return ['strings.NewReader(form.Encode())', 'form := url.Values{', ...aligned(fields, '\t'), '}'];
    }
    case 'json':
      return ['bytes.NewReader(body)', `body, err := json.Marshal(${goLiteral(body.value)})`, ...fatal];
    case 'file':
      return ['bytes.NewReader(body)', `body, err := os.ReadFile("${body.name}")`, ...fatal];
  }
}

const formType = (body: Body | undefined): SampleRequest['headers'] =>
  body?.kind === 'form' ? [['Content-Type', ['application/x-www-form-urlencoded']]] : [];

function signed({ encoding, timed }: Signature): string[] {
  const sum = 'mac.Sum(nil)';
  return [
    'mac := hmac.New(sha256.New, []byte(os.Getenv("WEBHOOK_SECRET")))',
    ...(timed ? ['timestamp := strconv.FormatInt(time.Now().Unix(), 10)', 'mac.Write([]byte(timestamp + "."))'] : []),
    'mac.Write(body)',
    `signature := ${encoding === 'hex' ? `hex.EncodeToString(${sum})` : `base64.StdEncoding.EncodeToString(${sum})`}`,
    '',
  ];
}

function read(answer: Answer): string[] {
  switch (answer.kind) {
    case 'file':
      return [
        `file, err := os.Create("${answer.name}")`,
        ...fatal,
        'defer file.Close()',
        'if _, err := io.Copy(file, response.Body); err != nil {',
        '\tlog.Fatal(err)',
        '}',
      ];
    case 'events':
      return [
        'lines := bufio.NewScanner(response.Body)',
        'for lines.Scan() {',
        '\tif lines.Text() != "" {',
        '\t\tfmt.Println(lines.Text())',
        '\t}',
        '}',
        'if err := lines.Err(); err != nil {',
        '\tlog.Fatal(err)',
        '}',
      ];
    case 'nothing':
      return ['fmt.Println(response.Status)'];
    default:
      return ['if _, err := io.Copy(os.Stdout, response.Body); err != nil {', '\tlog.Fatal(err)', '}'];
  }
}

/** gofmt leaves no space around an operator when there are several arguments. */
function text(parts: Text, plus = '+'): string {
  const written = merged(parts).map((part) => {
    if (typeof part === 'string') return quoted(part);
    return 'env' in part ? `os.Getenv("${part.env}")` : part.variable;
  });
  return written.join(plus);
}

const PACKAGES = [
  'bufio',
  'bytes',
  'crypto/hmac',
  'crypto/sha256',
  'encoding/base64',
  'encoding/hex',
  'encoding/json',
  'fmt',
  'io',
  'log',
  'net/http',
  'net/url',
  'os',
  'strconv',
  'strings',
  'time',
];

/** Go refuses a package that is imported and not used. */
function importsOf(code: string): string[] {
  const withoutStrings = code.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  return PACKAGES.filter((path) => new RegExp(`\\b${path.split('/').at(-1)}\\.[A-Z]`).test(withoutStrings));
}
