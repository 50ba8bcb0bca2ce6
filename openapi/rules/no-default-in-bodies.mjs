import { everySchema } from './every_schema.mjs';

/** openapi-typescript takes a property with a default for one that is always there, so that a caller must send it. */
export default () => ({
  RequestBody: {
    MediaType(media, { report, location, resolve }) {
      for (const found of everySchema(media.schema, location.child('schema'), resolve))
        if ('default' in found.schema)
          report({
            message: 'A default in a request makes some clients demand the property. Say in its description what leaving it out means.',
            location: found.location,
          });
    },
  },
});
