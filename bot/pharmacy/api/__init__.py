"""What the systems of pharmacies ask and are answered in JSON, under `/api/v1`."""
