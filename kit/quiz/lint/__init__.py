"""The item-writing lint: a bad quiz fakes learning, so its wording, forms and facts are checked by rule."""
