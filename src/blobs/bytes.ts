/** A buffer as the body of a put. */
export async function* bytesOf(buffer: Buffer): AsyncGenerator<Buffer> {
  yield buffer;
}
