import { draw } from './draw.ts';
import type { Drawing } from './drawing.ts';

export default function run(drawing: Drawing): string {
  return draw(drawing);
}
