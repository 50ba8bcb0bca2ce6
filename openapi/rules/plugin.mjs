import bounds from './bounds.mjs';
import closedRequests from './closed-requests.mjs';
import componentNames from './component-names.mjs';
import exactStatuses from './exact-statuses.mjs';
import headerExamples from './header-examples.mjs';
import int64Examples from './int64-examples.mjs';
import jsonGetsTakeCallback from './json-gets-take-callback.mjs';
import mediaExamples from './media-examples.mjs';
import namedSchemas from './named-schemas.mjs';
import noDefaultInBodies from './no-default-in-bodies.mjs';
import noNullable from './no-nullable.mjs';
import oneErrorSchema from './one-error-schema.mjs';
import oneRequestMediaType from './one-request-media-type.mjs';
import oneSuccessSchema from './one-success-schema.mjs';
import operationBodyMarks from './operation-body-marks.mjs';
import operationDescribed from './operation-described.mjs';
import operationErrorCodes from './operation-error-codes.mjs';
import operationIdVerb from './operation-id-verb.mjs';
import operationIdempotency from './operation-idempotency.mjs';
import operationOneTag from './operation-one-tag.mjs';
import operationRole from './operation-role.mjs';
import operationSecurity from './operation-security.mjs';
import operationStandardCodes from './operation-standard-codes.mjs';
import operationSurface from './operation-surface.mjs';
import parameterExamples from './parameter-examples.mjs';
import pathIsOneRef from './path-is-one-ref.mjs';
import plainParameters from './plain-parameters.mjs';
import requestIdEverywhere from './request-id-everywhere.mjs';
import responsesWithoutComposition from './responses-without-composition.mjs';
import textMedia from './text-media.mjs';

/** The house rules of this document, one per file; each message says the fix. */
export default function plugin() {
  return {
    id: 'house',
    rules: {
      oas3: {
        bounds: bounds,
        'closed-requests': closedRequests,
        'component-names': componentNames,
        'exact-statuses': exactStatuses,
        'header-examples': headerExamples,
        'int64-examples': int64Examples,
        'json-gets-take-callback': jsonGetsTakeCallback,
        'media-examples': mediaExamples,
        'named-schemas': namedSchemas,
        'no-default-in-bodies': noDefaultInBodies,
        'no-nullable': noNullable,
        'one-error-schema': oneErrorSchema,
        'one-request-media-type': oneRequestMediaType,
        'one-success-schema': oneSuccessSchema,
        'operation-body-marks': operationBodyMarks,
        'operation-described': operationDescribed,
        'operation-error-codes': operationErrorCodes,
        'operation-id-verb': operationIdVerb,
        'operation-idempotency': operationIdempotency,
        'operation-one-tag': operationOneTag,
        'operation-role': operationRole,
        'operation-security': operationSecurity,
        'operation-standard-codes': operationStandardCodes,
        'operation-surface': operationSurface,
        'parameter-examples': parameterExamples,
        'path-is-one-ref': pathIsOneRef,
        'plain-parameters': plainParameters,
        'request-id-everywhere': requestIdEverywhere,
        'responses-without-composition': responsesWithoutComposition,
        'text-media': textMedia,
      },
    },
  };
}
