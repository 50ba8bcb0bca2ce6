import { move, transferableSymbol, valueSymbol } from 'piscina';
import { parseArtifactBody, parsePublishBody } from './publish_body.ts';
import { packAnswer, type ThreadTask } from './thread_message.ts';

export default function run({ kind, bytes, limits }: ThreadTask) {
  const parse = kind === 'publish' ? parsePublishBody : parseArtifactBody;
  const { answer, transfer } = packAnswer(parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), limits));
  return move({ [transferableSymbol]: transfer, [valueSymbol]: answer });
}
