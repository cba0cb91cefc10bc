/** Made by widget_files.py from kit/locale: the sections of notebook.yaml and study.yaml that a widget says. */
export const WIDGET_WORDS: Record<string, any>;
