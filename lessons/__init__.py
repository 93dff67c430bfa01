"""What is taught: lessons as Markdown, read, checked and walked."""
