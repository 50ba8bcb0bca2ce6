import { expect, it } from 'vitest';
import { fileOf, parseGuide } from './parse.ts';

const GUIDE = `# Title

\`\`\`bash
echo '\`x\`'
\`\`\`

1. In a list:

   \`\`\`python file=a.py
   if 1:
       print(1)
   \`\`\`

<!-- prepared

\`\`\`\`js
\`\`\`
\`\`\`\`

-->

<!-- shown: needs a domain -->

\`\`\`nginx shown
listen 80;
\`\`\`

\`\`\`json answer
\`\`\`
`;

it('finds the blocks, their words, and what surrounds them', () => {
  const blocks = parseGuide(GUIDE);
  expect(blocks.map(({ line, language, words }) => [line, language, words])).toEqual([
    [3, 'bash', []],
    [9, 'python', ['file=a.py']],
    [16, 'js', []],
    [24, 'nginx', ['shown']],
    [28, 'json', ['answer']],
  ]);
  expect(blocks.map(({ text }) => text)).toEqual([
    "echo '`x`'\n",
    'if 1:\n    print(1)\n',
    '```\n',
    'listen 80;\n',
    '\n',
  ]);
  expect(blocks.map(({ prepared }) => prepared)).toEqual([false, false, true, false, false]);
  expect(blocks.map(({ reason }) => reason)).toEqual([undefined, undefined, undefined, 'needs a domain', undefined]);
  expect(blocks.map(fileOf)).toEqual([undefined, 'a.py', undefined, undefined, undefined]);
});

it('refuses a block without an end', () => {
  expect(() => parseGuide('# T\n\n```bash\necho\n')).toThrow('line 3');
});
