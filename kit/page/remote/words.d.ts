/** Made by build.py from kit/locale: what the officer's remote says. */
export const REMOTE_WORDS: Record<string, any>;
