import { everySchema } from './every_schema.mjs';

/** A misspelt field must be refused, not ignored. */
export default () => ({
  RequestBody: {
    MediaType(media, { report, location, resolve }) {
      for (const found of everySchema(media.schema, location.child('schema'), resolve))
        if (found.schema.type === 'object' && found.schema.additionalProperties !== false)
          report({
            message: 'An object in a request must have additionalProperties: false. Add it.',
            location: found.location,
          });
    },
  },
});
