"""The slides: one PowerPoint file, its text editable and every picture described."""
