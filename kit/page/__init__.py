"""The participant page: plain ES modules, style sheets and words, put together when they are served."""
