import { basename } from 'node:path';

/** Generators make <OperationId>Request and <OperationId>Response themselves; a schema of that name collides. */
export default () => {
  const operations = new Set();
  const schemas = new Map();
  return {
    Operation(operation) {
      operations.add(String(operation.operationId).toLowerCase());
    },
    Schema(_, { location }) {
      schemas.set(basename(location.source.absoluteRef).replace(/\.[a-z]+$/, ''), location);
    },
    Root: {
      leave(_, { report }) {
        for (const [name, location] of schemas) {
          const stem = /^(.+)(Request|Response)$/.exec(name)?.[1];
          if (stem && operations.has(stem.toLowerCase()))
            report({
              message: `${name} collides with a generated name. Name it after what it is (ProductCreate).`,
              location,
            });
        }
      },
    },
  };
};
