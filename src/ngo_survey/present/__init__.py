"""What people see: words, figures, documents and workbooks, made from the results alone."""
