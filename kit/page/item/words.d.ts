/** Made by build.py from kit/locale: what stands around an item. */
export const ITEM_WORDS: Record<string, any>;
