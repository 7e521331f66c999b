"""The weekly run: wait for the week's files, load, build, publish, tell people; once and whole."""
