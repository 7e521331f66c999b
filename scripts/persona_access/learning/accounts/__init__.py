"""Find people who may own an account that HR does not know."""
