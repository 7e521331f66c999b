"""The weekly run where deliveries arrive in a bucket and releases leave by one."""
