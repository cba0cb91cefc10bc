/** Made by build.py: the symbols that a join code may have. */
export const CODE_ALPHABET: string;
