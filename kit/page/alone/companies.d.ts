import type { Company, Wish } from "./types";

/** Made by build.py from register.yaml. */
export const REGISTER: { companies: Company[]; wishes: Wish[] };
