/** Made by build.py from kit/locale: what the page says after the last item. */
export const LATER_WORDS: Record<string, any>;
