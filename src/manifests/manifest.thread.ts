import { move, transferableSymbol, valueSymbol } from 'piscina';
import { parsePublishBody } from './publish_body.ts';
import { packAnswer, type ThreadTask } from './thread_message.ts';

export default function run({ bytes, limits }: ThreadTask) {
  const { answer, transfer } = packAnswer(
    parsePublishBody(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), limits),
  );
  return move({ [transferableSymbol]: transfer, [valueSymbol]: answer });
}
