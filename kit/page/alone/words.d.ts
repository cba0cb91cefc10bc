/** Made by build.py from kit/locale: what the pages beside a session say. */
export const ALONE_WORDS: Record<string, any>;
