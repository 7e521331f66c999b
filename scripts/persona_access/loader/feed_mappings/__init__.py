"""Feed mappings: the reviewed declarations that turn a source's files into a feed."""
