/** Made by build.py from kit/study. */
export const STUDY: {
  stages: string[];
  waves: string[];
  key_stages: string[];
  unsure: string;
  sighting: Record<string, string[]>;
  marks: [string, string][];
  kinds: Record<string, { several: boolean; scored: boolean; phrases: boolean }>;
};
