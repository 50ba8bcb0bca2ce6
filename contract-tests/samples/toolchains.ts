import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bash, run } from '../flows/run.ts';
import { PYTHON } from '../peers/python.ts';

/** How the samples of a language are checked and run. A folder holds one folder for each operation, with its sample. */
export interface Toolchain {
  readonly label: string;
  readonly file: string;
  /** Reads every sample of the folder in one process or few; answers what is wrong, or nothing. */
  check(folder: string): Promise<string>;
  /** Once, before any is run. */
  build?(folder: string, ids: readonly string[]): Promise<void>;
  command(folder: string, id: string): [string, ...string[]];
}

const PARSE_JAVASCRIPT = `import { readFileSync } from 'node:fs';
import { SourceTextModule } from 'node:vm';
for (const file of process.argv.slice(1)) new SourceTextModule(readFileSync(file, 'utf8'), { identifier: file });`;
const PARSE_RUBY = 'ARGV.each { |file| RubyVM::InstructionSequence.compile_file(file) }';
const PARSE_PHP = 'foreach (array_slice($argv, 1) as $file) token_get_all(file_get_contents($file), TOKEN_PARSE);';

const parser =
  (file: string, command: string): Toolchain['check'] =>
  async (folder) => {
    const { code, out, err } = await bash(`${command} */${file}`, folder, { GOTOOLCHAIN: 'local', DATA: folder });
    return code === 0 ? out + err : `exit code ${code}: ${out}${err}`;
  };

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

function toolchain(label: string, file: string, check: string, command: readonly [string, ...string[]]): Toolchain {
  return { label, file, check: parser(file, check), command: (folder, id) => [...command, join(folder, id, file)] };
}

const go: Toolchain = {
  label: 'Go',
  file: 'main.go',
  // Names the files that it would write otherwise.
  check: parser('main.go', 'gofmt -l'),
  /** All in one program, since it is linking that takes long: each sample is a package, its name says which is run. */
  async build(folder, ids) {
    const program = join(folder, '.program');
    for (const id of ids) {
      await mkdir(join(program, id), { recursive: true });
      const source = await readFile(join(folder, id, 'main.go'), 'utf8');
      const asPackage = source.replace(/^package main$/m, `package ${id}`).replace(/^func main\(\)/m, 'func Main()');
      await writeFile(join(program, id, 'sample.go'), asPackage);
    }
    const imports = ids.map((id) => `\t"samples/${id}"\n`).join('');
    const cases = ids.map((id) => `\tcase "${id}":\n\t\t${id}.Main()\n`).join('');
    const main = `package main\n\nimport (\n\t"os"\n\n${imports})\n\nfunc main() {\n\tswitch os.Args[1] {\n${cases}\t}\n}\n`;
    await writeFile(join(program, 'main.go'), main);
    await writeFile(join(program, 'go.mod'), 'module samples\n\ngo 1.19\n');
    const line = 'go vet ./... && go build -o run .';
    const { code, err } = await bash(line, program, { GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod' });
    if (code !== 0) throw new Error(err);
  },
  command: (folder, id) => [join(folder, '.program', 'run'), id],
};

export const toolchains: readonly Toolchain[] = [
  // bash reads one file each; it starts faster than any other parser.
  toolchain('curl', 'sample.sh', 'bash -c \'for file; do bash -n "$file" || exit 1; done\' bash', ['bash', '-eu']),
  toolchain(
    'JavaScript',
    'sample.mjs',
    `${process.execPath} --no-warnings --experimental-vm-modules --input-type=module -e ${quote(PARSE_JAVASCRIPT)}`,
    [process.execPath],
  ),
  toolchain('Python', 'sample.py', `PYTHONPYCACHEPREFIX="$DATA/.cache" ${PYTHON} -W error -m py_compile`, [PYTHON]),
  go,
  toolchain('Ruby', 'sample.rb', `ruby -w -e ${quote(PARSE_RUBY)}`, ['ruby', '-w']),
  toolchain('PHP', 'sample.php', `php -d display_errors=stderr -r ${quote(PARSE_PHP)} --`, [
    'php',
    '-d',
    'error_reporting=-1',
  ]),
];

/** What is not installed; a language that is missing fails. */
export async function missingTools(): Promise<string[]> {
  const probes = {
    curl: 'curl --version',
    openssl: 'openssl version',
    [PYTHON]: `${PYTHON} -c 'import requests'`,
    go: 'go version',
    gofmt: 'gofmt -h',
    ruby: 'ruby -v',
    php: `php -r 'curl_version();'`,
  };
  const results = await Promise.all(
    Object.entries(probes).map(async ([name, line]) => {
      const { code } = await run('bash', ['-c', line], { env: { GOTOOLCHAIN: 'local' } });
      return code === 0 || (name === 'gofmt' && code === 2) ? [] : [name];
    }),
  );
  return results.flat();
}
