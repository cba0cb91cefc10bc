/** Made by build.py from kit/locale: what the page says up to the last item. */
export const WORDS: Record<string, any>;
