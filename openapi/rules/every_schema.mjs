/** Yields {schema, location} for a schema and all below it, through every $ref, each once. */
export function* everySchema(schema, location, resolve, seen = new Set()) {
  if (typeof schema !== 'object' || schema === null) return;
  if (schema.$ref) {
    const target = resolve(schema, location.source.absoluteRef);
    if (target.node) yield* everySchema(target.node, target.location, resolve, seen);
    return;
  }
  if (seen.has(schema)) return;
  seen.add(schema);
  yield { schema, location };
  const below = Object.keys(schema.properties ?? {}).map((name) => ['properties', name]);
  for (const key of ['items', 'additionalProperties', 'not']) below.push([key]);
  for (const key of ['allOf', 'oneOf', 'anyOf'])
    for (const index of (schema[key] ?? []).keys()) below.push([key, index]);
  for (const keys of below) {
    const child = keys.reduce((at, key) => at?.[key], schema);
    yield* everySchema(child, location.child(keys), resolve, seen);
  }
}
