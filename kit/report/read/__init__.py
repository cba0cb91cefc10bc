"""Sources of a report, each brought to the same rows: tables, bundles, stores."""
