const CODES = ['idempotency_key_reused', 'request_in_progress'];

/** x-idempotent, the Idempotency-Key parameter and the two 409 codes come together or not at all. */
export default () => ({
  Operation(operation, { report, location, resolve }) {
    const parameters = (operation.parameters ?? []).map((each) => (each.$ref ? resolve(each).node : each));
    const conflict = operation['x-error-codes']?.['409'] ?? [];
    const signs = [
      operation['x-idempotent'] === true,
      parameters.some((each) => each?.name === 'Idempotency-Key'),
      ...CODES.map((code) => conflict.includes(code)),
    ];
    if (new Set(signs).size === 1) return;
    report({
      message: `${operation.operationId}: x-idempotent, the IdempotencyKey parameter and the 409 codes ${CODES.join(', ')} belong together. Add what is missing, or remove the rest.`,
      location,
    });
  },
});
