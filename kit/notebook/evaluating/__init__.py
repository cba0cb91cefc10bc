"""What the evaluation notebook is made of: the choice, reports made once, pages, tables from outside."""
