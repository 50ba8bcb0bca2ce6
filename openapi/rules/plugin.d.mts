import type { Plugin } from '@redocly/openapi-core';

export default function plugin(): Plugin & { rules: { oas3: NonNullable<NonNullable<Plugin['rules']>['oas3']> } };
