/** Names the document in the reference's anchors. */
export const SLUG = 'continuity';

/** Where each part of the page is, in the navigation and in its addresses. */
export const slugs = {
  generateHeadingSlug: ({ slug }: { slug?: string }) => `${SLUG}/guide/${slug}`,
  generateTagSlug: ({ name }: { name?: string }) => name ?? '',
  generateOperationSlug: ({ operationId = '' }: { operationId?: string }) => operationId,
};
