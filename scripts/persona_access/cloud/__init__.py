"""The weekly run where releases and anchors of the audit log leave by buckets."""
