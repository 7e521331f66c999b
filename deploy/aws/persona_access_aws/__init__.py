"""The weekly reconciliation on AWS, as CDK stacks."""
