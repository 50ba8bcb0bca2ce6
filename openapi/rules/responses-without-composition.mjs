import { everySchema } from './every_schema.mjs';

/** Generated clients fail on unions ("multiple matches") and flatten allOf differently. */
export default () => ({
  Response: {
    MediaType(media, { report, location, resolve }) {
      for (const found of everySchema(media.schema, location.child('schema'), resolve))
        for (const key of ['allOf', 'oneOf', 'anyOf'])
          if (key in found.schema)
            report({
              message: `A response must not use ${key}. Write one flat schema; make what varies optional.`,
              location: found.location.child(key).key(),
            });
    },
  },
});
