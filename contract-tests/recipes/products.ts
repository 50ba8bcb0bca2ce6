import { freshProduct, unique } from '../world.ts';
import type { Happy, Recipes } from './plan.ts';

const onProduct: Happy = async (world, tenant) => ({ params: { productId: await freshProduct(world, tenant) } });

export const products: Recipes = {
  happy: {
    createProduct: () => ({ json: { name: 'Epic Drums', slug: unique('p') } }),
    getProduct: (_world, { base }) => ({ params: { productId: base.product } }),
    updateProduct: async (world, tenant) => ({ ...(await onProduct(world, tenant)), json: { name: 'Renamed' } }),
    archiveProduct: onProduct,
  },
  special: {
    'createProduct 400 is_reserved': () => ({ json: { name: 'Reserved', slug: 'api' } }),
    'createProduct 409 already_exists': ({ world }) => ({ json: { name: 'Again', slug: world.main.base.product } }),
    'updateProduct 400 is_blank': async ({ world, happy }) => ({ ...(await happy(world.main)), json: { name: '' } }),
    'updateProduct 409 conflict': async ({ world, happy }) => ({
      ...(await happy(world.main)),
      json: { status: 'published' },
    }),
  },
};
