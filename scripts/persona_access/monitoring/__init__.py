"""What a run tells the monitoring: figures of the run, of its feeds and of its week."""
