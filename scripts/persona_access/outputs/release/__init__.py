"""Write, audit, publish: a tested week leaves the warehouse as a folder that readers keep open."""
