// The formats that generated validators check, for both JSON bodies and query strings. CommonJS, since Ajv's standalone code is.
const { fullFormats } = require('ajv-formats/dist/formats');

const any = () => true;
const within = (limit) => (value) => Number.isInteger(value) && value >= -limit && value < limit;

module.exports = {
  ...fullFormats,
  int32: { type: 'number', validate: within(2 ** 31) },
  int64: { type: 'number', validate: within(2 ** 63) },
  float: { type: 'number', validate: any },
  double: { type: 'number', validate: any },
  binary: { type: 'string', validate: any },
  password: { type: 'string', validate: any },
};
