import { everySchema } from './every_schema.mjs';

const FORM = 'application/x-www-form-urlencoded';

/** A misspelt field must be refused, not ignored; OAuth's forms ignore what they do not know (RFC 6749 §3.2). */
export default () => ({
  RequestBody: {
    MediaType(media, { report, location, resolve, key }) {
      if (key === FORM) return;
      for (const found of everySchema(media.schema, location.child('schema'), resolve))
        if (found.schema.type === 'object' && found.schema.additionalProperties !== false)
          report({
            message: 'An object in a request must have additionalProperties: false. Add it.',
            location: found.location,
          });
    },
  },
});
