/** Shops and payment providers that report sales. */
export const VENDORS = ['stripe', 'shopify', 'woocommerce', 'fastspring', 'vibracartpro'] as const;

export type Vendor = (typeof VENDORS)[number];

export const isVendor = (text: string): text is Vendor => (VENDORS as readonly string[]).includes(text);
