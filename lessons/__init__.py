"""The lessons: written in Markdown, read, checked, and gone through step by step."""
