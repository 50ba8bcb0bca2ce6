/** Where a person sees a build request, or a build. */
export const buildPath = (what: 'build-requests' | 'builds', id: string): string => `/dashboard/${what}/${id}`;
